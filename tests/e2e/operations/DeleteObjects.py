# SPDX-License-Identifier: EUPL-1.2
import datetime
import re

from asking import ask
from harness import boto, case, equal, new_bucket, refused

s3 = boto()


@case("a thousand at once, quiet or not, absent ones too")
def _():
    bucket = new_bucket("deleteobjects")
    for n in range(20):
        s3.put_object(Bucket=bucket, Key=f"k{n}&<é>", Body=b"x")
    answer = s3.delete_objects(Bucket=bucket, Delete={"Objects": [{"Key": f"k{n}&<é>"} for n in range(10)]})
    equal([d["Key"] for d in answer["Deleted"]], [f"k{n}&<é>" for n in range(10)])
    answer = s3.delete_objects(
        Bucket=bucket, Delete={"Objects": [{"Key": f"k{n}&<é>"} for n in range(1000)], "Quiet": True}
    )
    equal((answer.get("Deleted", []), answer.get("Errors", [])), ([], []))
    equal(s3.list_objects_v2(Bucket=bucket)["KeyCount"], 0)


@case("refusals: more than a thousand, another's bucket")
def _():
    bucket = new_bucket("deleteobjects")
    refused(
        "MalformedXML",
        s3.delete_objects,
        Bucket=bucket,
        Delete={"Objects": [{"Key": f"k{n}"} for n in range(1001)]},
        status=400,
    )
    refused(
        "NoSuchBucket",
        s3.delete_objects,
        Bucket="no-such-bucket-here",
        Delete={"Objects": [{"Key": "k"}]},
        status=404,
    )


@case("conditions of each key: ETag, size, time")
def _():
    bucket = new_bucket("deleteobjects-conditions")
    for key in ("etag", "size", "time", "all", "kept", "kept-size", "kept-time"):
        s3.put_object(Bucket=bucket, Key=key, Body=b"hello")
    head = s3.head_object(Bucket=bucket, Key="all")
    etag, earlier = head["ETag"], head["LastModified"] - datetime.timedelta(days=1)
    # In one second all were put, or in two: each has a time of its own.
    times = {k: s3.head_object(Bucket=bucket, Key=k)["LastModified"] for k in ("time", "all")}
    wanted = {
        "etag": f"<ETag>{etag}</ETag>",
        "size": "<Size>5</Size>",
        "time": f"<LastModifiedTime>{times['time']:%Y-%m-%dT%H:%M:%SZ}</LastModifiedTime>",
        "all": f"<ETag>{etag}</ETag><LastModifiedTime>{times['all']:%a, %d %b %Y %H:%M:%S GMT}</LastModifiedTime><Size>5</Size>",
        "kept": "<ETag>other</ETag>",
        "kept-size": "<Size>4</Size>",
        "kept-time": f"<LastModifiedTime>{earlier:%Y-%m-%dT%H:%M:%SZ}</LastModifiedTime>",
        "none": "<ETag>other</ETag>",
    }
    objects = "".join(f"<Object><Key>{k}</Key>{c}</Object>" for k, c in wanted.items())
    body = f"<Delete>{objects}</Delete>".encode()
    answer = ask("POST", f"/{bucket}", [("delete", "")], body=body, who="admin")
    equal(answer.status, 200)
    errors = re.findall(rb"<Error><Key>([^<]+)</Key><Code>([^<]+)</Code>", answer.body)
    equal(
        {k.decode(): c.decode() for k, c in errors},
        {**dict.fromkeys(("kept", "kept-size", "kept-time"), "PreconditionFailed"), "none": "NoSuchKey"},
    )
    left = [o["Key"] for o in s3.list_objects_v2(Bucket=bucket)["Contents"]]
    equal(left, ["kept", "kept-size", "kept-time"])
