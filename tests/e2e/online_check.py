#!/usr/bin/python3
# SPDX-License-Identifier: EUPL-1.2
"""`beffroictl check` on an appliance at work: progress, its pace, going on after a broken command and a killed daemon, what it names."""
import json
import os
import subprocess
import threading
import time

from harness import BIN, DATA, MIB, boto, case, check, ctl, equal, kill_daemon, main, pattern, start_daemon

BUCKET, OBJECTS = "verifie", 24
DAMAGED = "objet-00"  # the first body of its extent, as it is the first object


def command(*arguments, form="json"):
    return [BIN / "beffroictl", "--socket", os.environ["BEFFROI_SOCKET"], "check", *arguments, "--output", form]


def run(*arguments, form="json", language="C"):
    """The check's status, the lines it printed and what went to stderr."""
    environment = {**os.environ, "LC_ALL": language}
    done = subprocess.run(command(*arguments, form=form), capture_output=True, text=True, check=False, env=environment)
    return done.returncode, done.stdout.splitlines(), done.stderr


def state():
    """What the appliance says of the check, without starting one."""
    done = subprocess.run(
        ["curl", "-s", "--unix-socket", os.environ["BEFFROI_SOCKET"], "http://beffroi/v1/check"],
        capture_output=True,
        text=True,
        check=True,
    )
    return json.loads(done.stdout)


@case("objects of every kind of storage; while others come and go, a check finds nothing, three times")
def _():
    s3 = boto()
    s3.create_bucket(Bucket=BUCKET)
    for n in range(OBJECTS):
        s3.put_object(Bucket=BUCKET, Key=f"objet-{n:02d}", Body=pattern([600_000, 900, 2 * MIB][n % 3], n))
    ending = threading.Event()

    def load():
        mine = boto()
        for n in range(100_000):
            if ending.is_set():
                return
            mine.put_object(Bucket=BUCKET, Key=f"passage/{n % 7}", Body=pattern(20_000 + n % 50, n))
            if n % 2:
                mine.delete_object(Bucket=BUCKET, Key=f"passage/{(n + 3) % 7}")

    worker = threading.Thread(target=load)
    worker.start()
    try:
        for _ in range(3):
            status, lines, errors = run("--rate", "10GiB")
            equal(status, 0, f"{lines[-1:]} {errors}")
            equal(json.loads(lines[-1])["findings"], [])
    finally:
        ending.set()
        worker.join()


@case("its words, in both languages")
def _():
    for language, words in (("C", "the store is whole"), ("fr_FR.UTF-8", "l’entrepôt est entier")):
        status, lines, progress = run("--rate", "8MiB", form="table", language=language)
        equal(status, 0)
        check(words in lines[-1], lines)
        check("%" in progress, progress)


@case("its pace holds, and a broken command leaves it running; another joins it")
def _():
    following = subprocess.Popen(command("--rate", "4MiB"), stdout=subprocess.PIPE, text=True)
    lines = [json.loads(following.stdout.readline()) for _ in range(3)]
    following.terminate()
    following.wait()
    check(all(line["running"] for line in lines), lines)
    began, first = time.monotonic(), state()
    check(first["running"], first)
    time.sleep(1)
    second = state()
    if first["stage"] == second["stage"] == "bodies":
        rate = (second["done_bytes"] - first["done_bytes"]) / (time.monotonic() - began)
        check(rate < 6 * MIB, f"{rate:.0f} bytes a second, 4 MiB were asked for")
    status, joined, _ = run("--rate", "10GiB")
    equal(status, 0)
    equal(json.loads(joined[-1])["started"], lines[0]["started"], "the same check")


@case("a killed daemon goes on with it by itself")
def _():
    following = subprocess.Popen(command("--rate", "2MiB"), stdout=subprocess.PIPE, text=True)
    started = json.loads(following.stdout.readline())["started"]
    kill_daemon()
    following.wait(30)
    equal(following.returncode, 3, "the command says that the appliance is out of reach")
    start_daemon()
    said = state()
    equal((said["running"], said["started"]), (True, started))
    status, lines, _ = run("--rate", "10GiB")
    equal((status, json.loads(lines[-1])["started"]), (0, started))


@case("damage in a body is named, the command ends with 4, and the appliance serves on")
def _():
    key = DAMAGED
    extents = sorted(p for p in (DATA / "extent").iterdir() if p.stat().st_size > 4096)
    for path in extents:
        with path.open("r+b") as file:
            file.seek(4096 + 5000)
            byte = file.read(1)
            if byte in (b"", b"\0"):
                continue
            file.seek(4096 + 5000)
            file.write(bytes([byte[0] ^ 1]))
    status, lines, _ = run("--rate", "10GiB")
    findings = json.loads(lines[-1])["findings"]
    equal(status, 4)
    check(any(key in finding for finding in findings), findings)
    equal(boto().get_object(Bucket=BUCKET, Key="objet-03")["Body"].read(), pattern(600_000, 3))
    equal(ctl("status")["phase"], "serving")
    records = [r for r in ctl("audit", "show")["records"] if r["operation"] == "CheckStore"]
    check(len(records) >= 8, f"{len(records)} records of checks")


if __name__ == "__main__":
    main()
