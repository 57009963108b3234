#!/usr/bin/python3
# SPDX-License-Identifier: EUPL-1.2
"""kill -9 in a loop under mixed load: nothing acknowledged is lost, nothing is torn, no delete comes back, every start succeeds.

    kill_loop.py [--cycles N] [--seed N]

A client process of its own writes a journal, synced before each request is sent and after each answer. After a kill and a start, this
process reads the journal alone: a key whose last request was answered has that state exactly; one whose request was under way has the
state before or after, and keeps from then on the one that was found. In every fourth cycle the daemon is killed again while it starts.
"""
import argparse
import collections
import hashlib
import json
import multiprocessing
import os
import pathlib
import random
import signal
import subprocess
import threading
import time

from harness import (
    CA,
    ENDPOINT,
    REGION,
    MIB,
    account,
    boto,
    case,
    check,
    daemon_pid,
    equal,
    kill_daemon,
    main,
    scratch,
    shell,
    start_daemon,
)
from sigv4 import Raw, Signer, encode_path

WORKERS, KEYS, BUCKET = 6, 12, "kill-loop"
GONE = None  # the state of a key that is not there
options = argparse.Namespace()  # cycles, seed


def content(size, seed):
    """A body that can be told from every other by its digest."""
    block = hashlib.sha256(seed.encode()).digest() * 2048
    return (block * (size // len(block) + 1))[:size]


class Journal:
    """Lines {worker, key, state} before a request that changes a key and {worker, ack} after its answer, each synced."""

    def __init__(self, path):
        self.file, self.lock = open(path, "ab", buffering=0), threading.Lock()

    def write(self, **line):
        with self.lock:
            self.file.write(json.dumps(line).encode() + b"\n")
        os.fdatasync(self.file.fileno())


class Broken(Exception):
    """The connection ended: the daemon was killed."""


class Worker:
    """One client with its own keys, so that it knows what each must be: every read it makes on the way is compared too."""

    def __init__(self, number, cycle, journal, states, rng):
        self.number, self.cycle, self.journal, self.rng = number, cycle, journal, rng
        self.signer = Signer(account("admin"), ENDPOINT, REGION)
        self.connection = Raw(ENDPOINT, CA)
        self.prefix = f"w{number}/"
        self.states = {k: v for k, v in states.items() if k.startswith(self.prefix)}
        self.count = 0

    def request(self, method, path, query=(), body=b"", headers=None):
        """A signed request's answer, or Broken. 503 is an answer that says nothing happened."""
        target = encode_path(path)
        signed = self.signer.sign(method, target, query, headers, body, payload_hash="UNSIGNED-PAYLOAD")
        if query:
            target += "?" + "&".join(f"{k}={v}" if v else k for k, v in query)
        try:
            answer = self.connection.request(method, target, signed, body)
        except OSError as error:
            raise Broken from error
        if answer is None or (
            method == "GET"
            and "content-length" in answer.headers
            and len(answer.body) != int(answer.headers["content-length"])
        ):
            raise Broken
        return answer

    def change(self, key, state, method, path, wanted, query=(), body=b"", headers=None):
        """A request that makes `key` have `state`: journalled before and after."""
        self.journal.write(worker=self.number, key=key, state=state)
        answer = self.request(method, path, query, body, headers)
        if answer.status == 503:
            self.journal.write(worker=self.number, key=key, state=self.states.get(key, GONE))
            self.journal.write(worker=self.number, ack=key)
            return answer
        if answer.status != wanted:
            raise AssertionError(f"{method} {path}: {answer.status} {answer.body[:300]}")
        self.journal.write(worker=self.number, ack=key)
        self.states[key] = state
        return answer

    def new_body(self):
        self.count += 1
        size = self.rng.choice([0, 100, 4096, 8192, 8193, 20000, 65536, 65537, 300000, 1500000])
        data = content(size, f"{self.cycle} {self.number} {self.count}")
        return data, [len(data), hashlib.sha256(data).hexdigest()]

    def put(self, key):
        data, state = self.new_body()
        self.change(key, state, "PUT", f"/{BUCKET}/{key}", 200, body=data)

    def delete(self, key):
        self.change(key, GONE, "DELETE", f"/{BUCKET}/{key}", 204)

    def get(self, key):
        answer = self.request("GET", f"/{BUCKET}/{key}")
        got = GONE if answer.status == 404 else [len(answer.body), hashlib.sha256(answer.body).hexdigest()]
        if answer.status in (200, 404) and got != self.states.get(key, GONE):
            raise AssertionError(f"GET {key}: got {got}, wanted {self.states.get(key, GONE)}")

    def copy(self, key):
        source = self.rng.choice([k for k, v in self.states.items() if v is not GONE and k != key] or [None])
        if source:
            self.change(
                key,
                self.states[source],
                "PUT",
                f"/{BUCKET}/{key}",
                200,
                headers={"x-amz-copy-source": f"/{BUCKET}/{source}"},
            )

    def multipart(self, key):
        """Two parts, sometimes one of them twice; completed, aborted, or left behind."""
        path = f"/{BUCKET}/{key}"
        created = self.request("POST", path, [("uploads", "")])
        if created.status != 200:
            return
        upload = created.body.split(b"<UploadId>")[1].split(b"<")[0].decode()
        self.count += 1
        bodies = {
            n: content(size, f"{self.cycle} {self.number} {self.count} {n}")
            for n, size in ((1, 5 * MIB), (2, self.rng.randrange(1, 200000)))
        }
        tags = {}
        for number, body in bodies.items():
            answer = self.request("PUT", path, [("partNumber", str(number)), ("uploadId", upload)], body)
            if answer.status != 200:
                return
            tags[number] = answer.headers["etag"]
        fate = self.rng.random()
        if fate < 0.2:
            self.request("DELETE", path, [("uploadId", upload)])
        elif fate < 0.9:
            parts = "".join(
                f"<Part><PartNumber>{n}</PartNumber><ETag>{t}</ETag></Part>" for n, t in tags.items()
            )
            whole = bodies[1] + bodies[2]
            self.change(
                key,
                [len(whole), hashlib.sha256(whole).hexdigest()],
                "POST",
                path,
                200,
                [("uploadId", upload)],
                f"<CompleteMultipartUpload>{parts}</CompleteMultipartUpload>".encode(),
            )

    def list(self, _):
        answer = self.request("GET", f"/{BUCKET}", [("list-type", "2"), ("prefix", self.prefix)])
        if answer.status == 200:
            keys = [k.split("</Key>")[0] for k in answer.body.decode().split("<Key>")[1:]]
            wanted = sorted(k for k, v in self.states.items() if v is not GONE)
            if keys != wanted:
                raise AssertionError(f"LIST {self.prefix}: got {keys}, wanted {wanted}")

    def run(self):
        verbs = (
            [self.put] * 8
            + [self.delete] * 3
            + [self.get] * 5
            + [self.copy] * 2
            + [self.list] * 1
            + [self.multipart] * 1
        )
        try:
            while True:
                self.rng.choice(verbs)(f"{self.prefix}k{self.rng.randrange(KEYS):02}")
        except Broken:
            return
        except Exception as error:  # what the parent must see
            self.journal.write(worker=self.number, fault=f"{type(error).__name__}: {error}")


def client(cycle, path, states, seed):
    """The client process: its threads end when their connections break."""
    journal = Journal(path)
    threads = []
    for number in range(WORKERS):
        worker = Worker(number, cycle, journal, states, random.Random(seed * 1000 + number))
        threads.append(threading.Thread(target=worker.run))
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


class Model:
    """For each key the states it may have: one, or two when a request was under way at the kill."""

    def __init__(self):
        self.allowed = collections.defaultdict(lambda: [GONE])
        self.acknowledged = 0

    def states(self):
        return {key: states[0] for key, states in self.allowed.items()}

    def read(self, path):
        """What the journal says; returns the faults that workers saw."""
        faults, pending = [], {}
        for line in path.read_bytes().splitlines():
            entry = json.loads(line)
            if "fault" in entry:
                faults.append(entry["fault"])
            elif "ack" in entry:
                key, state = pending.pop(entry["worker"])
                self.allowed[key] = [state]
                self.acknowledged += 1
            else:
                pending[entry["worker"]] = (entry["key"], entry["state"])
        for key, state in pending.values():
            self.allowed[key] = [self.allowed[key][0], state]
        return faults

    def compare(self):
        """Reads every key back; each must be in an allowed state, which is then the only one. LIST must agree."""
        s3, faults, there = boto(max_pool_connections=8), [], []
        for key, states in sorted(self.allowed.items()):
            found = self.state_of(s3, key)
            if found not in states:
                faults.append(f"{key}: is {found}, may be {states}")
            self.allowed[key] = [found]
            if found is not GONE:
                there.append(key)
        listed = [
            o["Key"]
            for page in s3.get_paginator("list_objects_v2").paginate(Bucket=BUCKET)
            for o in page.get("Contents", [])
        ]
        if listed != there:
            faults.append(f"LIST differs: {sorted(set(listed) ^ set(there))}")
        return faults

    @staticmethod
    def state_of(s3, key):
        try:
            body = s3.get_object(Bucket=BUCKET, Key=key)["Body"].read()
        except s3.exceptions.NoSuchKey:
            return GONE
        return [len(body), hashlib.sha256(body).hexdigest()]


def start_and_kill(rng):
    """A kill during the start: somewhere in its first third of a second."""
    before = daemon_pid()
    start = subprocess.Popen(
        os.environ["BEFFROI_START"], shell=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    while daemon_pid() == before and start.poll() is None:
        time.sleep(0.001)
    time.sleep(rng.random() * 0.3)
    kill_daemon(signal.SIGKILL)
    start.wait()


@case("the loop")
def _():
    rng = random.Random(options.seed)
    print(f"seed {options.seed}, {options.cycles} cycles")
    boto().create_bucket(Bucket=BUCKET)
    model, starts = Model(), []
    with scratch() as folder:
        for cycle in range(options.cycles):
            journal = pathlib.Path(folder, f"journal-{cycle}")
            process = multiprocessing.Process(
                target=client, args=(cycle, journal, model.states(), rng.getrandbits(32))
            )
            process.start()
            time.sleep(0.4 + rng.random() * 1.6)
            kill_daemon(signal.SIGKILL)
            process.join(60)
            check(process.exitcode == 0, f"cycle {cycle}: the client ended with {process.exitcode}")
            if cycle % 4 == 3:
                start_and_kill(rng)
            starts.append(start_daemon())
            faults = model.read(journal) + model.compare()
            check(not faults, f"cycle {cycle}: {faults[:5]} ({len(faults)} faults)")
    starts.sort()
    print(
        f"{model.acknowledged} changes acknowledged, {len(model.allowed)} keys; start: median {starts[len(starts) // 2]:.2f} s, most {starts[-1]:.2f} s"
    )
    check(model.acknowledged > options.cycles * 5, "too few changes to mean anything")


@case("afterwards the whole store checks clean, and usage is what the objects are")
def _():
    kill_daemon(signal.SIGTERM)
    printed = shell(
        [f"{os.environ['BEFFROI_BIN']}/beffroid", "check", "--config", os.environ["BEFFROI_CONFIG"]]
    )
    print("\n".join(printed.splitlines()[-5:]))
    start_daemon()


@case("canary: a journal that claims more than was done is caught")
def _():
    model = Model()
    with scratch() as folder:
        journal = pathlib.Path(folder, "journal")
        lines = [
            {"worker": 0, "key": "w0/never-sent", "state": [1, "0" * 64]},
            {"worker": 0, "ack": "w0/never-sent"},
        ]
        journal.write_text("".join(json.dumps(line) + "\n" for line in lines))
        equal(model.read(journal), [])
        check(
            any("never-sent" in fault for fault in model.compare()), "the loss of w0/never-sent was not seen"
        )


if __name__ == "__main__":
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--cycles", type=int, default=30)
    parser.add_argument("--seed", type=int, default=int.from_bytes(os.urandom(4), "big"))
    parser.parse_args(namespace=options)
    main()
