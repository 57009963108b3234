# SPDX-License-Identifier: EUPL-1.2
from harness import boto, case, new_bucket, refused

s3 = boto()


@case("nothing retained, no Object Lock, refusals (what is answered: PutObjectRetention)")
def _():
    bucket = new_bucket("get-retention") + "-l"
    s3.create_bucket(Bucket=bucket, ObjectLockEnabledForBucket=True)
    s3.put_object(Bucket=bucket, Key="k", Body=b"")
    refused("NoSuchObjectLockConfiguration", s3.get_object_retention, Bucket=bucket, Key="k", status=404)
    refused("NoSuchKey", s3.get_object_retention, Bucket=bucket, Key="none", status=404)
    refused("NoSuchVersion", s3.get_object_retention, Bucket=bucket, Key="k", VersionId="A" * 26, status=404)
    marker = s3.delete_object(Bucket=bucket, Key="k")["VersionId"]
    refused("NoSuchKey", s3.get_object_retention, Bucket=bucket, Key="k", status=404)
    refused("MethodNotAllowed", s3.get_object_retention, Bucket=bucket, Key="k", VersionId=marker, status=405)
    refused("InvalidRequest", s3.get_object_retention, Bucket=new_bucket("get-retention"), Key="k", status=400)
    refused("AccessDenied", boto("alt").get_object_retention, Bucket=bucket, Key="k", status=403)
