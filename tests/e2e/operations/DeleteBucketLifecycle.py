# SPDX-License-Identifier: EUPL-1.2
from harness import boto, case, new_bucket, refused

s3 = boto()


@case("away, again away, refusals")
def _():
    bucket = new_bucket("delete-lifecycle")
    rule = {"ID": "r", "Status": "Enabled", "Filter": {"Prefix": ""}, "Expiration": {"Days": 1}}
    s3.put_bucket_lifecycle_configuration(Bucket=bucket, LifecycleConfiguration={"Rules": [rule]})
    s3.delete_bucket_lifecycle(Bucket=bucket)
    refused("NoSuchLifecycleConfiguration", s3.get_bucket_lifecycle_configuration, Bucket=bucket, status=404)
    s3.delete_bucket_lifecycle(Bucket=bucket)
    refused("NoSuchBucket", s3.delete_bucket_lifecycle, Bucket="no-such-bucket-here", status=404)
    refused("AccessDenied", boto("alt").delete_bucket_lifecycle, Bucket=bucket, status=403)
