#!/usr/bin/python3
# SPDX-License-Identifier: EUPL-1.2
"""The signature matrix: every operation, in every auth mode, with each field altered after signing.

A case is one operation in one mode. Each altered request must be refused with its S3 error and change nothing: the
listings of buckets, keys, uploads and parts are compared before and after. Then the same bytes are sent unaltered: they
must execute, and change something when the operation changes things; a judge that cannot see that would see nothing. At
the end the audit records are read: no refused request may stand there as allowed, each executed one must.
"""
import datetime
import functools
import re
import time

from harness import CA, ENDPOINT, REGION, account, case, check, ctl, equal, main, new_account
from altered_message import MISMATCH, Alterations
from signed_message import ALWAYS_REFUSED, Line, Message, build, lifecycle, matrix_policy, operation_rows
from sigv4 import Signer, now_utc

PORT = ENDPOINT.rpartition(":")[2]
HOST, OTHER_HOST = f"beauvais.s3.localhost:{PORT}", f"compiegne.s3.localhost:{PORT}"
STATUS = {  # as Amazon documents them
    "AccessDenied": 403,
    "AuthorizationHeaderMalformed": 400,
    "AuthorizationQueryParametersError": 400,
    "BadDigest": 400,
    "IncompleteBody": 400,
    "InvalidAccessKeyId": 403,
    "InvalidArgument": 400,
    "InvalidRequest": 400,
    "InvalidToken": 400,
    "MalformedTrailerError": 400,
    "MethodNotAllowed": 405,
    "NotImplemented": 501,
    "PreconditionFailed": 412,
    "RequestTimeTooSkewed": 403,
    "SignatureDoesNotMatch": 403,
    "XAmzContentSHA256Mismatch": 400,
}
SETTINGS = ["tagging", "cors", "website", "versioning", "policy", "publicAccessBlock", "ownershipControls", "acl"]
SETTINGS += ["lifecycle"]  # of a bucket
rows = operation_rows()
line = Line(ENDPOINT, CA)
refused_ids, executed_ids = set(), set()


def signed_anew(row, mode, fixture):
    """Requests that are right in themselves, of the wrong signer or at the wrong time: (what, message, codes)."""
    revoked = revoked_account()
    wrong = {**account("admin"), "secret_access_key": "x" * 40}
    for what, who, code in (
        ("a wrong secret", wrong, MISMATCH),
        ("the key of another collectivity", account("tenant"), "AccessDenied"),
        ("a revoked key", revoked, "InvalidAccessKeyId"),
    ):
        yield what, build(row, mode, fixture, who, HOST, REGION), (code,)
    minutes = datetime.timedelta(minutes=1)
    if mode != "presigned":
        for skew in (-16, 16):
            yield f"clock {skew} min", build(
                row, mode, fixture, account("admin"), HOST, REGION, now_utc() + skew * minutes
            ), ("RequestTimeTooSkewed",)
        return
    for what, when in (("expired", now_utc() - 11 * minutes), ("not valid yet", now_utc() + 16 * minutes)):
        yield what, build(row, mode, fixture, account("admin"), HOST, REGION, when), ("AccessDenied",)


@functools.lru_cache
def revoked_account():
    """An administrator whose key was used, so that the appliance has it at hand, and then revoked."""
    made = new_account("beauvais", "revoquee", "admin")
    equal(ask("GET", "/", who=made).status, 200)
    ctl("key", "revoke", "beauvais", made["access_key_id"])
    return made


def ask(method, path, query=(), headers=None, body=b"", who="admin", host=HOST):
    """A plain valid request of the test's own."""
    who = account(who) if isinstance(who, str) else who
    signed = Signer(who, "https://" + host, REGION).sign(method, path, query, headers, body)
    return line.exchange(
        Message(method, path, [list(q) for q in query], [list(h) for h in signed.items()], body)
    )


def new_fixture(number):
    """For any operation: a bucket with a key `k` and an upload of `up` with one part, an empty bucket, a free name."""
    names = {n: f"matrix-{number:03d}-{n}" for n in ("bucket", "empty", "new")}
    for name in ("bucket", "empty"):
        equal(ask("PUT", f"/{names[name]}").status, 200)
    equal(ask("PUT", f"/{names['bucket']}/k", body=b"content").status, 200)
    tags = b"<Tagging><TagSet><Tag><Key>k</Key><Value>v</Value></Tag></TagSet></Tagging>"
    equal(ask("PUT", f"/{names['bucket']}", [("tagging", "")], body=tags).status, 204)
    cors = b"<CORSConfiguration><CORSRule><AllowedMethod>GET</AllowedMethod><AllowedOrigin>*</AllowedOrigin></CORSRule></CORSConfiguration>"
    equal(ask("PUT", f"/{names['bucket']}", [("cors", "")], body=cors).status, 200)
    site = b"<WebsiteConfiguration><IndexDocument><Suffix>i.html</Suffix></IndexDocument></WebsiteConfiguration>"
    equal(ask("PUT", f"/{names['bucket']}", [("website", "")], body=site).status, 200)
    up = f"/{names['bucket']}/up"
    upload = re.search(rb"<UploadId>([^<]+)", ask("POST", up, [("uploads", "")]).body).group(1).decode()
    etag = ask("PUT", up, [("partNumber", "1"), ("uploadId", upload)], body=b"part").headers["etag"]
    equal(ask("PUT", f"/{names['bucket']}/k", [("tagging", "")], body=tags).status, 200)
    names["locked"] = f"matrix-{number:03d}-locked"
    equal(ask("PUT", f"/{names['locked']}", headers={"x-amz-bucket-object-lock-enabled": "true"}).status, 200)
    until = (now_utc() + datetime.timedelta(days=1)).strftime("%Y-%m-%dT%H:%M:%SZ")
    lock = {"x-amz-object-lock-mode": "GOVERNANCE", "x-amz-object-lock-retain-until-date": until}
    lock["x-amz-object-lock-legal-hold"] = "ON"
    equal(ask("PUT", f"/{names['locked']}/k", headers=lock, body=b"content").status, 200)
    for setting, body in (
        ("lifecycle", lifecycle(b"before/")),
        ("ownershipControls", b"<OwnershipControls><Rule><ObjectOwnership>ObjectWriter</ObjectOwnership></Rule></OwnershipControls>"),
        ("publicAccessBlock", b"<PublicAccessBlockConfiguration><BlockPublicPolicy>true</BlockPublicPolicy></PublicAccessBlockConfiguration>"),
        ("policy", matrix_policy(names["bucket"], "GetObject")),
    ):
        check(ask("PUT", f"/{names['bucket']}", [(setting, "")], body=body).status < 300, setting)
    return {**names, "upload": upload, "etag": etag, "reader": account("main")["user_id"]}


def state(fixture):
    """All that the matrix could change, as the appliance lists it."""
    bucket = f"/{fixture['bucket']}"
    listings = [
        ask("GET", "/"),
        ask("GET", "/", who="tenant", host=OTHER_HOST),
        ask("GET", bucket, [("list-type", "2")]),
        ask("GET", bucket, [("uploads", "")]),
        ask("GET", f"{bucket}/up", [("uploadId", fixture["upload"])]),
        ask("GET", f"/{fixture['empty']}", [("list-type", "2")]),
        ask("GET", f"{bucket}/k", [("acl", "")]),
        ask("GET", f"{bucket}/k", [("tagging", "")]),
        ask("GET", f"/{fixture['locked']}", [("object-lock", "")]),
        *(ask("GET", f"/{fixture['locked']}/k", [(lock, "")]) for lock in ("retention", "legal-hold")),
        *(ask("GET", bucket, [(setting, "")]) for setting in SETTINGS),
    ]
    return [re.sub(rb"<RequestId>[^<]*", b"", answer.body) for answer in listings]


def fault(answer, message, codes):
    """What is wrong with the answer to an altered request; None: it was refused as it should be."""
    if answer is None:
        return "closed without an answer"
    if answer.status < 400:
        return f"EXECUTED with {answer.status}"
    if "x-amz-request-id" in answer.headers:
        refused_ids.add(answer.headers["x-amz-request-id"])
    wanted = [(c, STATUS[c]) for c in codes]
    if message.method == "HEAD":
        wanted = [(None, status) for _, status in wanted]
    if (answer.code, answer.status) not in wanted:
        return f"{answer.code} {answer.status}, wanted {wanted}"
    return None


def run_matrix(number, row, mode):
    fixture = new_fixture(number)
    message = build(row, mode, fixture, account("admin"), HOST, REGION)
    before, faults, count = state(fixture), [], 0
    for what, altered, codes in [
        *Alterations(rows, row, mode, message, OTHER_HOST).all(),
        *signed_anew(row, mode, fixture),
    ]:
        count += 1
        check(bytes(altered) != bytes(message), f"{what}: not altered at all")
        wrong = fault(line.exchange(altered), altered, codes)
        if wrong:
            faults.append(f"{what}: {wrong}")
    after = state(fixture)
    if after != before:
        faults.append("something was stored or changed")
    # The canary: what executes must be seen as such.
    answer = line.exchange(message)
    if row.name in ALWAYS_REFUSED:
        equal(answer.code, ALWAYS_REFUSED[row.name], "the valid request")
    else:
        check(
            answer is not None and answer.status < 300,
            f"the valid request: {answer and (answer.status, answer.code)}",
        )
        executed_ids.add(answer.headers["x-amz-request-id"])
        check("EXECUTED" in (fault(answer, message, (MISMATCH,)) or ""), "the judge does not see what executes")
    equal(state(fixture) != after, row.changes, "the valid request changed something")
    check(not faults, f"{len(faults)} of {count}: " + "; ".join(faults[:12]))
    counts.append(count)


counts = []
for number, (row, mode) in enumerate((r, m) for r in rows for m in r.modes):
    case(f"{row.name}: {mode}")(lambda n=number, r=row, m=mode: run_matrix(n, r, m))


@case("audit: no refused request is recorded as allowed, each executed one is")
def _():
    print(
        f"     {len(rows)} operations, {len(counts)} operations x modes, {sum(counts)} altered requests",
        flush=True,
    )
    time.sleep(0.5)
    outcomes = {}
    for slug in ("beauvais", "compiegne", None):
        at, size = 0, 1
        while at < size:
            arguments = ["audit", "show", *([slug] if slug else []), "--from", str(at)]
            page = ctl(*arguments)
            at, size = page["to"], page["size"]
            for record in page["records"]:
                outcomes.setdefault(record.get("request_id"), set()).add(record["outcome"])
    allowed = [i for i in refused_ids if "allowed" in outcomes.get(i, set())]
    equal(allowed, [], "refused requests recorded as allowed")
    equal(
        [i for i in executed_ids if outcomes.get(i) != {"allowed"}],
        [],
        "executed requests without their record",
    )
    missing = [i for i in refused_ids if i not in outcomes]
    equal(missing, [], f"of {len(refused_ids)} refusals without a record")


if __name__ == "__main__":
    main()
