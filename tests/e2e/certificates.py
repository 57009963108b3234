#!/usr/bin/python3
# SPDX-License-Identifier: EUPL-1.2
"""Certificates: chosen by name, changed under load without a failed request, kept when the new ones are bad, their expiry told."""
import calendar
import json
import os
import pathlib
import re
import shutil
import signal
import socket
import ssl
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request

from harness import BIN, case, check, equal, main, shell

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "packaging"))
import appliance as kit  # noqa: E402

FOLDER = pathlib.Path(tempfile.mkdtemp(prefix="beffroi-certificates-"))
PAIRS = FOLDER / "pairs"
NAME = "depot.mairie.example"
appliance = kit.Appliance(FOLDER / "appliance")


def issue(stem, name, days=30, folder=PAIRS):
    """A pair signed by the appliance's CA, put in place whole: its serial number."""
    made = pathlib.Path(tempfile.mkdtemp(dir=FOLDER))
    key, request, certificate = made / "key", made / "csr", made / "crt"
    (made / "ext").write_text(f"subjectAltName=DNS:{name},DNS:*.{name}\n")
    shell(["openssl", "req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", key, "-out", request,
           "-subj", f"/CN={name}"])  # fmt: skip
    shell(["openssl", "x509", "-req", "-in", request, "-CA", appliance.folder / "ca.pem", "-CAkey", appliance.folder / "ca_key.pem",
           "-set_serial", f"0x{os.urandom(12).hex()}", "-days", str(days), "-extfile", made / "ext", "-out", certificate])  # fmt: skip
    folder.mkdir(exist_ok=True)
    for source, target in ((key, f"{stem}.key"), (certificate, f"{stem}.crt")):
        source.rename(folder / target)
    return served_in(folder / f"{stem}.crt")


def served_in(path):
    """The serial number in a PEM file, as openssl reads it."""
    return shell(["openssl", "x509", "-in", path, "-noout", "-serial"]).strip().partition("=")[2]


def served_to(name):
    """The serial number of the certificate that a client is shown which asks for `name` (None: without SNI)."""
    context = ssl._create_unverified_context()
    with socket.create_connection(("127.0.0.1", appliance.state["port"])) as plain:
        with context.wrap_socket(plain, server_hostname=name) as tls:
            der = tls.getpeercert(True)
    done = subprocess.run(["openssl", "x509", "-inform", "DER", "-noout", "-serial"], input=der, capture_output=True, check=True)
    return done.stdout.decode().strip().partition("=")[2]


def reload():
    """SIGHUP, and the lines that the daemon wrote about it."""
    before = appliance.log.stat().st_size
    os.kill(appliance.pid, signal.SIGHUP)
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        said = appliance.log.read_bytes()[before:].decode()
        if '"event":"reloaded"' in said or '"level":"error"' in said:
            return said
        time.sleep(0.01)
    raise AssertionError("the daemon says nothing of its reload")


class Load:
    """Clients that never stop: half of them on connections that stay, half on new ones; a context. failures is what went wrong."""

    def __enter__(self):
        self.failures, self.done, self.over = [], 0, threading.Event()
        self.context = ssl.create_default_context(cafile=str(appliance.ca))
        self.threads = [threading.Thread(target=self.run, args=(n % 2 == 0,)) for n in range(6)]
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *_):
        self.over.set()
        for thread in self.threads:
            thread.join()

    def run(self, stays):
        try:
            while not self.over.is_set():
                with socket.create_connection(("127.0.0.1", appliance.state["port"]), timeout=10) as plain:
                    with self.context.wrap_socket(plain, server_hostname=NAME) as tls:
                        for _ in range(200 if stays else 1):
                            self.ask(tls)
        except Exception as error:
            self.failures.append(repr(error))

    def ask(self, tls):
        """One request that needs the whole pipeline: refused for want of a signature, in one piece."""
        tls.sendall(b"GET /seau/cle HTTP/1.1\r\nHost: " + NAME.encode() + b"\r\n\r\n")
        answer = b""
        while b"</Error>" not in answer:
            piece = tls.recv(4096)
            if not piece:
                raise AssertionError(f"cut after {answer}")
            answer += piece
        if not answer.startswith(b"HTTP/1.1 403 "):
            raise AssertionError(answer.decode())
        self.done += 1


@case("SNI chooses, wildcards too; an unknown name and none get the default")
def _():
    appliance.create(BIN, settings=[f"certificates_dir={PAIRS}"])
    mairie = issue("mairie", NAME)
    appliance.start()
    default = served_in(appliance.folder / "tls_certificate.pem")
    equal((served_to(NAME), served_to(f"archives.{NAME}")), (mairie, mairie))
    equal([served_to(name) for name in (None, "autre.example", f"a.b.{NAME}", "s3.localhost")], [default] * 4)


@case("certificates change under load, and not one request fails")
def _():
    with Load() as load:
        for _ in range(8):
            serial = issue("mairie", NAME)
            check('"event":"reloaded"' in reload())
            deadline = time.monotonic() + 5
            while served_to(NAME) != serial:
                check(time.monotonic() < deadline, "the new certificate is not served")
        time.sleep(0.5)
    equal(load.failures, [])
    check(load.done > 200, f"only {load.done} requests")
    print(f"     {load.done} requests over 8 changes")


@case("a bad pair beside good ones: none is taken, the old ones go on, the log names the file")
def _():
    old = served_to(NAME)
    issue("mairie", NAME)
    issue("autre", "autre.example", folder=FOLDER / "apart")
    shutil.copy(FOLDER / "apart" / "autre.crt", PAIRS / "autre.crt")
    shutil.copy(PAIRS / "mairie.key", PAIRS / "autre.key")
    with Load() as load:
        said = reload()
        check("autre.key" in said and "certificates_dir" in said and "reloaded" not in said, said)
        equal(served_to(NAME), old)
        equal(served_to("autre.example"), served_in(appliance.folder / "tls_certificate.pem"))
    equal(load.failures, [])
    shutil.copy(FOLDER / "apart" / "autre.key", PAIRS / "autre.key")
    check('"certificates":3' in reload())
    equal(served_to("autre.example"), served_in(PAIRS / "autre.crt"))
    for suffix in ("crt", "key"):
        (PAIRS / f"autre.{suffix}").unlink()
    check('"certificates":2' in reload())
    equal(served_to("autre.example"), served_in(appliance.folder / "tls_certificate.pem"))


@case("metrics give each certificate's end, as openssl reads it")
def _():
    issue("mairie", NAME, days=11)
    reload()
    with urllib.request.urlopen(appliance.metrics + "/metrics") as answer:
        text = answer.read().decode()
    for path in (PAIRS / "mairie.crt", appliance.folder / "tls_certificate.pem"):
        end = shell(["openssl", "x509", "-in", path, "-noout", "-enddate"]).strip().partition("=")[2]
        wanted = calendar.timegm(time.strptime(end, "%b %d %H:%M:%S %Y %Z"))
        told = re.search(rf'^beffroi_certificate_expiry_timestamp_seconds{{file="{path}"}} (\S+)$', text, re.MULTILINE)
        check(told, f"{path} is not in the metrics")
        equal(float(told.group(1)), wanted, str(path))


@case("a reload takes the log level, and names the keys that need a restart")
def _():
    text = appliance.config.read_text()
    appliance.config.write_text(text + 'log_level = "debug"\ndrain_seconds = 7\n')
    said = reload()
    check('"key":"drain_seconds"' in said and '"log_level":"debug"' in said and '"key":"log_level"' not in said, said)
    appliance.config.write_text(text.replace("region =", "regio ="))
    said = reload()
    check("did you mean region?" in said and "reloaded" not in said, said)
    appliance.config.write_text(text)


@case("--check-config tells all at once, as JSON too: keys, certificates, addresses, directories, what expires")
def _():
    def told(*settings):
        done = subprocess.run(
            [*appliance.command(), "--check-config", "--output", "json", *(p for s in settings for p in ("--set", s))],
            capture_output=True,
            text=True,
            check=False,
        )
        answer = json.loads(done.stdout)
        equal(done.returncode, 0 if answer["good"] else 2)
        return answer

    answer = told()
    equal((answer["good"], answer["errors"]), (True, []))
    equal([w["key"] for w in answer["warnings"] if w["key"] != "require_mlock"], ["certificates_dir"])
    check("expires in 1" in answer["warnings"][-1]["problem"], str(answer))
    (PAIRS / "nu.crt").write_text("no certificate")
    (PAIRS / "nu.key").write_text("no key")
    answer = told("listen=8443", "listen_metrics=127.0.0.1:port", "data_dir=/nonexistent/data", "admin_socket=/nonexistent/admin.sock",
                  f"root_key_file={appliance.config}")  # fmt: skip
    keys = sorted(error["key"] for error in answer["errors"])
    equal(keys, ["admin_socket", "certificates_dir", "data_dir", "listen", "listen_metrics", "root_key_file"])
    check(all(error["problem"] and error["remedy"] for error in answer["errors"]), str(answer))
    check(any("nu.crt" in error["problem"] for error in answer["errors"]), str(answer))
    for suffix in ("crt", "key"):
        (PAIRS / f"nu.{suffix}").unlink()
    equal(told("regio=x")["errors"][0]["key"], "regio")


if __name__ == "__main__":
    try:
        main()
    finally:
        appliance.stop()
        shutil.rmtree(FOLDER, ignore_errors=True)
