# SPDX-License-Identifier: EUPL-1.2
from asking import ask, open_bucket
from harness import account, boto, case, equal, new_bucket


@case("the owner has full control, and nobody else anything")
def _():
    answer = boto("main").get_bucket_acl(Bucket=new_bucket("acl", "main"))
    equal(answer["Owner"]["ID"], account("main")["user_id"])
    equal(
        [(g["Grantee"]["ID"], g["Permission"]) for g in answer["Grants"]],
        [(account("main")["user_id"], "FULL_CONTROL")],
    )


@case("what was granted, with names; under BucketOwnerEnforced the owner alone, whatever stands there")
def _():
    bucket, alt = open_bucket("getacl"), account("alt")
    boto("main").put_bucket_acl(Bucket=bucket, GrantRead=f'id="{alt["user_id"]}"')
    grant = boto("main").get_bucket_acl(Bucket=bucket)["Grants"][0]
    equal((grant["Grantee"]["ID"], grant["Grantee"]["DisplayName"], grant["Permission"]), (alt["user_id"], alt["display_name"], "READ"))
    equal(ask("GET", f"/{bucket}", [("acl", "")], who="alt").code, "AccessDenied", "READ is not READ_ACP")
    equal(ask("GET", f"/{bucket}", [("acl", "")]).code, "AccessDenied")
    closed = open_bucket("getacl-closed")
    boto("main").put_bucket_acl(Bucket=closed, ACL="private")
    boto("main").put_bucket_ownership_controls(
        Bucket=closed, OwnershipControls={"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]}
    )
    equal([g["Permission"] for g in boto("main").get_bucket_acl(Bucket=closed)["Grants"]], ["FULL_CONTROL"])
