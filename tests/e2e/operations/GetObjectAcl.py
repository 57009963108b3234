# SPDX-License-Identifier: EUPL-1.2
from asking import ask, open_bucket
from harness import account, boto, case, equal, new_bucket, refused


@case("the owner has full control")
def _():
    s3, bucket = boto("main"), new_bucket("objectacl", "main")
    s3.put_object(Bucket=bucket, Key="k", Body=b"x")
    grants = s3.get_object_acl(Bucket=bucket, Key="k")["Grants"]
    equal(
        [(g["Grantee"]["ID"], g["Permission"]) for g in grants],
        [(account("main")["user_id"], "FULL_CONTROL")],
    )
    refused("NoSuchKey", s3.get_object_acl, Bucket=bucket, Key="none", status=404)


@case("of each version its own; to whom READ_ACP is granted")
def _():
    s3, bucket = boto("main"), open_bucket("getobjacl")
    s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    old = s3.put_object(Bucket=bucket, Key="k", Body=b"old", ACL="public-read")["VersionId"]
    s3.put_object(Bucket=bucket, Key="k", Body=b"new", GrantReadACP=f'id="{account("tenant")["user_id"]}"')
    equal(len(s3.get_object_acl(Bucket=bucket, Key="k", VersionId=old)["Grants"]), 2)
    equal(ask("GET", f"/{bucket}/k", [("acl", "")], who="tenant").status, 200)
    equal(ask("GET", f"/{bucket}/k", [("acl", ""), ("versionId", old)], who="tenant").code, "AccessDenied")
