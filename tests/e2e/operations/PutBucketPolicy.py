# SPDX-License-Identifier: EUPL-1.2
import base64
import hashlib

from asking import allow, ask, open_bucket, policy
from harness import boto, case, check, equal, new_bucket, refused

PUBLIC_BLOCK = {"BlockPublicAcls": True, "IgnorePublicAcls": True, "BlockPublicPolicy": True, "RestrictPublicBuckets": True}


@case("a statement opens to whom it names, at once, and no further")
def _():
    s3, bucket = boto("main"), new_bucket("putpolicy", "main")
    s3.put_object(Bucket=bucket, Key="pub/a", Body=b"public")
    s3.put_object(Bucket=bucket, Key="prive/a", Body=b"private")
    equal(ask("GET", f"/{bucket}/pub/a", who="tenant").status, 403)
    s3.put_bucket_policy(Bucket=bucket, Policy=policy(allow(bucket, "s3:GetObject", "compiegne", "pub/*")))
    equal(ask("GET", f"/{bucket}/pub/a", who="tenant").body, b"public")
    equal(ask("GET", f"/{bucket}/prive/a", who="tenant").code, "AccessDenied")
    equal(ask("GET", f"/{bucket}/pub/a").code, "AccessDenied", "nobody")
    equal(ask("PUT", f"/{bucket}/pub/a", who="tenant", body=b"x").code, "AccessDenied")
    # A key that is not there: 404 only to who may list.
    equal(ask("GET", f"/{bucket}/pub/none", who="tenant").code, "AccessDenied")
    s3.put_bucket_policy(
        Bucket=bucket, Policy=policy(allow(bucket, ["s3:GetObject", "s3:ListBucket"], "compiegne", "pub/*"))
    )
    equal(ask("GET", f"/{bucket}/pub/none", who="tenant").code, "NoSuchKey")


@case("an explicit deny wins, over the owner and the administrator too; the administrator can always take it back")
def _():
    s3, bucket = boto("main"), new_bucket("putpolicy-deny", "main")
    s3.put_object(Bucket=bucket, Key="k", Body=b"x")
    s3.put_bucket_policy(Bucket=bucket, Policy=policy(allow(bucket, "s3:*", effect="Deny")))
    for user in ("main", "admin"):
        refused("AccessDenied", boto(user).get_object, Bucket=bucket, Key="k", status=403)
    refused("AccessDenied", s3.delete_bucket_policy, Bucket=bucket, status=403)
    boto("admin").delete_bucket_policy(Bucket=bucket)
    equal(s3.get_object(Bucket=bucket, Key="k")["Body"].read(), b"x")


@case("public policies: refused under BlockPublicPolicy, without effect outside under RestrictPublicBuckets")
def _():
    s3, bucket = boto("main"), new_bucket("putpolicy-public", "main")
    s3.put_object(Bucket=bucket, Key="k", Body=b"x")
    public = policy(allow(bucket, "s3:GetObject"))
    refused("AccessDenied", s3.put_bucket_policy, Bucket=bucket, Policy=public, status=403)
    # Narrowed to networks of ordinary size it is not public.
    near = policy(allow(bucket, "s3:GetObject", IpAddress={"aws:SourceIp": "127.0.0.0/8"}))
    s3.put_bucket_policy(Bucket=bucket, Policy=near)
    equal(ask("GET", f"/{bucket}/k").body, b"x")
    boto("admin").put_public_access_block(
        Bucket=bucket, PublicAccessBlockConfiguration={**PUBLIC_BLOCK, "BlockPublicPolicy": False}
    )
    s3.put_bucket_policy(Bucket=bucket, Policy=public)
    equal(ask("GET", f"/{bucket}/k").code, "AccessDenied")
    equal(boto("alt").get_object(Bucket=bucket, Key="k")["Body"].read(), b"x", "of the same collectivity")
    boto("admin").delete_public_access_block(Bucket=bucket)
    equal(ask("GET", f"/{bucket}/k").body, b"x")


@case("conditions: header, tag of the request, prefix, network")
def _():
    bucket = open_bucket("putpolicy-cond")
    s3 = boto("main")
    s3.put_bucket_policy(
        Bucket=bucket,
        Policy=policy(
            allow(bucket, "s3:PutObject", "compiegne", StringEquals={"s3:x-amz-acl": "bucket-owner-full-control"}),
            allow(bucket, "s3:ListBucket", StringLike={"s3:prefix": "pub/*"}),
            allow(bucket, "s3:GetObject", effect="Deny", StringEquals={"aws:UserAgent": "robot"}),
        ),
    )
    equal(ask("PUT", f"/{bucket}/k", who="tenant", body=b"x").code, "AccessDenied")
    full = {"x-amz-acl": "bucket-owner-full-control"}
    equal(ask("PUT", f"/{bucket}/k", headers=full, who="tenant", body=b"x").status, 200)
    equal(ask("GET", f"/{bucket}", [("prefix", "pub/")]).status, 200)
    equal(ask("GET", f"/{bucket}", [("prefix", "prive/")]).code, "AccessDenied")
    equal(ask("GET", f"/{bucket}").code, "AccessDenied")
    equal(ask("GET", f"/{bucket}/k", headers={"user-agent": "robot"}, who="main").code, "AccessDenied")
    equal(ask("GET", f"/{bucket}/k", headers={"user-agent": "person"}, who="main").body, b"x")


@case("what is not understood is refused, naming the field")
def _():
    s3, bucket = boto("main"), new_bucket("putpolicy-bad", "main")

    def said(text):
        return refused("MalformedPolicy", s3.put_bucket_policy, Bucket=bucket, Policy=text, status=400)["Error"]["Message"]

    check("JSON" in said("nonsense"))
    check("own bucket" in said(policy(allow("another", "s3:GetObject"))))
    check("aws:PrincipalOrgID" in said(policy(allow(bucket, "s3:GetObject", StringEquals={"aws:PrincipalOrgID": "o"}))))
    check("StringIs" in said(policy(allow(bucket, "s3:GetObject", StringIs={"aws:Referer": "o"}))))
    check("invalid action" in said(policy(allow(bucket, "s3:GetObjekt"))))
    check("invalid principal" in said(policy(allow(bucket, "s3:GetObject", "nobody at all"))))
    check("NotPrincipal" in said(policy({**allow(bucket, "s3:GetObject"), "NotPrincipal": "*"})))
    refused("NoSuchBucketPolicy", s3.get_bucket_policy, Bucket=bucket, status=404)
    long = policy({**allow(bucket, "s3:GetObject", "compiegne"), "Sid": "x" * (20 << 10)})
    refused("MaxMessageLengthExceeded", s3.put_bucket_policy, Bucket=bucket, Policy=long, status=400)


@case("integrity is required; nobody but the owner or an administrator, whatever a policy says")
def _():
    s3, bucket = boto("main"), new_bucket("putpolicy-who", "main")
    text = policy(allow(bucket, "s3:*", ["beauvais", "compiegne"])).encode()
    digest = base64.b64encode(hashlib.md5(b"other").digest()).decode()
    equal(ask("PUT", f"/{bucket}", [("policy", "")], {"content-md5": digest}, text, who="main").code, "BadDigest")
    s3.put_bucket_policy(Bucket=bucket, Policy=text.decode())
    refused("AccessDenied", boto("alt").put_bucket_policy, Bucket=bucket, Policy=text.decode(), status=403)
    equal(ask("PUT", f"/{bucket}", [("policy", "")], body=text, who="tenant").code, "AccessDenied")
    equal(ask("PUT", f"/{bucket}", [("policy", "")], body=text).code, "AccessDenied")
    boto("admin").put_bucket_policy(Bucket=bucket, Policy=text.decode())
