# SPDX-License-Identifier: EUPL-1.2
from harness import account, boto, case, equal, new_bucket


@case("the owner has full control, and nobody else anything")
def _():
    answer = boto("main").get_bucket_acl(Bucket=new_bucket("acl", "main"))
    equal(answer["Owner"]["ID"], account("main")["user_id"])
    equal(
        [(g["Grantee"]["ID"], g["Permission"]) for g in answer["Grants"]],
        [(account("main")["user_id"], "FULL_CONTROL")],
    )
