# SPDX-License-Identifier: EUPL-1.2
from harness import boto, case, equal, new_bucket, refused


@case("the owner pays; another is not implemented")
def _():
    s3, bucket = boto(), new_bucket("payment")
    equal(s3.get_bucket_request_payment(Bucket=bucket)["Payer"], "BucketOwner")
    refused(
        "NotImplemented",
        s3.put_bucket_request_payment,
        Bucket=bucket,
        RequestPaymentConfiguration={"Payer": "Requester"},
        status=501,
    )
