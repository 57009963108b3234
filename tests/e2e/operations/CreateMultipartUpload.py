# SPDX-License-Identifier: EUPL-1.2
from asking import ask, open_bucket
from harness import boto, case, check, equal, new_bucket, refused

s3 = boto()


@case("an upload id each time; headers and metadata come with the object")
def _():
    bucket = new_bucket("mpcreate")
    first = s3.create_multipart_upload(Bucket=bucket, Key="k", ContentType="text/fr", Metadata={"a": "1"})
    second = s3.create_multipart_upload(Bucket=bucket, Key="k")
    check(first["UploadId"] != second["UploadId"])
    equal((first["Bucket"], first["Key"]), (bucket, "k"))
    part = s3.upload_part(Bucket=bucket, Key="k", UploadId=first["UploadId"], PartNumber=1, Body=b"x")
    s3.complete_multipart_upload(
        Bucket=bucket,
        Key="k",
        UploadId=first["UploadId"],
        MultipartUpload={"Parts": [{"PartNumber": 1, "ETag": part["ETag"]}]},
    )
    head = s3.head_object(Bucket=bucket, Key="k")
    equal((head["ContentType"], head["Metadata"]), ("text/fr", {"a": "1"}))
    refused("NoSuchBucket", s3.create_multipart_upload, Bucket="no-such-bucket-here", Key="k", status=404)
    refused("AccessDenied", boto("alt").create_multipart_upload, Bucket=bucket, Key="k", status=403)


@case("the list and the owner come with the object")
def _():
    owner, bucket = boto("main"), open_bucket("mpcreate-acl")
    upload = owner.create_multipart_upload(Bucket=bucket, Key="k", ACL="public-read")["UploadId"]
    where = {"Bucket": bucket, "Key": "k", "UploadId": upload}
    part = owner.upload_part(**where, PartNumber=1, Body=b"parts")
    owner.complete_multipart_upload(**where, MultipartUpload={"Parts": [{"PartNumber": 1, "ETag": part["ETag"]}]})
    equal(ask("GET", f"/{bucket}/k").body, b"parts")
    refused(
        "AccessControlListNotSupported",
        s3.create_multipart_upload,
        Bucket=new_bucket("mpcreate"),
        Key="k",
        ACL="public-read",
        status=400,
    )
