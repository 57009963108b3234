# SPDX-License-Identifier: EUPL-1.2
from harness import boto, case, equal, new_bucket, refused

s3 = boto()


@case("the upload and its parts are gone, and so is what they used of the quota")
def _():
    bucket = new_bucket("abort")
    upload = s3.create_multipart_upload(Bucket=bucket, Key="k")["UploadId"]
    s3.upload_part(Bucket=bucket, Key="k", UploadId=upload, PartNumber=1, Body=b"x" * 100000)
    answer = s3.abort_multipart_upload(Bucket=bucket, Key="k", UploadId=upload)
    equal(answer["ResponseMetadata"]["HTTPStatusCode"], 204)
    refused("NoSuchUpload", s3.list_parts, Bucket=bucket, Key="k", UploadId=upload, status=404)
    refused("NoSuchUpload", s3.abort_multipart_upload, Bucket=bucket, Key="k", UploadId=upload, status=404)
    s3.delete_bucket(Bucket=bucket)
