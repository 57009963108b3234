# SPDX-License-Identifier: EUPL-1.2
from harness import boto, case, equal, new_bucket, refused


@case("removes the rules; again is no error")
def _():
    s3, bucket = boto(), new_bucket("delete-cors")
    rule = {"AllowedMethods": ["GET"], "AllowedOrigins": ["*"]}
    s3.put_bucket_cors(Bucket=bucket, CORSConfiguration={"CORSRules": [rule]})
    for _ in range(2):
        equal(s3.delete_bucket_cors(Bucket=bucket)["ResponseMetadata"]["HTTPStatusCode"], 204)
        refused("NoSuchCORSConfiguration", s3.get_bucket_cors, Bucket=bucket, status=404)
