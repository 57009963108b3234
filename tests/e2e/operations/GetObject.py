# SPDX-License-Identifier: EUPL-1.2
import datetime

from harness import boto, case, check, equal, new_bucket, pattern, refused

s3 = boto()


@case("conditions: 304 and 412")
def _():
    bucket = new_bucket("get")
    s3.put_object(Bucket=bucket, Key="k", Body=b"hello")
    head = s3.head_object(Bucket=bucket, Key="k")
    later = head["LastModified"] + datetime.timedelta(seconds=5)
    refused("304", s3.get_object, Bucket=bucket, Key="k", IfNoneMatch=head["ETag"], status=304)
    refused("304", s3.get_object, Bucket=bucket, Key="k", IfModifiedSince=later, status=304)
    refused("PreconditionFailed", s3.get_object, Bucket=bucket, Key="k", IfMatch='"x"', status=412)
    refused(
        "PreconditionFailed",
        s3.get_object,
        Bucket=bucket,
        Key="k",
        IfUnmodifiedSince=head["LastModified"] - datetime.timedelta(days=1),
        status=412,
    )


@case("ranges: what is malformed is ignored, what cannot be is 416")
def _():
    bucket = new_bucket("get")
    s3.put_object(Bucket=bucket, Key="r", Body=pattern(1000))
    for ignored in ("bytes=5-2", "bytes=a-b", "lines=0-1", "bytes=0-1,3-4"):
        equal(
            s3.get_object(Bucket=bucket, Key="r", Range=ignored)["ResponseMetadata"]["HTTPStatusCode"],
            200,
            ignored,
        )
    equal(s3.get_object(Bucket=bucket, Key="r", Range="bytes=990-")["Body"].read(), pattern(1000)[990:])
    refused("InvalidRange", s3.get_object, Bucket=bucket, Key="r", Range="bytes=-0", status=416)
    s3.put_object(Bucket=bucket, Key="empty", Body=b"")
    refused("InvalidRange", s3.get_object, Bucket=bucket, Key="empty", Range="bytes=0-0", status=416)


@case("response-* overrides of a signed request")
def _():
    bucket = new_bucket("get")
    s3.put_object(Bucket=bucket, Key="o", Body=b"x")
    equal(s3.get_object(Bucket=bucket, Key="o", ResponseContentType="text/fr")["ContentType"], "text/fr")


@case("a missing key is 404 to who may list, 403 to others")
def _():
    bucket = new_bucket("get")
    refused("NoSuchKey", s3.get_object, Bucket=bucket, Key="none", status=404)
    refused("AccessDenied", boto("alt").get_object, Bucket=bucket, Key="none", status=403)
    check(s3.list_objects_v2(Bucket=bucket)["KeyCount"] >= 1)
