# SPDX-License-Identifier: EUPL-1.2
from harness import boto, case, check, equal, new_bucket, refused

s3 = boto()
INDEX = {"IndexDocument": {"Suffix": "index.html"}}


def put(bucket, **site):
    return s3.put_bucket_website(Bucket=bucket, WebsiteConfiguration=site)


@case("what is no site is refused; routing rules are not implemented")
def _():
    bucket = new_bucket("put-website")
    for code, status, site in (
        ("InvalidArgument", 400, {"ErrorDocument": {"Key": "e"}}),
        ("InvalidArgument", 400, {"IndexDocument": {"Suffix": "a/b"}}),
        ("InvalidRequest", 400, {"RedirectAllRequestsTo": {"HostName": "x", "Protocol": "ftp"}}),
        ("NotImplemented", 501, {**INDEX, "RoutingRules": [{"Redirect": {"ReplaceKeyWith": "x"}}]}),
    ):
        refused(code, put, bucket, **site, status=status)
    refused("NoSuchWebsiteConfiguration", s3.get_bucket_website, Bucket=bucket, status=404)
    put(bucket, RedirectAllRequestsTo={"HostName": "www.beauvais.example", "Protocol": "https"})
    equal(s3.get_bucket_website(Bucket=bucket)["RedirectAllRequestsTo"]["HostName"], "www.beauvais.example")
    arguments = {"Bucket": bucket, "WebsiteConfiguration": INDEX}
    refused("AccessDenied", boto("alt").put_bucket_website, **arguments, status=403)


@case("where a page moved is kept with it, and is of that object alone")
def _():
    bucket, moved = new_bucket("put-website"), "WebsiteRedirectLocation"
    s3.put_object(Bucket=bucket, Key="old", Body=b"x", WebsiteRedirectLocation="/new")
    equal(s3.head_object(Bucket=bucket, Key="old")[moved], "/new")
    s3.copy_object(Bucket=bucket, Key="copy", CopySource={"Bucket": bucket, "Key": "old"})
    check(moved not in s3.head_object(Bucket=bucket, Key="copy"))
    upload = {"Bucket": bucket, "Key": "parts"}
    upload["UploadId"] = s3.create_multipart_upload(**upload, WebsiteRedirectLocation="https://a.example/")["UploadId"]
    etag = s3.upload_part(**upload, PartNumber=1, Body=b"x")["ETag"]
    s3.complete_multipart_upload(**upload, MultipartUpload={"Parts": [{"PartNumber": 1, "ETag": etag}]})
    equal(s3.head_object(Bucket=bucket, Key="parts")[moved], "https://a.example/")
    refused(
        "InvalidRedirectLocation",
        s3.put_object,
        Bucket=bucket,
        Key="bad",
        Body=b"x",
        WebsiteRedirectLocation="javascript:x",
        status=400,
    )
