# SPDX-License-Identifier: EUPL-1.2
from harness import boto, case, new_bucket, refused

s3 = boto()


@case("none, and refusals (what is answered: PutBucketLifecycleConfiguration)")
def _():
    bucket = new_bucket("no-lifecycle")
    refused("NoSuchLifecycleConfiguration", s3.get_bucket_lifecycle_configuration, Bucket=bucket, status=404)
    refused("NoSuchBucket", s3.get_bucket_lifecycle_configuration, Bucket="no-such-bucket-here", status=404)
    refused("AccessDenied", boto("alt").get_bucket_lifecycle_configuration, Bucket=bucket, status=403)
