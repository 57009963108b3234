#!/usr/bin/python3
# SPDX-License-Identifier: EUPL-1.2
"""Presigned URLs: made by boto3 and by a signer of our own, used by curl and by a raw client; expired, altered and misused ones."""
import datetime
import pathlib

from harness import (
    CA,
    ENDPOINT,
    REGION,
    account,
    boto,
    case,
    check,
    equal,
    main,
    new_bucket,
    pattern,
    scratch,
    shell,
)
from sigv4 import Raw, Signer, now_utc

signer = Signer(account("admin"), ENDPOINT, REGION) if ENDPOINT else None


def ask(method, target, body=b"", headers=None):
    with Raw(ENDPOINT, CA) as connection:
        return connection.request(method, target, {"host": signer.host, **(headers or {})}, body)


@case("boto3's URL, fetched and filled by curl")
def _():
    s3, bucket = boto(signature_version="s3v4"), new_bucket("presigned")
    with scratch() as folder:
        pathlib.Path(folder, "up").write_bytes(pattern(300000, 1))
        put = s3.generate_presigned_url("put_object", {"Bucket": bucket, "Key": "é + &"}, ExpiresIn=60)
        shell(["curl", "-sS", "--fail", "--cacert", CA, "-T", f"{folder}/up", put])
        get = s3.generate_presigned_url(
            "get_object",
            {"Bucket": bucket, "Key": "é + &", "ResponseContentDisposition": "attachment"},
            ExpiresIn=60,
        )
        printed = shell(["curl", "-sS", "--fail", "--cacert", CA, "-D", "-", "-o", f"{folder}/down", get])
        check("attachment" in printed)
        equal(pathlib.Path(folder, "down").read_bytes(), pattern(300000, 1))


@case("every method, each only with its own URL")
def _():
    bucket = new_bucket("presigned")
    path = f"/{bucket}/methods"
    equal(ask("PUT", signer.presign("PUT", path), b"body").status, 200)
    equal(ask("GET", signer.presign("GET", path)).body, b"body")
    equal(ask("HEAD", signer.presign("HEAD", path)).headers["content-length"], "4")
    for method in ("PUT", "HEAD", "DELETE"):
        check(ask(method, signer.presign("GET", path)).status == 403, method)
    equal(ask("DELETE", signer.presign("DELETE", path)).status, 204)
    equal(ask("GET", signer.presign("GET", path)).code, "NoSuchKey")


@case("expired, of the future, too long, altered")
def _():
    bucket = new_bucket("presigned")
    path, now = f"/{bucket}/times", now_utc()
    boto().put_object(Bucket=bucket, Key="times", Body=b"x")
    equal(
        ask("GET", signer.presign("GET", path, expires=5, when=now - datetime.timedelta(seconds=10))).code,
        "AccessDenied",
    )
    equal(ask("GET", signer.presign("GET", path, expires=0)).code, "AccessDenied")
    equal(ask("GET", signer.presign("GET", path, expires=-1)).status, 400)
    equal(
        ask("GET", signer.presign("GET", path, expires=604800, when=now - datetime.timedelta(days=6))).status,
        200,
    )
    equal(ask("GET", signer.presign("GET", path, expires=604801)).status, 400)
    check(ask("GET", signer.presign("GET", path, when=now + datetime.timedelta(hours=1))).status == 403)
    target = signer.presign("GET", path)
    equal(ask("GET", target.replace("times", "other")).code, "SignatureDoesNotMatch")
    equal(ask("GET", target + "&versionId=x").code, "SignatureDoesNotMatch")
    equal(ask("GET", target[:-1] + ("0" if target[-1] != "0" else "1")).code, "SignatureDoesNotMatch")


@case("an unsigned x-amz-copy-source does not turn a PUT into a copy")
def _():
    bucket = new_bucket("presigned")
    boto().put_object(Bucket=bucket, Key="secret", Body=b"secret")
    answer = ask(
        "PUT", signer.presign("PUT", f"/{bucket}/target"), headers={"x-amz-copy-source": f"/{bucket}/secret"}
    )
    equal(answer.status, 403)
    equal(boto().list_objects_v2(Bucket=bucket, Prefix="target")["KeyCount"], 0)


@case("header and query credentials together are refused")
def _():
    bucket = new_bucket("presigned")
    target = signer.presign("GET", f"/{bucket}/times")
    signed = signer.sign("GET", f"/{bucket}/times")
    equal(ask("GET", target, headers=signed).status, 400)


if __name__ == "__main__":
    main()
