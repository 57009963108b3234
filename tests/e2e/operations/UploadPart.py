# SPDX-License-Identifier: EUPL-1.2
import hashlib

from harness import CUSTOMER, MIB, boto, case, customer, equal, new_bucket, pattern, refused

s3 = boto()


@case("the last of two attempts counts")
def _():
    bucket = new_bucket("part")
    upload = s3.create_multipart_upload(Bucket=bucket, Key="k")["UploadId"]
    where = {"Bucket": bucket, "Key": "k", "UploadId": upload}
    s3.upload_part(**where, PartNumber=1, Body=pattern(5 * MIB, 1))
    again = s3.upload_part(**where, PartNumber=1, Body=pattern(5 * MIB, 2))
    equal(again["ETag"], f'"{hashlib.md5(pattern(5 * MIB, 2)).hexdigest()}"')
    s3.complete_multipart_upload(
        **where, MultipartUpload={"Parts": [{"PartNumber": 1, "ETag": again["ETag"]}]}
    )
    equal(s3.get_object(Bucket=bucket, Key="k")["Body"].read(), pattern(5 * MIB, 2))


@case("refusals: no upload, a number out of bounds, a wrong digest")
def _():
    bucket = new_bucket("part")
    upload = s3.create_multipart_upload(Bucket=bucket, Key="r")["UploadId"]
    refused(
        "NoSuchUpload",
        s3.upload_part,
        Bucket=bucket,
        Key="r",
        UploadId="A" * 26,
        PartNumber=1,
        Body=b"x",
        status=404,
    )
    refused(
        "NoSuchUpload",
        s3.upload_part,
        Bucket=bucket,
        Key="other",
        UploadId=upload,
        PartNumber=1,
        Body=b"x",
        status=404,
    )
    for number in (0, 10001):
        refused(
            "InvalidArgument",
            s3.upload_part,
            Bucket=bucket,
            Key="r",
            UploadId=upload,
            PartNumber=number,
            Body=b"x",
            status=400,
        )
    refused(
        "BadDigest",
        s3.upload_part,
        Bucket=bucket,
        Key="r",
        UploadId=upload,
        PartNumber=1,
        Body=b"x",
        ContentMD5="1B2M2Y8AsgTpgAmY7PhCfg==",
        status=400,
    )
    equal(s3.list_parts(Bucket=bucket, Key="r", UploadId=upload).get("Parts", []), [])


@case("an upload of a customer's key takes it with each part, and no other")
def _():
    bucket, first = new_bucket("part-customer"), pattern(5 * MIB, 1)
    where = {"Bucket": bucket, "Key": "c"}
    upload = s3.create_multipart_upload(**where, **CUSTOMER)
    equal(upload["SSECustomerAlgorithm"], "AES256")
    parts, where["UploadId"] = [], upload["UploadId"]
    refused("InvalidRequest", s3.upload_part, **where, PartNumber=1, Body=first, status=400)
    refused("InvalidRequest", s3.upload_part, **where, PartNumber=1, Body=first, **customer("l"), status=400)
    for number, body in ((1, first), (2, b"end")):
        sent = s3.upload_part(**where, PartNumber=number, Body=body, **CUSTOMER)
        equal(sent["SSECustomerAlgorithm"], "AES256")
        parts.append({"PartNumber": number, "ETag": sent["ETag"]})
    s3.complete_multipart_upload(**where, MultipartUpload={"Parts": parts})
    get = {"Bucket": bucket, "Key": "c"}
    equal(s3.get_object(**get, **CUSTOMER)["Body"].read(), first + b"end")
    equal(s3.get_object(**get, **CUSTOMER, PartNumber=2)["Body"].read(), b"end")
    equal(s3.get_object(**get, **CUSTOMER, Range=f"bytes={5 * MIB - 2}-{5 * MIB}")["Body"].read(), first[-2:] + b"e")
    refused("InvalidRequest", s3.get_object, **get, status=400)
    plain = s3.create_multipart_upload(**get)["UploadId"]
    refused("InvalidRequest", s3.upload_part, **get, UploadId=plain, PartNumber=1, Body=b"x", **CUSTOMER, status=400)
