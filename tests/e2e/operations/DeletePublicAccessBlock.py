# SPDX-License-Identifier: EUPL-1.2
from harness import boto, case, equal, new_bucket, refused


@case("only an administrator, while it shuts something")
def _():
    s3, bucket = boto("main"), new_bucket("delblock", "main")
    refused("AccessDenied", s3.delete_public_access_block, Bucket=bucket, status=403)
    refused("AccessDenied", boto("alt").delete_public_access_block, Bucket=bucket, status=403)
    equal(boto("admin").delete_public_access_block(Bucket=bucket)["ResponseMetadata"]["HTTPStatusCode"], 204)
    refused("NoSuchPublicAccessBlockConfiguration", s3.get_public_access_block, Bucket=bucket, status=404)
    s3.delete_public_access_block(Bucket=bucket)
    refused("NoSuchBucket", s3.delete_public_access_block, Bucket="no-such-bucket-here", status=404)
