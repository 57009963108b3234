# SPDX-License-Identifier: EUPL-1.2
import datetime

from harness import boto, case, check, equal, new_bucket, refused

s3 = boto()
made = {}


def later(seconds):
    return datetime.datetime.now(datetime.timezone.utc).replace(microsecond=0) + datetime.timedelta(seconds=seconds)


def locked():
    if "bucket" not in made:
        made["bucket"] = new_bucket("retention") + "-l"
        s3.create_bucket(Bucket=made["bucket"], ObjectLockEnabledForBucket=True)
    return made["bucket"]


def put(key, **lock):
    return s3.put_object(Bucket=locked(), Key=key, Body=b"acte", **lock)["VersionId"]


def retain(key, mode, until, **more):
    s3.put_object_retention(Bucket=locked(), Key=key, Retention={"Mode": mode, "RetainUntilDate": until}, **more)


@case("given with the object, read back, shown on HEAD")
def _():
    until = later(3600)
    version = put("avec", ObjectLockMode="COMPLIANCE", ObjectLockRetainUntilDate=until)
    equal(
        s3.get_object_retention(Bucket=locked(), Key="avec", VersionId=version)["Retention"],
        {"Mode": "COMPLIANCE", "RetainUntilDate": until},
    )
    head = s3.head_object(Bucket=locked(), Key="avec")
    equal((head["ObjectLockMode"], head["ObjectLockRetainUntilDate"]), ("COMPLIANCE", until))


@case("GOVERNANCE: longer for whoever may write, shorter and away only with the bypass")
def _():
    version = put("gouv")
    retain("gouv", "GOVERNANCE", later(100))
    retain("gouv", "GOVERNANCE", later(200))
    refused("AccessDenied", retain, "gouv", "GOVERNANCE", later(50), status=403)
    refused("AccessDenied", s3.delete_object, Bucket=locked(), Key="gouv", VersionId=version, status=403)
    refused("AccessDenied", retain, "gouv", "COMPLIANCE", later(200), status=403)
    retain("gouv", "GOVERNANCE", later(50), BypassGovernanceRetention=True)
    s3.put_object_retention(Bucket=locked(), Key="gouv", Retention={}, BypassGovernanceRetention=True)
    refused("NoSuchObjectLockConfiguration", s3.get_object_retention, Bucket=locked(), Key="gouv", status=404)
    s3.delete_object(Bucket=locked(), Key="gouv", VersionId=version)


@case("COMPLIANCE: survives every way of removing it, for everyone")
def _():
    version = put("conf", ObjectLockMode="COMPLIANCE", ObjectLockRetainUntilDate=later(3600))
    bucket = locked()
    for bypass in (False, True):
        more = {"BypassGovernanceRetention": True} if bypass else {}
        refused("AccessDenied", s3.delete_object, Bucket=bucket, Key="conf", VersionId=version, **more, status=403)
        refused("AccessDenied", retain, "conf", "COMPLIANCE", later(60), **more, status=403)
        refused("AccessDenied", retain, "conf", "GOVERNANCE", later(7200), **more, status=403)
        refused("AccessDenied", s3.put_object_retention, Bucket=bucket, Key="conf", Retention={}, **more, status=403)
        answer = s3.delete_objects(Bucket=bucket, Delete={"Objects": [{"Key": "conf", "VersionId": version}]}, **more)
        equal([e["Code"] for e in answer["Errors"]], ["AccessDenied"])
    s3.put_object(Bucket=bucket, Key="conf", Body=b"par-dessus")
    s3.copy_object(Bucket=bucket, Key="conf", CopySource={"Bucket": bucket, "Key": "conf"}, MetadataDirective="REPLACE")
    check(s3.delete_object(Bucket=bucket, Key="conf")["DeleteMarker"])
    refused("BucketNotEmpty", s3.delete_bucket, Bucket=bucket, status=409)
    refused(
        "InvalidBucketState",
        s3.put_bucket_versioning,
        Bucket=bucket,
        VersioningConfiguration={"Status": "Suspended"},
        status=409,
    )
    equal(s3.get_object(Bucket=bucket, Key="conf", VersionId=version)["Body"].read(), b"acte")
    retain_longer = later(7200)
    s3.put_object_retention(
        Bucket=bucket, Key="conf", VersionId=version, Retention={"Mode": "COMPLIANCE", "RetainUntilDate": retain_longer}
    )
    equal(
        s3.get_object_retention(Bucket=bucket, Key="conf", VersionId=version)["Retention"]["RetainUntilDate"],
        retain_longer,
    )


@case("multipart and copies are locked by their headers")
def _():
    bucket, until = locked(), later(3600)
    lock = {"ObjectLockMode": "GOVERNANCE", "ObjectLockRetainUntilDate": until}
    upload = s3.create_multipart_upload(Bucket=bucket, Key="mp", **lock)["UploadId"]
    part = s3.upload_part(Bucket=bucket, Key="mp", UploadId=upload, PartNumber=1, Body=b"x")
    s3.complete_multipart_upload(
        Bucket=bucket,
        Key="mp",
        UploadId=upload,
        MultipartUpload={"Parts": [{"PartNumber": 1, "ETag": part["ETag"]}]},
    )
    equal(s3.head_object(Bucket=bucket, Key="mp")["ObjectLockMode"], "GOVERNANCE")
    s3.copy_object(Bucket=bucket, Key="copie", CopySource={"Bucket": bucket, "Key": "mp"})
    check("ObjectLockMode" not in s3.head_object(Bucket=bucket, Key="copie"), "a lock is not copied")
    s3.copy_object(Bucket=bucket, Key="copie", CopySource={"Bucket": bucket, "Key": "mp"}, **lock)
    equal(s3.head_object(Bucket=bucket, Key="copie")["ObjectLockRetainUntilDate"], until)


@case("refusals")
def _():
    put("refus")
    refused("InvalidArgument", retain, "refus", "GOVERNANCE", later(-60), status=400)
    refused("MalformedXML", retain, "refus", "governance", later(60), status=400)
    refused("NoSuchKey", retain, "nulle-part", "GOVERNANCE", later(60), status=404)
    refused(
        "NoSuchVersion", retain, "refus", "GOVERNANCE", later(60), VersionId="A" * 26, status=404
    )
    refused("InvalidArgument", put, "refus", ObjectLockMode="GOVERNANCE", status=400)
    refused("InvalidArgument", put, "refus", ObjectLockRetainUntilDate=later(60), status=400)
    refused(
        "InvalidArgument", put, "refus", ObjectLockMode="GOVERNANCE", ObjectLockRetainUntilDate=later(-60), status=400
    )
    plain = new_bucket("no-lock")
    s3.put_object(Bucket=plain, Key="k", Body=b"")
    retention = {"Mode": "GOVERNANCE", "RetainUntilDate": later(60)}
    refused("InvalidRequest", s3.put_object_retention, Bucket=plain, Key="k", Retention=retention, status=400)
    refused(
        "InvalidRequest",
        s3.put_object,
        Bucket=plain,
        Key="k",
        Body=b"",
        ObjectLockMode="GOVERNANCE",
        ObjectLockRetainUntilDate=later(60),
        status=400,
    )
    refused(
        "AccessDenied", boto("alt").put_object_retention, Bucket=locked(), Key="refus", Retention=retention, status=403
    )
