# SPDX-License-Identifier: EUPL-1.2
from harness import boto, case, new_bucket, refused

s3 = boto()


@case("nothing held, no Object Lock, refusals (what is answered: PutObjectLegalHold)")
def _():
    bucket = new_bucket("get-hold") + "-l"
    s3.create_bucket(Bucket=bucket, ObjectLockEnabledForBucket=True)
    s3.put_object(Bucket=bucket, Key="k", Body=b"")
    refused("NoSuchObjectLockConfiguration", s3.get_object_legal_hold, Bucket=bucket, Key="k", status=404)
    refused("NoSuchKey", s3.get_object_legal_hold, Bucket=bucket, Key="none", status=404)
    refused("InvalidRequest", s3.get_object_legal_hold, Bucket=new_bucket("get-hold"), Key="k", status=400)
    refused("AccessDenied", boto("alt").get_object_legal_hold, Bucket=bucket, Key="k", status=403)
