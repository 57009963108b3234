# SPDX-License-Identifier: EUPL-1.2
from harness import boto, case, check, equal, new_bucket


@case("the caller's buckets, sorted, with their dates and the owner")
def _():
    mine = sorted(new_bucket(p, "main") for p in ("zz", "aa"))
    answer = boto("main").list_buckets()
    names = [b["Name"] for b in answer["Buckets"]]
    equal([n for n in names if n in mine], mine)
    equal(names, sorted(names))
    check(all(b["CreationDate"] for b in answer["Buckets"]))
    check(answer["Owner"]["ID"])


@case("never a bucket of another collectivity, nor of a user that grants nothing")
def _():
    bucket = new_bucket("secret", "main")
    for user in ("tenant", "alt"):
        check(bucket not in [b["Name"] for b in boto(user).list_buckets()["Buckets"]], user)
