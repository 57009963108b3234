# SPDX-License-Identifier: EUPL-1.2
from harness import boto, case, equal, new_bucket, refused


@case("a new bucket is BucketOwnerEnforced, as the installation says; without any: 404")
def _():
    s3, bucket = boto("main"), new_bucket("getown", "main")
    rules = s3.get_bucket_ownership_controls(Bucket=bucket)["OwnershipControls"]["Rules"]
    equal(rules, [{"ObjectOwnership": "BucketOwnerEnforced"}])
    refused("AccessDenied", boto("alt").get_bucket_ownership_controls, Bucket=bucket, status=403)
    boto("admin").delete_bucket_ownership_controls(Bucket=bucket)
    refused("OwnershipControlsNotFoundError", s3.get_bucket_ownership_controls, Bucket=bucket, status=404)
