#!/usr/bin/python3
# SPDX-License-Identifier: EUPL-1.2
"""A quota is never passed by a byte: 100 uploads at once at its edge, by PUT, by multipart, by copy; and it comes back with deletes."""
import concurrent.futures

from botocore.exceptions import ClientError
from harness import MIB, boto, case, check, ctl, equal, main, new_collectivity, pattern, refused

PARALLEL = 100


def collectivity(slug, quota_bytes, **more):
    account = new_collectivity(slug, quota_bytes=quota_bytes, **more)
    s3 = boto(account, max_pool_connections=PARALLEL)
    s3.create_bucket(Bucket="seau")
    return s3


def all_at_once(call):
    """Runs call(n) a hundred times side by side: how many were done; every refusal must be QuotaExceeded."""

    def attempt(n):
        try:
            call(n)
            return True
        except ClientError as error:
            equal(
                (error.response["Error"]["Code"], error.response["ResponseMetadata"]["HTTPStatusCode"]),
                ("QuotaExceeded", 403),
            )
            return False

    with concurrent.futures.ThreadPoolExecutor(PARALLEL) as pool:
        return sum(pool.map(attempt, range(PARALLEL)))


def usage(slug):
    answer = ctl("usage", slug)
    return answer["bytes"], answer["objects"]


@case("PUT, small: exactly as many as fit")
def _():
    s3 = collectivity("quota-small", 50 * 5000 + 4999)
    equal(all_at_once(lambda n: s3.put_object(Bucket="seau", Key=f"k{n}", Body=pattern(5000, n))), 50)
    equal(usage("quota-small"), (250000, 50))
    equal(s3.list_objects_v2(Bucket="seau")["KeyCount"], 50)


@case("PUT, in extents: exactly as many as fit; a delete makes room for one")
def _():
    s3 = collectivity("quota-large", 20 * 300000 + 299999)
    equal(all_at_once(lambda n: s3.put_object(Bucket="seau", Key=f"k{n}", Body=pattern(300000, n))), 20)
    equal(usage("quota-large"), (6000000, 20))
    first = s3.list_objects_v2(Bucket="seau")["Contents"][0]["Key"]
    s3.delete_object(Bucket="seau", Key=first)
    equal(all_at_once(lambda n: s3.put_object(Bucket="seau", Key=f"again{n}", Body=pattern(300000, n))), 1)
    equal(usage("quota-large"), (6000000, 20))


@case("the last byte fits, one more does not")
def _():
    s3 = collectivity("quota-edge", 10000)
    s3.put_object(Bucket="seau", Key="whole", Body=pattern(10000))
    refused("QuotaExceeded", s3.put_object, Bucket="seau", Key="more", Body=b"x", status=403)
    s3.put_object(Bucket="seau", Key="empty", Body=b"")
    equal(usage("quota-edge")[0], 10000)


@case("overwrites: usage is the new size; a full quota refuses even a smaller one while both would stand")
def _():
    s3 = collectivity("quota-over", 10000)
    s3.put_object(Bucket="seau", Key="k", Body=pattern(9000))
    refused("QuotaExceeded", s3.put_object, Bucket="seau", Key="k", Body=pattern(2000), status=403)
    s3.put_object(Bucket="seau", Key="k", Body=pattern(1000))
    equal(usage("quota-over"), (1000, 1))


@case("multipart: parts count, all at once; aborting gives everything back")
def _():
    s3 = collectivity("quota-parts", 10 * 200000 + 199999)
    where = {
        "Bucket": "seau",
        "Key": "m",
        "UploadId": s3.create_multipart_upload(Bucket="seau", Key="m")["UploadId"],
    }
    equal(all_at_once(lambda n: s3.upload_part(**where, PartNumber=n + 1, Body=pattern(200000, n))), 10)
    equal(usage("quota-parts")[0], 2000000)
    s3.abort_multipart_upload(**where)
    equal(usage("quota-parts"), (0, 0))


@case("multipart: completing costs no more than its parts, and what was left out comes back")
def _():
    s3 = collectivity("quota-complete", 12 * MIB)
    where = {
        "Bucket": "seau",
        "Key": "m",
        "UploadId": s3.create_multipart_upload(Bucket="seau", Key="m")["UploadId"],
    }
    parts = [
        {"PartNumber": n, "ETag": s3.upload_part(**where, PartNumber=n, Body=pattern(5 * MIB, n))["ETag"]}
        for n in (1, 2)
    ]
    s3.complete_multipart_upload(**where, MultipartUpload={"Parts": parts[:1]})
    equal(usage("quota-complete"), (5 * MIB, 1))


@case("copies share their bytes on the disk, and count in full")
def _():
    s3 = collectivity("quota-copy", 11 * 100000 + 99999)
    s3.put_object(Bucket="seau", Key="source", Body=pattern(100000))
    equal(all_at_once(lambda n: s3.copy_object(Bucket="seau", Key=f"c{n}", CopySource="seau/source")), 10)
    equal(usage("quota-copy"), (1100000, 11))


@case("a quota of objects")
def _():
    s3 = collectivity("quota-objects", 1 << 30, quota_objects=7)
    equal(all_at_once(lambda n: s3.put_object(Bucket="seau", Key=f"k{n}", Body=b"x")), 7)
    equal(usage("quota-objects"), (7, 7))


@case("a quota that is changed bites at once; what is stored stays")
def _():
    s3 = collectivity("quota-changed", 100000)
    s3.put_object(Bucket="seau", Key="k", Body=pattern(50000))
    ctl("collectivity", "quota", "quota-changed", "--quota-bytes", "40000")
    refused("QuotaExceeded", s3.put_object, Bucket="seau", Key="more", Body=b"x", status=403)
    check(s3.get_object(Bucket="seau", Key="k")["Body"].read() == pattern(50000))
    ctl("collectivity", "quota", "quota-changed", "--quota-bytes", "60000")
    s3.put_object(Bucket="seau", Key="more", Body=b"x")


if __name__ == "__main__":
    main()
