# SPDX-License-Identifier: EUPL-1.2
from harness import boto, case, check, equal, new_bucket, refused

s3 = boto()


def filled():
    """A bucket with keys in folders, beside and between them."""
    bucket = new_bucket("list-v2")
    if s3.list_objects_v2(Bucket=bucket).get("Contents"):
        return bucket
    for key in ("a", "a/1", "a/2", "a0", "b/x/1", "b/x/2", "b/y", "c", "é/1"):
        s3.put_object(Bucket=bucket, Key=key, Body=key.encode())
    return bucket


def keys(answer):
    return [o["Key"] for o in answer.get("Contents", [])]


@case("order of bytes, sizes, ETags, dates")
def _():
    answer = s3.list_objects_v2(Bucket=filled())
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
    answer = s3.list_objects_v2(Bucket=filled(), Delimiter="/")
    equal(
        (keys(answer), [p["Prefix"] for p in answer["CommonPrefixes"]]),
        (["a", "a0", "c"], ["a/", "b/", "é/"]),
    )
    answer = s3.list_objects_v2(Bucket=filled(), Delimiter="/", Prefix="b/")
    equal((keys(answer), [p["Prefix"] for p in answer["CommonPrefixes"]]), (["b/y"], ["b/x/"]))
    equal(keys(s3.list_objects_v2(Bucket=filled(), Prefix="a/")), ["a/1", "a/2"])
    equal(keys(s3.list_objects_v2(Bucket=filled(), Prefix="nothing")), [])


@case("pages of one, with a delimiter: each key and prefix once")
def _():
    seen = []
    for page in s3.get_paginator("list_objects_v2").paginate(
        Bucket=filled(), Delimiter="/", PaginationConfig={"PageSize": 1}
    ):
        check(len(page.get("Contents", [])) + len(page.get("CommonPrefixes", [])) <= 1)
        seen += keys(page) + [p["Prefix"] for p in page.get("CommonPrefixes", [])]
    equal(seen, ["a", "a/", "a0", "b/", "c", "é/"])


@case("max-keys 0, and above the limit")
def _():
    answer = s3.list_objects_v2(Bucket=filled(), MaxKeys=0)
    equal((keys(answer), answer["IsTruncated"]), ([], False))
    equal(len(keys(s3.list_objects_v2(Bucket=filled(), MaxKeys=5000))), 9)


@case("start-after, key count, the owner when asked")
def _():
    answer = s3.list_objects_v2(Bucket=filled(), StartAfter="b/x/1")
    equal((keys(answer), answer["KeyCount"]), (["b/x/2", "b/y", "c", "é/1"], 4))
    check("Owner" not in answer["Contents"][0])
    check(s3.list_objects_v2(Bucket=filled(), FetchOwner=True)["Contents"][0]["Owner"]["ID"])


@case("a token that is none")
def _():
    refused(
        "InvalidArgument", s3.list_objects_v2, Bucket=filled(), ContinuationToken="not a token", status=400
    )


@case("refusals")
def _():
    refused("NoSuchBucket", s3.list_objects_v2, Bucket="no-such-bucket-here", status=404)
    refused("AccessDenied", boto("alt").list_objects_v2, Bucket=filled(), status=403)


@case("an empty continuation token is none, and comes back")
def _():
    answer = s3.list_objects_v2(Bucket=filled(), ContinuationToken="")
    equal((answer["ContinuationToken"], len(keys(answer))), ("", 9))
