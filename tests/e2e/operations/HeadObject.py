# SPDX-License-Identifier: EUPL-1.2
from harness import CUSTOMER, boto, case, customer, equal, new_bucket, pattern, read_conditions, refused

s3 = boto()


@case("GET's headers without its body, also for a range")
def _():
    bucket = new_bucket("headobject")
    s3.put_object(Bucket=bucket, Key="k", Body=pattern(70000), Metadata={"a": "b"})
    head, got = s3.head_object(Bucket=bucket, Key="k"), s3.get_object(Bucket=bucket, Key="k")
    for field in ("ContentLength", "ETag", "LastModified", "ContentType", "Metadata", "AcceptRanges"):
        equal(head[field], got[field], field)
    part = s3.head_object(Bucket=bucket, Key="k", Range="bytes=0-9")
    equal((part["ContentLength"], part["ResponseMetadata"]["HTTPStatusCode"]), (10, 206))
    refused("404", s3.head_object, Bucket=bucket, Key="none", status=404)


@case("conditions: 304 and 412")
def _():
    bucket = new_bucket("headobject")
    s3.put_object(Bucket=bucket, Key="c", Body=b"hello")
    where = {"Bucket": bucket, "Key": "c"}
    holds, fails = read_conditions(s3.head_object(**where))
    for condition in holds:
        equal(s3.head_object(**where, **condition)["ContentLength"], 5, condition)
    for condition in fails:
        status = 304 if "IfNoneMatch" in condition or "IfModifiedSince" in condition else 412
        refused(str(status), s3.head_object, **where, **condition, status=status)


@case("a customer's key: 400 without it or with another; none for what has none")
def _():
    bucket = new_bucket("head-customer")
    s3.put_object(Bucket=bucket, Key="c", Body=b"hello", **CUSTOMER)
    equal(s3.head_object(Bucket=bucket, Key="c", **CUSTOMER)["ContentLength"], 5)
    refused("400", s3.head_object, Bucket=bucket, Key="c", status=400)
    refused("400", s3.head_object, Bucket=bucket, Key="c", **customer("l"), status=400)
    s3.put_object(Bucket=bucket, Key="plain", Body=b"x")
    refused("400", s3.head_object, Bucket=bucket, Key="plain", **CUSTOMER, status=400)
