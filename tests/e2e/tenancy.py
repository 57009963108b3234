#!/usr/bin/python3
# SPDX-License-Identifier: EUPL-1.2
"""Roles and walls: what admin, member and reader may, and that nothing of one collectivity reaches another."""
import http.client
import json
import os
import ssl
import urllib.parse

from harness import (
    BIN,
    CA,
    ENDPOINT,
    boto,
    case,
    check,
    ctl,
    equal,
    main,
    new_account,
    new_bucket,
    new_collectivity,
    refused,
    shell,
)


@case("roles: a reader reads all and writes nothing; a member has its own buckets; an admin has all")
def _():
    reader = boto(new_account("beauvais", "lectrice", "reader"))
    mine = new_bucket("roles", "main")
    boto("main").put_object(Bucket=mine, Key="k", Body=b"x")
    equal(reader.get_object(Bucket=mine, Key="k")["Body"].read(), b"x")
    equal(reader.list_objects_v2(Bucket=mine)["KeyCount"], 1)
    refused("AccessDenied", reader.put_object, Bucket=mine, Key="k", Body=b"y", status=403)
    refused("AccessDenied", reader.delete_object, Bucket=mine, Key="k", status=403)
    refused("AccessDenied", reader.create_bucket, Bucket="roles-readers-own", status=403)
    for call in (boto("alt").get_object, boto("alt").delete_object, boto("alt").head_object):
        check(refused_status(call, Bucket=mine, Key="k") == 403)
    boto("admin").put_object(Bucket=mine, Key="k", Body=b"admin")
    equal(boto("main").get_object(Bucket=mine, Key="k")["Body"].read(), b"admin")


def refused_status(call, **arguments):
    from botocore.exceptions import ClientError

    try:
        call(**arguments)
    except ClientError as error:
        return error.response["ResponseMetadata"]["HTTPStatusCode"]
    return 200


@case("the same bucket and key in two collectivities are two objects")
def _():
    one, two = boto(new_collectivity("mur-un")), boto(new_collectivity("mur-deux"))
    for s3, body in ((one, b"un"), (two, b"deux")):
        s3.create_bucket(Bucket="deliberations")
        s3.put_object(Bucket="deliberations", Key="k", Body=body)
    equal(
        (
            one.get_object(Bucket="deliberations", Key="k")["Body"].read(),
            two.get_object(Bucket="deliberations", Key="k")["Body"].read(),
        ),
        (b"un", b"deux"),
    )
    two.delete_object(Bucket="deliberations", Key="k")
    equal(one.get_object(Bucket="deliberations", Key="k")["Body"].read(), b"un")


@case("an upload id of one collectivity is none in another")
def _():
    one, two = boto(new_collectivity("mur-trois")), boto(new_collectivity("mur-quatre"))
    for s3 in (one, two):
        s3.create_bucket(Bucket="seau")
    upload = one.create_multipart_upload(Bucket="seau", Key="k")["UploadId"]
    refused(
        "NoSuchUpload",
        two.upload_part,
        Bucket="seau",
        Key="k",
        UploadId=upload,
        PartNumber=1,
        Body=b"x",
        status=404,
    )
    refused("NoSuchUpload", two.list_parts, Bucket="seau", Key="k", UploadId=upload, status=404)
    refused("NoSuchUpload", two.abort_multipart_upload, Bucket="seau", Key="k", UploadId=upload, status=404)


@case("a revoked key ends at once; the user's other key goes on")
def _():
    first = new_account("beauvais", "deux-cles", "member")
    second = {**first, **ctl("key", "add", "beauvais", "deux-cles")}
    s3 = boto(first)
    s3.create_bucket(Bucket="revoked-key")
    ctl("key", "revoke", "beauvais", first["access_key_id"])
    refused("InvalidAccessKeyId", s3.list_buckets, status=403)
    boto(second).put_object(Bucket="revoked-key", Key="k", Body=b"x")


@case("a suspended collectivity is refused at once, an upload under way at its end; nothing is lost when it is resumed")
def _():
    account = new_collectivity("suspendue")
    s3 = boto(account)
    s3.create_bucket(Bucket="seau")
    s3.put_object(Bucket="seau", Key="avant", Body=b"x" * 100_000)

    def body():
        yield b"a" * 100_000
        equal(ctl("collectivity", "suspend", "suspendue")["state"], "suspended")
        yield b"b" * 100_000

    status, answer = signed_put(account, "/seau/pendant", 200_000, body())
    equal(status, 403)
    check(b"<Code>AccessDenied</Code>" in answer and b"suspended" in answer, str(answer))
    error = refused("AccessDenied", s3.get_object, Bucket="seau", Key="avant", status=403)
    check("suspended" in error["Error"]["Message"], str(error))
    refused("AccessDenied", s3.put_object, Bucket="seau", Key="apres", Body=b"x", status=403)
    refused("AccessDenied", s3.list_buckets, status=403)
    boto("main").list_buckets()  # the others go on
    shown = shell([BIN / "beffroictl", "--socket", os.environ["BEFFROI_SOCKET"], "collectivity", "show", "suspendue"])
    check("suspended" in shown, shown)
    equal(ctl("collectivity", "suspend", "suspendue")["state"], "suspended", "twice is once")
    equal(ctl("collectivity", "resume", "suspendue")["state"], "active")
    equal([o["Key"] for o in s3.list_objects_v2(Bucket="seau")["Contents"]], ["avant"])
    equal(s3.get_object(Bucket="seau", Key="avant")["Body"].read(), b"x" * 100_000)
    check(ctl("usage", "suspendue")["reserved_bytes"] == 0, "the refused upload still reserves room")
    ctl("collectivity", "suspend", "personne", status=1)
    for acts in (ctl("audit", "show", "suspendue"), ctl("audit", "show")):
        told = [r for r in listed(acts, "records") if r["operation"] in ("SuspendCollectivity", "ResumeCollectivity")]
        told = [r for r in told if r["outcome"] == "allowed"]
        equal([r["operation"] for r in told], ["SuspendCollectivity"] * 2 + ["ResumeCollectivity"])
        equal(json.loads(told[-1]["before"]), {"state": "suspended"})
        equal(json.loads(told[-1]["after"]), {"state": "active"})


def signed_put(who, path, size, pieces):
    """A PUT whose body is sent piece by piece: status and body of the answer."""
    url = urllib.parse.urlsplit(
        boto(who).generate_presigned_url("put_object", Params={"Bucket": path.split("/")[1], "Key": path.split("/")[2]})
    )
    connection = http.client.HTTPSConnection(url.hostname, url.port, context=ssl.create_default_context(cafile=CA))
    connection.putrequest("PUT", f"{url.path}?{url.query}")
    connection.putheader("Content-Length", str(size))
    connection.endheaders()
    for piece in pieces:
        connection.send(piece)
    answer = connection.getresponse()
    return answer.status, answer.read()


@case("what beffroictl refuses: a SIREN that fails Luhn, a slug taken, a slug that is none")
def _():
    ctl("collectivity", "add", "mauvais-siren", "--siren", "216000563", "--name", "X", status=1)
    ctl("collectivity", "add", "beauvais", "--siren", "216000562", "--name", "X", status=1)
    ctl("collectivity", "add", "S3", "--siren", "200067999", "--name", "X", status=1)
    ctl("user", "add", "beauvais", "x", "--role", "emperor", status=2)
    slugs = [c["slug"] for c in listed(ctl("collectivity", "list"), "collectivities")]
    check({"beauvais", "compiegne"} <= set(slugs) and "mauvais-siren" not in slugs, str(slugs))
    check(ENDPOINT.startswith("https://"))


def listed(answer, name):
    return answer[name] if isinstance(answer, dict) else answer


if __name__ == "__main__":
    main()
