# SPDX-License-Identifier: EUPL-1.2
from harness import boto, case, check, new_bucket, refused


@case("none, said by an empty document; asking for some is not implemented")
def _():
    s3, bucket = boto(), new_bucket("notification")
    answer = s3.get_bucket_notification_configuration(Bucket=bucket)
    check(not set(answer) - {"ResponseMetadata"}, str(answer))
    refused(
        "NotImplemented",
        s3.put_bucket_notification_configuration,
        Bucket=bucket,
        NotificationConfiguration={},
        status=501,
    )
