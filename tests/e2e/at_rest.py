#!/usr/bin/python3
# SPDX-License-Identifier: EUPL-1.2
"""What a thief of the disk finds: no plaintext, no object, bucket, collectivity or user name, no secret, in any raw file."""
import base64
import os
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "packaging"))
from appliance import stored_bytes  # noqa: E402
from harness import (
    ACCOUNTS,
    DATA,
    boto,
    case,
    check,
    ctl,
    equal,
    kill_daemon,
    main,
    new_collectivity,
    refused,
    start_daemon,
)

MARK = "MARQUEUR"
CUSTOMER_KEY = "marqueur-cle-du-client-32-octets"
SIZES = [0, 50, 8000, 8193, 70000, 1 << 20, 40 << 20]


def marked(size, n):
    """A body full of a marker that no ciphertext holds by chance."""
    word = f"{MARK}-corps-{n:05d}-".encode()
    return (word * (size // len(word) + 1))[:size]


def words():
    fixed = [
        f"{MARK}-corps",
        f"{MARK}-cle",
        "marqueur-seau",
        f"{MARK}-meta",
        f"{MARK}-commune",
        "marqueur-slug",
        "marqueur-agent",
        "beauvais",
        "Ville de Beauvais",
        "compiegne",
        "216000562",
        CUSTOMER_KEY,
        base64.b64encode(CUSTOMER_KEY.encode()).decode(),
    ]
    return [w.encode() for w in fixed + [a["secret_access_key"] for a in ACCOUNTS]]


def hits():
    """(word, file) for every word found in a file of the data directory, in its name, or in the keyring."""
    found = []
    files = [p for p in sorted(DATA.rglob("*")) if p.is_file()] + [DATA.parent / "keyring"]
    for path in files:
        try:
            stored = stored_bytes(path)
        except FileNotFoundError:  # a table that was compacted since: what replaced it is in another file
            check(not path.exists())
            continue
        for place, content in (
            (path.name, stored),
            (f"the name of {path.name}", os.fsencode(path.relative_to(DATA.parent))),
        ):
            found += [(word.decode(), place) for word in words() if word in content]
    return found


@case("deposit bodies, keys, buckets, metadata, names, all marked")
def _():
    account = new_collectivity("marqueur-slug", name=f"{MARK}-commune")
    ctl("user", "add", "marqueur-slug", "marqueur-agent", "--role", "member")
    s3 = boto(account)
    s3.create_bucket(Bucket="marqueur-seau")
    for n, size in enumerate(SIZES):
        s3.put_object(
            Bucket="marqueur-seau",
            Key=f"{MARK}-cle/{n}",
            Body=marked(size, n),
            Metadata={"m": f"{MARK}-meta"},
        )
    where = {"Bucket": "marqueur-seau", "Key": f"{MARK}-cle/m"}
    upload = s3.create_multipart_upload(**where)["UploadId"]
    part = s3.upload_part(**where, UploadId=upload, PartNumber=1, Body=marked(100000, 99))
    s3.complete_multipart_upload(
        **where, UploadId=upload, MultipartUpload={"Parts": [{"PartNumber": 1, "ETag": part["ETag"]}]}
    )
    for n in range(300):
        s3.put_object(Bucket="marqueur-seau", Key=f"{MARK}-cle/petit/{n}", Body=marked(200, n))
    customer = {"SSECustomerAlgorithm": "AES256", "SSECustomerKey": CUSTOMER_KEY}
    for n, size in enumerate(SIZES):
        secret = {"Bucket": "marqueur-seau", "Key": f"{MARK}-cle/client/{n}", **customer}
        s3.put_object(Body=marked(size, n), **secret)
        equal(s3.get_object(**secret)["Body"].read(), marked(size, n))
    # A signature that is wrong is explained to the client, but for the customer's key.
    wrong = boto({**account, "secret_access_key": "x" * 40})
    told = refused("SignatureDoesNotMatch", wrong.put_object, Body=b"", **secret)["Error"]
    check("customer-key:***" in told["CanonicalRequest"], told["CanonicalRequest"])
    check(base64.b64encode(CUSTOMER_KEY.encode()).decode() not in str(told))
    equal(s3.get_object(Bucket="marqueur-seau", Key=f"{MARK}-cle/3")["Body"].read(), marked(SIZES[3], 3))


@case("nothing in clear while it runs")
def _():
    equal(hits(), [])


@case("nothing in clear after kill -9 and a start")
def _():
    kill_daemon()
    equal(hits(), [])
    start_daemon()
    equal(hits(), [])


@case("the search finds what is there: a marker written beside the data")
def _():
    canary = DATA / "canary"
    canary.write_bytes(b"\0" * 100 + f"{MARK}-corps".encode())
    try:
        check((f"{MARK}-corps", "canary") in hits())
    finally:
        canary.unlink()


@case("no secret in the daemon's own log")
def _():
    log = pathlib.Path(DATA.parent, "beffroid.log").read_bytes()
    equal([a["user"] for a in ACCOUNTS if a["secret_access_key"].encode() in log], [])
    check(CUSTOMER_KEY.encode() not in log and base64.b64encode(CUSTOMER_KEY.encode()) not in log)


if __name__ == "__main__":
    main()
