# SPDX-License-Identifier: EUPL-1.2
import datetime
import email.utils
import re

from harness import boto, case, check, equal, new_bucket, refused

s3 = boto()


def put(bucket, *rules):
    s3.put_bucket_lifecycle_configuration(Bucket=bucket, LifecycleConfiguration={"Rules": list(rules)})


def rule(**more):
    return {"ID": "r", "Status": "Enabled", "Filter": {"Prefix": ""}, **more}


@case("answered as given, in both forms of a filter")
def _():
    bucket = new_bucket("lifecycle")
    rules = [
        rule(Filter={"Prefix": "tmp/"}, Expiration={"Days": 30}),
        rule(ID="tags", Filter={"And": {"Prefix": "a/", "Tags": [{"Key": "k", "Value": "v"}]}}, Expiration={"Days": 1}),
        rule(ID="taille", Filter={"ObjectSizeGreaterThan": 500}, NoncurrentVersionExpiration={"NoncurrentDays": 2}),
        rule(ID="off", Status="Disabled", AbortIncompleteMultipartUpload={"DaysAfterInitiation": 3}),
        rule(ID="marques", Expiration={"ExpiredObjectDeleteMarker": True}),
        rule(ID="jour", Expiration={"Date": datetime.datetime(2030, 1, 1, tzinfo=datetime.timezone.utc)}),
        rule(ID="n", NoncurrentVersionExpiration={"NoncurrentDays": 5, "NewerNoncurrentVersions": 3}),
    ]
    put(bucket, *rules)
    equal(s3.get_bucket_lifecycle_configuration(Bucket=bucket)["Rules"], rules)
    s3.put_bucket_lifecycle_configuration(
        Bucket=bucket,
        LifecycleConfiguration={"Rules": [{"Status": "Enabled", "Prefix": "old/", "Expiration": {"Days": 1}}]},
    )
    (only,) = s3.get_bucket_lifecycle_configuration(Bucket=bucket)["Rules"]
    equal((only["Prefix"], only["Expiration"]), ("old/", {"Days": 1}))
    check(only["ID"], "a rule without an ID gets one")


@case("refusals")
def _():
    bucket = new_bucket("lifecycle")
    storage = [{"Days": 1, "StorageClass": "GLACIER"}]
    for code, status, bad in (
        ("InvalidArgument", 400, rule(Expiration={"Days": 0})),
        ("InvalidArgument", 400, rule(ID="x" * 256, Expiration={"Days": 1})),
        ("InvalidArgument", 400, rule(Expiration={"Date": datetime.datetime(2030, 1, 1, 5)})),
        ("MalformedXML", 400, rule(Status="enabled", Expiration={"Days": 1})),
        ("MalformedXML", 400, rule(Expiration={"Days": 1, "ExpiredObjectDeleteMarker": True})),
        ("InvalidRequest", 400, rule()),
        (
            "InvalidRequest",
            400,
            rule(Filter={"Tag": {"Key": "a", "Value": "b"}}, AbortIncompleteMultipartUpload={"DaysAfterInitiation": 1}),
        ),
        ("NotImplemented", 501, rule(Transitions=storage)),
        ("NotImplemented", 501, rule(NoncurrentVersionTransitions=[{"NoncurrentDays": 1, "StorageClass": "GLACIER"}])),
    ):
        refused(code, put, bucket, bad, status=status)
    refused("InvalidArgument", put, bucket, rule(Expiration={"Days": 1}), rule(Expiration={"Days": 2}), status=400)
    refused("NoSuchBucket", put, "no-such-bucket-here", rule(Expiration={"Days": 1}), status=404)
    refused(
        "AccessDenied",
        boto("alt").put_bucket_lifecycle_configuration,
        Bucket=bucket,
        LifecycleConfiguration={"Rules": [rule(Expiration={"Days": 1})]},
        status=403,
    )


@case("x-amz-expiration tells of the first rule that will end the latest version")
def _():
    bucket = new_bucket("lifecycle-told")
    put(
        bucket,
        rule(ID="lent", Expiration={"Days": 30}),
        rule(ID="vite", Filter={"Tag": {"Key": "brouillon", "Value": "oui"}}, Expiration={"Days": 1}),
        rule(ID="off", Status="Disabled", Expiration={"Days": 2}),
    )
    put_plain = s3.put_object(Bucket=bucket, Key="k", Body=b"x")
    tagged = s3.put_object(Bucket=bucket, Key="t", Body=b"x", Tagging="brouillon=oui")
    copied = s3.copy_object(Bucket=bucket, Key="c", CopySource=f"{bucket}/t")
    for told, days, name in (
        (put_plain, 30, "lent"),
        (s3.head_object(Bucket=bucket, Key="k"), 30, "lent"),
        (tagged, 1, "vite"),
        (s3.get_object(Bucket=bucket, Key="t"), 1, "vite"),
        (copied, 1, "vite"),
    ):
        date, rule_id = re.fullmatch('expiry-date="(.+)", rule-id="(.+)"', told["Expiration"]).groups()
        when = email.utils.parsedate_to_datetime(date)
        equal((rule_id, when.hour + when.minute + when.second), (name, 0), date)
        left = when - datetime.datetime.now(datetime.timezone.utc)
        check(datetime.timedelta(days=days) <= left + datetime.timedelta(minutes=1), date)
        check(left <= datetime.timedelta(days=days + 1), date)
    bare = new_bucket("lifecycle-untold")
    check("Expiration" not in s3.put_object(Bucket=bare, Key="k", Body=b"x"))
