# SPDX-License-Identifier: EUPL-1.2
from harness import boto, case, check, equal, new_bucket, refused

s3 = boto()


def lockable(prefix):
    """A bucket made with Object Lock, without a default."""
    name = new_bucket(prefix) + "-l"
    if name not in made:
        s3.create_bucket(Bucket=name, ObjectLockEnabledForBucket=True)
        made.add(name)
    return name


made = set()


def put(bucket, enabled="Enabled", **rule):
    configuration = {"ObjectLockEnabled": enabled}
    if rule:
        configuration["Rule"] = {"DefaultRetention": rule}
    s3.put_object_lock_configuration(Bucket=bucket, ObjectLockConfiguration=configuration)


@case("a bucket made with Object Lock is versioned and stays so")
def _():
    bucket = lockable("lock-conf")
    equal(s3.get_bucket_versioning(Bucket=bucket)["Status"], "Enabled")
    equal(
        s3.get_object_lock_configuration(Bucket=bucket)["ObjectLockConfiguration"], {"ObjectLockEnabled": "Enabled"}
    )
    refused(
        "InvalidBucketState",
        s3.put_bucket_versioning,
        Bucket=bucket,
        VersioningConfiguration={"Status": "Suspended"},
        status=409,
    )


@case("a default retention is answered as given, and taken by new versions")
def _():
    bucket = lockable("lock-conf")
    put(bucket, Mode="GOVERNANCE", Days=1)
    equal(
        s3.get_object_lock_configuration(Bucket=bucket)["ObjectLockConfiguration"],
        {"ObjectLockEnabled": "Enabled", "Rule": {"DefaultRetention": {"Mode": "GOVERNANCE", "Days": 1}}},
    )
    version = s3.put_object(Bucket=bucket, Key="k", Body=b"1")["VersionId"]
    head = s3.head_object(Bucket=bucket, Key="k")
    equal(head["ObjectLockMode"], "GOVERNANCE")
    kept = head["ObjectLockRetainUntilDate"] - head["LastModified"]
    check(86_000 < kept.total_seconds() < 87_000, str(kept))
    refused("AccessDenied", s3.delete_object, Bucket=bucket, Key="k", VersionId=version, status=403)
    s3.delete_object(Bucket=bucket, Key="k", VersionId=version, BypassGovernanceRetention=True)
    put(bucket, Mode="COMPLIANCE", Years=1)
    put(bucket)  # no default any more
    s3.put_object(Bucket=bucket, Key="free", Body=b"1")
    check("ObjectLockMode" not in s3.head_object(Bucket=bucket, Key="free"))


@case("an existing bucket: once its versioning is enabled")
def _():
    bucket = new_bucket("lock-later")
    refused("ObjectLockConfigurationNotFoundError", s3.get_object_lock_configuration, Bucket=bucket, status=404)
    refused(
        "InvalidBucketState",
        s3.put_object_lock_configuration,
        Bucket=bucket,
        ObjectLockConfiguration={"ObjectLockEnabled": "Enabled"},
        status=409,
    )
    s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    put(bucket)
    equal(s3.get_object_lock_configuration(Bucket=bucket)["ObjectLockConfiguration"]["ObjectLockEnabled"], "Enabled")


@case("refusals")
def _():
    bucket = lockable("lock-conf")
    for code, configuration in (
        ("InvalidRetentionPeriod", {"Mode": "GOVERNANCE", "Days": 0}),
        ("InvalidRetentionPeriod", {"Mode": "GOVERNANCE", "Years": -1}),
        ("InvalidRetentionPeriod", {"Mode": "GOVERNANCE", "Days": 40_000}),
        ("MalformedXML", {"Mode": "GOVERNANCE", "Days": 1, "Years": 1}),
        ("MalformedXML", {"Mode": "GOVERNANCE"}),
        ("MalformedXML", {"Mode": "governance", "Days": 1}),
    ):
        refused(
            code,
            s3.put_object_lock_configuration,
            Bucket=bucket,
            ObjectLockConfiguration={"ObjectLockEnabled": "Enabled", "Rule": {"DefaultRetention": configuration}},
            status=400,
        )
    refused(
        "MalformedXML",
        s3.put_object_lock_configuration,
        Bucket=bucket,
        ObjectLockConfiguration={"ObjectLockEnabled": "Disabled"},
        status=400,
    )
    given = {"ObjectLockConfiguration": {"ObjectLockEnabled": "Enabled"}}
    refused("NoSuchBucket", s3.put_object_lock_configuration, Bucket="no-such-bucket-here", **given, status=404)
    refused("AccessDenied", boto("alt").put_object_lock_configuration, Bucket=bucket, **given, status=403)
