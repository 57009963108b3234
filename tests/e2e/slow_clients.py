#!/usr/bin/python3
# SPDX-License-Identifier: EUPL-1.2
"""A thousand clients that are slow on purpose, while a healthy one goes on as if it were alone.

First they only connect, then they send their heads a byte at a time, then their bodies, then they do not read what they
asked for. In each phase every request of the healthy client (a process of its own) succeeds and its p99 stays within
three times what it was alone in the same run; the slow ones are closed by the deadlines that server/http/limits.h names,
no sooner and not much later; and what the daemon's memory grew by is printed for each connection.

`--clients N` (1 000): two descriptors each, on this side and on the daemon's.
"""
import argparse
import multiprocessing
import pathlib
import re
import resource
import select
import socket
import ssl
import time
from urllib.parse import urlsplit

from harness import (
    CA,
    ENDPOINT,
    MIB,
    REGION,
    account,
    boto,
    case,
    check,
    daemon_pid,
    equal,
    main,
    new_bucket,
    pattern,
)
from sigv4 import Raw, Signer

LIMITS = (pathlib.Path(__file__).resolve().parents[2] / "server" / "http" / "limits.h").read_text()
NOISE_SECONDS = 0.05  # a p99 below it is within what two shared cores do by themselves
LATE_SECONDS = 6  # a tick of the deadlines, the farewell that a client may take to read, a busy machine
FILLING_SECONDS = 20  # a reader's time begins when the kernel takes no more of its answer: a GiB for all of them
IDLE_RSS_MIB_MAX = 192
SLOW_OBJECT_BYTES = 16 * MIB  # more than what the kernel keeps for a connection

parser = argparse.ArgumentParser()
parser.add_argument("--clients", type=int, default=1000)
CLIENTS = parser.parse_args().clients


def limit_seconds(name):
    """A duration of Limits."""
    return int(re.search(rf"Duration {name}\{{([\d']+)\}}", LIMITS).group(1).replace("'", "")) / 1000


def rss_mib():
    """The daemon's resident memory."""
    status = pathlib.Path(f"/proc/{daemon_pid()}/status").read_text()
    return int(re.search(r"VmRSS:\s+(\d+) kB", status).group(1)) / 1024


# --- The healthy client


def work(pipe, bucket):
    """Puts and gets 4 KiB until told to stop, each tenth on a new connection: sends (seconds of each, failures)."""
    signer, body = Signer(account("admin"), ENDPOINT, REGION), pattern(4096)
    seconds, failures, connection, number = [], [], None, 0
    while not pipe.poll():
        path = f"/{bucket}/healthy-{number // 2 % 100}"
        method, payload = ("PUT", body) if number % 2 == 0 else ("GET", b"")
        began = time.monotonic()
        try:
            if number % 10 == 0:
                if connection:
                    connection.socket.close()
                connection = Raw(ENDPOINT, CA)
            answer = connection.request(method, path, signer.sign(method, path, payload=payload), payload)
            if answer is None or answer.status != 200 or (method == "GET" and answer.body != body):
                failures.append(str(answer and (answer.status, answer.code)))
        except OSError as error:
            failures.append(repr(error))
            connection = None
            number += -number % 10 - 1
        seconds.append(time.monotonic() - began)
        number += 1
        time.sleep(0.002)
    pipe.send((seconds, failures))


class Healthy:
    """The healthy client at work, for the time of a `with`; then `p99` in seconds and `count`."""

    def __enter__(self):
        self.pipe, other = multiprocessing.Pipe()
        self.process = multiprocessing.get_context("fork").Process(
            target=work, args=(other, new_bucket("slow"))
        )
        self.process.start()
        return self

    def __exit__(self, *failure):
        self.pipe.send("stop")
        seconds, failures = self.pipe.recv()
        self.process.join()
        self.count = len(seconds)
        self.p99 = sorted(seconds)[len(seconds) * 99 // 100]
        if not failure[0]:
            check(not failures, f"{len(failures)} of {self.count} requests failed: {failures[:3]}")
            check(self.count >= 100, f"only {self.count} requests")

    def judge(self, alone, what):
        print(
            f"     {what}: healthy client {self.count} requests, 0 failed, p99 {self.p99 * 1000:.1f} ms "
            f"(alone {alone * 1000:.1f} ms)",
            flush=True,
        )
        most = max(3 * alone, NOISE_SECONDS)
        check(self.p99 <= most, f"{what}: p99 {self.p99 * 1000:.1f} ms is above {most * 1000:.1f} ms")


# --- The slow ones


class Slow:
    """Connections of which we only notice when the other side ends them, and write to when told."""

    def __init__(self, count, receive_bytes=None):
        endpoint = urlsplit(ENDPOINT)
        context = ssl.create_default_context(cafile=CA)
        self.sockets, self.since, self.closed_after = {}, {}, []
        self.poll = select.epoll()
        for _ in range(count):
            raw = socket.socket()
            if receive_bytes:
                raw.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_bytes)
            raw.connect((endpoint.hostname, endpoint.port))
            secure = context.wrap_socket(raw, server_hostname=endpoint.hostname)
            self.sockets[secure.fileno()] = secure

    def start(self, number, data, events):
        """Sends the first bytes of the connection; its time begins. `events`: those that are looked at."""
        descriptor = list(self.sockets)[number]
        self.sockets[descriptor].sendall(data)
        self.sockets[descriptor].setblocking(False)
        self.since[descriptor] = time.monotonic()
        self.poll.register(descriptor, events)

    def send_each(self, data):
        for descriptor, one in list(self.sockets.items()):
            try:
                one.send(data)
            except (ssl.SSLWantReadError, ssl.SSLWantWriteError):
                pass
            except OSError:
                self.end(descriptor)

    def end(self, descriptor):
        self.closed_after.append(time.monotonic() - self.since[descriptor])
        self.poll.unregister(descriptor)
        self.sockets.pop(descriptor).close()

    def look(self, seconds):
        """Notices ends for so long."""
        until = time.monotonic() + seconds
        while self.sockets and (left := until - time.monotonic()) > 0:
            for descriptor, what in self.poll.poll(left):
                if what & (select.EPOLLHUP | select.EPOLLERR) or self.is_ended(descriptor):
                    self.end(descriptor)

    def is_ended(self, descriptor):
        try:
            while self.sockets[descriptor].recv(65536):
                pass
            return True
        except ssl.SSLWantReadError:
            return False
        except OSError:
            return True

    def close(self):
        for one in self.sockets.values():
            one.close()
        self.poll.close()

    def judge(self, wanted, what, late=LATE_SECONDS):
        """All were ended, each within its time."""
        check(not self.sockets, f"{what}: {len(self.sockets)} of {CLIENTS} are still connected")
        least, most = min(self.closed_after), max(self.closed_after)
        print(
            f"     {what}: {len(self.closed_after)} closed after {least:.1f} to {most:.1f} s (limit {wanted:.0f} s)",
            flush=True,
        )
        check(least >= wanted - 1, f"{what}: one was closed after {least:.1f} s already")
        check(most <= wanted + late, f"{what}: one was closed after {most:.1f} s only")


def memory(what, before, count):
    now = rss_mib()
    print(
        f"     {what}: RSS {before:.0f} -> {now:.0f} MiB, {(now - before) * 1024 / count:.0f} KiB a connection",
        flush=True,
    )
    return now


facts = {}


@case("the healthy client alone")
def _():
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    check(
        hard == resource.RLIM_INFINITY or hard > CLIENTS + 100, f"{hard} descriptors are too few (ulimit -Hn)"
    )
    facts["fresh"] = rss_mib()
    boto().put_object(Bucket=new_bucket("slow"), Key="large", Body=pattern(SLOW_OBJECT_BYTES))
    with Healthy() as healthy:
        time.sleep(6)
    facts["alone"] = healthy.p99
    print(
        f"     RSS of a fresh store {facts['fresh']:.0f} MiB; p99 {healthy.p99 * 1000:.1f} ms of {healthy.count} requests",
        flush=True,
    )


@case("idle: connections that asked once and stay are kept, and cost little memory")
def _():
    before = rss_mib()
    request = f"GET / HTTP/1.1\r\nhost: {urlsplit(ENDPOINT).netloc}\r\n\r\n".encode()
    with Healthy() as healthy:
        slow = Slow(CLIENTS)
        for number in range(CLIENTS):
            slow.start(number, request, select.EPOLLIN)
        slow.look(8)
        after = memory("idle", before, CLIENTS)
    # The canary of what follows: those who do nothing wrong are not seen as closed.
    equal((len(slow.sockets), slow.closed_after), (CLIENTS, []), "connections kept")
    slow.close()
    healthy.judge(facts["alone"], "idle")
    check(after <= IDLE_RSS_MIB_MAX, f"RSS with {CLIENTS} idle connections: {after:.0f} MiB")


@case("heads, a byte a second")
def _():
    before, seconds = rss_mib(), limit_seconds("head")
    with Healthy() as healthy:
        slow = Slow(CLIENTS)
        for number in range(CLIENTS):
            slow.start(number, b"GET / HTTP/1.1\r\nhost: ", select.EPOLLIN)
        for second in range(int(seconds + LATE_SECONDS)):
            slow.look(1)
            slow.send_each(b"a")
            if second == 5:
                memory("heads", before, CLIENTS)
    slow.close()
    slow.judge(seconds, "heads")
    healthy.judge(facts["alone"], "heads")


@case("bodies, a byte a second; those just above the pace asked for are served")
def _():
    before, seconds = rss_mib(), limit_seconds("progress")
    bucket, signer, total = new_bucket("slow"), Signer(account("admin"), ENDPOINT, REGION), 10 * MIB

    def head(key, size):
        signed = signer.sign("PUT", f"/{bucket}/{key}", payload_hash="UNSIGNED-PAYLOAD")
        lines = [
            f"PUT /{bucket}/{key} HTTP/1.1",
            *(f"{k}: {v}" for k, v in signed.items()),
            f"content-length: {size}",
        ]
        return "\r\n".join(lines).encode() + b"\r\n\r\n"

    with Healthy() as healthy:
        patient = Raw(ENDPOINT, CA, timeout=60)
        patient.send(head("patient", 36 * 1024))
        slow = Slow(CLIENTS)
        for number in range(CLIENTS):
            slow.start(number, head(f"slow-{number}", total), select.EPOLLIN)
        for second in range(int(seconds + LATE_SECONDS)):
            slow.look(1)
            slow.send_each(b"a")
            patient.send(b"p" * 1024)
            if second == 5:
                memory("bodies", before, CLIENTS)
        answer = patient.answer("PUT")
    slow.close()
    equal(answer and answer.status, 200, "a body of a KiB a second")
    slow.judge(seconds, "bodies")
    healthy.judge(facts["alone"], "bodies")
    keys = [o["Key"] for o in boto().list_objects_v2(Bucket=bucket, Prefix="slow-").get("Contents", [])]
    equal(keys, [], "objects of bodies that did not end")


@case("readers, who do not read")
def _():
    before, seconds = rss_mib(), limit_seconds("progress")
    signer, path = Signer(account("admin"), ENDPOINT, REGION), f"/{new_bucket('slow')}/large"
    with Healthy() as healthy:
        slow = Slow(CLIENTS, receive_bytes=4096)
        for number in range(CLIENTS):
            signed = signer.sign("GET", path)
            lines = [f"GET {path} HTTP/1.1", *(f"{k}: {v}" for k, v in signed.items())]
            slow.start(number, "\r\n".join(lines).encode() + b"\r\n\r\n", 0)
        slow.look(6)
        memory("readers", before, CLIENTS)
        slow.look(seconds + LATE_SECONDS + FILLING_SECONDS - 6)
    slow.close()
    slow.judge(seconds, "readers", LATE_SECONDS + FILLING_SECONDS)
    healthy.judge(facts["alone"], "readers")


@case("afterwards nothing is left of them")
def _():
    time.sleep(1)
    print(f"     RSS {rss_mib():.0f} MiB", flush=True)
    descriptors = len(list(pathlib.Path(f"/proc/{daemon_pid()}/fd").iterdir()))
    check(descriptors < 200, f"the daemon holds {descriptors} descriptors")
    equal(
        boto().get_object(Bucket=new_bucket("slow"), Key="large")["Body"].read(), pattern(SLOW_OBJECT_BYTES)
    )


if __name__ == "__main__":
    main()
