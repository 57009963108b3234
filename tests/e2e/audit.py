#!/usr/bin/python3
# SPDX-License-Identifier: EUPL-1.2
"""Every request of a scripted run is in its collectivity's audit records, once, refusals included, under its own request id."""
import collections
import signal
import time

from harness import (
    CA,
    ENDPOINT,
    REGION,
    account,
    boto,
    case,
    check,
    ctl,
    equal,
    kill_daemon,
    main,
    new_bucket,
    pattern,
    run_check,
    start_daemon,
)
from sigv4 import Raw, Signer, encode_path

sent = []  # (request id, operation, outcome, user, access key, collectivity)


def send(user, method, path, operation, outcome, status, query=(), body=b"", headers=None):
    """A signed request; what its record must say is remembered under the id that the answer carries."""
    who = user if isinstance(user, dict) else account(user)
    signed = Signer(who, ENDPOINT, REGION).sign(method, encode_path(path), query, headers, body)
    target = encode_path(path) + ("?" + "&".join(f"{k}={v}" if v else k for k, v in query) if query else "")
    with Raw(ENDPOINT, CA) as connection:
        answer = connection.request(method, target, signed, body)
    equal(answer.status, status, f"{method} {path}: {answer.code}")
    sent.append(
        (
            answer.headers["x-amz-request-id"],
            operation,
            outcome,
            who["user"],
            who["access_key_id"],
            who["collectivity"],
        )
    )
    return answer


def records(slug):
    return ctl("audit", "show", slug, "--from", "0")["records"]


def wait_for_records(slug, ids):
    """Reads and refusals are written in groups, every 100 ms."""
    deadline = time.monotonic() + 10
    while True:
        found = records(slug)
        if ids <= {r.get("request_id") for r in found} or time.monotonic() > deadline:
            return found
        time.sleep(0.1)


@case("a run of changes, reads and refusals")
def _():
    send("main", "PUT", "/audited", "CreateBucket", "allowed", 200)
    send("main", "PUT", "/audited", "CreateBucket", "failed", 409)
    send("main", "PUT", "/audited/inline é", "PutObject", "allowed", 200, body=pattern(1000))
    send("main", "PUT", "/audited/extent", "PutObject", "allowed", 200, body=pattern(100000))
    send("main", "GET", "/audited/extent", "GetObject", "allowed", 200)
    send("main", "HEAD", "/audited/extent", "HeadObject", "allowed", 200)
    send("main", "GET", "/audited/none", "GetObject", "failed", 404)
    send("main", "GET", "/audited", "ListObjectsV2", "allowed", 200, query=[("list-type", "2")])
    send(
        "main",
        "PUT",
        "/audited/copy",
        "CopyObject",
        "allowed",
        200,
        headers={"x-amz-copy-source": "/audited/extent"},
    )
    send("main", "DELETE", "/audited/copy", "DeleteObject", "allowed", 204)
    send("main", "DELETE", "/audited", "DeleteBucket", "failed", 409)
    send("alt", "GET", "/audited/extent", "GetObject", "denied", 403)
    send("alt", "PUT", "/audited/theirs", "PutObject", "denied", 403, body=b"x")
    send("tenant", "GET", "/audited/extent", "GetObject", "failed", 404)
    answer = send(
        "main", "POST", "/audited/m", "CreateMultipartUpload", "allowed", 200, query=[("uploads", "")]
    )
    upload = answer.body.split(b"<UploadId>")[1].split(b"<")[0].decode()
    send(
        "main",
        "PUT",
        "/audited/m",
        "UploadPart",
        "allowed",
        200,
        query=[("partNumber", "1"), ("uploadId", upload)],
        body=pattern(5000),
    )
    send("main", "GET", "/audited/m", "ListParts", "allowed", 200, query=[("uploadId", upload)])
    send("main", "DELETE", "/audited/m", "AbortMultipartUpload", "allowed", 204, query=[("uploadId", upload)])


@case("a wrong signature is refused, and in the records of the signer's collectivity")
def _():
    wrong = {**account("main"), "secret_access_key": "x" * 40}
    # Nobody is named: whoever sent it only said that key's name.
    send({**wrong, "user": None}, "GET", "/audited/extent", "GetObject", "denied", 403)


@case("each request is there once, with its operation, outcome and user")
def _():
    for slug in ("beauvais", "compiegne"):
        mine = {r[0]: r for r in sent if r[5] == slug}
        found = wait_for_records(slug, set(mine))
        times = collections.Counter(r.get("request_id") for r in found)
        for request_id, operation, outcome, user, access_key, _ in mine.values():
            equal(times[request_id], 1, f"{slug}: {operation} {outcome}")
            record = next(r for r in found if r.get("request_id") == request_id)
            equal((record["operation"], record["outcome"]), (operation, outcome), request_id)
            equal((record.get("user"), record.get("access_key")), (user, access_key), operation)
        equal(
            [r["seq"] for r in found],
            list(range(found[0]["seq"], found[0]["seq"] + len(found))),
            "numbers without gaps",
        )


@case("nothing of one collectivity is in the records of another")
def _():
    ours = {r[0] for r in sent if r[5] == "beauvais"}
    check(not ours & {r.get("request_id") for r in records("compiegne")})


@case("DeleteObjects is one record a key")
def _():
    s3, bucket = boto(), new_bucket("audit")
    for n in range(3):
        s3.put_object(Bucket=bucket, Key=f"k{n}", Body=b"x")
    answer = s3.delete_objects(Bucket=bucket, Delete={"Objects": [{"Key": f"k{n}"} for n in range(4)]})
    request_id = answer["ResponseMetadata"]["HTTPHeaders"]["x-amz-request-id"]
    found = [r for r in wait_for_records("beauvais", {request_id}) if r.get("request_id") == request_id]
    equal(sorted(r["key"] for r in found), ["k0", "k1", "k2", "k3"])


@case("records survive kill -9, with the changes that they tell of")
def _():
    s3, bucket = boto(), new_bucket("audit")
    ids = [
        s3.put_object(Bucket=bucket, Key=f"s{n}", Body=b"x")["ResponseMetadata"]["HTTPHeaders"][
            "x-amz-request-id"
        ]
        for n in range(20)
    ]
    kill_daemon()
    start_daemon()
    times = collections.Counter(r.get("request_id") for r in records("beauvais"))
    equal([times[i] for i in ids], [1] * 20)


@case("operators' acts are in the appliance's own records and beside their target")
def _():
    ctl("user", "add", "beauvais", "observateur", "--role", "reader")
    check(any(r["operation"] == "CreateUser" or "observateur" in str(r) for r in records("beauvais")))


@case("the trees recomputed from all these records equal the state leaves")
def _():
    kill_daemon(signal.SIGTERM)
    status, printed = run_check()
    equal((status, "audit" in printed), (0, False), printed[-1500:])
    start_daemon()


if __name__ == "__main__":
    main()
