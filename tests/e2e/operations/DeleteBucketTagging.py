# SPDX-License-Identifier: EUPL-1.2
from harness import boto, case, equal, new_bucket, refused


@case("removes them all; again is no error")
def _():
    s3, bucket = boto(), new_bucket("delete-tagging")
    s3.put_bucket_tagging(Bucket=bucket, Tagging={"TagSet": [{"Key": "k", "Value": "v"}]})
    for _ in range(2):
        equal(s3.delete_bucket_tagging(Bucket=bucket)["ResponseMetadata"]["HTTPStatusCode"], 204)
        refused("NoSuchTagSet", s3.get_bucket_tagging, Bucket=bucket, status=404)
