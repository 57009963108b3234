# SPDX-License-Identifier: EUPL-1.2
from harness import boto, case, equal, new_bucket, refused

s3 = boto()


def put(bucket, **rule):
    rule = {"AllowedMethods": ["GET"], "AllowedOrigins": ["*"], **rule}
    return s3.put_bucket_cors(Bucket=bucket, CORSConfiguration={"CORSRules": [rule]})


@case("what S3 does not allow in a rule is refused by name")
def _():
    bucket = new_bucket("put-cors")
    for bad in (
        {"AllowedMethods": ["PATCH"]},
        {"AllowedOrigins": ["http://*.*.example"]},
        {"AllowedHeaders": ["*-*"]},
        {"ExposeHeaders": ["x-*"]},
    ):
        refused("InvalidRequest", put, bucket, **bad, status=400)
    refused("MalformedXML", s3.put_bucket_cors, Bucket=bucket, CORSConfiguration={"CORSRules": []}, status=400)
    refused("NoSuchCORSConfiguration", s3.get_bucket_cors, Bucket=bucket, status=404)


@case("replaces what was there; only by who may write")
def _():
    bucket = new_bucket("put-cors")
    put(bucket, AllowedMethods=["GET", "PUT"])
    put(bucket, AllowedMethods=["DELETE"])
    equal(s3.get_bucket_cors(Bucket=bucket)["CORSRules"][0]["AllowedMethods"], ["DELETE"])
    rule = {"AllowedMethods": ["GET"], "AllowedOrigins": ["*"]}
    refused(
        "AccessDenied",
        boto("alt").put_bucket_cors,
        Bucket=bucket,
        CORSConfiguration={"CORSRules": [rule]},
        status=403,
    )
