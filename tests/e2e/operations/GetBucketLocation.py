# SPDX-License-Identifier: EUPL-1.2
from harness import boto, case, equal, new_bucket, refused


@case("the home region when none was given")
def _():
    equal(boto().get_bucket_location(Bucket=new_bucket("location"))["LocationConstraint"], "fr-hdf-1")
    refused("NoSuchBucket", boto().get_bucket_location, Bucket="no-such-bucket-here", status=404)
