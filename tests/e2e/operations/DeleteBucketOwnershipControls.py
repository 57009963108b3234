# SPDX-License-Identifier: EUPL-1.2
from harness import boto, case, equal, new_bucket, refused


@case("only an administrator, while it is BucketOwnerEnforced")
def _():
    s3, bucket = boto("main"), new_bucket("delown", "main")
    refused("AccessDenied", s3.delete_bucket_ownership_controls, Bucket=bucket, status=403)
    refused("AccessDenied", boto("alt").delete_bucket_ownership_controls, Bucket=bucket, status=403)
    equal(boto("admin").delete_bucket_ownership_controls(Bucket=bucket)["ResponseMetadata"]["HTTPStatusCode"], 204)
    refused("OwnershipControlsNotFoundError", s3.get_bucket_ownership_controls, Bucket=bucket, status=404)
    s3.delete_bucket_ownership_controls(Bucket=bucket)
