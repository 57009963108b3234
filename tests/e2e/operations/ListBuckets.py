# SPDX-License-Identifier: EUPL-1.2
from asking import allow, ask, host_of, open_bucket, policy
from harness import account, boto, case, check, equal, new_bucket, new_collectivity


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


@case("nobody: 200 and no bucket, wherever it asks")
def _():
    open_bucket("list-public")
    answers = [ask("GET", "/", host=host) for host in (host_of("beauvais"), host_of("no-such-town"))]
    equal([a.status for a in answers], [200, 200])
    equal(len({a.body for a in answers}), 1)
    check(b"<Buckets></Buckets>" in answers[0].body)


@case("what is granted by name, in the collectivity asked; what is everybody's is on nobody's list")
def _():
    named, public, listed = open_bucket("list-named"), open_bucket("list-everybody"), open_bucket("list-acl")
    boto("main").put_bucket_policy(Bucket=public, Policy=policy(allow(public, "s3:ListBucket")))
    stranger = new_collectivity("liste-etrangere")
    equal(ask("GET", "/", who=stranger).code, "AccessDenied", "nothing is granted yet")
    equal(ask("GET", "/", who=stranger, host=host_of("no-such-town")).code, "AccessDenied")
    boto("main").put_bucket_policy(Bucket=named, Policy=policy(allow(named, "s3:ListBucket", "liste-etrangere")))
    boto("main").put_bucket_acl(Bucket=listed, GrantRead=f'id="{account("alt")["user_id"]}"')
    body = ask("GET", "/", who=stranger).body.decode()
    check(f"<Name>{named}</Name>" in body and body.count("<Name>") == 1, body)
    names = [b["Name"] for b in boto("alt").list_buckets()["Buckets"]]
    check(listed in names and public not in names and named not in names, str(names))
