# SPDX-License-Identifier: EUPL-1.2
from asking import allow, open_bucket, policy
from harness import boto, case, equal, refused


@case("public is what allows everyone, from anywhere")
def _():
    s3, bucket = boto("main"), open_bucket("status")
    refused("NoSuchBucketPolicy", s3.get_bucket_policy_status, Bucket=bucket, status=404)
    for text, public in [
        (policy(allow(bucket, "s3:GetObject")), True),
        (policy(allow(bucket, "s3:GetObject", "compiegne")), False),
        (policy(allow(bucket, "s3:GetObject", effect="Deny")), False),
        (policy(allow(bucket, "s3:GetObject", IpAddress={"aws:SourceIp": "192.0.2.0/24"})), False),
        (policy(allow(bucket, "s3:GetObject", IpAddress={"aws:SourceIp": "0.0.0.0/0"})), True),
        (policy(allow(bucket, "s3:GetObject", "compiegne"), allow(bucket, "s3:ListBucket")), True),
    ]:
        s3.put_bucket_policy(Bucket=bucket, Policy=text)
        equal(s3.get_bucket_policy_status(Bucket=bucket)["PolicyStatus"]["IsPublic"], public, text)
    refused("AccessDenied", boto("alt").get_bucket_policy_status, Bucket=bucket, status=403)
