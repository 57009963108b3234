# SPDX-License-Identifier: EUPL-1.2
from harness import boto, case, equal, new_bucket, refused


@case("no tags, and refusals (what is answered: PutObjectTagging)")
def _():
    s3, bucket = boto("main"), new_bucket("tagging", "main")
    s3.put_object(Bucket=bucket, Key="k", Body=b"x")
    equal(s3.get_object_tagging(Bucket=bucket, Key="k")["TagSet"], [])
    refused("NoSuchKey", s3.get_object_tagging, Bucket=bucket, Key="none", status=404)
    refused("NoSuchVersion", s3.get_object_tagging, Bucket=bucket, Key="k", VersionId="A" * 26, status=404)
    refused("AccessDenied", boto("alt").get_object_tagging, Bucket=bucket, Key="k", status=403)
