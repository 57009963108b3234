# SPDX-License-Identifier: EUPL-1.2
from harness import boto, case, check, equal, new_bucket, refused

s3 = boto()


def filled():
    """A bucket with keys in folders, beside and between them."""
    bucket = new_bucket("list-v1")
    if s3.list_objects(Bucket=bucket).get("Contents"):
        return bucket
    for key in ("a", "a/1", "a/2", "a0", "b/x/1", "b/x/2", "b/y", "c", "é/1"):
        s3.put_object(Bucket=bucket, Key=key, Body=key.encode())
    return bucket


def keys(answer):
    return [o["Key"] for o in answer.get("Contents", [])]


@case("order of bytes, sizes, ETags, dates")
def _():
    answer = s3.list_objects(Bucket=filled())
    equal(keys(answer), ["a", "a/1", "a/2", "a0", "b/x/1", "b/x/2", "b/y", "c", "é/1"])
    check(
        all(
            o["Size"] == len(o["Key"].encode())
            and o["ETag"]
            and o["LastModified"]
            and o["StorageClass"] == "STANDARD"
            for o in answer["Contents"]
        )
    )
    equal(answer["IsTruncated"], False)


@case("prefix and delimiter")
def _():
    answer = s3.list_objects(Bucket=filled(), Delimiter="/")
    equal(
        (keys(answer), [p["Prefix"] for p in answer["CommonPrefixes"]]),
        (["a", "a0", "c"], ["a/", "b/", "é/"]),
    )
    answer = s3.list_objects(Bucket=filled(), Delimiter="/", Prefix="b/")
    equal((keys(answer), [p["Prefix"] for p in answer["CommonPrefixes"]]), (["b/y"], ["b/x/"]))
    equal(keys(s3.list_objects(Bucket=filled(), Prefix="a/")), ["a/1", "a/2"])
    equal(keys(s3.list_objects(Bucket=filled(), Prefix="nothing")), [])


@case("pages of one, with a delimiter: each key and prefix once")
def _():
    seen = []
    for page in s3.get_paginator("list_objects").paginate(
        Bucket=filled(), Delimiter="/", PaginationConfig={"PageSize": 1}
    ):
        check(len(page.get("Contents", [])) + len(page.get("CommonPrefixes", [])) <= 1)
        seen += keys(page) + [p["Prefix"] for p in page.get("CommonPrefixes", [])]
    equal(seen, ["a", "a/", "a0", "b/", "c", "é/"])


@case("max-keys 0, and above the limit")
def _():
    answer = s3.list_objects(Bucket=filled(), MaxKeys=0)
    equal((keys(answer), answer["IsTruncated"]), ([], False))
    equal(len(keys(s3.list_objects(Bucket=filled(), MaxKeys=5000))), 9)


@case("marker, whether or not it is a key; the owner always")
def _():
    equal(keys(s3.list_objects(Bucket=filled(), Marker="b/x/1")), ["b/x/2", "b/y", "c", "é/1"])
    equal(keys(s3.list_objects(Bucket=filled(), Marker="b/x/1zzz", MaxKeys=1)), ["b/x/2"])
    check(all(o["Owner"]["ID"] for o in s3.list_objects(Bucket=filled())["Contents"]))


@case("refusals")
def _():
    refused("NoSuchBucket", s3.list_objects, Bucket="no-such-bucket-here", status=404)
    refused("AccessDenied", boto("alt").list_objects, Bucket=filled(), status=403)
