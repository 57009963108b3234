# SPDX-License-Identifier: EUPL-1.2
from harness import boto, case, equal, new_bucket, pattern, refused

s3 = boto()


@case("within a bucket, across buckets, small and large, sources deleted after")
def _():
    here, there = new_bucket("copy"), new_bucket("copy-to")
    for size in (0, 100, 8193, 300000):
        put = s3.put_object(Bucket=here, Key=f"s{size}", Body=pattern(size, 1), Metadata={"n": str(size)})
        copied = s3.copy_object(Bucket=there, Key=f"d{size}", CopySource=f"{here}/s{size}")
        equal(copied["CopyObjectResult"]["ETag"], put["ETag"])
        s3.delete_object(Bucket=here, Key=f"s{size}")
        got = s3.get_object(Bucket=there, Key=f"d{size}")
        equal((got["Body"].read(), got["Metadata"]), (pattern(size, 1), {"n": str(size)}))


@case("replaced metadata; onto itself only with a change")
def _():
    bucket = new_bucket("copy")
    s3.put_object(Bucket=bucket, Key="self", Body=b"x", Metadata={"a": "1"})
    refused(
        "InvalidRequest", s3.copy_object, Bucket=bucket, Key="self", CopySource=f"{bucket}/self", status=400
    )
    s3.copy_object(
        Bucket=bucket,
        Key="self",
        CopySource=f"{bucket}/self",
        MetadataDirective="REPLACE",
        Metadata={"b": "2"},
        ContentType="text/x",
    )
    head = s3.head_object(Bucket=bucket, Key="self")
    equal((head["Metadata"], head["ContentType"]), ({"b": "2"}, "text/x"))


@case("conditions on the source")
def _():
    bucket = new_bucket("copy")
    etag = s3.put_object(Bucket=bucket, Key="cond", Body=b"x")["ETag"]
    s3.copy_object(Bucket=bucket, Key="c1", CopySource=f"{bucket}/cond", CopySourceIfMatch=etag)
    refused(
        "PreconditionFailed",
        s3.copy_object,
        Bucket=bucket,
        Key="c2",
        CopySource=f"{bucket}/cond",
        CopySourceIfNoneMatch=etag,
        status=412,
    )


@case("refusals: no source, a source of another user, of another collectivity")
def _():
    bucket, other = new_bucket("copy"), new_bucket("copy-alt", "alt")
    s3.put_object(Bucket=bucket, Key="mine", Body=b"x")
    refused("NoSuchKey", s3.copy_object, Bucket=bucket, Key="c", CopySource=f"{bucket}/none", status=404)
    refused(
        "AccessDenied",
        boto("alt").copy_object,
        Bucket=other,
        Key="c",
        CopySource=f"{bucket}/mine",
        status=403,
    )
    foreign = new_bucket("copy-tenant", "tenant")
    refused(
        "NoSuchBucket",
        boto("tenant").copy_object,
        Bucket=foreign,
        Key="c",
        CopySource=f"{bucket}/mine",
        status=404,
    )
