# SPDX-License-Identifier: EUPL-1.2
from harness import boto, case, equal, new_bucket, refused

RULES = [
    {
        "ID": "site",
        "AllowedHeaders": ["x-amz-*", "Content-Type"],
        "AllowedMethods": ["GET", "PUT"],
        "AllowedOrigins": ["https://*.beauvais.example"],
        "ExposeHeaders": ["ETag"],
        "MaxAgeSeconds": 3000,
    },
    {"AllowedMethods": ["GET"], "AllowedOrigins": ["*"]},
]


@case("none is an error of its own; what was put comes back")
def _():
    s3, bucket = boto("main"), new_bucket("get-cors", "main")
    refused("NoSuchCORSConfiguration", s3.get_bucket_cors, Bucket=bucket, status=404)
    s3.put_bucket_cors(Bucket=bucket, CORSConfiguration={"CORSRules": RULES})
    equal(s3.get_bucket_cors(Bucket=bucket)["CORSRules"], RULES)
    refused("AccessDenied", boto("alt").get_bucket_cors, Bucket=bucket, status=403)
