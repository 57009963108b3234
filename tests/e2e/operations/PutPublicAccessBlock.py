# SPDX-License-Identifier: EUPL-1.2
from asking import ask, open_bucket
from harness import boto, case, check, equal, new_bucket, refused

ALL = dict.fromkeys(["BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets"], True)


def put(user, bucket, **flags):
    return boto(user).put_public_access_block(Bucket=bucket, PublicAccessBlockConfiguration=flags)


@case("what is not said is false; only an administrator lowers it, the owner may raise it")
def _():
    bucket = new_bucket("putblock", "main")
    put("main", bucket, **ALL)
    for flag in ALL:
        refused("AccessDenied", put, "main", bucket, **{**ALL, flag: False}, status=403)
    put("admin", bucket, BlockPublicAcls=True)
    got = boto("main").get_public_access_block(Bucket=bucket)["PublicAccessBlockConfiguration"]
    equal(got, {**dict.fromkeys(ALL, False), "BlockPublicAcls": True})
    put("main", bucket, **ALL)
    refused("AccessDenied", put, "alt", bucket, **ALL, status=403)


@case("IgnorePublicAcls hides what a list made public; BlockPublicAcls refuses such lists")
def _():
    s3, bucket = boto("main"), open_bucket("putblock-acl")
    s3.put_object(Bucket=bucket, Key="k", Body=b"x", ACL="public-read")
    equal(ask("GET", f"/{bucket}/k").body, b"x")
    put("main", bucket, IgnorePublicAcls=True)
    equal(ask("GET", f"/{bucket}/k").code, "AccessDenied")
    put("main", bucket, IgnorePublicAcls=True, BlockPublicAcls=True)
    for call, more in [
        (s3.put_object, {"Key": "new", "Body": b"x"}),
        (s3.put_object_acl, {"Key": "k"}),
        (s3.put_bucket_acl, {}),
        (s3.create_multipart_upload, {"Key": "new"}),
        (s3.copy_object, {"Key": "new", "CopySource": f"{bucket}/k"}),
    ]:
        refused("AccessDenied", call, Bucket=bucket, ACL="public-read", **more, status=403)
    s3.put_object(Bucket=bucket, Key="new", Body=b"x", ACL="private")


@case("a document that is none")
def _():
    bucket = new_bucket("putblock", "main")
    for body in (b"<x/>", b"<PublicAccessBlockConfiguration><BlockPublicAcls>maybe</BlockPublicAcls></PublicAccessBlockConfiguration>"):
        equal(ask("PUT", f"/{bucket}", [("publicAccessBlock", "")], body=body, who="admin").code, "MalformedXML")
    check(boto("main").get_public_access_block(Bucket=bucket))
