# SPDX-License-Identifier: EUPL-1.2
from harness import boto, case, new_bucket, check


@case("a bucket without versions says so by an empty document")
def _():
    check("Status" not in boto().get_bucket_versioning(Bucket=new_bucket("versioning")))
