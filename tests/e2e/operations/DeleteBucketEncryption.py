# SPDX-License-Identifier: EUPL-1.2
from harness import boto, case, equal, new_bucket


@case("answers as S3 does, and encryption stays on")
def _():
    s3, bucket = boto(), new_bucket("encryption")
    equal(s3.delete_bucket_encryption(Bucket=bucket)["ResponseMetadata"]["HTTPStatusCode"], 204)
    rules = s3.get_bucket_encryption(Bucket=bucket)["ServerSideEncryptionConfiguration"]["Rules"]
    equal(rules[0]["ApplyServerSideEncryptionByDefault"]["SSEAlgorithm"], "AES256")
