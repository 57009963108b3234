# SPDX-License-Identifier: EUPL-1.2
from asking import allow, ask, host_of, policy
from harness import CUSTOMER, MIB, boto, case, check, customer, equal, new_bucket, pattern, read_conditions, refused

s3 = boto()


@case("a whole source and a range of it")
def _():
    bucket, data = new_bucket("partcopy"), pattern(5 * MIB + 777, 3)
    s3.put_object(Bucket=bucket, Key="source", Body=data)
    where = {
        "Bucket": bucket,
        "Key": "k",
        "UploadId": s3.create_multipart_upload(Bucket=bucket, Key="k")["UploadId"],
    }
    one = s3.upload_part_copy(**where, PartNumber=1, CopySource=f"{bucket}/source")
    two = s3.upload_part_copy(
        **where, PartNumber=2, CopySource=f"{bucket}/source", CopySourceRange="bytes=65530-65545"
    )
    parts = [{"PartNumber": n, "ETag": p["CopyPartResult"]["ETag"]} for n, p in ((1, one), (2, two))]
    s3.complete_multipart_upload(**where, MultipartUpload={"Parts": parts})
    equal(s3.get_object(Bucket=bucket, Key="k")["Body"].read(), data + data[65530:65546])


@case("refusals: no source, a range outside, another's source")
def _():
    bucket = new_bucket("partcopy")
    s3.put_object(Bucket=bucket, Key="small", Body=b"x" * 100)
    where = {
        "Bucket": bucket,
        "Key": "r",
        "UploadId": s3.create_multipart_upload(Bucket=bucket, Key="r")["UploadId"],
    }
    refused("NoSuchKey", s3.upload_part_copy, **where, PartNumber=1, CopySource=f"{bucket}/none", status=404)
    refused(
        "InvalidRange",
        s3.upload_part_copy,
        **where,
        PartNumber=1,
        CopySource=f"{bucket}/small",
        CopySourceRange="bytes=50-100",
    )
    mine = new_bucket("partcopy-alt", "alt")
    upload = boto("alt").create_multipart_upload(Bucket=mine, Key="r")["UploadId"]
    refused(
        "AccessDenied",
        boto("alt").upload_part_copy,
        Bucket=mine,
        Key="r",
        UploadId=upload,
        PartNumber=1,
        CopySource=f"{bucket}/small",
        status=403,
    )


@case("the source is judged in its own right, in another collectivity too")
def _():
    source, target = new_bucket("partcopy-from", "main"), new_bucket("partcopy-to", "tenant")
    boto("main").put_object(Bucket=source, Key="k", Body=b"x" * 100)
    tenant = boto("tenant")
    upload = tenant.create_multipart_upload(Bucket=target, Key="k")["UploadId"]

    def copy():
        return ask(
            "PUT",
            f"/{target}/k",
            [("partNumber", "1"), ("uploadId", upload)],
            {"x-amz-copy-source": f"beauvais:{source}/k"},
            who="tenant",
            host=host_of("compiegne"),
        )

    equal(copy().code, "AccessDenied")
    boto("main").put_bucket_policy(Bucket=source, Policy=policy(allow(source, "s3:GetObject", "compiegne")))
    answer = copy()
    equal(answer.status, 200)
    etag = answer.body.decode().partition("<ETag>")[2].partition("</ETag>")[0].replace("&quot;", "")
    tenant.complete_multipart_upload(
        Bucket=target, Key="k", UploadId=upload, MultipartUpload={"Parts": [{"PartNumber": 1, "ETag": etag}]}
    )
    equal(tenant.get_object(Bucket=target, Key="k")["Body"].read(), b"x" * 100)


@case("between customers' keys")
def _():
    bucket, body = new_bucket("part-copy-customer"), pattern(300000, 4)
    s3.put_object(Bucket=bucket, Key="from", Body=body, **CUSTOMER)
    other, where = customer("l"), {"Bucket": bucket, "Key": "to"}
    where["UploadId"] = s3.create_multipart_upload(**where, **other)["UploadId"]
    copy = {**where, "PartNumber": 1, "CopySource": f"{bucket}/from"}
    source = {f"CopySource{k}": v for k, v in CUSTOMER.items()}
    refused("InvalidRequest", s3.upload_part_copy, **copy, **other, status=400)
    refused("InvalidRequest", s3.upload_part_copy, **copy, **source, status=400)
    etag = s3.upload_part_copy(**copy, **source, **other, CopySourceRange="bytes=5-200000")["CopyPartResult"]["ETag"]
    s3.complete_multipart_upload(**where, MultipartUpload={"Parts": [{"PartNumber": 1, "ETag": etag}]})
    equal(s3.get_object(Bucket=bucket, Key="to", **other)["Body"].read(), body[5:200001])


@case("conditions on the source")
def _():
    bucket = new_bucket("partcopy-conditions")
    s3.put_object(Bucket=bucket, Key="from", Body=pattern(100))
    holds, fails = read_conditions(s3.head_object(Bucket=bucket, Key="from"), "CopySource")
    upload = s3.create_multipart_upload(Bucket=bucket, Key="to")["UploadId"]
    copy = {"Bucket": bucket, "Key": "to", "UploadId": upload, "PartNumber": 1, "CopySource": f"{bucket}/from"}
    for condition in fails:
        refused("PreconditionFailed", s3.upload_part_copy, **copy, **condition, status=412)
    check("Parts" not in s3.list_parts(Bucket=bucket, Key="to", UploadId=upload))
    for condition in holds:
        s3.upload_part_copy(**copy, **condition)
