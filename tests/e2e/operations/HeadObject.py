# SPDX-License-Identifier: EUPL-1.2
from harness import boto, case, equal, new_bucket, pattern, refused

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
    refused("304", s3.head_object, Bucket=bucket, Key="k", IfNoneMatch=head["ETag"], status=304)
