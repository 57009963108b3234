# SPDX-License-Identifier: EUPL-1.2
from harness import boto, case, equal, new_bucket, refused


@case("no tags, while none can be put; asked for like the object itself")
def _():
    s3, bucket = boto("main"), new_bucket("tagging", "main")
    s3.put_object(Bucket=bucket, Key="k", Body=b"x")
    equal(s3.get_object_tagging(Bucket=bucket, Key="k")["TagSet"], [])
    refused("NoSuchKey", s3.get_object_tagging, Bucket=bucket, Key="none", status=404)
    refused("AccessDenied", boto("alt").get_object_tagging, Bucket=bucket, Key="k", status=403)
    refused(
        "NotImplemented", s3.put_object_tagging, Bucket=bucket, Key="k", Tagging={"TagSet": []}, status=501
    )
