# SPDX-License-Identifier: EUPL-1.2
from harness import boto, case, equal, new_bucket, refused

ALL = dict.fromkeys(["BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets"], True)


@case("a new bucket has all four, as the installation says; without one: 404")
def _():
    s3, bucket = boto("main"), new_bucket("getblock", "main")
    equal(s3.get_public_access_block(Bucket=bucket)["PublicAccessBlockConfiguration"], ALL)
    refused("AccessDenied", boto("alt").get_public_access_block, Bucket=bucket, status=403)
    boto("admin").delete_public_access_block(Bucket=bucket)
    refused("NoSuchPublicAccessBlockConfiguration", s3.get_public_access_block, Bucket=bucket, status=404)
