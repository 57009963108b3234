# SPDX-License-Identifier: EUPL-1.2
import datetime
import json

from asking import ask
from harness import boto, case, equal, new_bucket, refused

s3 = boto()


@case("204, whether or not the key was there; then 404")
def _():
    bucket = new_bucket("deleteobject")
    s3.put_object(Bucket=bucket, Key="k", Body=b"x")
    for _ in range(2):
        equal(s3.delete_object(Bucket=bucket, Key="k")["ResponseMetadata"]["HTTPStatusCode"], 204)
    refused("NoSuchKey", s3.get_object, Bucket=bucket, Key="k", status=404)


@case("only its own key: a, a/ and a/b are three")
def _():
    bucket = new_bucket("deleteobject")
    for key in ("a", "a/", "a/b"):
        s3.put_object(Bucket=bucket, Key=key, Body=b"x")
    s3.delete_object(Bucket=bucket, Key="a/")
    equal([o["Key"] for o in s3.list_objects_v2(Bucket=bucket)["Contents"]], ["a", "a/b"])
    refused("AccessDenied", boto("alt").delete_object, Bucket=bucket, Key="a", status=403)
    refused("NoSuchBucket", s3.delete_object, Bucket="no-such-bucket-here", Key="a", status=404)


@case("the bypass of somebody who may not: nothing where nothing is locked, no help where it is")
def _():
    bucket, member = new_bucket("bypass", "main") + "-l", boto("main")
    member.create_bucket(Bucket=bucket, ObjectLockEnabledForBucket=True)
    where, bypass = {"Bucket": bucket, "Key": "k"}, {"BypassGovernanceRetention": True}
    free = member.put_object(**where, Body=b"")["VersionId"]
    member.delete_object(**where, VersionId=free, **bypass)
    until = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(hours=1)
    lock = {"ObjectLockMode": "GOVERNANCE", "ObjectLockRetainUntilDate": until}
    held = member.put_object(**where, Body=b"", **lock)["VersionId"]
    refused("AccessDenied", member.delete_object, **where, VersionId=held, **bypass, status=403)
    several = {"Bucket": bucket, "Delete": {"Objects": [{"Key": "k", "VersionId": held}]}}
    equal([e["Code"] for e in member.delete_objects(**several, **bypass)["Errors"]], ["AccessDenied"])
    statement = {
        "Effect": "Allow",
        "Principal": {"AWS": "arn:aws:iam::000216000562:user/main"},
        "Action": "s3:BypassGovernanceRetention",
        "Resource": f"arn:aws:s3:::{bucket}/*",
    }
    document = {"Version": "2012-10-17", "Statement": [statement]}
    member.put_bucket_policy(Bucket=bucket, Policy=json.dumps(document))
    refused("AccessDenied", member.delete_object, **where, VersionId=held, **bypass, status=403)
    boto().delete_object(**where, VersionId=held, **bypass)


@case("the null version by its name")
def _():
    bucket = new_bucket("delete-null")
    s3.put_object(Bucket=bucket, Key="k", Body=b"x")
    equal(s3.delete_object(Bucket=bucket, Key="k", VersionId="null")["VersionId"], "null")
    equal(s3.list_objects_v2(Bucket=bucket)["KeyCount"], 0)


@case("conditions: If-Match, size, time; 412, and 404 for one that is not there")
def _():
    bucket = new_bucket("delete-conditions")
    s3.put_object(Bucket=bucket, Key="k", Body=b"hello")
    head = s3.head_object(Bucket=bucket, Key="k")
    when = head["LastModified"].strftime("%a, %d %b %Y %H:%M:%S GMT")
    earlier = (head["LastModified"] - datetime.timedelta(days=1)).strftime("%a, %d %b %Y %H:%M:%S GMT")

    def remove(key="k", **headers):
        given = {name.replace("_", "-"): value for name, value in headers.items()}
        answer = ask("DELETE", f"/{bucket}/{key}", headers=given, who="admin")
        return answer.status, answer.code

    failed = (412, "PreconditionFailed")
    equal(remove(if_match='"other"'), failed)
    equal(remove(x_amz_if_match_size="4"), failed)
    equal(remove(x_amz_if_match_last_modified_time=earlier), failed)
    equal(remove(if_match=head["ETag"], x_amz_if_match_size="4"), failed)
    equal(remove(x_amz_if_match_size="many"), (400, "InvalidArgument"))
    equal(remove(x_amz_if_match_last_modified_time="soon"), (400, "InvalidArgument"))
    equal(remove("none", if_match='"other"'), (404, "NoSuchKey"))
    equal(remove("none", if_match="*"), (404, "NoSuchKey"))
    all_hold = {"if_match": head["ETag"], "x_amz_if_match_size": "5", "x_amz_if_match_last_modified_time": when}
    equal(remove(**all_hold), (204, None))
    s3.put_object(Bucket=bucket, Key="k", Body=b"hello")
    equal(remove(if_match="*"), (204, None))
