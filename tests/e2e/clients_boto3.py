#!/usr/bin/python3
# SPDX-License-Identifier: EUPL-1.2
"""Debian's boto3, unedited, over TLS: put, get, list, multipart, range, copy, delete, and keys that must come back byte-equal."""
import io

from boto3.s3.transfer import TransferConfig
from harness import MIB, NASTY_KEYS, boto, case, check, equal, main, new_bucket, pattern, refused

s3 = boto()
SIZES = [0, 1, 4095, 4096, 8192, 8193, 65535, 65536, 65537, 262144, 1000003]


@case("put and get objects of every interesting size")
def _():
    bucket = new_bucket()
    for size in SIZES:
        data = pattern(size, size)
        put = s3.put_object(
            Bucket=bucket,
            Key=f"size/{size}",
            Body=data,
            ContentType="application/x-test",
            Metadata={"colour": "vert"},
        )
        got = s3.get_object(Bucket=bucket, Key=f"size/{size}")
        equal(got["Body"].read(), data, f"{size} bytes")
        equal(got["ETag"], put["ETag"])
        equal(got["ContentType"], "application/x-test")
        equal(got["Metadata"], {"colour": "vert"})
        equal(s3.head_object(Bucket=bucket, Key=f"size/{size}")["ContentLength"], size)


@case("overwrite shows the new bytes at once")
def _():
    bucket = new_bucket()
    for n in range(5):
        s3.put_object(Bucket=bucket, Key="again", Body=pattern(10000 * n, n))
        equal(s3.get_object(Bucket=bucket, Key="again")["Body"].read(), pattern(10000 * n, n))


@case("keys come back byte for byte")
def _():
    bucket = new_bucket("keys")
    for n, key in enumerate(NASTY_KEYS):
        s3.put_object(Bucket=bucket, Key=key, Body=f"body {n}".encode())
    listed = [o["Key"] for o in s3.list_objects_v2(Bucket=bucket)["Contents"]]
    equal(listed, sorted(NASTY_KEYS, key=lambda k: k.encode()))
    equal([o["Key"] for o in s3.list_objects(Bucket=bucket)["Contents"]], listed)
    for n, key in enumerate(NASTY_KEYS):
        equal(s3.get_object(Bucket=bucket, Key=key)["Body"].read(), f"body {n}".encode(), key)


@case("list: prefix, delimiter, pages, both versions")
def _():
    bucket = new_bucket("list")
    keys = [f"{a}/{b:03}" for a in "abc" for b in range(40)] + ["root"]
    for key in keys:
        s3.put_object(Bucket=bucket, Key=key, Body=b"x")
    for operation in ("list_objects_v2", "list_objects"):
        pages = s3.get_paginator(operation).paginate(Bucket=bucket, PaginationConfig={"PageSize": 7})
        equal([o["Key"] for page in pages for o in page.get("Contents", [])], keys, operation)
        page = getattr(s3, operation)(Bucket=bucket, Delimiter="/")
        equal([p["Prefix"] for p in page["CommonPrefixes"]], ["a/", "b/", "c/"])
        equal([o["Key"] for o in page["Contents"]], ["root"])
    equal(len(s3.list_objects_v2(Bucket=bucket, Prefix="b/")["Contents"]), 40)
    equal(s3.list_objects_v2(Bucket=bucket, StartAfter="c/038")["KeyCount"], 2)


@case("multipart of 100 MB by the transfer manager")
def _():
    bucket, data = new_bucket(), pattern(100_000_000, 100)
    settings = TransferConfig(multipart_threshold=8 * MIB, multipart_chunksize=8 * MIB, max_concurrency=8)
    s3.upload_fileobj(io.BytesIO(data), bucket, "large", Config=settings)
    head = s3.head_object(Bucket=bucket, Key="large")
    equal(head["ContentLength"], len(data))
    check(head["ETag"].endswith('-12"'), head["ETag"])
    target = io.BytesIO()
    s3.download_fileobj(bucket, "large", target, Config=settings)
    check(target.getvalue() == data, "the bytes differ")
    s3.copy({"Bucket": bucket, "Key": "large"}, bucket, "large copy", Config=settings)
    check(s3.get_object(Bucket=bucket, Key="large copy")["Body"].read() == data, "the copy's bytes differ")


@case("ranges, within a chunk and across chunks and parts")
def _():
    bucket, data = new_bucket(), pattern(300000, 9)
    s3.put_object(Bucket=bucket, Key="ranges", Body=data)
    for first, last in [
        (0, 0),
        (0, 65535),
        (65535, 65536),
        (65536, 131071),
        (1, 299998),
        (299999, 299999),
        (262143, 262145),
    ]:
        got = s3.get_object(Bucket=bucket, Key="ranges", Range=f"bytes={first}-{last}")
        equal(got["Body"].read(), data[first : last + 1], f"{first}-{last}")
        equal(got["ContentRange"], f"bytes {first}-{last}/300000")
        equal(got["ResponseMetadata"]["HTTPStatusCode"], 206)
    equal(s3.get_object(Bucket=bucket, Key="ranges", Range="bytes=-7")["Body"].read(), data[-7:])
    equal(
        s3.get_object(Bucket=bucket, Key="ranges", Range="bytes=299990-999999")["Body"].read(), data[299990:]
    )
    refused("InvalidRange", s3.get_object, Bucket=bucket, Key="ranges", Range="bytes=300000-", status=416)


@case("copy: the same bytes, other metadata, and onto itself")
def _():
    bucket = new_bucket()
    s3.put_object(
        Bucket=bucket, Key="source é+&", Body=pattern(200000, 3), Metadata={"a": "1"}, ContentType="text/csv"
    )
    s3.copy_object(Bucket=bucket, Key="copied", CopySource={"Bucket": bucket, "Key": "source é+&"})
    got = s3.get_object(Bucket=bucket, Key="copied")
    equal(got["Body"].read(), pattern(200000, 3))
    equal((got["Metadata"], got["ContentType"]), ({"a": "1"}, "text/csv"))
    s3.copy_object(
        Bucket=bucket,
        Key="copied",
        CopySource={"Bucket": bucket, "Key": "copied"},
        MetadataDirective="REPLACE",
        Metadata={"b": "2"},
    )
    equal(s3.head_object(Bucket=bucket, Key="copied")["Metadata"], {"b": "2"})
    s3.delete_object(Bucket=bucket, Key="source é+&")
    equal(
        s3.get_object(Bucket=bucket, Key="copied")["Body"].read(),
        pattern(200000, 3),
        "after its source was deleted",
    )


@case("delete, one and many")
def _():
    bucket = new_bucket("delete")
    for n in range(25):
        s3.put_object(Bucket=bucket, Key=f"k{n}", Body=b"x")
    s3.delete_object(Bucket=bucket, Key="k0")
    refused("NoSuchKey", s3.get_object, Bucket=bucket, Key="k0", status=404)
    s3.delete_object(Bucket=bucket, Key="k0")
    refused("BucketNotEmpty", s3.delete_bucket, Bucket=bucket, status=409)
    answer = s3.delete_objects(Bucket=bucket, Delete={"Objects": [{"Key": f"k{n}"} for n in range(26)]})
    equal(len(answer["Deleted"]), 26)
    equal(s3.list_objects_v2(Bucket=bucket)["KeyCount"], 0)
    s3.delete_bucket(Bucket=bucket)
    refused("NoSuchBucket", s3.list_objects_v2, Bucket=bucket, status=404)


@case("conditions on reads and writes")
def _():
    bucket = new_bucket()
    etag = s3.put_object(Bucket=bucket, Key="cond", Body=b"one")["ETag"]
    refused("304", s3.get_object, Bucket=bucket, Key="cond", IfNoneMatch=etag, status=304)
    refused("PreconditionFailed", s3.get_object, Bucket=bucket, Key="cond", IfMatch='"0"', status=412)
    equal(s3.get_object(Bucket=bucket, Key="cond", IfMatch=etag)["Body"].read(), b"one")


if __name__ == "__main__":
    main()
