# SPDX-License-Identifier: EUPL-1.2
from harness import boto, case, equal, new_bucket, refused

s3 = boto()


@case("204, whether or not the key was there; then 404")
def _():
    bucket = new_bucket("deleteobject")
    s3.put_object(Bucket=bucket, Key="k", Body=b"x")
    for _ in range(2):
        equal(s3.delete_object(Bucket=bucket, Key="k")["ResponseMetadata"]["HTTPStatusCode"], 204)
    refused("NoSuchKey", s3.get_object, Bucket=bucket, Key="k", status=404)


@case("only its own key: a, a/ and a/b are three")
def _():
    bucket = new_bucket("deleteobject")
    for key in ("a", "a/", "a/b"):
        s3.put_object(Bucket=bucket, Key=key, Body=b"x")
    s3.delete_object(Bucket=bucket, Key="a/")
    equal([o["Key"] for o in s3.list_objects_v2(Bucket=bucket)["Contents"]], ["a", "a/b"])
    refused("AccessDenied", boto("alt").delete_object, Bucket=bucket, Key="a", status=403)
    refused("NoSuchBucket", s3.delete_object, Bucket="no-such-bucket-here", Key="a", status=404)
