#!/usr/bin/python3
# SPDX-License-Identifier: EUPL-1.2
"""Extracts of the audit log, and beffroi-verify: what the appliance gives is accepted; whatever was changed, cut, moved, spliced or
rolled back is refused, with words that name the record."""
import base64
import concurrent.futures
import contextlib
import hashlib
import hmac
import http.client
import json
import os
import pathlib
import random
import shutil
import signal
import ssl
import subprocess
import tempfile
import time
import urllib.parse

from harness import BIN, CA, DATA, account, boto, case, check, ctl, equal, kill_daemon, main, new_bucket, refused, start_daemon

FOLDER = pathlib.Path(tempfile.mkdtemp(prefix="beffroi-audit-"))
PROVEN, FALSE, USAGE, CONSISTENT = 0, 1, 2, 3


def run(*command):
    done = subprocess.run([str(c) for c in command], capture_output=True, text=True, check=False)
    return done.returncode, done.stdout + done.stderr


def beffroictl(*arguments, status=0):
    got, printed = run(BIN / "beffroictl", "--socket", os.environ["BEFFROI_SOCKET"], *arguments)
    equal(got, status, f"beffroictl {' '.join(map(str, arguments))}: {printed}")
    return printed


def export(name, *arguments):
    path = FOLDER / name
    beffroictl("audit", "export", *arguments, "--out", path)
    return path


def hold(name, *arguments):
    """A checkpoint, put where the appliance cannot reach it."""
    path = FOLDER / name
    path.write_text(beffroictl("audit", "checkpoint", *arguments), encoding="utf-8")
    return path


def verify(extract, *arguments):
    return run(BIN / "beffroi-verify", extract, *arguments)


def verdict(extract, *arguments):
    status, printed = verify(extract, *arguments, "--output", "json")
    return status, json.loads(printed)


def expect(status, extract, *arguments, reason=None):
    got, said = verdict(extract, *arguments)
    equal(got, status, f"{arguments}: {said}")
    equal(said.get("reason"), reason, str(said))
    return said


def records(extract):
    return [json.loads(line) for line in extract.read_bytes().splitlines()[2:]]


def rewritten(name, content):
    path = FOLDER / name
    path.write_bytes(content)
    return path


def size_of(checkpoint):
    return int(checkpoint.read_text(encoding="utf-8").split("\n\n")[-2].splitlines()[1])


@case("a scripted run's extract is proven, with the key and a checkpoint held since before it")
def _():
    held = hold("held")
    s3, bucket = boto(), new_bucket("verify")
    ids = []
    for n in range(20):
        answer = s3.put_object(Bucket=bucket, Key=f"délibération {n}", Body=b"x" * n)
        ids.append(answer["ResponseMetadata"]["HTTPHeaders"]["x-amz-request-id"])
    s3.get_object(Bucket=bucket, Key="délibération 3")["Body"].read()
    s3.delete_object(Bucket=bucket, Key="délibération 3")
    refused("NoSuchKey", s3.get_object, Bucket=bucket, Key="délibération 3")
    refused("AccessDenied", boto("alt").put_object, Bucket=bucket, Key="k", Body=b"x")
    extract = export("run", "beauvais", "--since", held)
    key = beffroictl("audit", "key").strip()
    said = expect(PROVEN, extract, "--key", key, "--checkpoint", held)
    equal((said["slug"], said["siren"], said["from"], said["purged"]), ("beauvais", account("main")["siren"], 0, 0))
    equal(said["to"], said["size"], "whole")
    expect(CONSISTENT, extract)
    expect(CONSISTENT, extract, "--key", key)
    written = [r["record"] for r in records(extract)]
    equal(written, ctl("audit", "show", "beauvais", "--from", "0")["records"], "the records that `audit show` gives")
    equal(sorted(r["request_id"] for r in written if r.get("request_id") in ids), sorted(ids), "each change once")
    equal(written[-1]["operation"], "ExportAuditRecords", "the export's own record is in it")
    last = ctl("audit", "show")["records"][-1]
    check("ExportAuditRecords" in [r["operation"] for r in ctl("audit", "show")["records"]], f"... and in the appliance's: {last}")


@case("ranges: from the middle, to a number, none, by date; the appliance's own log")
def _():
    held = hold("held-ranges")
    for name, arguments in {
        "middle": ("beauvais", "--from", "7"),
        "part": ("beauvais", "--from", "5", "--to", "13"),
        "first": ("beauvais", "--to", "1"),
        "none": ("beauvais", "--from", "9", "--to", "9"),
        "none-0": ("beauvais", "--to", "0"),
        "dated": ("beauvais", "--from", "2026-01-01", "--to", "2999-12-31T23:59:59Z"),
        "before": ("beauvais", "--to", "2001-01-01"),
        "appliance": (),
        "other": ("compiegne",),
    }.items():
        extract = export(name, *arguments, "--since", held)
        expect(PROVEN, extract, "--checkpoint", held)
    equal([r["seq"] for r in records(FOLDER / "part")], list(range(5, 13)))
    equal(records(FOLDER / "none"), [])
    equal(records(FOLDER / "before"), [])
    equal(records(FOLDER / "dated")[0]["seq"], 0)
    for wrong in (("--from", "9", "--to", "8"), ("--to", "999999"), ("--from", "999999")):
        beffroictl("audit", "export", "beauvais", *wrong, status=1)
    for wrong in (("--from", "yesterday"), ("--since", "/nonexistent")):
        beffroictl("audit", "export", "beauvais", *wrong, status=2)
    beffroictl("audit", "export", "beauvais", "--from", "2026-13-01", status=1)
    check(not (FOLDER / "none.part").exists(), "no half file stays")


@case("checkpoints that continue each other link an old extract to a new checkpoint, and the other way round")
def _():
    first = hold("first")
    extract = export("linked", "beauvais", "--since", first)
    boto().put_object(Bucket=new_bucket("linked"), Key="a", Body=b"x")
    second = hold("second", "--since", str(json.loads(extract.read_bytes().split(b"\n")[0])["checkpoint"].split("\n")[1]))
    boto().put_object(Bucket=new_bucket("linked"), Key="b", Body=b"x")
    third = hold("third", "--since", second)
    expect(PROVEN, extract, "--checkpoint", first, "--checkpoint", second, "--checkpoint", third)
    expect(PROVEN, extract, "--checkpoint", second, "--checkpoint", third)
    expect(FALSE, extract, "--checkpoint", third, reason="store_shorter")
    unlinked = export("unlinked", "beauvais")
    said = expect(FALSE, unlinked, "--checkpoint", first, reason="checkpoint_unlinked")
    equal(said["checkpoint"], str(first))
    beffroictl("audit", "checkpoint", "--since", "99999999", status=1)


@case("every byte of a small extract, changed, is refused")
def _():
    held = hold("held-sweep")
    extract = export("small", "beauvais", "--from", "3", "--to", "6", "--since", held)
    whole = extract.read_bytes()
    chance = random.Random(len(whole))

    def one(at):
        changed = bytearray(whole)
        changed[at] ^= chance.choice((1, 2, 4, 8, 16, 32, 64, 128))
        path = rewritten(f"byte-{at}", bytes(changed))
        status, _ = verify(path, "--checkpoint", held)
        path.unlink()
        return at, status, bytes(changed[max(0, at - 30) : at + 30])

    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        wrong = [result for result in pool.map(one, range(len(whole))) if result[1] != FALSE]
    equal(wrong, [], f"{len(whole)} bytes")
    expect(PROVEN, extract, "--checkpoint", held)


@case("deletion, swap, repetition, splice, cut and additions are refused, and the record is named")
def _():
    held = hold("held-lines")
    extract = export("lines", "beauvais", "--since", held)
    other = export("spliced", "compiegne")
    lines = extract.read_bytes().splitlines(keepends=True)
    head, body = lines[:2], lines[2:]

    def refuse(reason, seq, *content):
        said = expect(FALSE, rewritten("changed", b"".join([*content])), "--checkpoint", held, reason=reason)
        equal(said.get("seq"), seq, str(said))

    for n in range(len(body) - 1):
        refuse("record_missing", n, *head, *body[:n], *body[n + 1 :])
    refuse("records_cut", len(body) - 1, *head, *body[:-1])
    for n in range(0, len(body) - 1, 5):
        refuse("record_missing", n, *head, *body[:n], body[n + 1], body[n], *body[n + 2 :])
        refuse("record_repeated", n + 1, *head, *body[: n + 1], *body[n:])
    refuse("record_missing", 0, *head, *reversed(body))
    foreign = other.read_bytes().splitlines(keepends=True)[2:]
    for n in range(len(foreign)):
        refuse("record_changed", n, *head, *body[:n], foreign[n], *body[n + 1 :])
    refuse("not_an_extract", None, *body)
    refuse("not_an_extract", None, head[0], *body)
    refuse("head_changed", None, other.read_bytes().splitlines(keepends=True)[0], head[1], *body)
    refuse("records_added", None, *lines, body[-1])
    refuse("records_added", None, *lines, b"\n")
    refuse("line_broken", len(body) - 1, b"".join(lines)[:-1])
    refuse("line_broken", len(body) - 1, b"".join(lines)[:-40])
    refuse("not_an_extract", None, b"".join(lines).replace(b"\n", b"\r\n")[:-2])
    # A record made anew with its own leaf: only the tree tells.
    record = json.loads(body[4])
    record_text = body[4].split(b',"record":')[1][:-2].replace(b'"outcome":"allowed"', b'"outcome":"denied"')
    mac = hmac.new(base64.b64decode(record["salt"]), record_text, "sha256").digest()
    t = json.loads(record_text)["collectivity"]
    leaf = hashlib.sha256(
        b"\0\1" + t.to_bytes(4, "little") + record["seq"].to_bytes(8, "little") + record["ms"].to_bytes(8, "little") + mac
    ).digest()
    forged = (
        b'{"seq":%d,"ms":%d,"leaf":"%s","salt":"%s","record":%s}\n'
        % (record["seq"], record["ms"], base64.b64encode(leaf), record["salt"].encode(), record_text)
    )
    refuse("records_replaced", None, *head, *body[:4], forged, *body[5:])


@case("the words name the record, in French and in English")
def _():
    extract = export("words", "beauvais")
    content = extract.read_bytes()
    lines = content.splitlines(keepends=True)
    changed = rewritten("worded", b"".join([*lines[:7], lines[7].replace(b'"operation"', b'"Operation"', 1), *lines[8:]]))
    when = json.loads(lines[7])["record"]["time"][:19].replace("T", " ")
    status, printed = verify(changed, "--lang", "fr")
    equal(status, FALSE)
    check(f"L’enregistrement 5 ({when} UTC) n’est pas celui" in printed and "REFUSÉ" in printed and "Que faire" in printed, printed)
    status, printed = verify(changed, "--lang", "en")
    check(f"Record 5 ({when} UTC) is not the one" in printed and "REFUSED" in printed, printed)
    equal(verify(extract, "--key", "nonsense")[0], USAGE)
    equal(verify(extract, "--checkpoint", extract)[0], USAGE)
    equal(verify(FOLDER / "absent")[0], USAGE)
    equal(run(BIN / "beffroi-verify")[0], USAGE)
    other_key = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
    expect(FALSE, extract, "--key", other_key, reason="other_key")


@case("more than 10 000 records leave in one extract")
def _():
    s3, bucket = boto("main"), new_bucket("many", "main")
    s3.put_object(Bucket=bucket, Key="k", Body=b"x")
    url = urllib.parse.urlsplit(s3.generate_presigned_url("get_object", Params={"Bucket": bucket, "Key": "k"}))
    connection = http.client.HTTPSConnection(url.netloc, context=ssl.create_default_context(cafile=CA))
    for _ in range(10_100):
        connection.request("GET", f"{url.path}?{url.query}")
        connection.getresponse().read()
    connection.close()
    held = hold("held-many")
    extract = export("many", "beauvais", "--since", held)
    said = expect(PROVEN, extract, "--checkpoint", held)
    check(said["to"] > 10_100, str(said))
    whole = extract.read_bytes()
    chance = random.Random(7)
    for _ in range(100):
        at = chance.randrange(len(whole))
        changed = bytearray(whole)
        changed[at] ^= 1 << chance.randrange(8)
        equal(verify(rewritten("many-changed", bytes(changed)), "--checkpoint", held)[0], FALSE, f"byte {at}")


@case("a store rolled back is closed by its mark; with the mark rolled back too, the checkpoint held outside convicts it")
def _():
    saved = FOLDER / "data"
    kill_daemon(signal.SIGTERM)
    subprocess.run(["cp", "-a", "--sparse=always", DATA, saved], check=True)
    start_daemon()
    s3, bucket = boto(), new_bucket("rolled")
    for n in range(10):
        s3.put_object(Bucket=bucket, Key=f"k{n}", Body=b"x")
        hold("held-rolled")  # each makes a state leaf of its own
    held = hold("held-rolled")
    kill_daemon(signal.SIGTERM)
    mark = (DATA / "state/high_water").read_bytes()
    shutil.rmtree(DATA)
    subprocess.run(["cp", "-a", "--sparse=always", saved, DATA], check=True)
    rolled_mark = (DATA / "state/high_water").read_bytes()
    (DATA / "state/high_water").write_bytes(mark)
    with closed_daemon():
        state = json.loads(beffroictl("status", "--output", "json", status=4))
    equal(state["phase"], "closed")
    (DATA / "state/high_water").write_bytes(rolled_mark)
    start_daemon()
    printed = beffroictl("audit", "export", "beauvais", "--since", held, status=1)
    check("older than it was" in printed, printed)
    extract = export("after", "beauvais")
    expect(FALSE, extract, "--checkpoint", held, reason="store_shorter")
    expect(CONSISTENT, extract)
    # It grows on until its tree is longer than the checkpoint's: the proof that it then gives contradicts what was held.
    for n in range(100):
        if size_of(hold("grown")) > size_of(held):
            break
        boto().put_object(Bucket=new_bucket("regrown"), Key=f"k{n}", Body=b"x")
    extract = export("regrown", "beauvais", "--since", held)
    expect(FALSE, extract, "--checkpoint", held, reason="checkpoint_contradicted")


@contextlib.contextmanager
def closed_daemon():
    """A daemon whose store must stay closed: started without waiting for readiness, ended afterwards."""
    daemon = subprocess.Popen(
        [BIN / "beffroid", "--config", os.environ["BEFFROI_CONFIG"]],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        deadline = time.monotonic() + 20
        while run(BIN / "beffroictl", "--socket", os.environ["BEFFROI_SOCKET"], "status")[0] != 4:
            check(daemon.poll() is None and time.monotonic() < deadline, "the store is closed")
            time.sleep(0.1)
        yield
    finally:
        daemon.terminate()
        daemon.wait(timeout=30)


if __name__ == "__main__":
    try:
        main()
    finally:
        shutil.rmtree(FOLDER, ignore_errors=True)
