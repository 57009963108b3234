#!/usr/bin/python3
# SPDX-License-Identifier: EUPL-1.2
"""A bucket as a website: what a browser is given on <bucket>.<slug>.D, once a policy makes its pages public."""
import json

from harness import CA, ENDPOINT, boto, case, check, equal, main, new_bucket
from sigv4 import Raw

PORT = ENDPOINT.rpartition(":")[2]
s3 = boto()
PAGES = {
    "index.html": b"<h1>Beauvais</h1>",
    "plan/index.html": b"<h1>Plan</h1>",
    "plan/carte.html": b"<h1>Carte</h1>",
    "erreur.html": b"<h1>Introuvable</h1>",
}


def get(bucket, path, method="GET", **headers):
    host = f"{bucket}.beauvais.s3.localhost:{PORT}"
    # A wildcard covers one label: the certificate of the demonstration has no name for a bucket's own host.
    with Raw(ENDPOINT, CA, server_name=host.partition(":")[0], verify=False) as connection:
        return connection.request(method, path, {"host": host, **headers})


def site(prefix, **settings):
    """A public bucket with these pages."""
    bucket = new_bucket(prefix)
    public = {"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": f"arn:aws:s3:::{bucket}/*"}
    s3.delete_public_access_block(Bucket=bucket)
    s3.put_bucket_policy(Bucket=bucket, Policy=json.dumps({"Version": "2012-10-17", "Statement": [public]}))
    for key, body in PAGES.items():
        s3.put_object(Bucket=bucket, Key=key, Body=body, ContentType="text/html")
    whole = {"IndexDocument": {"Suffix": "index.html"}, **settings}
    s3.put_bucket_website(Bucket=bucket, WebsiteConfiguration=whole)
    return bucket


@case("the index of the site and of its folders; a folder without its slash is redirected")
def _():
    bucket = site("site")
    for path, page in (("/", "index.html"), ("/plan/", "plan/index.html"), ("/plan/carte.html", "plan/carte.html")):
        answer = get(bucket, path)
        equal((answer.status, answer.body), (200, PAGES[page]), path)
        equal(answer.headers["x-content-type-options"], "nosniff")
    equal(get(bucket, "/?utm_source=lettre").body, PAGES["index.html"])
    moved = get(bucket, "/plan")
    equal((moved.status, moved.headers["location"]), (302, "/plan/"))
    head = get(bucket, "/", "HEAD")
    equal((head.status, head.headers["content-length"]), (200, str(len(PAGES["index.html"]))))
    equal(get(bucket, "/", range="bytes=1-2").body, PAGES["index.html"][1:3])
    again = {"if-none-match": get(bucket, "/").headers["etag"]}
    equal(get(bucket, "/", **again).status, 304)


@case("what is not there: the error document, with the status of the error")
def _():
    bucket = site("site-error", ErrorDocument={"Key": "erreur.html"})
    answer = get(bucket, "/rien", range="bytes=0-1")
    check(answer.status in (403, 404), str(answer.status))
    equal(answer.body, PAGES["erreur.html"])
    check("content-range" not in answer.headers)
    equal(get(bucket, "/rien", "HEAD").status, answer.status)


@case("pages that moved, and sites that did")
def _():
    bucket = site("site-moved")
    s3.put_object(Bucket=bucket, Key="ancien", Body=b"x", WebsiteRedirectLocation="/plan/carte.html")
    moved = get(bucket, "/ancien")
    equal((moved.status, moved.headers["location"], moved.body), (301, "/plan/carte.html", b""))
    s3.put_bucket_website(
        Bucket=bucket,
        WebsiteConfiguration={"RedirectAllRequestsTo": {"HostName": "www.beauvais.example", "Protocol": "https"}},
    )
    whole = get(bucket, "/plan/carte.html")
    equal((whole.status, whole.headers["location"]), (301, "https://www.beauvais.example/plan/carte.html"))


@case("an S3 client is answered as ever: by its listing, by its signature, on the path")
def _():
    bucket = site("site-client")
    check(get(bucket, "/?prefix=x").status in (200, 403))
    check(b"<Error>" in get(bucket, "/?list-type=2").body)
    equal(s3.get_object(Bucket=bucket, Key="index.html")["Body"].read(), PAGES["index.html"])
    equal(s3.list_objects_v2(Bucket=bucket)["KeyCount"], len(PAGES))


@case("a site that is not public is no more than a bucket that is not")
def _():
    bucket = new_bucket("site-private")
    s3.put_object(Bucket=bucket, Key="index.html", Body=b"x")
    before = get(bucket, "/index.html")
    s3.put_bucket_website(Bucket=bucket, WebsiteConfiguration={"IndexDocument": {"Suffix": "index.html"}})
    after = get(bucket, "/index.html")
    equal((after.status, after.code, before.code), (403, "AccessDenied", "AccessDenied"))


if __name__ == "__main__":
    main()
