# SPDX-License-Identifier: EUPL-1.2
import base64
import datetime
import hashlib
import hmac
import json
import os
import pathlib
import time
from urllib.parse import parse_qs, urlsplit

from harness import (
    BIN,
    CA,
    CUSTOMER,
    ENDPOINT,
    MIB,
    REGION,
    account,
    boto,
    case,
    check,
    ctl,
    equal,
    new_bucket,
    pattern,
    refused,
    scratch,
    shell,
)
from sigv4 import Raw, Signer, now_utc, signing_key

s3 = boto(signature_version="s3v4")
BOUNDARY = "----beffroi"


def part(name, value, extra=""):
    head = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"{extra}\r\n\r\n'
    return head.encode() + (value if isinstance(value, bytes) else value.encode()) + b"\r\n"


def form(fields, data, name="a.txt", after=b""):
    """The body of a form, as a browser writes it."""
    head = b"".join(part(k, v) for k, v in fields)
    return head + part("file", data, f'; filename="{name}"') + after + f"--{BOUNDARY}--\r\n".encode()


def send(bucket, body, headers=None):
    sent = {
        "host": urlsplit(ENDPOINT).netloc,
        "content-type": f"multipart/form-data; boundary={BOUNDARY}",
        **(headers or {}),
    }
    with Raw(ENDPOINT, CA, timeout=60) as connection:
        return connection.request("POST", f"/{bucket}", sent, body)


def sign(bucket, conditions, user="admin", seconds=600, secret=None, when=None):
    """The fields of a signed policy; each condition that names one field is met by the caller."""
    who, stamp = account(user), (when or now_utc()).strftime("%Y%m%dT%H%M%SZ")
    fields = [
        ("x-amz-algorithm", "AWS4-HMAC-SHA256"),
        ("x-amz-credential", f"{who['access_key_id']}/{stamp[:8]}/{REGION}/s3/aws4_request"),
        ("x-amz-date", stamp),
    ]
    until = (now_utc() + datetime.timedelta(seconds=seconds)).strftime("%Y-%m-%dT%H:%M:%SZ")
    whole = [{"bucket": bucket}, *({k: v} for k, v in fields), *conditions]
    policy = base64.b64encode(json.dumps({"expiration": until, "conditions": whole}).encode()).decode()
    key = signing_key(secret or who["secret_access_key"], stamp[:8], REGION)
    signature = hmac.new(key, policy.encode(), hashlib.sha256).hexdigest()
    return [*fields, ("policy", policy), ("x-amz-signature", signature)]


def post(bucket, fields, conditions, data=b"hello", **signing):
    return send(bucket, form([*fields, *sign(bucket, conditions, **signing)], data))


def stored(bucket, key):
    return s3.get_object(Bucket=bucket, Key=key)["Body"].read()


@case("boto3's form, sent by curl: 204, the ETag, the name of the file in the key")
def _():
    bucket = new_bucket("post")
    made = s3.generate_presigned_post(bucket, "dossier/${filename}", ExpiresIn=60)
    with scratch() as folder:
        pathlib.Path(folder, "été.txt").write_bytes(b"hello")
        fields = [a for k, v in made["fields"].items() for a in ("-F", f"{k}={v}")]
        printed = shell(
            ["curl", "-sS", "--cacert", CA, "-D", "-", *fields, "-F", f"file=@{folder}/été.txt", made["url"]]
        )
    check(" 204" in printed.splitlines()[0], printed)
    check(hashlib.md5(b"hello").hexdigest() in printed)
    equal(stored(bucket, "dossier/été.txt"), b"hello")


@case("headers, metadata and tags of the object; 201 with its document")
def _():
    bucket = new_bucket("post")
    tags = "<Tagging><TagSet><Tag><Key>a</Key><Value>b</Value></Tag></TagSet></Tagging>"
    fields = [
        ("key", "fields"),
        ("Content-Type", "text/csv"),
        ("acl", "private"),
        ("x-amz-meta-auteur", "mairie"),
        ("tagging", tags),
        ("success_action_status", "201"),
        ("x-ignore-me", "x"),
    ]
    conditions = [["starts-with", f"${k}", ""] for k, _ in fields[:-1]]
    answer = post(bucket, fields, conditions)
    equal(answer.status, 201)
    for wanted in (b"<PostResponse", b"<Bucket>" + bucket.encode(), b"<Key>fields</Key>", b"<ETag>&quot;"):
        check(wanted in answer.body, str(answer.body))
    head = s3.head_object(Bucket=bucket, Key="fields")
    equal((head["ContentType"], head["Metadata"]), ("text/csv", {"auteur": "mairie"}))
    equal(head["ResponseMetadata"]["HTTPHeaders"].get("x-amz-tagging-count"), "1")


@case("redirected where the form says, else 200 or 204")
def _():
    bucket, any_key = new_bucket("post"), ["starts-with", "$key", ""]
    for status, wanted in (("200", 200), ("404", 204), ("x", 204)):
        condition = ["starts-with", "$success_action_status", ""]
        answer = post(bucket, [("key", "s"), ("success_action_status", status)], [any_key, condition])
        equal(answer.status, wanted)
    condition = ["starts-with", "$success_action_redirect", ""]
    to = [("key", "a b"), ("success_action_redirect", "https://mairie.example/merci?x=1")]
    answer = post(bucket, to, [any_key, condition])
    place = urlsplit(answer.headers["location"])
    equal((answer.status, place.netloc, place.path), (303, "mairie.example", "/merci"))
    asked = parse_qs(place.query)
    equal((asked["x"], asked["bucket"], asked["key"]), (["1"], [bucket], ["a b"]))
    equal(post(bucket, [("key", "s"), ("success_action_redirect", "javascript:x")], [any_key, condition]).status, 204)


@case("files of every size, with fields behind them that are ignored")
def _():
    bucket = new_bucket("post-size")
    sizes = [0, 1, 8191, 8192, 8193, 65535, 65536, 65537, 131072, MIB + 1, 5 * MIB, 40 * MIB + 3]
    for size in sizes:
        for after in (b"", part("submit", "Upload") + part("big", "x" * 9000)):
            data, key = pattern(size, size), f"{size}-{len(after)}"
            fields = [("key", key), *sign(bucket, [["starts-with", "$key", ""]])]
            equal(send(bucket, form(fields, data, after=after)).status, 204, key)
            head = s3.head_object(Bucket=bucket, Key=key)
            equal((head["ContentLength"], head["ETag"]), (size, f'"{hashlib.md5(data).hexdigest()}"'), key)
            check(stored(bucket, key) == data, key)
    shell([BIN / "beffroictl", "--socket", os.environ["BEFFROI_SOCKET"], "check", "--rate", "10GiB"])


@case("the length is bounded by the policy, while it comes")
def _():
    bucket = new_bucket("post")
    bounds = [["starts-with", "$key", ""], ["content-length-range", 5, 100000]]
    for size, wanted in ((4, "EntityTooSmall"), (5, None), (100000, None), (100001, "EntityTooLarge")):
        answer = post(bucket, [("key", f"range-{size}")], bounds, pattern(size, 1))
        equal((answer.status, answer.code or None), (400 if wanted else 204, wanted), size)
    answer = post(bucket, [("key", "range-huge")], bounds, bytes(3 * MIB))
    equal((answer.status, answer.code), (400, "EntityTooLarge"))
    listed = s3.list_objects_v2(Bucket=bucket, Prefix="range-")
    equal(sorted(o["Key"] for o in listed["Contents"]), ["range-100000", "range-5"])


@case("a policy that does not hold: 403, and nothing stored")
def _():
    bucket, other = new_bucket("post-refused"), new_bucket("post-other")
    mine = ["starts-with", "$key", "user/"]
    signed = sign(bucket, [mine])
    cases = {
        "another key": form([("key", "admin/k"), *signed], b"x"),
        "a field without condition": form([("key", "user/k"), ("x-amz-meta-a", "1"), *signed], b"x"),
        "another bucket by a field": form([("key", "user/k"), ("bucket", other), *signed], b"x"),
        "expired": form([("key", "user/k"), *sign(bucket, [mine], seconds=-1)], b"x"),
        "the policy of another bucket": form([("key", "user/k"), *sign(other, [mine])], b"x"),
        "no policy": form([("key", "user/k"), *sign(bucket, [mine])[:3]], b"x"),
    }
    for what, body in cases.items():
        answer = send(bucket, body)
        equal((answer.status, answer.code), (403, "AccessDenied"), what)
    wrong = post(bucket, [("key", "user/k")], [mine], secret="x" * 40)
    equal((wrong.status, wrong.code), (403, "SignatureDoesNotMatch"))
    altered = [(k, v[:-4] + "AAA=" if k == "policy" else v) for k, v in signed]
    equal(send(bucket, form([("key", "user/k"), *altered], b"x")).code, "SignatureDoesNotMatch")
    stranger = post(bucket, [("key", "user/k")], [mine], user="alt")
    equal((stranger.status, stranger.code), (403, "AccessDenied"))
    old = post(bucket, [("key", "user/k")], [mine], when=now_utc() - datetime.timedelta(days=8))
    equal(old.status, 403, "a signature of last week")
    for name in (bucket, other):
        equal(s3.list_objects_v2(Bucket=name)["KeyCount"], 0)


@case("anonymous, where nothing is granted: 403")
def _():
    answer = send(new_bucket("post"), form([("key", "k")], b"x"))
    equal((answer.status, answer.code), (403, "AccessDenied"))


@case("anonymous, where a policy lets anyone put under a prefix: there, and nowhere else")
def _():
    bucket = new_bucket("post-public")
    place = f"arn:aws:s3:::{bucket}/depot/*"
    public = {"Effect": "Allow", "Principal": "*", "Action": "s3:PutObject", "Resource": place}
    s3.delete_public_access_block(Bucket=bucket)
    s3.put_bucket_policy(Bucket=bucket, Policy=json.dumps({"Version": "2012-10-17", "Statement": [public]}))
    equal(send(bucket, form([("key", "depot/${filename}")], b"x")).status, 204)
    equal(stored(bucket, "depot/a.txt"), b"x")
    for key in ("autre", "depot", "depo/x"):
        answer = send(bucket, form([("key", key)], b"x"))
        equal((answer.status, answer.code), (403, "AccessDenied"), key)
    equal(s3.list_objects_v2(Bucket=bucket)["KeyCount"], 1)


@case("what is no form, or half of one: 4xx, and nothing stored")
def _():
    bucket = new_bucket("post-malformed")
    signed = sign(bucket, [["starts-with", "$key", ""]])
    whole = form([("key", "k"), *signed], b"x" * 1000)
    cases = [
        ("MalformedPOSTRequest", 400, whole.replace(f"--{BOUNDARY}--".encode(), b"--nothing--"), {}),
        ("MalformedPOSTRequest", 400, b"preamble" + whole, {}),
        ("IncorrectNumberOfFilesInPostRequest", 400, b"".join(part(k, v) for k, v in signed) + f"--{BOUNDARY}--".encode(), {}),
        ("PreconditionFailed", 412, whole, {"content-type": "application/x-www-form-urlencoded"}),
        ("InvalidArgument", 400, form(signed, b"x"), {}),
        ("InvalidArgument", 400, form([("key", "k"), ("key", "l"), *signed], b"x"), {}),
        ("InvalidArgument", 400, form([("key", "k"), *signed[:-1]], b"x"), {}),
        ("MaxPostPreDataLengthExceeded", 400, form([("key", "k"), ("x-ignore-a", "x" * 30000), *signed], b"x"), {}),
    ]
    for code, status, body, headers in cases:
        answer = send(bucket, body, headers)
        equal((answer.status, answer.code), (status, code))
    v2 = form([("key", "k"), ("AWSAccessKeyId", "A"), ("policy", "p"), ("signature", "s")], b"x")
    equal(send(bucket, v2).code, "InvalidRequest")
    signer = Signer(account("admin"), ENDPOINT, REGION)
    twice = signer.sign("POST", f"/{bucket}", headers={"content-type": f"multipart/form-data; boundary={BOUNDARY}"}, payload=whole)
    equal(send(bucket, whole, twice).code, "InvalidRequest", "credentials in both places")
    equal(s3.list_objects_v2(Bucket=bucket)["KeyCount"], 0)


@case("the audit names user, key and outcome, refusals too")
def _():
    bucket = new_bucket("post-audit")
    anywhere = ["starts-with", "$key", ""]
    equal(post(bucket, [("key", "traced")], [anywhere]).status, 204)
    equal(post(bucket, [("key", "refused")], [anywhere], secret="x" * 40).status, 403)
    time.sleep(0.5)
    found, at, size = set(), 0, 1
    while at < size:
        page = ctl("audit", "show", "beauvais", "--from", str(at))
        at, size = page["to"], page["size"]
        found |= {
            (r["key"], r.get("user"), r["outcome"])
            for r in page["records"]
            if r["operation"] == "PostObject" and r.get("bucket") == bucket
        }
    equal(found, {("traced", "admin", "allowed"), ("refused", None, "denied")})


@case("a customer's key as fields")
def _():
    bucket, key = new_bucket("post-customer"), b"k" * 32
    family = "x-amz-server-side-encryption-customer-"
    fields = [
        ("key", "c"),
        (family + "algorithm", "AES256"),
        (family + "key", base64.b64encode(key).decode()),
        (family + "key-MD5", base64.b64encode(hashlib.md5(key).digest()).decode()),
    ]
    for body in (b"hello", pattern(300000)):
        answer = post(bucket, fields, [["starts-with", f"${k}", ""] for k, _ in fields], data=body)
        equal((answer.status, answer.headers[family + "algorithm"]), (204, "AES256"))
        equal(s3.get_object(Bucket=bucket, Key="c", **CUSTOMER)["Body"].read(), body)
    refused("InvalidRequest", s3.get_object, Bucket=bucket, Key="c", status=400)
