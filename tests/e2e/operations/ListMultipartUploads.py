# SPDX-License-Identifier: EUPL-1.2
from harness import boto, case, equal, new_bucket, refused

s3 = boto()


@case("by key then start, prefix and delimiter, in pages; completed ones do not show")
def _():
    bucket = new_bucket("listuploads")
    ids = [
        (key, s3.create_multipart_upload(Bucket=bucket, Key=key)["UploadId"])
        for key in ("b", "a/1", "a/2", "b")
    ]
    answer = s3.list_multipart_uploads(Bucket=bucket)
    equal([u["Key"] for u in answer["Uploads"]], ["a/1", "a/2", "b", "b"])
    equal({(u["Key"], u["UploadId"]) for u in answer["Uploads"]}, set(ids))
    folded = s3.list_multipart_uploads(Bucket=bucket, Delimiter="/")
    equal(
        ([u["Key"] for u in folded["Uploads"]], [p["Prefix"] for p in folded["CommonPrefixes"]]),
        (["b", "b"], ["a/"]),
    )
    pages = s3.get_paginator("list_multipart_uploads").paginate(
        Bucket=bucket, PaginationConfig={"PageSize": 1}
    )
    equal(sorted((u["Key"], u["UploadId"]) for page in pages for u in page.get("Uploads", [])), sorted(ids))
    part = s3.upload_part(Bucket=bucket, Key="a/1", UploadId=ids[1][1], PartNumber=1, Body=b"x")
    s3.complete_multipart_upload(
        Bucket=bucket,
        Key="a/1",
        UploadId=ids[1][1],
        MultipartUpload={"Parts": [{"PartNumber": 1, "ETag": part["ETag"]}]},
    )
    equal([u["Key"] for u in s3.list_multipart_uploads(Bucket=bucket)["Uploads"]], ["a/2", "b", "b"])
    refused("NoSuchBucket", s3.list_multipart_uploads, Bucket="no-such-bucket-here", status=404)
