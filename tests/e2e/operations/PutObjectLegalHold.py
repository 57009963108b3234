# SPDX-License-Identifier: EUPL-1.2
from harness import boto, case, check, equal, new_bucket, refused

s3 = boto()
made = {}


def held():
    if "bucket" not in made:
        made["bucket"] = new_bucket("legal-hold") + "-l"
        s3.create_bucket(Bucket=made["bucket"], ObjectLockEnabledForBucket=True)
    return made["bucket"]


def hold(key, status, **more):
    s3.put_object_legal_hold(Bucket=held(), Key=key, LegalHold={"Status": status}, **more)


@case("a held version stays until it is let go, and no bypass passes over it")
def _():
    bucket = held()
    version = s3.put_object(Bucket=bucket, Key="k", Body=b"litige")["VersionId"]
    hold("k", "ON")
    equal(s3.get_object_legal_hold(Bucket=bucket, Key="k")["LegalHold"], {"Status": "ON"})
    equal(s3.head_object(Bucket=bucket, Key="k")["ObjectLockLegalHoldStatus"], "ON")
    for more in ({}, {"BypassGovernanceRetention": True}):
        refused("AccessDenied", s3.delete_object, Bucket=bucket, Key="k", VersionId=version, **more, status=403)
    check(s3.delete_object(Bucket=bucket, Key="k")["DeleteMarker"])
    hold("k", "OFF", VersionId=version)
    equal(s3.get_object_legal_hold(Bucket=bucket, Key="k", VersionId=version)["LegalHold"], {"Status": "OFF"})
    equal(s3.head_object(Bucket=bucket, Key="k", VersionId=version)["ObjectLockLegalHoldStatus"], "OFF")
    s3.delete_object(Bucket=bucket, Key="k", VersionId=version)


@case("given with the object")
def _():
    s3.put_object(Bucket=held(), Key="avec", Body=b"", ObjectLockLegalHoldStatus="ON")
    equal(s3.get_object_legal_hold(Bucket=held(), Key="avec")["LegalHold"]["Status"], "ON")


@case("refusals")
def _():
    s3.put_object(Bucket=held(), Key="r", Body=b"")
    refused("MalformedXML", hold, "r", "on", status=400)
    refused("NoSuchKey", hold, "none", "ON", status=404)
    refused("NoSuchVersion", hold, "r", "ON", VersionId="A" * 26, status=404)
    refused(
        "InvalidArgument", s3.put_object, Bucket=held(), Key="r", Body=b"", ObjectLockLegalHoldStatus="on", status=400
    )
    plain = new_bucket("no-lock")
    s3.put_object(Bucket=plain, Key="k", Body=b"")
    refused("InvalidRequest", s3.put_object_legal_hold, Bucket=plain, Key="k", LegalHold={"Status": "ON"}, status=400)
    refused(
        "AccessDenied", boto("alt").put_object_legal_hold, Bucket=held(), Key="r", LegalHold={"Status": "ON"}, status=403
    )
