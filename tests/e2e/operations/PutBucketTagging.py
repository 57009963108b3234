# SPDX-License-Identifier: EUPL-1.2
from harness import boto, case, equal, kill_daemon, new_bucket, refused, start_daemon

s3 = boto()


def put(bucket, tags):
    return s3.put_bucket_tagging(Bucket=bucket, Tagging={"TagSet": [{"Key": k, "Value": v} for k, v in tags]})


@case("replaces the set, and survives a crash")
def _():
    bucket = new_bucket("put-tagging")
    put(bucket, [("a", "1"), ("b", "2")])
    equal(put(bucket, [("c", "3")])["ResponseMetadata"]["HTTPStatusCode"], 204)
    kill_daemon()
    start_daemon()
    equal(s3.get_bucket_tagging(Bucket=bucket)["TagSet"], [{"Key": "c", "Value": "3"}])


@case("limits: fifty tags, 128 and 256 characters, unique keys, not Amazon's own")
def _():
    bucket = new_bucket("put-tagging-limits")
    put(bucket, [(f"k{n}", "v") for n in range(50)])
    put(bucket, [("é" * 128, "é" * 256)])
    for bad in (
        [(f"k{n}", "v") for n in range(51)],
        [("é" * 129, "v")],
        [("k", "v" * 257)],
        [("k", "1"), ("k", "2")],
        [("aws:k", "v")],
        [("k<", "v")],
    ):
        refused("InvalidTag", put, bucket, bad, status=400)
    equal(len(s3.get_bucket_tagging(Bucket=bucket)["TagSet"]), 1)


@case("only by who may write to the bucket")
def _():
    bucket = new_bucket("put-tagging-main", "main")
    refused(
        "AccessDenied",
        boto("alt").put_bucket_tagging,
        Bucket=bucket,
        Tagging={"TagSet": [{"Key": "k", "Value": "v"}]},
        status=403,
    )
