#!/usr/bin/python3
# SPDX-License-Identifier: EUPL-1.2
"""Nobody learns what exists: generated requests of strangers, each sent twice, to a place that is there and to one that is not.

The two answers must be the same bytes, but for request ids, dates and the names that the request itself gave. A probe is an
operation of the table x a place (a bucket with and without the key, an empty one, one with an upload under way, one of a suspended
collectivity) x who asks (a member, an admin, a reader of another collectivity, signed or
presigned; nobody) x what rides along (a
version, a range, conditions, expected owners, lists). --probes N (5000), --seed N (printed).
"""
import argparse
import collections
import random
import re
import time
from urllib.parse import parse_qsl, quote

from asking import allow, ask, host_of, line, open_bucket, policy
from harness import NASTY_KEYS, REGION, account, boto, case, check, ctl, equal, main, new_account, new_bucket, new_collectivity
from signed_message import Message, operation_rows
from sigv4 import Signer

SECRET = b"contents-that-no-stranger-may-see"
OPEN_TO_ALL = {"ListBuckets"}  # of nobody: always 200 and empty
parser = argparse.ArgumentParser()
parser.add_argument("--probes", type=int, default=5000)
parser.add_argument("--seed", type=int, default=random.getrandbits(32))
options = parser.parse_args()
outcomes = collections.Counter()
rows = [r for r in operation_rows() if r.name != "CorsPreflight"]  # a preflight is the bucket's own public word


class Places:
    """Where there is something, by name: (slug, bucket, key, upload id)."""

    def __init__(self):
        s3 = boto("main")
        full, empty = new_bucket("there", "main"), new_bucket("void", "main")
        s3.put_object(Bucket=full, Key="k", Body=SECRET)
        for key in NASTY_KEYS:
            s3.put_object(Bucket=full, Key=key, Body=SECRET)
        upload = s3.create_multipart_upload(Bucket=full, Key="up")["UploadId"]
        s3.upload_part(Bucket=full, Key="up", UploadId=upload, PartNumber=1, Body=SECRET)
        granted = open_bucket("said", "main")  # to others than who asks
        s3.put_object(Bucket=granted, Key="k", Body=SECRET, GrantRead=f'id="{account("alt")["user_id"]}"')
        s3.put_bucket_policy(Bucket=granted, Policy=policy(allow(granted, "s3:*", "arn:aws:iam::000216000562:user/alt")))
        suspended = boto(new_collectivity("suspendue"))
        suspended.create_bucket(Bucket=full)
        suspended.put_object(Bucket=full, Key="k", Body=SECRET)
        ctl("collectivity", "suspend", "suspendue")
        keys = ["k", "none", "up", "../k", "k/", *NASTY_KEYS]
        self.there = [("beauvais", b, k, upload) for b in (full, granted, empty) for k in keys]
        self.there += [("suspendue", full, k, upload) for k in ("k", "none")]

    @staticmethod
    def absent(place, generator):
        """The same, where there is nothing: another bucket's name, of the same length, or another town's."""
        slug, bucket, key, upload = place
        return (slug if generator.random() < 0.5 else "nulle-part", "n" * len(bucket), key, upload)


class Probe:
    """One request, for any place."""

    def __init__(self, generator, people):
        self.row = generator.choice(rows)
        self.who = generator.choice(people)
        self.presigned = self.who is not None and generator.random() < 0.3
        # Not at the bare address: there a signer names its own collectivity.
        self.notation = self.who is not None and generator.random() < 0.2
        self.query, self.headers = [], {}
        row = self.row
        if row.level == "Object" and generator.random() < 0.2:
            self.query.append(("versionId", generator.choice(["null", "", "x", "0" * 32])))
        extras = {
            "range": "bytes=0-3",
            "if-match": '"x"',
            "if-none-match": "*",
            "x-amz-expected-bucket-owner": generator.choice(["216000562", "216001586", "beauvais"]),
            "x-amz-acl": generator.choice(["private", "public-read"]),
            "x-amz-bypass-governance-retention": "true",
            "x-amz-tagging": "a=b",
        }
        for name in generator.sample(sorted(extras), generator.choice([0, 0, 1, 2])):
            self.headers[name] = extras[name]
        self.body = {"None": b"", "Object": b"x", "Xml": b"<x/>"}[row.body]

    def send(self, place):
        slug, bucket, key, upload = place
        row = self.row
        path = "/" if row.level == "Service" else f"/{bucket}" + (f"/{key}" if row.level == "Object" else "")
        host = host_of(slug)
        if self.notation and row.level != "Service":
            path, host = f"/{slug}:{path[1:]}", f"127.0.0.1:{host.rpartition(':')[2]}"
        query = list(self.query)
        if row.subresource:
            query.append((row.subresource, {"uploadId": upload, "list-type": "2"}.get(row.subresource, "")))
        if row.method == "PUT" and row.subresource == "uploadId":
            query.append(("partNumber", "1"))
        headers = dict(self.headers)
        if row.header:
            headers[row.header] = f"/{bucket}/{key if key.isascii() else 'k'}".replace("?", "%3F")
        if not self.presigned:
            return ask(row.method, path, query, headers, self.body, self.who, host)
        target = Signer(self.who, "https://" + host, REGION).presign(
            row.method, quote(path, safe="/:"), query, headers=headers
        )
        path, _, pairs = target.partition("?")
        pairs = [list(p) for p in parse_qsl(pairs, keep_blank_values=True)]
        sent = {"host": host, **headers}
        return line.exchange(Message(row.method, path, pairs, [list(h) for h in sent.items()], self.body))

    def __str__(self):
        who = self.who and f"{self.who['user']}{' presigned' if self.presigned else ''}"
        return f"{self.row.name} by {who or 'nobody'} {self.query} {self.headers}"


def seen(answer, place):
    """What a stranger sees of an answer, the names it gave itself left out."""
    if answer is None:
        return None
    slug, bucket, _, _ = place
    headers = {k: v for k, v in answer.headers.items() if k not in ("x-amz-request-id", "date", "content-length")}
    # What the request said comes back in Resource, and in what a wrong signature is told: nobody's is wrong here.
    body = re.sub(rb"<RequestId>[^<]*|<Resource>[^<]*", b"", answer.body)
    body = body.replace(bucket.encode(), b"BUCKET").replace(slug.encode(), b"SLUG")
    return answer.status, sorted(headers.items()), body


def fault(probe, there, absent):
    """What the two answers give away; None: nothing."""
    one, other = probe.send(there), probe.send(absent)
    outcomes[(one.status, one.code) if one else None] += 1
    if one is not None and SECRET in one.body:
        return "content"
    if seen(one, there) != seen(other, absent):
        return f"{seen(one, there)} is not {seen(other, absent)}"
    if one is not None and one.status < 300 and probe.row.name not in OPEN_TO_ALL:
        return f"executed with {one.status}"
    return None


def strangers():
    return [account("tenant"), None, new_account("compiegne", "maire", "admin"), new_account("compiegne", "lectrice", "reader")]


@case(f"{options.probes} probes of strangers (seed {options.seed}): answers are the same whether it is there or not")
def _():
    generator, places, people = random.Random(options.seed), Places(), strangers()
    faults, began = [], time.monotonic()
    operations = set()
    for _number in range(options.probes):
        probe, there = Probe(generator, people), generator.choice(places.there)
        operations.add(probe.row.name)
        found = fault(probe, there, places.absent(there, generator))
        if found:
            faults.append(f"{probe} at {there[:3]}: {found}")
    print(f"     {options.probes} probes of {len(operations)} operations in {time.monotonic() - began:.0f} s", flush=True)
    print(f"     {outcomes.most_common(6)}", flush=True)
    refused = sum(n for outcome, n in outcomes.items() if outcome and outcome[0] == 403)
    check(refused > options.probes * 0.7, "most of them never reached the judge")
    check(not faults, f"{len(faults)} leaks: " + "; ".join(faults[:5]))


@case("the canary: where something is granted, the probes see the difference")
def _():
    bucket, generator = open_bucket("leak", "main"), random.Random(1)
    boto("main").put_object(Bucket=bucket, Key="k", Body=b"x", ACL="public-read")
    there, probe = ("beauvais", bucket, "k", "x"), Probe(generator, [None])
    probe.row = next(r for r in rows if r.name == "GetObject")
    probe.query, probe.headers, probe.body = [], {}, b""
    check(fault(probe, there, Places.absent(there, generator)) is not None)
    check(fault(probe, (there[0], bucket, "none", "x"), Places.absent(there, generator)) is None, "a key that is not there")


@case("in one's own collectivity: 404 for what is absent, 403 for what is forbidden; a missing key to who may list")
def _():
    bucket = new_bucket("there", "main")
    equal(ask("GET", f"/{bucket}/k", who="alt").code, "AccessDenied")
    equal(ask("GET", "/" + "n" * len(bucket) + "/k", who="alt").code, "NoSuchBucket")
    boto("main").put_bucket_policy(
        Bucket=bucket, Policy=policy(allow(bucket, "s3:GetObject", "arn:aws:iam::000216000562:user/alt"))
    )
    equal(ask("GET", f"/{bucket}/none", who="alt").code, "AccessDenied")
    equal(ask("GET", f"/{bucket}/none", who="main").code, "NoSuchKey")
    equal(ask("HEAD", f"/{bucket}/none", who="alt").status, 403)


@case("no slash and no dots lead out of a bucket, nor out of a copy source")
def _():
    own, other = new_bucket("crossing", "tenant"), new_bucket("there", "main")
    for path in (f"/{own}/../{other}/k", f"/{own}/%2e%2e/{other}/k", f"/{own}/..%2f{other}%2fk"):
        answer = line.exchange(raw(account("tenant"), "GET", path))
        check(answer.status == 404 and SECRET not in answer.body, f"{path}: {answer.status}")
    for source in (f"{own}/../../beauvais:{other}/k", f"../{other}/k", f"{own}/..%2F..%2F{other}/k", f"beauvais:{other}/k", f":{other}/k"):
        answer = ask("PUT", f"/{own}/copied", headers={"x-amz-copy-source": source}, who="tenant", host=host_of("compiegne"))
        check(answer.status in (400, 403, 404), f"{source}: {answer.status}")


def raw(who, method, path):
    host = host_of("compiegne")
    signed = Signer(who, "https://" + host, REGION).sign(method, path)
    return Message(method, path, [], [list(h) for h in signed.items()], b"")


@case("X-Forwarded-For is not believed: a policy's networks are those of the connection")
def _():
    bucket = open_bucket("forwarded", "main")
    boto("main").put_object(Bucket=bucket, Key="k", Body=b"x")
    far = policy(allow(bucket, "s3:GetObject", IpAddress={"aws:SourceIp": "192.0.2.0/24"}))
    boto("main").put_bucket_policy(Bucket=bucket, Policy=far)
    for name in ("x-forwarded-for", "forwarded", "x-real-ip"):
        equal(ask("GET", f"/{bucket}/k", headers={name: "192.0.2.1"}).code, "AccessDenied")
    near = policy(allow(bucket, "s3:GetObject", IpAddress={"aws:SourceIp": "127.0.0.0/8"}))
    boto("main").put_bucket_policy(Bucket=bucket, Policy=near)
    equal(ask("GET", f"/{bucket}/k").body, b"x")


@case("an anonymous reader of public data is not written down; one who was refused is")
def _():
    bucket = open_bucket("untraced", "main")
    boto("main").put_object(Bucket=bucket, Key="k", Body=b"x", ACL="public-read")
    read = ask("GET", f"/{bucket}/k").headers["x-amz-request-id"]
    refused = ask("GET", f"/{bucket}/none").headers["x-amz-request-id"]
    time.sleep(0.5)
    told, at, size = {}, 0, 1
    while at < size:
        page = ctl("audit", "show", "beauvais", "--from", str(at))
        at, size = page["to"], page["size"]
        told |= {r.get("request_id"): r["outcome"] for r in page["records"]}
    check(read not in told, "the read stands in the log")
    equal(told.get(refused), "denied")


@case("a collectivity that is suspended while a stranger's upload is under way: refused like any stranger, and nothing stored")
def _():
    boto_admin = boto(new_collectivity("suspendue-bientot"))
    boto_admin.create_bucket(Bucket="depot")
    boto_admin.put_bucket_policy(Bucket="depot", Policy=policy(allow("depot", "s3:*", "compiegne")))
    host = host_of("suspendue-bientot")
    equal(ask("PUT", "/depot/before", body=b"x", who="tenant", host=host).status, 200)
    ctl("collectivity", "suspend", "suspendue-bientot")
    answer = ask("PUT", "/depot/after", body=b"x", who="tenant", host=host)
    equal((answer.status, answer.code, b"suspended" in answer.body), (403, "AccessDenied", False))
    ctl("collectivity", "resume", "suspendue-bientot")
    equal([o["Key"] for o in boto_admin.list_objects_v2(Bucket="depot")["Contents"]], ["before"])


if __name__ == "__main__":
    main()
