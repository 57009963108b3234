# SPDX-License-Identifier: EUPL-1.2
from harness import boto, case, check, equal, new_bucket, refused

s3 = boto()


def set_versioning(bucket, status):
    s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": status})


@case("enabled: each PUT keeps the version before it")
def _():
    bucket = new_bucket("versioned")
    set_versioning(bucket, "Enabled")
    equal(s3.get_bucket_versioning(Bucket=bucket)["Status"], "Enabled")
    first = s3.put_object(Bucket=bucket, Key="k", Body=b"un")["VersionId"]
    second = s3.put_object(Bucket=bucket, Key="k", Body=b"deux")["VersionId"]
    check(first != second and len(first) == 26)
    equal(s3.get_object(Bucket=bucket, Key="k")["Body"].read(), b"deux")
    answer = s3.get_object(Bucket=bucket, Key="k", VersionId=first)
    equal((answer["Body"].read(), answer["VersionId"]), (b"un", first))
    equal(s3.head_object(Bucket=bucket, Key="k", VersionId=second)["ContentLength"], 4)


@case("a delete marker hides, its removal brings back")
def _():
    bucket = new_bucket("versioned")
    version = s3.put_object(Bucket=bucket, Key="m", Body=b"ici")["VersionId"]
    marker = s3.delete_object(Bucket=bucket, Key="m")
    check(marker["DeleteMarker"])
    error = refused("NoSuchKey", s3.get_object, Bucket=bucket, Key="m", status=404)
    headers = error["ResponseMetadata"]["HTTPHeaders"]
    equal((headers["x-amz-delete-marker"], headers["x-amz-version-id"]), ("true", marker["VersionId"]))
    error = refused(
        "MethodNotAllowed", s3.get_object, Bucket=bucket, Key="m", VersionId=marker["VersionId"], status=405
    )
    equal(error["ResponseMetadata"]["HTTPHeaders"]["x-amz-delete-marker"], "true")
    refused("404", s3.head_object, Bucket=bucket, Key="m", status=404)
    equal(s3.get_object(Bucket=bucket, Key="m", VersionId=version)["Body"].read(), b"ici")
    undone = s3.delete_object(Bucket=bucket, Key="m", VersionId=marker["VersionId"])
    equal((undone["DeleteMarker"], undone["VersionId"]), (True, marker["VersionId"]))
    equal(s3.get_object(Bucket=bucket, Key="m")["Body"].read(), b"ici")


@case("suspended: one null version, whatever stood before stays")
def _():
    bucket = new_bucket("suspended")
    s3.put_object(Bucket=bucket, Key="k", Body=b"avant")
    set_versioning(bucket, "Enabled")
    kept = s3.put_object(Bucket=bucket, Key="k", Body=b"version")["VersionId"]
    equal(s3.get_object(Bucket=bucket, Key="k", VersionId="null")["Body"].read(), b"avant")
    set_versioning(bucket, "Suspended")
    check("VersionId" not in s3.put_object(Bucket=bucket, Key="k", Body=b"nul"), "writers are not told of `null`")
    equal(s3.head_object(Bucket=bucket, Key="k")["VersionId"], "null")
    equal(s3.get_object(Bucket=bucket, Key="k", VersionId="null")["Body"].read(), b"nul")
    equal(s3.get_object(Bucket=bucket, Key="k", VersionId=kept)["Body"].read(), b"version")
    equal(s3.delete_object(Bucket=bucket, Key="k")["VersionId"], "null")
    listing = s3.list_object_versions(Bucket=bucket)
    equal([v["VersionId"] for v in listing["Versions"]], [kept])
    equal([m["VersionId"] for m in listing["DeleteMarkers"]], ["null"])


@case("multipart and copies make versions; an old version is copied")
def _():
    bucket = new_bucket("versioned")
    first = s3.put_object(Bucket=bucket, Key="src", Body=b"a" * 20_000)["VersionId"]
    s3.put_object(Bucket=bucket, Key="src", Body=b"b" * 20_000)
    source = {"Bucket": bucket, "Key": "src", "VersionId": first}
    copied = s3.copy_object(Bucket=bucket, Key="copy", CopySource=source)
    equal(copied["CopySourceVersionId"], first)
    equal(s3.get_object(Bucket=bucket, Key="copy", VersionId=copied["VersionId"])["Body"].read(), b"a" * 20_000)
    restored = s3.copy_object(Bucket=bucket, Key="src", CopySource=source)
    equal(s3.get_object(Bucket=bucket, Key="src")["VersionId"], restored["VersionId"])
    upload = s3.create_multipart_upload(Bucket=bucket, Key="src")["UploadId"]
    part = s3.upload_part_copy(Bucket=bucket, Key="src", UploadId=upload, PartNumber=1, CopySource=source)
    equal(part["CopySourceVersionId"], first)
    done = s3.complete_multipart_upload(
        Bucket=bucket,
        Key="src",
        UploadId=upload,
        MultipartUpload={"Parts": [{"PartNumber": 1, "ETag": part["CopyPartResult"]["ETag"]}]},
    )
    equal(s3.get_object(Bucket=bucket, Key="src")["VersionId"], done["VersionId"])
    equal(len([v for v in s3.list_object_versions(Bucket=bucket, Prefix="src")["Versions"]]), 4)


@case("refusals")
def _():
    bucket = new_bucket("versioned")
    refused(
        "IllegalVersioningConfigurationException",
        s3.put_bucket_versioning,
        Bucket=bucket,
        VersioningConfiguration={"Status": "Off"},
        status=400,
    )
    refused(
        "NotImplemented",
        s3.put_bucket_versioning,
        Bucket=bucket,
        VersioningConfiguration={"Status": "Enabled", "MFADelete": "Enabled"},
        status=501,
    )
    refused("NoSuchVersion", s3.get_object, Bucket=bucket, Key="src", VersionId="A" * 26, status=404)
    refused("InvalidArgument", s3.get_object, Bucket=bucket, Key="src", VersionId="garbage", status=400)
    refused(
        "NoSuchBucket",
        s3.put_bucket_versioning,
        Bucket="no-such-bucket-here",
        VersioningConfiguration={"Status": "Enabled"},
        status=404,
    )
    refused(
        "AccessDenied",
        boto("alt").put_bucket_versioning,
        Bucket=bucket,
        VersioningConfiguration={"Status": "Enabled"},
        status=403,
    )
    refused("BucketNotEmpty", s3.delete_bucket, Bucket=bucket, status=409)
