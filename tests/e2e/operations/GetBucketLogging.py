# SPDX-License-Identifier: EUPL-1.2
from harness import boto, case, check, new_bucket, refused


@case("never on, said by an empty document; turning it on is not implemented")
def _():
    s3, bucket = boto("main"), new_bucket("logging", "main")
    check("LoggingEnabled" not in s3.get_bucket_logging(Bucket=bucket))
    refused("AccessDenied", boto("alt").get_bucket_logging, Bucket=bucket, status=403)
    refused("NoSuchBucket", s3.get_bucket_logging, Bucket="no-such-bucket-here", status=404)
    refused("NotImplemented", s3.put_bucket_logging, Bucket=bucket, BucketLoggingStatus={}, status=501)
