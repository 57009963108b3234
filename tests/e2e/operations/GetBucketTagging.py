# SPDX-License-Identifier: EUPL-1.2
from harness import boto, case, equal, new_bucket, refused


@case("none is an error of its own; what was put comes back in its order")
def _():
    s3, bucket = boto("main"), new_bucket("get-tagging", "main")
    refused("NoSuchTagSet", s3.get_bucket_tagging, Bucket=bucket, status=404)
    tags = [{"Key": "service", "Value": "Urbanisme + voirie"}, {"Key": "\u00e9tat", "Value": ""}]
    s3.put_bucket_tagging(Bucket=bucket, Tagging={"TagSet": tags})
    equal(s3.get_bucket_tagging(Bucket=bucket)["TagSet"], tags)
    equal(boto("admin").get_bucket_tagging(Bucket=bucket)["TagSet"], tags)
    refused("AccessDenied", boto("alt").get_bucket_tagging, Bucket=bucket, status=403)
