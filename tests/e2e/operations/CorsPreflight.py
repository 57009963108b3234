# SPDX-License-Identifier: EUPL-1.2
from urllib.parse import urlsplit

from harness import CA, ENDPOINT, REGION, account, boto, case, check, equal, new_bucket
from sigv4 import Raw, Signer

RULES = [
    {
        "AllowedHeaders": ["x-amz-*", "content-type"],
        "AllowedMethods": ["GET", "PUT"],
        "AllowedOrigins": ["https://*.beauvais.example"],
        "ExposeHeaders": ["ETag"],
        "MaxAgeSeconds": 60,
    },
    {"AllowedMethods": ["HEAD"], "AllowedOrigins": ["*"]},
]
SITE = "https://carte.beauvais.example"
signer = Signer(account("admin"), ENDPOINT, REGION) if ENDPOINT else None


def bucket():
    name = new_bucket("preflight")
    boto().put_bucket_cors(Bucket=name, CORSConfiguration={"CORSRules": RULES})
    return name


def options(target, host=None, **headers):
    fields = {k.replace("_", "-"): v for k, v in headers.items()}
    with Raw(ENDPOINT, CA) as connection:
        return connection.request("OPTIONS", target, {"host": host or urlsplit(ENDPOINT).netloc, **fields})


def asking(method, origin=SITE, headers=""):
    fields = {"origin": origin, "access_control_request_method": method}
    return {**fields, "access_control_request_headers": headers} if headers else fields


@case("what the rules allow is answered in their terms")
def _():
    answer = options(f"/{bucket()}/k", **asking("PUT", headers="X-Amz-Date, Content-Type"))
    equal(answer.status, 200)
    wanted = {
        "access-control-allow-origin": SITE,
        "access-control-allow-methods": "GET, PUT",
        "access-control-allow-headers": "x-amz-date, content-type",
        "access-control-expose-headers": "ETag",
        "access-control-max-age": "60",
        "access-control-allow-credentials": "true",
        "content-length": "0",
    }
    equal({k: answer.headers.get(k) for k in wanted}, wanted)
    check("Origin" in answer.headers["vary"], "Vary")
    other = options(f"/{bucket()}", **asking("HEAD", "http://elsewhere"))
    equal((other.status, other.headers["access-control-allow-origin"]), (200, "*"))


@case("the target of the request to come, signature and all: a presigned URL, a part")
def _():
    path = f"/{bucket()}/k"
    target = signer.presign("PUT", path)
    equal(options(target, **asking("PUT")).status, 200)
    equal(options(f"{path}?uploadId=a&partNumber=1", **asking("PUT")).status, 200)


@case("what they do not allow is 403, and a bucket without rules is like none")
def _():
    path = f"/{bucket()}/k"
    for fields in (
        asking("DELETE"),
        asking("GET", "https://beauvais.example.org"),
        asking("PUT", headers="authorization"),
    ):
        answer = options(path, **fields)
        equal((answer.status, answer.code), (403, "AccessForbidden"))
        check(b"CORSResponse: This CORS request is not allowed" in answer.body)
        check("access-control-allow-origin" not in answer.headers)
    bare = options(f"/{new_bucket('preflight-bare')}/k", **asking("GET"))
    none = options("/no-such-bucket-here/k", **asking("GET"))
    port = urlsplit(ENDPOINT).port
    nobody = options("/a-bucket/k", f"no-such-town.s3.localhost:{port}", **asking("GET"))
    for answer in (bare, none, nobody):
        equal((answer.status, answer.code), (403, "AccessForbidden"))
        check(b"CORS is not enabled for this bucket" in answer.body)


@case("half a preflight is 400")
def _():
    path = f"/{bucket()}/k"
    for fields in ({}, {"origin": SITE}, {"origin": SITE, "access_control_request_method": "PATCH"}):
        answer = options(path, **fields)
        equal((answer.status, answer.code), (400, "BadRequest"), str(fields))


@case("answers to the page carry the fields, refusals too; others do not")
def _():
    name = bucket()
    boto().put_object(Bucket=name, Key="k", Body=b"x")

    def get(key, origin=SITE, signed=True):
        path = f"/{name}/{key}"
        headers = {"origin": origin} if origin else {}
        with Raw(ENDPOINT, CA) as connection:
            sent = signer.sign("GET", path, headers=headers) if signed else {"host": signer.host, **headers}
            return connection.request("GET", path, sent)

    for key, signed, status in (("k", True, 200), ("none", True, 404), ("k", False, 403)):
        answer = get(key, signed=signed)
        equal((answer.status, answer.headers.get("access-control-allow-origin")), (status, SITE), key)
        equal(answer.headers["access-control-expose-headers"], "ETag")
    stranger = get("k", "https://elsewhere.example")
    check("access-control-allow-origin" not in stranger.headers and "Origin" in stranger.headers["vary"])
    check("vary" not in get("k", None).headers)
