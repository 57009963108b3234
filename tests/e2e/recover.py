#!/usr/bin/python3
# SPDX-License-Identifier: EUPL-1.2
"""A gap in the commit log: the store stays closed and says what is missing; recover --accept-loss opens it with what stands before."""
import json
import os
import subprocess
import time
import urllib.error
import urllib.request

from harness import (
    BIN,
    CA,
    DATA,
    ENDPOINT,
    boto,
    case,
    check,
    ctl,
    equal,
    kill_daemon,
    main,
    pattern,
    refused,
    start_daemon,
)
from sigv4 import Raw

BLOCK, BUCKET = 4096, "perte"
SIZES = [3000, 40_000]
before = [f"before/{n}" for n in range(12)]  # in tables when the log is damaged
after = [f"after/{n:02d}" for n in range(20)]  # in the log only, one frame after another
state = {}


def body(key):
    n = int(key.split("/")[1])
    return pattern(SIZES[n % 2], hash_of(key) + n)


def hash_of(key):
    return 100 if key.startswith("before") else 200


def put(key):
    boto().put_object(Bucket=BUCKET, Key=key, Body=body(key))


def flip(path, offset):
    with path.open("r+b") as file:
        file.seek(offset)
        byte = file.read(1)[0]
        file.seek(offset)
        file.write(bytes([byte ^ 1]))


def newest_log():
    return max((DATA / "log").glob("*-*.log"), key=lambda p: p.name)


def frames(path):
    """Where the frames of a file stand that was never used before: each begins a block with the same four bytes."""
    data = path.read_bytes()
    return [at for at in range(BLOCK, len(data), BLOCK) if data[at : at + 4] == data[BLOCK : BLOCK + 4]]


def start_closed():
    """Starts the daemon, which must not become ready, and returns its status when it has settled."""
    starting = subprocess.Popen(os.environ["BEFFROI_START"], shell=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline:
            time.sleep(0.1)
            done = run_ctl("status")
            if done.returncode in (0, 4) and json.loads(done.stdout)["phase"] in ("closed", "serving"):
                return done.returncode, json.loads(done.stdout)
        raise AssertionError("no status within 30 s")
    finally:
        starting.terminate()
        starting.wait()


def run_ctl(*arguments, language="C", form="json"):
    command = [BIN / "beffroictl", "--socket", os.environ["BEFFROI_SOCKET"], *arguments, "--output", form]
    environment = {**os.environ, "LC_ALL": language}
    return subprocess.run(command, capture_output=True, text=True, check=False, env=environment)


def monitoring(path):
    try:
        with urllib.request.urlopen(os.environ["BEFFROI_METRICS"] + path, timeout=10) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()


@case("a store with frames in its log only, killed; one bit of a frame in the middle")
def _():
    s3 = boto()
    s3.create_bucket(Bucket=BUCKET)
    for key in before:
        put(key)
    kill_daemon(15)
    start_daemon()
    for key in after:
        put(key)
    kill_daemon()
    log = newest_log()
    places = frames(log)
    flip(log, places[len(places) // 2] + 60)


@case("closed: status names the range and the command, health answers, S3 is 503")
def _():
    status, said = start_closed()
    equal((status, said["phase"]), (4, "closed"))
    check("frame" in said["reason"] and "stands after" in said["reason"], said["reason"])
    state.update(said)
    equal(monitoring("/healthz")[0], 200)
    code, text = monitoring("/readyz")
    equal(code, 503)
    check("frame" in text, text)
    check('beffroi_phase{phase="closed"} 1' in monitoring("/metrics")[1], "the phase is not in /metrics")
    with Raw(ENDPOINT, CA) as raw:
        answer = raw.request("GET", f"/{BUCKET}/{before[0]}", {"host": "127.0.0.1"})
        equal(answer.status, 503)
    for language, words in (("C", "or accept the loss"), ("fr_FR.UTF-8", "ou accepter la perte")):
        shown = run_ctl("status", language=language, form="table").stdout
        check(words in shown and f"beffroictl recover --accept-loss {said['loss_id']}" in shown, shown)


@case("a second start says the same; nothing was written")
def _():
    kill_daemon()
    logs = sorted(p.name for p in (DATA / "log").iterdir())
    status, said = start_closed()
    equal((status, said["loss_id"], said["reason"]), (4, state["loss_id"], state["reason"]))
    equal(sorted(p.name for p in (DATA / "log").iterdir() if not p.name.startswith("spare")), [n for n in logs if not n.startswith("spare")])


@case("another id is refused, and the store stays closed")
def _():
    check("accept_loss" in ctl("recover", "--accept-loss", "00000000", status=1), "the field is not named")
    equal(json.loads(run_ctl("status").stdout)["phase"], "closed")


@case("recover opens: what stood before the gap is there, what came after is not, as one cut")
def _():
    done = run_ctl("recover", "--accept-loss", state["loss_id"])
    check(done.returncode in (0, 4), done.stderr)
    said = json.loads(done.stdout)
    print(f"     findings: {said['findings']}")
    equal((said["phase"], said["lost"]), ("serving", state["reason"]))
    s3 = boto()
    listed = {o["Key"] for o in s3.list_objects_v2(Bucket=BUCKET)["Contents"]}
    for key in before:
        equal(s3.get_object(Bucket=BUCKET, Key=key)["Body"].read(), body(key), key)
    kept = [key for key in after if key in listed]
    check(0 < len(kept) < len(after), f"{len(kept)} of {len(after)} are left: the gap is not in the middle")
    equal(kept, after[: len(kept)], "what is left is not a beginning")
    for key in kept:
        equal(s3.get_object(Bucket=BUCKET, Key=key)["Body"].read(), body(key), key)
    for key in after[len(kept) :]:
        refused("NoSuchKey", s3.get_object, Bucket=BUCKET, Key=key, status=404)
    check(list((DATA / "log").glob("lost-*")), "nothing was set aside")
    put(after[-1])
    equal(s3.get_object(Bucket=BUCKET, Key=after[-1])["Body"].read(), body(after[-1]))


@case("the loss and who accepted it stand in the appliance's audit log")
def _():
    records = [r for r in ctl("audit", "show")["records"] if r["operation"] == "RecoverStore"]
    equal(len(records), 1, "records")
    equal((records[0]["reason"], records[0]["outcome"]), (state["reason"], "allowed"))
    check(records[0]["operator"], "the operator is not named")


@case("the store opens by itself from then on, killed or stopped, and there is nothing more to accept")
def _():
    for number in (9, 15):
        kill_daemon(number)
        start_daemon()
        equal(boto().get_object(Bucket=BUCKET, Key=after[-1])["Body"].read(), body(after[-1]))
    check("nothing to accept" in ctl("recover", "--accept-loss", state["loss_id"], status=1), "accepted twice")


if __name__ == "__main__":
    main()
