#!/usr/bin/python3
# SPDX-License-Identifier: EUPL-1.2
"""Lifecycle rules on an appliance whose day has two seconds: what is due goes, what is locked stays, each with its record."""
import datetime
import time

from harness import boto, case, check, ctl, equal, main, new_bucket, refused

s3 = boto()


def wait_for(holds, what, seconds=30):
    """Passes come every day, which is short here."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if holds():
            return
        time.sleep(0.2)
    raise AssertionError(f"{what} did not come in {seconds} s")


def keys(bucket):
    return [o["Key"] for o in s3.list_objects_v2(Bucket=bucket).get("Contents", [])]


def put_rules(bucket, *rules):
    complete = [{"Status": "Enabled", "Filter": {"Prefix": ""}, **rule} for rule in rules]
    s3.put_bucket_lifecycle_configuration(Bucket=bucket, LifecycleConfiguration={"Rules": complete})


@case("objects expire by prefix, the others stay; the record names the rule")
def _():
    bucket = new_bucket("expire")
    put_rules(bucket, {"ID": "vieux", "Filter": {"Prefix": "tmp/"}, "Expiration": {"Days": 1}})
    for key in ("tmp/a", "tmp/b", "garde"):
        s3.put_object(Bucket=bucket, Key=key, Body=b"x")
    equal(ctl("lifecycle", "beauvais", bucket)["due"], [])
    ctl("lifecycle", "beauvais", "no-such-bucket-here", status=1)
    wait_for(lambda: keys(bucket) == ["garde"], "expiry")
    records = ctl("audit", "show", "beauvais")
    expired = [r for r in records["records"] if r.get("operation") == "LifecycleExpiration"]
    equal(sorted(r["key"] for r in expired if r["bucket"] == bucket), ["tmp/a", "tmp/b"])
    check(all(r["reason"] == "rule vieux" for r in expired if r["bucket"] == bucket))


@case("a COMPLIANCE-locked version survives every rule")
def _():
    bucket = new_bucket("lock-expire") + "-l"
    s3.create_bucket(Bucket=bucket, ObjectLockEnabledForBucket=True)
    until = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(hours=1)
    version = s3.put_object(
        Bucket=bucket, Key="k", Body=b"acte", ObjectLockMode="COMPLIANCE", ObjectLockRetainUntilDate=until
    )["VersionId"]
    free = s3.put_object(Bucket=bucket, Key="libre", Body=b"x")["VersionId"]
    put_rules(
        bucket, {"ID": "tout", "Expiration": {"Days": 1}, "NoncurrentVersionExpiration": {"NoncurrentDays": 1}}
    )

    def versions():
        return [v["VersionId"] for v in s3.list_object_versions(Bucket=bucket).get("Versions", [])]

    wait_for(lambda: free not in versions(), "the free version's end")
    equal(versions(), [version])
    equal(s3.get_object(Bucket=bucket, Key="k", VersionId=version)["Body"].read(), b"acte")


@case("abandoned uploads go, by rule")
def _():
    bucket = new_bucket("abandoned")
    upload = s3.create_multipart_upload(Bucket=bucket, Key="gros")["UploadId"]
    s3.upload_part(Bucket=bucket, Key="gros", UploadId=upload, PartNumber=1, Body=b"x")
    put_rules(bucket, {"ID": "abandon", "AbortIncompleteMultipartUpload": {"DaysAfterInitiation": 1}})
    wait_for(lambda: not s3.list_multipart_uploads(Bucket=bucket).get("Uploads"), "the upload's end")
    refused("NoSuchUpload", s3.list_parts, Bucket=bucket, Key="gros", UploadId=upload, status=404)


if __name__ == "__main__":
    main()
