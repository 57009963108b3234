# SPDX-License-Identifier: EUPL-1.2
from harness import boto, case, equal, new_bucket, refused

s3 = boto()


@case("a new one, then the answers to whoever has it already")
def _():
    bucket = new_bucket("create")
    refused("BucketAlreadyOwnedByYou", s3.create_bucket, Bucket=bucket, status=409)
    refused("BucketAlreadyExists", boto("main").create_bucket, Bucket=bucket, status=409)


@case("every collectivity can have its own bucket of the same name")
def _():
    bucket = new_bucket("shared-name")
    boto("tenant").create_bucket(Bucket=bucket)
    s3.put_object(Bucket=bucket, Key="k", Body=b"ours")
    equal(boto("tenant").list_objects_v2(Bucket=bucket)["KeyCount"], 0)


@case("the location is kept as given")
def _():
    s3.create_bucket(Bucket="create-located", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    equal(s3.get_bucket_location(Bucket="create-located")["LocationConstraint"], "eu-west-1")


@case("names that S3 does not allow")
def _():
    from botocore import handlers

    # botocore refuses some itself; the server must not depend on that.
    unchecked = boto()
    unchecked.meta.events.unregister("before-parameter-build.s3", handlers.validate_bucket_name)
    for name in ("ab", "Upper", "under_score", "a..b", "-a", "192.168.1.1", "x" * 64):
        refused("InvalidBucketName", unchecked.create_bucket, Bucket=name, status=400)
