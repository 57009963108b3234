# SPDX-License-Identifier: EUPL-1.2
from harness import boto, case, new_bucket, refused


@case("none, by S3's own error")
def _():
    s3, bucket = boto(), new_bucket("replication")
    refused("ReplicationConfigurationNotFoundError", s3.get_bucket_replication, Bucket=bucket, status=404)
    refused("NotImplemented", s3.delete_bucket_replication, Bucket=bucket, status=501)
