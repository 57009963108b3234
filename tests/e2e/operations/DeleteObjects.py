# SPDX-License-Identifier: EUPL-1.2
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
