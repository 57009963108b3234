# SPDX-License-Identifier: EUPL-1.2
from harness import boto, case, equal, new_bucket, refused


@case("200 with the region, 404, and 403 for what is foreign")
def _():
    bucket = new_bucket("head")
    answer = boto().head_bucket(Bucket=bucket)
    equal(answer["ResponseMetadata"]["HTTPHeaders"]["x-amz-bucket-region"], "fr-hdf-1")
    refused("404", boto().head_bucket, Bucket="no-such-bucket-here", status=404)
    refused("403", boto("alt").head_bucket, Bucket=bucket, status=403)
