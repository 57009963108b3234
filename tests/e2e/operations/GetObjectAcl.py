# SPDX-License-Identifier: EUPL-1.2
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
