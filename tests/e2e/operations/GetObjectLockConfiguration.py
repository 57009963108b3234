# SPDX-License-Identifier: EUPL-1.2
from harness import boto, case, new_bucket, refused

s3 = boto()


@case("a bucket without one, and refusals (what is answered: PutObjectLockConfiguration)")
def _():
    bucket = new_bucket("no-lock")
    refused("ObjectLockConfigurationNotFoundError", s3.get_object_lock_configuration, Bucket=bucket, status=404)
    refused("NoSuchBucket", s3.get_object_lock_configuration, Bucket="no-such-bucket-here", status=404)
    refused("AccessDenied", boto("alt").get_object_lock_configuration, Bucket=bucket, status=403)
