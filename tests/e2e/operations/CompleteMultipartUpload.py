# SPDX-License-Identifier: EUPL-1.2
import base64
import hashlib
import re

import asking
from harness import CA, ENDPOINT, MIB, REGION, account, boto, case, equal, new_bucket, pattern, refused
from sigv4 import Raw, Signer

s3 = boto()


def upload(bucket, key, sizes):
    where = {
        "Bucket": bucket,
        "Key": key,
        "UploadId": s3.create_multipart_upload(Bucket=bucket, Key=key)["UploadId"],
    }
    parts = [
        {"PartNumber": n, "ETag": s3.upload_part(**where, PartNumber=n, Body=pattern(size, n))["ETag"]}
        for n, size in sizes.items()
    ]
    return where, parts


@case("numbers with gaps; the ETag is the digest of digests; the same list again gives the same answer")
def _():
    bucket, sizes = new_bucket("complete"), {3: 5 * MIB, 7: 5 * MIB + 1, 9999: 10}
    where, parts = upload(bucket, "k", sizes)
    answer = s3.complete_multipart_upload(**where, MultipartUpload={"Parts": parts})
    digests = b"".join(hashlib.md5(pattern(size, n)).digest() for n, size in sizes.items())
    equal(answer["ETag"], f'"{hashlib.md5(digests).hexdigest()}-3"')
    equal(
        s3.get_object(Bucket=bucket, Key="k")["Body"].read(),
        b"".join(pattern(size, n) for n, size in sizes.items()),
    )
    equal(
        s3.complete_multipart_upload(**where, MultipartUpload={"Parts": parts})["ETag"],
        answer["ETag"],
        "again",
    )
    refused(
        "NoSuchUpload",
        s3.complete_multipart_upload,
        **where,
        MultipartUpload={"Parts": parts[:1]},
        status=404,
    )
    refused("NoSuchUpload", s3.upload_part, **where, PartNumber=1, Body=b"x", status=404)


@case("parts left out are not in the object")
def _():
    bucket = new_bucket("complete")
    where, parts = upload(bucket, "some", {1: 5 * MIB, 2: 5 * MIB, 3: 7})
    s3.complete_multipart_upload(**where, MultipartUpload={"Parts": [parts[0], parts[2]]})
    equal(s3.get_object(Bucket=bucket, Key="some")["Body"].read(), pattern(5 * MIB, 1) + pattern(7, 3))


@case("a newer checksum is composite over parts: the digest of the parts' digests, with their number")
def _():
    signer, path = Signer(account("admin"), ENDPOINT, REGION), f"/{new_bucket('complete')}/newer"

    def ask(method, query, headers=None, body=b""):
        target = path + "?" + "&".join(f"{k}={v}" for k, v in query)
        with Raw(ENDPOINT, CA) as connection:
            return connection.request(method, target, signer.sign(method, path, query, headers, body), body)

    made = ask("POST", [("uploads", "")], {"x-amz-checksum-algorithm": "SHA512"})
    equal((made.status, made.headers["x-amz-checksum-type"]), (200, "COMPOSITE"))
    upload = ("uploadId", re.search(rb"<UploadId>([^<]+)", made.body).group(1).decode())
    digests, listed = [], b""
    for number, size in ((1, 5 * MIB), (2, 10)):
        body = pattern(size, number)
        digests.append(hashlib.sha512(body).digest())
        value = base64.b64encode(digests[-1]).decode()
        sent = ask("PUT", [("partNumber", str(number)), upload], {"x-amz-checksum-sha512": value}, body)
        equal(sent.status, 200)
        listed += (
            f"<Part><PartNumber>{number}</PartNumber><ETag>{sent.headers['etag']}</ETag>"
            f"<ChecksumSHA512>{value}</ChecksumSHA512></Part>"
        ).encode()
    whole = base64.b64encode(hashlib.sha512(b"".join(digests)).digest()) + b"-2"
    done = ask("POST", [upload], body=b"<CompleteMultipartUpload>" + listed + b"</CompleteMultipartUpload>")
    equal((done.status, whole in done.body), (200, True))
    full = ask("POST", [("uploads", "")], {"x-amz-checksum-algorithm": "MD5", "x-amz-checksum-type": "FULL_OBJECT"})
    equal((full.status, full.code), (400, "InvalidRequest"))


@case("refusals: order, an unknown part, another ETag, a part too small, an empty list")
def _():
    bucket = new_bucket("complete")
    where, parts = upload(bucket, "r", {1: 100, 2: 100})
    refused(
        "InvalidPartOrder",
        s3.complete_multipart_upload,
        **where,
        MultipartUpload={"Parts": parts[::-1]},
        status=400,
    )
    refused(
        "InvalidPart",
        s3.complete_multipart_upload,
        **where,
        MultipartUpload={"Parts": [{"PartNumber": 5, "ETag": parts[0]["ETag"]}]},
        status=400,
    )
    refused(
        "InvalidPart",
        s3.complete_multipart_upload,
        **where,
        MultipartUpload={"Parts": [{"PartNumber": 1, "ETag": '"0"'}]},
        status=400,
    )
    refused(
        "EntityTooSmall", s3.complete_multipart_upload, **where, MultipartUpload={"Parts": parts}, status=400
    )
    refused("MalformedXML", s3.complete_multipart_upload, **where, MultipartUpload={"Parts": []}, status=400)
    refused("NoSuchKey", s3.get_object, Bucket=bucket, Key="r", status=404)


@case("conditions: If-None-Match *, If-Match; the upload stays when one does not hold")
def _():
    bucket = new_bucket("complete-conditions")

    def one_more():
        where, parts = upload(bucket, "k", {1: 10})
        made.append(where)
        part = f"<Part><PartNumber>1</PartNumber><ETag>{parts[0]['ETag']}</ETag></Part>"
        document = f"<CompleteMultipartUpload>{part}</CompleteMultipartUpload>"
        return {"query": [("uploadId", where["UploadId"])], "body": document.encode()}

    made = []
    asking.write_conditions(bucket, "k", "POST", remake=one_more)
    left = {u["UploadId"] for u in s3.list_multipart_uploads(Bucket=bucket)["Uploads"]}
    equal(len(left), len(made) - 3, "three were completed")


@case("x-amz-mp-object-size and the checksum of the whole: compared")
def _():
    bucket = new_bucket("complete-size")
    where, parts = upload(bucket, "k", {1: 10})
    part = f"<Part><PartNumber>1</PartNumber><ETag>{parts[0]['ETag']}</ETag></Part>"
    document = f"<CompleteMultipartUpload>{part}</CompleteMultipartUpload>".encode()

    def complete(**headers):
        given = {name.replace("_", "-"): value for name, value in headers.items()}
        answer = asking.ask("POST", f"/{bucket}/k", [("uploadId", where["UploadId"])], given, document, "admin")
        return answer.status, answer.code

    equal(complete(x_amz_mp_object_size="11"), (400, "InvalidRequest"))
    equal(complete(x_amz_mp_object_size="ten"), (400, "InvalidArgument"))
    equal(complete(x_amz_checksum_crc64nvme=base64.b64encode(b"x" * 8).decode()), (400, "BadDigest"))
    equal(complete(x_amz_mp_object_size="10"), (200, None))
