# SPDX-License-Identifier: EUPL-1.2
import base64
import hashlib
import zlib

from harness import CUSTOMER, MIB, boto, case, check, equal, new_bucket, pattern, refused

s3 = boto()
ALL = ["ETag", "Checksum", "ObjectParts", "StorageClass", "ObjectSize"]


def crc32(data):
    return base64.b64encode(zlib.crc32(data).to_bytes(4, "big")).decode()


def upload(bucket, key, sizes, **algorithm):
    where = {"Bucket": bucket, "Key": key}
    where["UploadId"] = s3.create_multipart_upload(**where, **algorithm)["UploadId"]
    parts = []
    for number, size in sizes.items():
        body = pattern(size, number)
        sent = s3.upload_part(**where, PartNumber=number, Body=body, ChecksumCRC32=crc32(body))
        parts.append({"PartNumber": number, "ETag": sent["ETag"], "ChecksumCRC32": crc32(body)})
    return s3.complete_multipart_upload(**where, MultipartUpload={"Parts": parts})


@case("of an object that was put whole")
def _():
    bucket = new_bucket("attributes")
    s3.put_object(Bucket=bucket, Key="k", Body=b"hello", ChecksumCRC32=crc32(b"hello"))
    got = s3.get_object_attributes(Bucket=bucket, Key="k", ObjectAttributes=ALL)
    equal(got["ETag"], hashlib.md5(b"hello").hexdigest())
    equal(got["Checksum"]["ChecksumCRC32"], crc32(b"hello"))
    equal((got["ObjectSize"], got["StorageClass"]), (5, "STANDARD"))
    check("ObjectParts" not in got)
    equal(got["LastModified"], s3.head_object(Bucket=bucket, Key="k")["LastModified"])
    some = s3.get_object_attributes(Bucket=bucket, Key="k", ObjectAttributes=["ObjectSize"])
    equal(set(some) & set(ALL), {"ObjectSize"})


@case("of a completed upload: its parts, in pages, with their checksums")
def _():
    bucket, sizes = new_bucket("attributes"), {2: 5 * MIB, 5: 5 * MIB + 7, 9: 100}
    done = upload(bucket, "parts", sizes, ChecksumAlgorithm="CRC32")
    got = s3.get_object_attributes(Bucket=bucket, Key="parts", ObjectAttributes=ALL)
    equal(got["ETag"], done["ETag"].strip('"'))
    equal(got["Checksum"]["ChecksumCRC32"], done["ChecksumCRC32"].partition("-")[0])
    parts = got["ObjectParts"]
    equal((parts["TotalPartsCount"], parts["IsTruncated"], parts["MaxParts"]), (3, False, 1000))
    wanted = [(n, size, crc32(pattern(size, key))) for n, (key, size) in enumerate(sizes.items(), 1)]
    equal([(p["PartNumber"], p["Size"], p["ChecksumCRC32"]) for p in parts["Parts"]], wanted)
    page = s3.get_object_attributes(
        Bucket=bucket, Key="parts", ObjectAttributes=["ObjectParts"], MaxParts=1, PartNumberMarker=1
    )["ObjectParts"]
    equal([p["PartNumber"] for p in page["Parts"]], [2])
    equal((page["IsTruncated"], page["NextPartNumberMarker"]), (True, 2))


@case("refusals: no attribute that is known, no such key, no right")
def _():
    bucket = new_bucket("attributes")
    ask = {"Bucket": bucket, "Key": "k", "ObjectAttributes": ["ETag"]}
    refused("InvalidArgument", s3.get_object_attributes, **{**ask, "ObjectAttributes": ["Owner"]}, status=400)
    refused("NoSuchKey", s3.get_object_attributes, **{**ask, "Key": "none"}, status=404)
    refused("AccessDenied", boto("alt").get_object_attributes, **ask, status=403)


@case("a customer's key: 400 without it")
def _():
    bucket = new_bucket("attributes-customer")
    s3.put_object(Bucket=bucket, Key="c", Body=b"hello", **CUSTOMER)
    ask = {"Bucket": bucket, "Key": "c", "ObjectAttributes": ["ObjectSize"]}
    # Debian's boto3 makes the two headers of the key itself for other operations only.
    key = b"k" * 32
    told = {
        "SSECustomerAlgorithm": "AES256",
        "SSECustomerKey": base64.b64encode(key).decode(),
        "SSECustomerKeyMD5": base64.b64encode(hashlib.md5(key).digest()).decode(),
    }
    equal(s3.get_object_attributes(**ask, **told)["ObjectSize"], 5)
    refused("InvalidRequest", s3.get_object_attributes, **ask, status=400)
