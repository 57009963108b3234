# SPDX-License-Identifier: EUPL-1.2
from asking import allow, ask, policy
from harness import boto, case, equal, new_bucket, refused


@case("what it allowed is forbidden at once; without a policy it succeeds too")
def _():
    s3, bucket = boto("main"), new_bucket("delpolicy", "main")
    s3.put_object(Bucket=bucket, Key="k", Body=b"x")
    s3.put_bucket_policy(Bucket=bucket, Policy=policy(allow(bucket, "s3:GetObject", "compiegne")))
    equal(ask("GET", f"/{bucket}/k", who="tenant").status, 200)
    for _ in range(2):
        equal(s3.delete_bucket_policy(Bucket=bucket)["ResponseMetadata"]["HTTPStatusCode"], 204)
    equal(ask("GET", f"/{bucket}/k", who="tenant").code, "AccessDenied")
    refused("NoSuchBucketPolicy", s3.get_bucket_policy, Bucket=bucket, status=404)


@case("the owner or an administrator")
def _():
    bucket = new_bucket("delpolicy", "main")
    boto("main").put_bucket_policy(Bucket=bucket, Policy=policy(allow(bucket, "s3:*", "beauvais")))
    refused("AccessDenied", boto("alt").delete_bucket_policy, Bucket=bucket, status=403)
    refused("NoSuchBucket", boto("main").delete_bucket_policy, Bucket="no-such-bucket-here", status=404)
    boto("admin").delete_bucket_policy(Bucket=bucket)
