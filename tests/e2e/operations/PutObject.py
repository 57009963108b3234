# SPDX-License-Identifier: EUPL-1.2
import base64
import hashlib

from harness import boto, case, check, equal, new_bucket, refused

s3 = boto()


@case("ETag is the MD5; headers and metadata come back")
def _():
    bucket = new_bucket("put")
    headers = {
        "ContentType": "text/csv; charset=utf-8",
        "ContentEncoding": "gzip",
        "ContentLanguage": "fr",
        "CacheControl": "max-age=60",
        "ContentDisposition": 'attachment; filename="a.csv"',
    }
    answer = s3.put_object(Bucket=bucket, Key="k", Body=b"hello", Metadata={"auteur": "mairie"}, **headers)
    equal(answer["ETag"], f'"{hashlib.md5(b"hello").hexdigest()}"')
    got = s3.get_object(Bucket=bucket, Key="k")
    equal({k: got[k] for k in headers}, headers)
    equal(got["Metadata"], {"auteur": "mairie"})


@case("a wrong digest stores nothing")
def _():
    bucket = new_bucket("put")
    wrong = base64.b64encode(hashlib.md5(b"other").digest()).decode()
    refused(
        "BadDigest", s3.put_object, Bucket=bucket, Key="wrong", Body=b"hello", ContentMD5=wrong, status=400
    )
    refused(
        "InvalidDigest",
        s3.put_object,
        Bucket=bucket,
        Key="wrong",
        Body=b"hello",
        ContentMD5="AAAA",
        status=400,
    )
    refused(
        "BadDigest",
        s3.put_object,
        Bucket=bucket,
        Key="wrong",
        Body=b"hello",
        ChecksumSHA256=base64.b64encode(bytes(32)).decode(),
        status=400,
    )
    refused("NoSuchKey", s3.get_object, Bucket=bucket, Key="wrong", status=404)


@case("a checksum that is right is kept and given back")
def _():
    bucket, value = new_bucket("put"), base64.b64encode(hashlib.sha256(b"hello").digest()).decode()
    equal(
        s3.put_object(Bucket=bucket, Key="sum", Body=b"hello", ChecksumSHA256=value)["ChecksumSHA256"], value
    )
    equal(s3.get_object(Bucket=bucket, Key="sum", ChecksumMode="ENABLED")["ChecksumSHA256"], value)


@case("limits: key, metadata")
def _():
    bucket = new_bucket("put")
    s3.put_object(Bucket=bucket, Key="k" * 1024, Body=b"")
    refused("KeyTooLongError", s3.put_object, Bucket=bucket, Key="k" * 1025, Body=b"", status=400)
    refused(
        "MetadataTooLarge",
        s3.put_object,
        Bucket=bucket,
        Key="meta",
        Body=b"",
        Metadata={"a": "x" * 2100},
        status=400,
    )
    refused(
        "InvalidStorageClass",
        s3.put_object,
        Bucket=bucket,
        Key="class",
        Body=b"",
        StorageClass="GLACIER",
        status=400,
    )


@case("refusals")
def _():
    bucket = new_bucket("put")
    refused("NoSuchBucket", s3.put_object, Bucket="no-such-bucket-here", Key="k", Body=b"x", status=404)
    refused("AccessDenied", boto("alt").put_object, Bucket=bucket, Key="k", Body=b"x", status=403)
    check(s3.list_objects_v2(Bucket=bucket, Prefix="wrong")["KeyCount"] == 0)
