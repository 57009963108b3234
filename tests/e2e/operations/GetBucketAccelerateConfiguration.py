# SPDX-License-Identifier: EUPL-1.2
from harness import boto, case, check, new_bucket, refused


@case("never on, said by an empty document; turning it on is not implemented")
def _():
    s3, bucket = boto(), new_bucket("accelerate")
    check("Status" not in s3.get_bucket_accelerate_configuration(Bucket=bucket))
    refused(
        "NotImplemented",
        s3.put_bucket_accelerate_configuration,
        Bucket=bucket,
        AccelerateConfiguration={"Status": "Enabled"},
        status=501,
    )
