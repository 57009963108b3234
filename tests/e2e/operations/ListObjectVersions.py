# SPDX-License-Identifier: EUPL-1.2
from harness import boto, case, check, equal, new_bucket, refused

s3 = boto()
made = {}


def filled():
    """a: two versions; b/1, b/2 (marked), c: one."""
    bucket = new_bucket("list-versions")
    if made:
        return bucket
    s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    for name, key in (("a1", "a"), ("a2", "a"), ("b1", "b/1"), ("b2", "b/2"), ("c1", "c")):
        made[name] = s3.put_object(Bucket=bucket, Key=key, Body=name.encode())["VersionId"]
    made["b2m"] = s3.delete_object(Bucket=bucket, Key="b/2")["VersionId"]
    return bucket


def names(answer):
    """The versions by the names above, in the order of the answer's own lists."""
    known = {version: name for name, version in made.items()}
    return (
        [known[v["VersionId"]] for v in answer.get("Versions", [])],
        [known[m["VersionId"]] for m in answer.get("DeleteMarkers", [])],
    )


@case("newest first of each key, the latest marked so")
def _():
    answer = s3.list_object_versions(Bucket=filled())
    equal(names(answer), (["a2", "a1", "b1", "b2", "c1"], ["b2m"]))
    equal([v["IsLatest"] for v in answer["Versions"]], [True, False, True, False, True])
    equal(answer["DeleteMarkers"][0]["IsLatest"], True)
    check(all(v["Owner"]["ID"] and v["ETag"] and v["Size"] == 2 for v in answer["Versions"]))


@case("pages of one: each version once")
def _():
    bucket = filled()
    versions, markers = [], []
    for page in s3.get_paginator("list_object_versions").paginate(
        Bucket=bucket, PaginationConfig={"PageSize": 1}
    ):
        of_page = names(page)
        check(len(of_page[0]) + len(of_page[1]) == 1)
        versions += of_page[0]
        markers += of_page[1]
    equal((versions, markers), (["a2", "a1", "b1", "b2", "c1"], ["b2m"]))


@case("both markers, prefix and delimiter")
def _():
    bucket = filled()
    answer = s3.list_object_versions(Bucket=bucket, KeyMarker="a", VersionIdMarker=made["a2"])
    equal(names(answer), (["a1", "b1", "b2", "c1"], ["b2m"]))
    equal(names(s3.list_object_versions(Bucket=bucket, KeyMarker="a")), (["b1", "b2", "c1"], ["b2m"]))
    answer = s3.list_object_versions(Bucket=bucket, Delimiter="/")
    equal(names(answer), (["a2", "a1", "c1"], []))
    equal([p["Prefix"] for p in answer["CommonPrefixes"]], ["b/"])
    equal(names(s3.list_object_versions(Bucket=bucket, Prefix="b/2")), (["b2"], ["b2m"]))
    answer = s3.list_object_versions(Bucket=bucket, MaxKeys=0)
    equal((names(answer), answer["IsTruncated"]), (([], []), False))


@case("a bucket that was never versioned: null")
def _():
    bucket = new_bucket("list-unversioned")
    s3.put_object(Bucket=bucket, Key="k", Body=b"1")
    s3.put_object(Bucket=bucket, Key="k", Body=b"2")
    answer = s3.list_object_versions(Bucket=bucket)
    equal([(v["Key"], v["VersionId"], v["IsLatest"]) for v in answer["Versions"]], [("k", "null", True)])


@case("bulk delete by version")
def _():
    bucket = new_bucket("delete-versions")
    s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    first = s3.put_object(Bucket=bucket, Key="k", Body=b"1")["VersionId"]
    answer = s3.delete_objects(Bucket=bucket, Delete={"Objects": [{"Key": "k"}, {"Key": "none"}]})
    check(all(d["DeleteMarker"] and d["DeleteMarkerVersionId"] for d in answer["Deleted"]))
    listing = s3.list_object_versions(Bucket=bucket)
    everything = [
        {"Key": v["Key"], "VersionId": v["VersionId"]} for v in listing["Versions"] + listing["DeleteMarkers"]
    ]
    equal(len(everything), 3)
    answer = s3.delete_objects(Bucket=bucket, Delete={"Objects": everything})
    equal(sorted(d["VersionId"] for d in answer["Deleted"]), sorted(v["VersionId"] for v in everything))
    check(first in [d["VersionId"] for d in answer["Deleted"]])
    s3.delete_bucket(Bucket=bucket)


@case("refusals")
def _():
    bucket = filled()
    refused("InvalidArgument", s3.list_object_versions, Bucket=bucket, VersionIdMarker=made["a1"], status=400)
    refused("InvalidArgument", s3.list_object_versions, Bucket=bucket, KeyMarker="a", VersionIdMarker="x", status=400)
    refused("NoSuchBucket", s3.list_object_versions, Bucket="no-such-bucket-here", status=404)
    refused("AccessDenied", boto("alt").list_object_versions, Bucket=bucket, status=403)
