# SPDX-License-Identifier: EUPL-1.2
from harness import boto, case, equal, new_bucket, refused


@case("none is an error of its own; what was put comes back")
def _():
    s3, bucket = boto("main"), new_bucket("get-website", "main")
    refused("NoSuchWebsiteConfiguration", s3.get_bucket_website, Bucket=bucket, status=404)
    site = {"IndexDocument": {"Suffix": "index.html"}, "ErrorDocument": {"Key": "erreur.html"}}
    s3.put_bucket_website(Bucket=bucket, WebsiteConfiguration=site)
    got = s3.get_bucket_website(Bucket=bucket)
    equal({k: got[k] for k in site}, site)
    refused("AccessDenied", boto("alt").get_bucket_website, Bucket=bucket, status=403)
