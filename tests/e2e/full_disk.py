#!/usr/bin/python3
# SPDX-License-Identifier: EUPL-1.2
"""A full disk: 507 before the body, reads and removals at 0 bytes free, return by itself; filled and drained several times.

    full_disk.py [--cycles N]

Run by itself: it makes a small ext4 file system in a file, mounts it by a loop device, and runs the cases with tests/appliance, whose
data directory is there. Filling is done by the client up to the watermark, and by somebody else from there to the last block.
"""
import argparse
import json
import os
import pathlib
import random
import re
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.request

from harness import (
    BIN,
    CA,
    ENDPOINT,
    MIB,
    REGION,
    account,
    boto,
    case,
    check,
    ctl,
    equal,
    kill_daemon,
    main,
    pattern,
    refused,
    sha256,
    start_daemon,
)
from sigv4 import Raw, Signer

DISK_MIB, WATERMARK_SECONDS_MAX, BUCKET = 1024, 30, "plein"
ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
MOUNT = pathlib.Path(os.environ.get("FULL_DISK_MOUNT", "/nonexistent"))
CYCLES = int(os.environ.get("FULL_DISK_CYCLES", "0"))
stored = {}  # key -> (size, seed): what was acknowledged and not removed
removed = set()  # keys whose removal was acknowledged
deletes = 0


def free_bytes():
    status = os.statvfs(MOUNT)
    return status.f_bavail * status.f_frsize


def disk():
    """What the appliance says of the disk: (state, room)."""
    system = next(f for f in ctl("status")["file_systems"] if f["use"] == "data")
    return system["state"], system["available_bytes"]


def wait_for(what, condition):
    deadline = time.monotonic() + WATERMARK_SECONDS_MAX
    while not condition():
        check(time.monotonic() < deadline, f"not within {WATERMARK_SECONDS_MAX} s: {what}")
        time.sleep(0.1)


def fill_to_the_last_block(name):
    """Somebody else's file, as large as fits."""
    path, piece = MOUNT / name, 64 * MIB
    with path.open("wb") as file:
        at = 0
        while piece >= 4096:
            try:
                os.posix_fallocate(file.fileno(), at, piece)
                at += piece
            except OSError:
                os.ftruncate(file.fileno(), at)
                piece //= 2
        os.fsync(file.fileno())
    return path


def put(s3, key, size, seed):
    s3.put_object(Bucket=BUCKET, Key=key, Body=pattern(size, seed))
    stored[key] = (size, seed)
    removed.discard(key)


def remove(s3, key):
    global deletes
    s3.delete_object(Bucket=BUCKET, Key=key)
    del stored[key]
    removed.add(key)
    deletes += 1


def read(s3, key):
    size, seed = stored[key]
    equal(sha256(s3.get_object(Bucket=BUCKET, Key=key)["Body"].read()), sha256(pattern(size, seed)), key)


def listed(s3):
    pages = s3.get_paginator("list_objects_v2").paginate(Bucket=BUCKET)
    return sorted(o["Key"] for page in pages for o in page.get("Contents", []))


def fill_by_client(s3, cycle):
    """Bodies of every kind of storage until one is refused."""
    sizes = [4000, 60_000, 8 * MIB, 40 * MIB]
    for n in range(10_000):
        try:
            put(s3, f"cycle{cycle}/{n:05d}", sizes[n % len(sizes)], cycle * 10_000 + n)
        except s3.exceptions.ClientError as error:
            said = error.response
            equal(
                (said["Error"]["Code"], said["ResponseMetadata"]["HTTPStatusCode"]), ("InsufficientStorage", 507)
            )
            if disk()[0] == "refuse":
                return
            sizes = [s for s in sizes if s < sizes[n % len(sizes)]] or [4000]  # that one was too large, smaller ones fit
    raise AssertionError("the disk did not fill")


def refuses_before_the_body():
    """A client that waits for 100 Continue must get 507 and not be asked for its body."""
    signer = Signer(account("admin"), ENDPOINT, REGION)
    with Raw(ENDPOINT, CA) as raw:
        headers = signer.sign("PUT", f"/{BUCKET}/refused", payload_hash="UNSIGNED-PAYLOAD")
        lines = [f"PUT /{BUCKET}/refused HTTP/1.1", *(f"{k}: {v}" for k, v in headers.items())]
        lines += ["content-length: 1000000", "expect: 100-continue"]
        raw.send("\r\n".join(lines).encode() + b"\r\n\r\n")
        check(raw.fill(), "the connection ended without an answer")
        check(raw.buffer.startswith(b"HTTP/1.1 507 "), f"answered {raw.buffer[:200]}")
        check(b"<Code>InsufficientStorage</Code>" in raw.buffer, f"answered {raw.buffer[:600]}")


def refuses_what_grows(s3, source):
    refuses_before_the_body()
    refused("InsufficientStorage", s3.put_object, Bucket=BUCKET, Key="small", Body=b"x", status=507)
    refused("InsufficientStorage", s3.create_multipart_upload, Bucket=BUCKET, Key="m", status=507)
    refused("InsufficientStorage", s3.create_bucket, Bucket="trop", status=507)
    refused(
        "InsufficientStorage",
        s3.copy_object,
        Bucket=BUCKET,
        Key="copy",
        CopySource={"Bucket": BUCKET, "Key": source},
        status=507,
    )


def serves_what_does_not(s3, rng):
    """GET, LIST and DELETE, each compared with what must be there."""
    for key in rng.sample(sorted(stored), min(6, len(stored))):
        read(s3, key)
    equal(listed(s3), sorted(stored), "the list")
    for key in rng.sample(sorted(stored), min(6, len(stored) - 1)):
        remove(s3, key)
        refused("NoSuchKey", s3.get_object, Bucket=BUCKET, Key=key, status=404)


def metric(name):
    with urllib.request.urlopen(os.environ["BEFFROI_METRICS"] + "/metrics", timeout=10) as answer:
        text = answer.read().decode()
    return float(re.search(rf'^{name}{{file_system="data"}} (\S+)$', text, re.MULTILINE).group(1))


@case("an empty disk is normal, and its ballast is there")
def _():
    boto().create_bucket(Bucket=BUCKET)
    equal(disk()[0], "normal")
    equal(metric("beffroi_disk_state"), 0.0)
    wait_for("the ballast is taken", lambda: (MOUNT / "data" / "ballast").exists())


def cycle(number):
    s3, rng = boto(), random.Random(number)
    fill_by_client(s3, number)
    equal(disk()[0], "refuse")
    refuses_what_grows(s3, next(iter(stored)))
    fillers = [fill_to_the_last_block("somebody")]
    check(free_bytes() < MIB, f"{free_bytes()} bytes are left: the disk is not full")
    serves_what_does_not(s3, rng)
    # What the removals free, a moment later, is taken as well; then the ballast's room comes back, and somebody takes that too.
    while (MOUNT / "data" / "ballast").exists():
        check(len(fillers) < 10 * WATERMARK_SECONDS_MAX, "the ballast is not given back")
        fillers.append(fill_to_the_last_block(f"somebody_{len(fillers)}"))
        time.sleep(0.1)
    equal(metric("beffroi_disk_state"), 2.0)
    if number % 2 == 1:
        kill_daemon()
        took = start_daemon()
        print(f"     killed on the full disk, ready again after {took:.2f} s")
        equal(disk()[0], "refuse")
    fillers.append(fill_to_the_last_block("somebody_too"))
    equal(free_bytes() // MIB, 0, "MiB left")
    serves_what_does_not(s3, rng)
    refuses_what_grows(s3, next(iter(stored)))
    for filler in fillers:
        filler.unlink()
    for key in sorted(stored)[4:]:
        remove(s3, key)
    wait_for("the disk is normal again", lambda: disk()[0] == "normal")
    wait_for("the ballast is taken again", lambda: (MOUNT / "data" / "ballast").exists())
    put(s3, f"cycle{number}/after", 100_000, number)
    for key in stored:
        read(s3, key)
    equal(listed(s3), sorted(stored), "the list")


for n in range(CYCLES):
    case(f"cycle {n}: filled, refused, served at 0 bytes free, drained, normal again")(lambda n=n: cycle(n))


@case("the log says each change of state once, and an operator reads it in both languages")
def _():
    log = pathlib.Path(os.environ["BEFFROI_CONFIG"]).parent / "beffroid.log"
    events = [json.loads(line) for line in log.read_text().splitlines() if line.startswith("{")]
    lives, state = [], None  # the states of each life of the daemon, in order
    for n, said in enumerate(events):
        if said["event"] == "room on disk" and said["file_system"] == "data":
            after = next((e["event"] for e in events[n:] if e["event"] != "room on disk"), "")
            if after == "the store is open":  # the first word of a life
                state = None
            check(said["state"] != state, f"said twice: {said}")
            state = said["state"]
            lives.append(state)
    check({"refuse", "normal"} <= set(lives), f"states in the log: {lives}")
    for language, words in (("C", "disk left"), ("fr_FR.UTF-8", "disque libre")):
        done = subprocess.run(
            [BIN / "beffroictl", "--socket", os.environ["BEFFROI_SOCKET"], "status"],
            capture_output=True,
            text=True,
            check=True,
            env={**os.environ, "LC_ALL": language},
        )
        check(words in done.stdout, done.stdout)


@case("every removal stands in the audit log")
def _():
    records = ctl("audit", "show", "beauvais", "--from", "0", "--to", "1000000")["records"]
    done = [r for r in records if r["operation"] == "DeleteObject" and r["outcome"] == "allowed"]
    equal(len(done), deletes, "records of removals")


@case("beffroid check finds nothing, and removed objects do not come back")
def _():
    s3 = boto()
    for key in random.Random(0).sample(sorted(removed), min(20, len(removed))):
        refused("NoSuchKey", s3.get_object, Bucket=BUCKET, Key=key, status=404)
    kill_daemon(15)
    done = subprocess.run(
        [BIN / "beffroid", "check", "--config", os.environ["BEFFROI_CONFIG"], "--set", f"data_dir={MOUNT}/data"],
        capture_output=True,
        text=True,
        check=False,
    )
    equal(done.returncode, 0, done.stdout[-2000:] + done.stderr[-500:])
    start_daemon()


def on_a_small_disk(cycles):
    """Mounts the disk, runs the cases on it and takes it away; its status."""
    folder = pathlib.Path(tempfile.mkdtemp(prefix="beffroi-disk-"))
    image, mount = folder / "image", folder / "mount"
    mount.mkdir()
    try:
        with image.open("wb") as file:
            file.truncate(DISK_MIB * MIB)
        for command in (["mkfs.ext4", "-q", "-m", "0", image], ["mount", "-o", "loop", image, mount]):
            done = subprocess.run(command, capture_output=True, text=True, check=False)
            if done.returncode != 0:
                print(
                    f"FAIL a small disk: {command[0]}: {done.stderr.strip()}\n"
                    "  this test needs root and a loop device (/dev/loop-control): run it where mount -o loop works\n"
                    "0 passed, 1 failed"
                )
                return 1
        environment = {**os.environ, "FULL_DISK_MOUNT": str(mount), "FULL_DISK_CYCLES": str(cycles)}
        command = [ROOT / "tests/appliance", "--set", f"data_dir={mount}/data", "--", __file__]
        return subprocess.run(command, env=environment, check=False).returncode
    finally:
        subprocess.run(["umount", mount], check=False)
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    if "FULL_DISK_MOUNT" in os.environ:
        main()
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cycles", type=int, default=5, help="times to fill and drain (default: 5)")
    sys.exit(on_a_small_disk(parser.parse_args().cycles))
