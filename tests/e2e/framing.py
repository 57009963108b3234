#!/usr/bin/python3
# SPDX-License-Identifier: EUPL-1.2
"""Every framing vector of tests/vectors/framing.txt, sent to a running appliance with a second request behind it.

What must be refused is answered once, with 400 (505 for another HTTP version) and `Connection: close`, or not at all, and
the connection ends: the request behind it is never answered. What must be accepted gets an answer, and then so does the
request behind it, unless the connection said that it closes. Needs only AWS_ENDPOINT_URL and AWS_CA_BUNDLE.
"""
import os
import pathlib
import re
import socket
import ssl
import sys
import time
from urllib.parse import urlsplit

VECTORS = pathlib.Path(__file__).resolve().parent.parent / "vectors" / "framing.txt"
BEHIND = b"GET /smuggled?%s HTTP/1.1\r\nHost: d.test\r\nConnection: close\r\n\r\n"
SECONDS = 20  # for the whole of one exchange; a server that hangs fails the vector


def unescape(text, at=0, nested=False):
    """The bytes of `text` from `at`, and where they end: at the end, or at the ")" of a repetition."""
    plain = {"r": b"\r", "n": b"\n", "t": b"\t", "\\": b"\\", '"': b'"'}
    out = b""
    while at < len(text) and not (nested and text[at] == ")"):
        if text[at] != "\\":
            out += text[at].encode("latin-1")
            at += 1
            continue
        kind = text[at + 1]
        at += 2
        if kind in plain:
            out += plain[kind]
        elif kind == "x":
            out += bytes([int(text[at : at + 2], 16)])
            at += 2
        elif kind == "(":
            colon = text.index(":", at)
            times = int(text[at:colon])
            inner, at = unescape(text, colon + 1, nested=True)
            at += 1
            out += inner * times
        else:
            raise ValueError(f"unknown escape \\{kind}")
    return out, at


def vectors():
    for line in VECTORS.read_text(encoding="latin-1").splitlines():
        if line and not line.startswith("#"):
            verdict, name, text = line.split(" | ", 2)
            yield verdict.split()[0], name, unescape(text)[0]


def exchange(endpoint, context, data):
    """Sends `data` and returns all that comes until the server closes; None when it does not close in time."""
    end = time.monotonic() + SECONDS
    raw = socket.create_connection((endpoint.hostname, endpoint.port), SECONDS)
    received = b""
    with context.wrap_socket(raw, server_hostname=endpoint.hostname) as connection:
        try:
            connection.sendall(data)
        except (BrokenPipeError, ConnectionResetError, ssl.SSLError):
            pass  # it may close before it has all of it
        try:
            while time.monotonic() < end:
                connection.settimeout(max(0.01, end - time.monotonic()))
                piece = connection.recv(65536)
                if not piece:
                    return received
                received += piece
        except (ConnectionResetError, ssl.SSLEOFError, ssl.SSLZeroReturnError):
            return received
        except TimeoutError:
            pass
    return None


def answers(received, method):
    """The answers in `received`, as (status, head); interim ones are left out."""
    found = []
    while received:
        head, separator, received = received.partition(b"\r\n\r\n")
        status = re.match(rb"HTTP/1\.1 (\d{3}) ", head)
        if not status or not separator:
            raise AssertionError(f"not an answer: {head[:80]!r}")
        code = int(status.group(1))
        if code < 200:
            continue
        length = re.search(rb"\r\ncontent-length: (\d+)", head, re.I)
        bodyless = code in (204, 304) or (not found and method == b"HEAD")
        if length and not bodyless:
            received = received[int(length.group(1)) :]
        elif re.search(rb"\r\ntransfer-encoding: chunked", head, re.I) and not bodyless:
            received = received.partition(b"0\r\n\r\n")[2]
        found.append((code, head.lower() + b"\r\n"))
    return found


def check(verdict, data, endpoint, context, number):
    """Raises AssertionError when the appliance does not treat one vector as its verdict says."""
    received = exchange(endpoint, context, data + BEHIND % str(number).encode())
    if received is None:
        raise AssertionError("the connection stays open")
    got = answers(received, data.split(b" ")[0])
    if verdict == "accept":
        if not got:
            raise AssertionError("no answer")
        if len(got) == 1 and b"\r\nconnection: close\r\n" not in got[0][1]:
            raise AssertionError("the request behind it was not answered")
        return
    if len(got) > 1:
        raise AssertionError(f"{len(got)} answers: something behind it was answered")
    if verdict == "reject" and not got:
        raise AssertionError("closed without an answer")
    if verdict == "reject" and got[0][0] not in (400, 505):
        raise AssertionError(f"answered {got[0][0]}")
    # A body may be answered before its framing is found out; only a head is always judged first.
    if verdict == "reject" and b"\r\nconnection: close\r\n" not in got[0][1]:
        raise AssertionError("the answer does not say that the connection closes")


def main():
    endpoint = urlsplit(os.environ.get("AWS_ENDPOINT_URL", ""))
    if not endpoint.port:
        sys.exit("AWS_ENDPOINT_URL is not set: run it as tests/appliance -- tests/e2e/framing.py")
    context = ssl.create_default_context(cafile=os.environ.get("AWS_CA_BUNDLE"))
    passed = failed = 0
    for number, (verdict, name, data) in enumerate(vectors()):
        try:
            check(verdict, data, endpoint, context, number)
            passed += 1
        except AssertionError as error:
            failed += 1
            print(f"FAIL {name}: {error}", flush=True)
    print(f"{passed} passed, {failed} failed", flush=True)
    sys.exit(1 if failed or not passed else 0)


if __name__ == "__main__":
    main()
