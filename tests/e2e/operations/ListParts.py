# SPDX-License-Identifier: EUPL-1.2
from harness import boto, case, equal, new_bucket, refused

s3 = boto()


@case("numbers, sizes, ETags, in pages")
def _():
    bucket = new_bucket("listparts")
    where = {
        "Bucket": bucket,
        "Key": "k",
        "UploadId": s3.create_multipart_upload(Bucket=bucket, Key="k")["UploadId"],
    }
    etags = {n: s3.upload_part(**where, PartNumber=n, Body=b"x" * n)["ETag"] for n in (5, 1, 300, 2)}
    answer = s3.list_parts(**where)
    equal(
        [(p["PartNumber"], p["Size"], p["ETag"]) for p in answer["Parts"]],
        [(n, n, etags[n]) for n in sorted(etags)],
    )
    pages = s3.get_paginator("list_parts").paginate(**where, PaginationConfig={"PageSize": 1})
    equal([p["PartNumber"] for page in pages for p in page.get("Parts", [])], [1, 2, 5, 300])
    refused("NoSuchUpload", s3.list_parts, Bucket=bucket, Key="k", UploadId="A" * 26, status=404)
