# SPDX-License-Identifier: EUPL-1.2
from harness import boto, case, refused

s3 = boto()


@case("only an empty one, without uploads; then its name is free again")
def _():
    s3.create_bucket(Bucket="delete-me")
    s3.put_object(Bucket="delete-me", Key="k", Body=b"x")
    refused("BucketNotEmpty", s3.delete_bucket, Bucket="delete-me", status=409)
    s3.delete_object(Bucket="delete-me", Key="k")
    upload = s3.create_multipart_upload(Bucket="delete-me", Key="k")["UploadId"]
    refused("BucketNotEmpty", s3.delete_bucket, Bucket="delete-me", status=409)
    s3.abort_multipart_upload(Bucket="delete-me", Key="k", UploadId=upload)
    s3.delete_bucket(Bucket="delete-me")
    refused("NoSuchBucket", s3.delete_bucket, Bucket="delete-me", status=404)
    s3.create_bucket(Bucket="delete-me")


@case("not by a member who does not own it")
def _():
    s3.create_bucket(Bucket="delete-not-yours")
    refused("AccessDenied", boto("alt").delete_bucket, Bucket="delete-not-yours", status=403)
