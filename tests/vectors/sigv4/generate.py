#!/usr/bin/python3
# SPDX-License-Identifier: EUPL-1.2
"""Writes botocore.txt: requests as Debian's boto3 signs them, at a fixed time, with keys that are hard to encode.

Nothing is sent. Run it again after a change of the list below: ./generate.py > botocore.txt
"""
import datetime
import sys
import types
import urllib.parse

sys.modules["awscrt"] = None  # botocore's own signer, which asks FixedTime for the time

import boto3
import botocore
import botocore.auth
from botocore.awsrequest import AWSResponse
from botocore.config import Config

ACCESS, SECRET = "BFEXAMPLEEXAMPLEEXAM", "ExampleSecretExampleSecretExampleSecret1"
NOW = datetime.datetime(2026, 11, 24, 8, 30, 0)
KEYS = [
    "plain", "a/b/c.txt", "a//b", "/leading", "trailing/", "./dot", "../up", "a/../b", "sp ace", "two  spaces", "plus+plus",
    "per%cent", "%41", "100%25", "?question", "a?versionId=b", "#hash", "a&b=c", "a;b,c:d@e!f$g'h(i)*j", "tilde~",
    "quote\"quote", "<xml>&amp;", "back\\slash", "accent-é", "délibération n° 12.pdf", "euro€", "emoji-🏰", "e\u0301",
    "tab\tkey", "newline\nkey", "cr\rkey", "\x01control\x7f", "[brackets]", "{braces}|^`", "=", "+", " ", "~", "x" * 900,
]


class FixedTime(datetime.datetime):
    @classmethod
    def utcnow(cls):
        return NOW

    @classmethod
    def now(cls, tz=None):
        return NOW.replace(tzinfo=tz)


class Empty:
    def stream(self, **_):
        return iter([b""])

    def read(self, *_):
        return b""


def show(name, method, url, headers, key=""):
    parts = urllib.parse.urlsplit(url)
    # urlsplit drops a tab or a newline, and what stands after `#`; none may be in a URL that is sent.
    assert parts.fragment == "" and not any(c in url for c in "\t\r\n"), url
    target = url[url.index(parts.netloc) + len(parts.netloc):]
    print(f"case {name}")
    print(f"key {key.encode().hex()}")
    print(f"method {method}")
    print(f"target {target}")
    print(f"header Host: {parts.netloc}")
    for field, value in headers:
        if field.lower() in ("user-agent", "amz-sdk-invocation-id", "amz-sdk-request"):
            continue  # never signed, and not the same twice
        value = value.decode("latin-1") if isinstance(value, bytes) else value
        print(f"header {field}: {value}")
    print("end")


def main():
    botocore.auth.datetime = types.SimpleNamespace(datetime=FixedTime)
    for region, style in (("fr-hdf-1", "path"), ("us-east-1", "virtual")):
        client = boto3.client(
            "s3", endpoint_url="https://beauvais.s3.example:8443", region_name=region, aws_access_key_id=ACCESS,
            aws_secret_access_key=SECRET,
            config=Config(signature_version="s3v4", s3={"addressing_style": style}, retries={"max_attempts": 0}))
        current = ["", ""]

        def capture(request, **_):
            show(current[0], request.method, request.url, list(request.headers.items()), current[1])
            return AWSResponse(request.url, 204, {}, Empty())

        client.meta.events.register("before-send.s3", capture)

        def call(operation, **arguments):
            current[:] = f"{style} {operation}", arguments.get("Key", arguments.get("Prefix", ""))
            try:
                getattr(client, operation)(**arguments)
            except Exception as error:  # the empty answer of the capture does not parse for some operations
                print(f"# {type(error).__name__}", file=sys.stderr)

        for key in KEYS:
            call("get_object", Bucket="deliberations", Key=key)
            call("list_objects_v2", Bucket="deliberations", Prefix=key, Delimiter="/", StartAfter=key)
            show(f"{style} presigned", "GET", client.generate_presigned_url(
                "get_object", Params={"Bucket": "deliberations", "Key": key, "ResponseContentType": "text/plain; x=" + key},
                ExpiresIn=3600), [], key)
        call("put_object", Bucket="deliberations", Key="métadonnées", Body=b"body", ContentType="text/plain",
             Metadata={"a": "two  spaces", "b": "plain"}, CacheControl="max-age=1,   public")
        call("copy_object", Bucket="deliberations", Key="copie", CopySource={"Bucket": "actes", "Key": "a b+c%é"})
        call("create_bucket", Bucket="deliberations",
             CreateBucketConfiguration={"LocationConstraint": "fr-hdf-1"})
        call("upload_part", Bucket="deliberations", Key="k", UploadId="U+/=", PartNumber=7, Body=b"part")
        call("delete_objects", Bucket="deliberations", Delete={"Objects": [{"Key": "a"}], "Quiet": True})
        call("list_multipart_uploads", Bucket="deliberations", KeyMarker="a+b c", UploadIdMarker="u")


print("# Written by generate.py with botocore", botocore.__version__)
print(f"secret {SECRET}")
main()
