# SPDX-License-Identifier: EUPL-1.2
from harness import boto, case, equal, new_bucket, refused

s3 = boto()


@case("away, of one version; refusals")
def _():
    bucket = new_bucket("delete-tagging")
    s3.put_object(Bucket=bucket, Key="k", Body=b"", Tagging="a=1")
    s3.delete_object_tagging(Bucket=bucket, Key="k")
    equal(s3.get_object_tagging(Bucket=bucket, Key="k")["TagSet"], [])
    s3.delete_object_tagging(Bucket=bucket, Key="k")
    refused("NoSuchKey", s3.delete_object_tagging, Bucket=bucket, Key="none", status=404)
    refused("NoSuchVersion", s3.delete_object_tagging, Bucket=bucket, Key="k", VersionId="A" * 26, status=404)
    refused("AccessDenied", boto("alt").delete_object_tagging, Bucket=bucket, Key="k", status=403)
