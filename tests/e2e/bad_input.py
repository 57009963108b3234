#!/usr/bin/python3
# SPDX-License-Identifier: EUPL-1.2
"""Bad requests get the right S3 error; the connection is closed where its framing is in doubt; nothing is stored, nothing leaks."""
import base64
import datetime
import hashlib
import re
import zlib

from harness import CA, ENDPOINT, REGION, account, boto, case, check, equal, main, new_bucket, pattern
from sigv4 import Raw, Signer, chunked, now_utc

STREAMING = "STREAMING-UNSIGNED-PAYLOAD-TRAILER"
signer = Signer(account("admin"), ENDPOINT, REGION) if ENDPOINT else None


def bucket():
    return new_bucket("bad")


def refuse(
    code, method, path, status=None, closed=False, body=b"", headers=None, tamper=None, query=(), **signing
):
    """Sends a signed request, altered by `tamper`, and compares the error; `closed`: the connection must then be closed."""
    signed = signer.sign(method, path, query, headers, body, **signing)
    if tamper:
        tamper(signed)
    target = path + ("?" + "&".join(f"{k}={v}" if v else k for k, v in query) if query else "")
    with Raw(ENDPOINT, CA) as connection:
        answer = connection.request(method, target, signed, body)
        check(answer is not None, "closed without an answer")
        equal((answer.code, answer.status), (code, status or answer.status))
        if method != "HEAD":
            check(
                answer.headers["content-type"].startswith("application/xml"),
                answer.headers.get("content-type"),
            )
            check(b"<RequestId>" in answer.body)
        if closed:
            equal(answer.headers.get("connection", "").lower(), "close")
            check(connection.is_closed(), "the connection stays open")
    check_clean(answer)
    return answer


def check_clean(answer):
    """No path, type or message of the inside reaches a client."""
    for word in (
        b"/var/",
        b"beffroi::",
        b"std::",
        b"errno",
        b"rocksdb",
        b".cc:",
        account("admin")["secret_access_key"].encode(),
    ):
        check(word not in answer.body, f"{word} in an answer")


def stored(key):
    return boto().list_objects_v2(Bucket=bucket(), Prefix=key)["KeyCount"]


def streaming(key, wire, decoded, **more):
    """An aws-chunked PUT with Content-Length framing; returns the answer."""
    headers = {"x-amz-decoded-content-length": str(decoded), "content-encoding": "aws-chunked", **more}
    signed = signer.sign(
        "PUT",
        f"/{bucket()}/{key}",
        headers={k: v for k, v in headers.items() if v is not None},
        payload_hash=STREAMING,
    )
    with Raw(ENDPOINT, CA) as connection:
        answer = connection.request("PUT", f"/{bucket()}/{key}", signed, wire)
    check_clean(answer)
    return answer


@case("signatures: wrong secret, unknown key, altered path, header, body, region of another day")
def _():
    path = f"/{bucket()}/sig"
    wrong = Signer({**account("admin"), "secret_access_key": "x" * 40}, ENDPOINT, REGION)
    unknown = Signer({**account("admin"), "access_key_id": "BFAAAAAAAAAAAAAAAAAA"}, ENDPOINT, REGION)
    for other, code in ((wrong, "SignatureDoesNotMatch"), (unknown, "InvalidAccessKeyId")):
        with Raw(ENDPOINT, CA) as connection:
            answer = connection.request("GET", path, other.sign("GET", path))
            equal((answer.code, answer.status), (code, 403))
    with Raw(ENDPOINT, CA) as connection:
        equal(
            connection.request("GET", f"/{bucket()}/other", signer.sign("GET", path)).code,
            "SignatureDoesNotMatch",
        )
    refuse(
        "SignatureDoesNotMatch",
        "PUT",
        path,
        403,
        headers={"x-amz-meta-a": "1"},
        tamper=lambda h: h.update({"x-amz-meta-a": "2"}),
    )
    refuse(
        "XAmzContentSHA256Mismatch",
        "PUT",
        path,
        400,
        body=b"hello",
        payload_hash=hashlib.sha256(b"other").hexdigest(),
    )
    equal(stored("sig"), 0)


@case("an x-amz header that is not signed")
def _():
    answer = refuse(
        "AccessDenied",
        "PUT",
        f"/{bucket()}/unsigned",
        403,
        body=b"x",
        tamper=lambda h: h.update({"x-amz-meta-late": "1"}),
    )
    check(answer.status == 403)
    equal(stored("unsigned"), 0)


@case("a clock that is off by more than a quarter of an hour")
def _():
    for minutes in (-16, 16):
        when = now_utc() + datetime.timedelta(minutes=minutes)
        answer = refuse("RequestTimeTooSkewed", "GET", f"/{bucket()}/k", 403, when=when)
        check(b"<ServerTime>" in answer.body)
    when = now_utc() + datetime.timedelta(minutes=14)
    with Raw(ENDPOINT, CA) as connection:
        equal(
            connection.request("GET", f"/{bucket()}", signer.sign("GET", f"/{bucket()}", when=when)).status,
            200,
        )


@case("authorization that is none, and SigV2")
def _():
    for value in (
        "AWS4-HMAC-SHA256 nonsense",
        "AWS4-HMAC-SHA256 Credential=a/b, SignedHeaders=host, Signature=0",
        "Basic YTpi",
        "AWS AK:c2ln",
    ):
        with Raw(ENDPOINT, CA) as connection:
            answer = connection.request(
                "GET", f"/{bucket()}/k", {**signer.sign("GET", f"/{bucket()}/k"), "authorization": value}
            )
            check(answer.status in (400, 403), f"{value}: {answer.status}")
            check_clean(answer)


@case("unsigned requests see nothing")
def _():
    boto().put_object(Bucket=bucket(), Key="private", Body=b"x")
    answers = []
    for path in (f"/{bucket()}/private", f"/{bucket()}/none", "/no-such-bucket-here/k"):
        with Raw(ENDPOINT, CA) as connection:
            answer = connection.request("GET", path, {"host": signer.host})
            answers.append(
                (
                    answer.status,
                    answer.code,
                    re.sub(rb"<(RequestId|Resource|HostId)>[^<]*<", b"", answer.body),
                )
            )
    equal(len(set(answers)), 1, "answers that tell one case from another")
    equal(answers[0][:2], (403, "AccessDenied"))


@case("digests: Content-MD5 wrong or malformed, checksum wrong, malformed, two of them")
def _():
    path, body = f"/{bucket()}/digest", b"hello"
    md5 = base64.b64encode(hashlib.md5(b"other").digest()).decode()
    crc = base64.b64encode(b"\0\0\0\1").decode()
    refuse("BadDigest", "PUT", path, 400, body=body, headers={"content-md5": md5})
    refuse("InvalidDigest", "PUT", path, 400, body=body, headers={"content-md5": "nonsense"})
    refuse("BadDigest", "PUT", path, 400, body=body, headers={"x-amz-checksum-crc32": crc})
    refuse("InvalidRequest", "PUT", path, 400, body=body, headers={"x-amz-checksum-crc32": "AAA="})
    refuse(
        "InvalidRequest",
        "PUT",
        path,
        400,
        body=body,
        headers={"x-amz-checksum-crc32": crc, "x-amz-checksum-crc32c": crc},
    )
    refuse("InvalidRequest", "PUT", path, 400, body=body, headers={"x-amz-sdk-checksum-algorithm": "CRC32"})
    equal(stored("digest"), 0)


@case("a body that ends early, or whose length is not told")
def _():
    path = f"/{bucket()}/short"
    with Raw(ENDPOINT, CA) as connection:
        signed = signer.sign("PUT", path, payload_hash="UNSIGNED-PAYLOAD")
        head = "\r\n".join(
            [f"PUT {path} HTTP/1.1", *(f"{k}: {v}" for k, v in signed.items()), "content-length: 100000"]
        )
        connection.send(head.encode() + b"\r\n\r\n" + b"x" * 50000)
        connection.socket.close()
    refuse(
        "MissingContentLength",
        "PUT",
        path,
        411,
        closed=True,
        headers={"transfer-encoding": "chunked"},
        payload_hash="UNSIGNED-PAYLOAD",
    )
    equal(stored("short"), 0)


@case("aws-chunked: right, then truncated, too long, bad hex, without its length, with bytes after its end")
def _():
    data = pattern(100000, 1)
    trailer = b"x-amz-checksum-crc32:" + base64.b64encode(zlib.crc32(data).to_bytes(4, "big")) + b"\r\n\r\n"
    right = chunked(data, [65536, 34464]) + trailer
    named = {"x-amz-trailer": "x-amz-checksum-crc32"}
    equal(streaming("good", right, len(data), **named).status, 200)
    equal(boto().get_object(Bucket=bucket(), Key="good")["Body"].read(), data)
    faults = {
        "truncated": (chunked(data[:65536], [65536]) + trailer, len(data), "IncompleteBody"),
        "long": (right, len(data) - 1, "IncompleteBody"),
        "hex": (right.replace(b"10000\r\n", b"1000g\r\n", 1), len(data), "InvalidRequest"),
        "no-end": (chunked(data, [65536, 34464])[:-3], len(data), "IncompleteBody"),
        "after": (right + b"more bytes than four", len(data), "InvalidRequest"),
        "sum": (
            chunked(data, [65536, 34464]) + b"x-amz-checksum-crc32:AAAAAA==\r\n\r\n",
            len(data),
            "BadDigest",
        ),
        "missing": (chunked(data, [65536, 34464]) + b"\r\n", len(data), "MalformedTrailerError"),
    }
    for key, (wire, decoded, code) in faults.items():
        answer = streaming(f"fault-{key}", wire, decoded, **named)
        equal((answer.code, answer.status), (code, 400), key)
    answer = streaming("fault-411", right, None, **{**named, "x-amz-decoded-content-length": None})
    equal((answer.code, answer.status), ("MissingContentLength", 411))
    answer = streaming("fault-trailer", right, len(data), **{"x-amz-trailer": "x-amz-nonsense"})
    equal((answer.code, answer.status), ("InvalidRequest", 400))
    equal(stored("fault"), 0)


@case("names: no such bucket, a bad name, a key that is no UTF-8, NUL, a malformed escape")
def _():
    refuse("NoSuchBucket", "GET", "/no-such-bucket-here/k", 404)
    refuse("NoSuchBucket", "PUT", "/no-such-bucket-here/k", 404, body=b"x")
    for path in (f"/{bucket()}/%ff", f"/{bucket()}/a%00b", f"/{bucket()}/%C0%80"):
        refuse("InvalidURI", "PUT", path, 400, body=b"x")
    for path in (f"/{bucket()}/%zz", f"/{bucket()}/%4"):
        with Raw(ENDPOINT, CA) as connection:
            answer = connection.request("PUT", path, signer.sign("PUT", path), b"")
            equal(answer.status, 400, path)
    refuse("KeyTooLongError", "PUT", f"/{bucket()}/" + "k" * 1025, 400, body=b"x")


@case("what is not there yet is 501, never another operation")
def _():
    for query in ([("renameObject", "")],):
        refuse("NotImplemented", "PUT", f"/{bucket()}/sub", 501, body=b"<x/>", query=query)
    equal(stored("sub"), 0)


@case("heads that are too large, and too many fields: refused and closed")
def _():
    path = f"/{bucket()}/k"
    for extra in ({"x-filler": "y" * 20000}, {f"x-f{n}": "1" for n in range(150)}):
        with Raw(ENDPOINT, CA) as connection:
            answer = connection.request("GET", path, {**signer.sign("GET", path), **extra})
            check(answer is None or answer.status in (400, 431), str(answer and answer.status))
            check(connection.is_closed(), "the connection stays open")
    with Raw(ENDPOINT, CA) as connection:
        answer = connection.request("GET", "/" + "a" * 9000, {"host": signer.host})
        check(answer is None or answer.status in (400, 414), str(answer and answer.status))
        check(connection.is_closed())


@case("XML: malformed, another root, too deep, too large, with entities")
def _():
    path = f"/{bucket()}"
    billion = b'<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]><Delete><Object><Key>&b;</Key></Object></Delete>'
    for body in (b"<Delete>", b"not xml", b"<Other/>", b"<Delete></Delete>", b"<a>" * 5000, billion):
        refuse(
            "MalformedXML",
            "POST",
            path,
            400,
            body=body,
            query=[("delete", "")],
            headers={"content-md5": base64.b64encode(hashlib.md5(body).digest()).decode()},
        )
    large = b"<Delete>" + b" " * (2 << 20) + b"</Delete>"
    with Raw(ENDPOINT, CA) as connection:
        signed = signer.sign("POST", path, [("delete", "")], payload=large)
        connection.send(
            b"\r\n".join(
                [
                    f"POST {path}?delete HTTP/1.1".encode(),
                    *(f"{k}: {v}".encode() for k, v in signed.items()),
                    f"content-length: {len(large)}".encode(),
                    b"",
                    b"",
                ]
            )
        )
        answer = connection.answer()
        check(answer is not None and answer.status == 400, "refused by its length, before its body")
        check_clean(answer)


@case("Expect: 100-continue: a refusal comes before the body, and the connection is closed")
def _():
    path = "/no-such-bucket-here/k"
    with Raw(ENDPOINT, CA) as connection:
        signed = signer.sign("PUT", path, payload_hash="UNSIGNED-PAYLOAD")
        head = "\r\n".join(
            [
                f"PUT {path} HTTP/1.1",
                *(f"{k}: {v}" for k, v in signed.items()),
                "content-length: 1000000",
                "expect: 100-continue",
            ]
        )
        connection.send(head.encode() + b"\r\n\r\n")
        answer = connection.answer()
        equal((answer.code, answer.headers.get("connection", "").lower()), ("NoSuchBucket", "close"))
        check(connection.is_closed())


@case("the daemon is as well as before")
def _():
    boto().put_object(Bucket=bucket(), Key="after", Body=pattern(100000))
    equal(boto().get_object(Bucket=bucket(), Key="after")["Body"].read(), pattern(100000))


if __name__ == "__main__":
    main()
