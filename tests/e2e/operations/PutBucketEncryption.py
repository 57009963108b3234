# SPDX-License-Identifier: EUPL-1.2
from harness import boto, case, equal, new_bucket, refused

s3 = boto()


def put(bucket, status=None, code=None, **default):
    rules = {"Rules": [{"ApplyServerSideEncryptionByDefault": default}]}
    arguments = {"Bucket": bucket, "ServerSideEncryptionConfiguration": rules}
    if code:
        return refused(code, s3.put_bucket_encryption, **arguments, status=status)
    return s3.put_bucket_encryption(**arguments)


@case("AES256 is accepted, what is not there is refused")
def _():
    bucket = new_bucket("encryption")
    equal(put(bucket, SSEAlgorithm="AES256")["ResponseMetadata"]["HTTPStatusCode"], 200)
    put(bucket, 501, "NotImplemented", SSEAlgorithm="aws:kms")
    put(bucket, 501, "NotImplemented", SSEAlgorithm="aws:kms:dsse")
    put(bucket, 400, "MalformedXML", SSEAlgorithm="ROT13")
    put(bucket, 400, "InvalidArgument", SSEAlgorithm="AES256", KMSMasterKeyID="k")
