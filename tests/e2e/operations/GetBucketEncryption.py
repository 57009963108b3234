# SPDX-License-Identifier: EUPL-1.2
from harness import boto, case, equal, new_bucket, refused

AES256 = [{"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}, "BucketKeyEnabled": False}]


@case("always AES256")
def _():
    s3, bucket = boto("main"), new_bucket("encryption", "main")
    rules = s3.get_bucket_encryption(Bucket=bucket)["ServerSideEncryptionConfiguration"]["Rules"]
    equal(rules, AES256)
    refused("AccessDenied", boto("alt").get_bucket_encryption, Bucket=bucket, status=403)
