# SPDX-License-Identifier: EUPL-1.2
"""Requests as no client library sends them: to another collectivity's host name, by somebody else, or by nobody."""
import json
from urllib.parse import quote

from harness import CA, ENDPOINT, REGION, account, boto, check, equal, new_bucket
from signed_message import Line, Message
from sigv4 import Signer

PORT = ENDPOINT.rpartition(":")[2]
line = Line(ENDPOINT, CA)


def host_of(slug):
    return f"{slug}.s3.localhost:{PORT}"


def ask(method, path, query=(), headers=None, body=b"", who=None, host=None):
    """The answer to one request; `who` is a user, an account, or None: unsigned. Default host: that of beauvais."""
    host = host or host_of("beauvais")
    who = account(who) if isinstance(who, str) else who
    path = quote(path, safe="/:")
    sent = {"host": host, **(headers or {})}
    if who:
        sent = Signer(who, "https://" + host, REGION).sign(method, path, query, headers, body)
    message = Message(method, path, [list(q) for q in query], [list(h) for h in sent.items()], body)
    # A connection that another case's restart of the daemon has closed is made anew.
    return line.exchange(message) or line.exchange(message)


def write_conditions(bucket, key, method, query=(), headers=None, body=b"", remake=lambda: None):
    """If-Match and If-None-Match of a write that makes the object `key`, which is not there yet. `remake` makes ready for one more."""

    def write(**conditions):
        given = {name.replace("_", "-"): value for name, value in conditions.items()}
        again = remake() or {}
        answer = ask(method, f"/{bucket}/{key}", again.get("query", query), {**(headers or {}), **given}, again.get("body", body), "admin")
        return answer.status, answer.code

    s3 = boto("admin")
    equal(write(if_match='"other"'), (404, "NoSuchKey"))
    equal(write(if_match="*"), (404, "NoSuchKey"))
    equal(write(if_none_match='"other"')[0], 501)
    equal(write(if_match='"a"', if_none_match="*"), (400, "InvalidRequest"))
    check("Contents" not in s3.list_objects_v2(Bucket=bucket, Prefix=key))
    equal(write(if_none_match="*"), (200, None))
    etag = s3.head_object(Bucket=bucket, Key=key)["ETag"]
    equal(write(if_none_match="*"), (412, "PreconditionFailed"))
    equal(write(if_match='"other"'), (412, "PreconditionFailed"))
    equal(write(if_match=etag), (200, None))
    equal(write(if_match="*"), (200, None))


def open_bucket(prefix, user="main", ownership="ObjectWriter", block=False):
    """A bucket whose owner may use lists and be public, as only an administrator can make it."""
    bucket, admin = new_bucket(prefix, user), boto("admin")
    admin.put_bucket_ownership_controls(
        Bucket=bucket, OwnershipControls={"Rules": [{"ObjectOwnership": ownership}]}
    )
    if not block:
        admin.delete_public_access_block(Bucket=bucket)
    return bucket


def policy(*statements):
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def allow(bucket, actions, principal="*", keys="*", effect="Allow", **condition):
    """A statement on the bucket itself and its keys."""
    statement = {
        "Effect": effect,
        "Principal": principal if principal == "*" else {"AWS": principal},
        "Action": actions,
        "Resource": [f"arn:aws:s3:::{bucket}", f"arn:aws:s3:::{bucket}/{keys}"],
    }
    if condition:
        statement["Condition"] = condition
    return statement
