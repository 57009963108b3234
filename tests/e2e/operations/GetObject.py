# SPDX-License-Identifier: EUPL-1.2
import base64
import hashlib

from harness import (
    CUSTOMER,
    MIB,
    boto,
    case,
    check,
    customer,
    equal,
    new_bucket,
    new_collectivity,
    pattern,
    read_conditions,
    refused,
)

s3 = boto()


@case("conditions: 304 and 412")
def _():
    bucket = new_bucket("get")
    where = {"Bucket": bucket, "Key": "k"}
    s3.put_object(**where, Body=b"hello")
    holds, fails = read_conditions(s3.head_object(**where))
    for condition in holds:
        equal(s3.get_object(**where, **condition)["Body"].read(), b"hello", condition)
    for condition in fails:
        not_modified = "IfNoneMatch" in condition or "IfModifiedSince" in condition
        code, status = ("304", 304) if not_modified else ("PreconditionFailed", 412)
        refused(code, s3.get_object, **where, **condition, status=status)


@case("ranges: what is malformed is ignored, what cannot be is 416")
def _():
    bucket = new_bucket("get")
    s3.put_object(Bucket=bucket, Key="r", Body=pattern(1000))
    for ignored in ("bytes=5-2", "bytes=a-b", "lines=0-1", "bytes=0-1,3-4"):
        equal(
            s3.get_object(Bucket=bucket, Key="r", Range=ignored)["ResponseMetadata"]["HTTPStatusCode"],
            200,
            ignored,
        )
    equal(s3.get_object(Bucket=bucket, Key="r", Range="bytes=990-")["Body"].read(), pattern(1000)[990:])
    refused("InvalidRange", s3.get_object, Bucket=bucket, Key="r", Range="bytes=-0", status=416)
    s3.put_object(Bucket=bucket, Key="empty", Body=b"")
    refused("InvalidRange", s3.get_object, Bucket=bucket, Key="empty", Range="bytes=0-0", status=416)


@case("partNumber: one part of an upload, with its own checksum; an object put whole is one part")
def _():
    bucket, sizes = new_bucket("get-part"), {3: 5 * MIB, 4: 70000}
    where = {"Bucket": bucket, "Key": "parts"}
    where["UploadId"] = s3.create_multipart_upload(**where, ChecksumAlgorithm="SHA256")["UploadId"]
    parts = []
    for n, size in sizes.items():
        sent = s3.upload_part(**where, PartNumber=n, Body=pattern(size, n), ChecksumAlgorithm="SHA256")
        parts.append({"PartNumber": n, **{k: sent[k] for k in ("ETag", "ChecksumSHA256")}})
    whole = s3.complete_multipart_upload(**where, MultipartUpload={"Parts": parts})
    get = {"Bucket": bucket, "Key": "parts", "ChecksumMode": "ENABLED"}
    for at, (n, size) in enumerate(sizes.items(), 1):
        for call in (s3.get_object, s3.head_object):
            got = call(**get, PartNumber=at)
            equal(got["ResponseMetadata"]["HTTPStatusCode"], 206)
            equal((got["PartsCount"], got["ContentLength"], got["ETag"]), (2, size, whole["ETag"]))
            equal(got["ChecksumSHA256"], parts[at - 1]["ChecksumSHA256"])
        first = 0 if at == 1 else 5 * MIB
        header = f"bytes {first}-{first + size - 1}/{5 * MIB + 70000}"
        equal(s3.head_object(**get, PartNumber=at)["ResponseMetadata"]["HTTPHeaders"]["content-range"], header)
        equal(s3.get_object(**get, PartNumber=at)["Body"].read(), pattern(size, n))
    refused("InvalidPartNumber", s3.get_object, **get, PartNumber=3, status=416)
    refused("InvalidArgument", s3.get_object, **get, PartNumber=0, status=400)
    refused("InvalidRequest", s3.get_object, **get, PartNumber=1, Range="bytes=0-1", status=400)
    for key, body, status in (("one", b"hello", 206), ("empty", b"", 200)):
        s3.put_object(Bucket=bucket, Key=key, Body=body)
        got = s3.get_object(Bucket=bucket, Key=key, PartNumber=1)
        equal((got["ResponseMetadata"]["HTTPStatusCode"], got["Body"].read()), (status, body))
        check("PartsCount" not in got)
        refused("InvalidPartNumber", s3.get_object, Bucket=bucket, Key=key, PartNumber=2, status=416)


@case("a customer's key: with it the bytes and their ranges, without it or with another 400; none for what has none")
def _():
    bucket = new_bucket("get-customer")
    for size in (0, 13, 8193, 300000):
        where, body = {"Bucket": bucket, "Key": f"c{size}"}, pattern(size, 3)
        s3.put_object(**where, Body=body, **CUSTOMER)
        got = s3.get_object(**where, **CUSTOMER)
        equal((got["Body"].read(), got["SSECustomerAlgorithm"]), (body, "AES256"))
        equal(got["SSECustomerKeyMD5"], base64.b64encode(hashlib.md5(b"k" * 32).digest()).decode())
        check("ServerSideEncryption" not in got)
        if size:
            equal(s3.get_object(**where, **CUSTOMER, Range="bytes=7-12")["Body"].read(), body[7:13])
        refused("InvalidRequest", s3.get_object, **where, status=400)
        refused("InvalidRequest", s3.get_object, **where, **customer("l"), status=400)
    s3.put_object(Bucket=bucket, Key="plain", Body=b"x")
    refused("InvalidRequest", s3.get_object, Bucket=bucket, Key="plain", **CUSTOMER, status=400)


@case("the documents that backup programs look for: the quota's room, in no listing, never written")
def _():
    who = new_collectivity("sosapi", quota_bytes=1000000, quota_objects=100)
    theirs, folder = boto(who), ".system-d26a9498-cb7c-4a87-a44a-8ae204f5ba6c"
    theirs.create_bucket(Bucket="sauvegardes")
    theirs.put_object(Bucket="sauvegardes", Key="k", Body=pattern(1000))
    capacity = {"Bucket": "sauvegardes", "Key": f"{folder}/capacity.xml"}
    document = theirs.get_object(**capacity)["Body"].read().decode()
    for name, value in (("Capacity", 1000000), ("Used", 1000), ("Available", 999000)):
        check(f"<{name}>{value}</{name}>" in document, document)
    system = theirs.get_object(Bucket="sauvegardes", Key=f"{folder}/system.xml")["Body"].read()
    check(b"<CapacityInfo>true</CapacityInfo>" in system, str(system))
    equal(theirs.head_object(**capacity)["ContentLength"], len(document))
    equal([o["Key"] for o in theirs.list_objects_v2(Bucket="sauvegardes")["Contents"]], ["k"])
    refused("AccessDenied", theirs.put_object, **capacity, Body=b"x", status=403)
    refused("AccessDenied", theirs.delete_object, **capacity, status=403)
    refused("NoSuchBucket", s3.get_object, **{**capacity, "Bucket": "no-such-bucket-here"}, status=404)


@case("response-* overrides of a signed request")
def _():
    bucket = new_bucket("get")
    s3.put_object(Bucket=bucket, Key="o", Body=b"x")
    equal(s3.get_object(Bucket=bucket, Key="o", ResponseContentType="text/fr")["ContentType"], "text/fr")


@case("a missing key is 404 to who may list, 403 to others")
def _():
    bucket = new_bucket("get")
    refused("NoSuchKey", s3.get_object, Bucket=bucket, Key="none", status=404)
    refused("AccessDenied", boto("alt").get_object, Bucket=bucket, Key="none", status=403)
    check(s3.list_objects_v2(Bucket=bucket)["KeyCount"] >= 1)
