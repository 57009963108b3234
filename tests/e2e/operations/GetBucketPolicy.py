# SPDX-License-Identifier: EUPL-1.2
from asking import allow, policy
from harness import boto, case, equal, new_bucket, refused


@case("the policy as it was put, byte for byte; 404 when there is none")
def _():
    s3, bucket = boto("main"), new_bucket("getpolicy", "main")
    refused("NoSuchBucketPolicy", s3.get_bucket_policy, Bucket=bucket, status=404)
    text = policy(allow(bucket, "s3:GetObject", "compiegne")).replace(", ", " ,  ")
    s3.put_bucket_policy(Bucket=bucket, Policy=text)
    equal(s3.get_bucket_policy(Bucket=bucket)["Policy"], text)
    refused("NoSuchBucket", s3.get_bucket_policy, Bucket="no-such-bucket-here", status=404)


@case("not for another member; for whom a policy says so")
def _():
    bucket = new_bucket("getpolicy", "main")
    refused("AccessDenied", boto("alt").get_bucket_policy, Bucket=bucket, status=403)
    text = policy(allow(bucket, "s3:GetBucketPolicy", "arn:aws:iam::000216000562:user/alt"))
    boto("main").put_bucket_policy(Bucket=bucket, Policy=text)
    equal(boto("alt").get_bucket_policy(Bucket=bucket)["Policy"], text)
