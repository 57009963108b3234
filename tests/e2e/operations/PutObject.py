# SPDX-License-Identifier: EUPL-1.2
import base64
import hashlib

import asking
from asking import allow, open_bucket, policy
from harness import CA, CUSTOMER, ENDPOINT, REGION, account, boto, case, check, customer, equal, new_bucket, refused
from sigv4 import Raw, Signer

s3 = boto()


@case("ETag is the MD5; headers and metadata come back")
def _():
    bucket = new_bucket("put")
    headers = {
        "ContentType": "text/csv; charset=utf-8",
        "ContentEncoding": "gzip",
        "ContentLanguage": "fr",
        "CacheControl": "max-age=60",
        "ContentDisposition": 'attachment; filename="a.csv"',
    }
    answer = s3.put_object(Bucket=bucket, Key="k", Body=b"hello", Metadata={"auteur": "mairie"}, **headers)
    equal(answer["ETag"], f'"{hashlib.md5(b"hello").hexdigest()}"')
    got = s3.get_object(Bucket=bucket, Key="k")
    equal({k: got[k] for k in headers}, headers)
    equal(got["Metadata"], {"auteur": "mairie"})


@case("a wrong digest stores nothing")
def _():
    bucket = new_bucket("put")
    wrong = base64.b64encode(hashlib.md5(b"other").digest()).decode()
    refused(
        "BadDigest", s3.put_object, Bucket=bucket, Key="wrong", Body=b"hello", ContentMD5=wrong, status=400
    )
    refused(
        "InvalidDigest",
        s3.put_object,
        Bucket=bucket,
        Key="wrong",
        Body=b"hello",
        ContentMD5="AAAA",
        status=400,
    )
    refused(
        "BadDigest",
        s3.put_object,
        Bucket=bucket,
        Key="wrong",
        Body=b"hello",
        ChecksumSHA256=base64.b64encode(bytes(32)).decode(),
        status=400,
    )
    refused("NoSuchKey", s3.get_object, Bucket=bucket, Key="wrong", status=404)


@case("a checksum that is right is kept and given back")
def _():
    bucket, value = new_bucket("put"), base64.b64encode(hashlib.sha256(b"hello").digest()).decode()
    equal(
        s3.put_object(Bucket=bucket, Key="sum", Body=b"hello", ChecksumSHA256=value)["ChecksumSHA256"], value
    )
    equal(s3.get_object(Bucket=bucket, Key="sum", ChecksumMode="ENABLED")["ChecksumSHA256"], value)


# Of "abc": FIPS 180-4, RFC 1321, and xxHash's own reference.
NEWER = {
    "sha512": "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a"
    "2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f",
    "md5": "900150983cd24fb0d6963f7d28e17f72",
    "xxhash64": "44bc2cf5ad770999",
    "xxhash3": "78af5f94892f3950",
    "xxhash128": "06b05ab6733a618578af5f94892f3950",
}


def ask(method, path, headers, body=b"", payload_hash=None):
    signer = Signer(account("admin"), ENDPOINT, REGION)
    with Raw(ENDPOINT, CA) as connection:
        signed = signer.sign(method, path, headers=headers, payload=body, payload_hash=payload_hash)
        return connection.request(method, path, signed, body)


@case("the newer checksums, in a header and in a trailer")
def _():
    bucket = new_bucket("put-newer")
    for name, digest in NEWER.items():
        field, value = f"x-amz-checksum-{name}", base64.b64encode(bytes.fromhex(digest)).decode()
        path = f"/{bucket}/{name}"
        put = ask("PUT", path, {field: value}, b"abc")
        equal((put.status, put.headers[field], put.headers["x-amz-checksum-type"]), (200, value, "FULL_OBJECT"))
        for method in ("GET", "HEAD"):
            got = ask(method, path, {"x-amz-checksum-mode": "ENABLED"})
            equal(got.headers.get(field), value, f"{method} {name}")
        wrong = ask("PUT", path + "-wrong", {field: value}, b"abd")
        equal((wrong.status, wrong.code), (400, "BadDigest"), name)
        framed = b"3\r\nabc\r\n0\r\n" + f"{field}:{value}".encode() + b"\r\n\r\n"
        headers = {"x-amz-decoded-content-length": "3", "x-amz-trailer": field}
        sent = ask("PUT", path + "-trailer", headers, framed, "STREAMING-UNSIGNED-PAYLOAD-TRAILER")
        equal((sent.status, sent.headers.get(field)), (200, value), name)
        equal(ask("HEAD", path + "-wrong", {}).status, 404)


@case("limits: key, metadata")
def _():
    bucket = new_bucket("put")
    s3.put_object(Bucket=bucket, Key="k" * 1024, Body=b"")
    refused("KeyTooLongError", s3.put_object, Bucket=bucket, Key="k" * 1025, Body=b"", status=400)
    refused(
        "MetadataTooLarge",
        s3.put_object,
        Bucket=bucket,
        Key="meta",
        Body=b"",
        Metadata={"a": "x" * 2100},
        status=400,
    )
    refused(
        "InvalidStorageClass",
        s3.put_object,
        Bucket=bucket,
        Key="class",
        Body=b"",
        StorageClass="GLACIER",
        status=400,
    )


@case("refusals")
def _():
    bucket = new_bucket("put")
    refused("NoSuchBucket", s3.put_object, Bucket="no-such-bucket-here", Key="k", Body=b"x", status=404)
    refused("AccessDenied", boto("alt").put_object, Bucket=bucket, Key="k", Body=b"x", status=403)
    check(s3.list_objects_v2(Bucket=bucket, Prefix="wrong")["KeyCount"] == 0)


@case("the list in the headers; where lists are ignored, only one that changes nothing")
def _():
    owner, bucket = boto("main"), open_bucket("put-acl")
    owner.put_object(Bucket=bucket, Key="open", Body=b"x", ACL="public-read")
    owner.put_object(Bucket=bucket, Key="named", Body=b"x", GrantRead=f'id="{account("tenant")["user_id"]}"')
    equal(asking.ask("GET", f"/{bucket}/open").body, b"x")
    equal((asking.ask("GET", f"/{bucket}/named", who="tenant").body, asking.ask("GET", f"/{bucket}/named").code), (b"x", "AccessDenied"))
    owner.put_object(Bucket=bucket, Key="open", Body=b"y")
    equal(asking.ask("GET", f"/{bucket}/open").code, "AccessDenied", "the new object has its own list")
    enforced = new_bucket("put")
    for acl in ("private", "bucket-owner-full-control"):
        s3.put_object(Bucket=enforced, Key="acl", Body=b"x", ACL=acl)
    refused("AccessControlListNotSupported", s3.put_object, Bucket=enforced, Key="acl", Body=b"x", ACL="public-read", status=400)
    equal(asking.ask("PUT", f"/{enforced}/acl", headers={"x-amz-acl": "any"}, who="admin").code, "InvalidArgument")


@case("a list is a right of its own: whoever may only put may not say who reads")
def _():
    bucket = open_bucket("put-acl-right")
    boto("main").put_bucket_policy(Bucket=bucket, Policy=policy(allow(bucket, "s3:PutObject", "compiegne")))
    equal(asking.ask("PUT", f"/{bucket}/k", who="tenant", body=b"x").status, 200)
    public = {"x-amz-acl": "public-read"}
    equal(asking.ask("PUT", f"/{bucket}/k", headers=public, who="tenant", body=b"x").code, "AccessDenied")
    both = policy(allow(bucket, ["s3:PutObject", "s3:PutObjectAcl"], "compiegne"))
    boto("main").put_bucket_policy(Bucket=bucket, Policy=both)
    equal(asking.ask("PUT", f"/{bucket}/k", headers=public, who="tenant", body=b"x").status, 200)
    equal(asking.ask("GET", f"/{bucket}/k").body, b"x")


@case("a customer's key is told whole or refused, and nothing is stored")
def _():
    bucket = new_bucket("put-customer")
    where = {"Bucket": bucket, "Key": "c", "Body": b"hello"}
    put = s3.put_object(**where, **CUSTOMER)
    equal((put["SSECustomerAlgorithm"], put["ETag"]), ("AES256", f'"{hashlib.md5(b"hello").hexdigest()}"'))
    check("ServerSideEncryption" not in put)
    s3.delete_object(Bucket=bucket, Key="c")
    wrong = {
        "SSECustomerAlgorithm": "AES256",
        "SSECustomerKey": base64.b64encode(b"k" * 32).decode(),  # as boto3 takes it beside its MD5
        "SSECustomerKeyMD5": base64.b64encode(hashlib.md5(b"other").digest()).decode(),
    }
    refused("InvalidArgument", s3.put_object, **where, **wrong, status=400)
    refused("InvalidArgument", s3.put_object, **where, **customer("k", 31), status=400)
    refused("InvalidEncryptionAlgorithmError", s3.put_object, **where, **{**CUSTOMER, "SSECustomerAlgorithm": "DES"}, status=400)
    refused("InvalidArgument", s3.put_object, **where, SSECustomerKey="k" * 32, status=400)
    refused("InvalidArgument", s3.put_object, **where, SSECustomerAlgorithm="AES256", status=400)
    refused("InvalidArgument", s3.put_object, **where, **CUSTOMER, ServerSideEncryption="AES256", status=400)
    check("Contents" not in s3.list_objects_v2(Bucket=bucket))


@case("without a length nothing is put: 411, and what was there stays")
def _():
    bucket = new_bucket("put-length")
    s3.put_object(Bucket=bucket, Key="precieux", Body=b"precious")
    signer = Signer(account("admin"), ENDPOINT, REGION)
    path = f"/{bucket}/precieux"
    presigned = signer.presign("PUT", path), {"host": signer.host}
    for target, sent in (
        (path, signer.sign("PUT", path)),
        (path, signer.sign("PUT", path, payload_hash="UNSIGNED-PAYLOAD")),
        presigned,
    ):
        with Raw(ENDPOINT, CA) as connection:
            answer = connection.request("PUT", target, sent, None)
        equal((answer.status, answer.code), (411, "MissingContentLength"))
    # What needs no body needs no length.
    copy = signer.sign("PUT", f"/{bucket}/copie", headers={"x-amz-copy-source": path})
    with Raw(ENDPOINT, CA) as connection:
        equal(connection.request("PUT", f"/{bucket}/copie", copy, None).status, 200)
    equal(s3.get_object(Bucket=bucket, Key="precieux")["Body"].read(), b"precious")


@case("encryption: AES256, no key of KMS, nothing else; none on a read")
def _():
    bucket = new_bucket("put-encryption")
    where = {"Bucket": bucket, "Key": "k"}
    equal(s3.put_object(**where, ServerSideEncryption="AES256")["ServerSideEncryption"], "AES256")
    refused("NotImplemented", s3.put_object, **where, ServerSideEncryption="aws:kms", status=501)
    refused("InvalidArgument", s3.put_object, **where, ServerSideEncryption="aes:kms", status=400)
    refused("InvalidArgument", s3.put_object, **where, ServerSideEncryption="AES256", SSEKMSKeyId="k", status=400)
    headers = {"x-amz-server-side-encryption": "AES256"}
    answer = asking.ask("GET", f"/{bucket}/k", headers=headers, who="admin")
    equal((answer.status, answer.code), (400, "InvalidArgument"))
    equal(asking.ask("HEAD", f"/{bucket}/k", headers=headers, who="admin").status, 400)


@case("conditions: If-None-Match *, If-Match; small and in an extent")
def _():
    bucket = new_bucket("put-conditions")
    for size in (5, 100000):
        asking.write_conditions(bucket, f"k{size}", "PUT", body=b"x" * size)
