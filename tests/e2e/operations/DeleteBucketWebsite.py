# SPDX-License-Identifier: EUPL-1.2
from harness import boto, case, equal, new_bucket, refused


@case("removes the site; again is no error")
def _():
    s3, bucket = boto(), new_bucket("delete-website")
    site = {"IndexDocument": {"Suffix": "index.html"}}
    s3.put_bucket_website(Bucket=bucket, WebsiteConfiguration=site)
    for _ in range(2):
        equal(s3.delete_bucket_website(Bucket=bucket)["ResponseMetadata"]["HTTPStatusCode"], 204)
        refused("NoSuchWebsiteConfiguration", s3.get_bucket_website, Bucket=bucket, status=404)
