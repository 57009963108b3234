#!/usr/bin/python3
# SPDX-License-Identifier: EUPL-1.2
"""The units, as they are installed: what systemd says of them, then a booted container in which they start the daemon.

    tests/systemd/units.py BUILD_FOLDER

A client outside the container deposits and reads back over TLS; the daemon is killed, fails, is misconfigured, hangs and is stopped.
"""
import json
import os
import pathlib
import re
import secrets
import socket
import ssl
import subprocess
import sys
import tempfile
import threading
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "e2e"))
import harness  # noqa: E402
from container import TREE, Container, kit, make_tree, output_of  # noqa: E402
from harness import boto, case, check, equal, pattern  # noqa: E402

EXPOSURE_MAX = 1.5
UNITS = ["beffroid.socket", "beffroid.service"]  # in the order of their start
CERTIFICATES = "/etc/beffroi/certificates"
FOLDER = pathlib.Path(tempfile.mkdtemp(prefix="beffroi-systemd-"))
PORT, METRICS_PORT = kit.free_port(), kit.free_port()
CONFIGURATION = f"""
domains = ["s3.localhost"]
certificates_dir = "{CERTIFICATES}"
listen_metrics = "127.0.0.1:{METRICS_PORT}"
require_mlock = true
"""
box = None  # the container, once it runs


def inside(name):
    """A case in the container."""

    def register(function):
        @case(name)
        def _():
            check(box is not None, "no container was booted")
            function()

    return register


def wait_for(condition, what, seconds=20):
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            raise AssertionError(f"{what}: not after {seconds} s\n{box.journal(15)}")
        time.sleep(0.05)


def ready(unlike=None):
    """The daemon serves; its process is another than `unlike`."""
    state, pid = box.show("ActiveState", "MainPID")
    return state == "active" and pid != unlike and kit_answers("/readyz")


def kit_answers(path):
    done = subprocess.run(
        ["curl", "-fsS", "--max-time", "5", f"http://127.0.0.1:{METRICS_PORT}{path}"], capture_output=True, check=False
    )
    return done.returncode == 0


def journal_has(words):
    return words in box.journal()


def drop_in(unit, text):
    """Settings of this test for a unit, in place of the ones before."""
    box.write(f"/run/systemd/system/{unit}.d/test.conf", text)
    box.run("systemctl", "daemon-reload")


@case("systemd-analyze verify has nothing to say")
def _():
    said = subprocess.run(
        ["systemd-analyze", f"--root={TREE}", "verify", "--man=no", *UNITS], capture_output=True, text=True, check=False
    )
    equal((said.returncode, said.stdout + said.stderr), (0, ""))


@case(f"systemd-analyze security: an exposure of at most {EXPOSURE_MAX}")
def _():
    said = output_of(
        ["systemd-analyze", f"--root={TREE}", "security", "--offline=yes", "--no-pager", "beffroid.service"],
        "systemd-analyze security",
    )
    level = float(re.search(r"exposure level for beffroid.service: ([\d.]+)", said).group(1))
    print(f"     exposure {level}")
    check(level <= EXPOSURE_MAX, str(level))


@case("the container boots; the user and the directories are there; without a certificate it is a configuration error")
def _():
    global box
    try:
        box = Container().__enter__()
    except kit.StepError as error:
        raise AssertionError(f"{error.what}\n{error.why}\n{error.hint}") from None
    check("beffroi" in box.run("id", "beffroi"))
    equal(box.run("stat", "-c", "%a %U %G", CERTIFICATES), "750 root beffroi\n")
    check("certificates_dir" in box.run("cat", "/etc/beffroi/beffroi.toml"), "the first configuration")
    box.run("systemctl", "start", "beffroid.service", check=False)
    equal(box.show("ActiveState", "ExecMainStatus"), ("failed", "2"))
    check(journal_has("no pair of certificate and key"), "the reason is not in the journal")


@inside("its units start it: sealed without the credential, then initialised; outside, a client deposits and reads back over TLS")
def _():
    kit.make_certificates(FOLDER)
    box.write("/etc/beffroi/beffroi.toml", CONFIGURATION)
    for source, name, mode in (("tls_certificate.pem", "s3.crt", "0644"), ("tls_key.pem", "s3.key", "0640")):
        box.write(f"{CERTIFICATES}/{name}", (FOLDER / source).read_text(), mode, "beffroi")
    as_its_user = ["setpriv", "--reuid=beffroi", "--regid=beffroi", "--clear-groups"]
    said = box.run(*as_its_user, "beffroid", "--config", "/etc/beffroi/beffroi.toml", "--check-config")
    check("the configuration is good" in said, said)
    drop_in("beffroid.socket", f"[Socket]\nListenStream=\nListenStream=127.0.0.1:{PORT}\n")
    box.run("systemctl", "enable", "--now", *UNITS)
    equal(box.run("beffroictl", "status", "--output", "json").split('"phase":"')[1].split('"')[0], "sealed")
    box.write("/etc/credstore/beffroi-root-key", secrets.token_hex(32), "0400")
    box.run("systemctl", "restart", "beffroid.service")
    box.run("beffroictl", "init")
    wait_for(ready, "ready")
    account = new_account()
    harness.ACCOUNTS, harness.ENDPOINT, harness.REGION = [account], f"https://127.0.0.1:{PORT}", "fr-hdf-1"
    os.environ["AWS_CA_BUNDLE"] = str(FOLDER / "ca.pem")
    boto().create_bucket(Bucket="deliberations")
    for size in (100, 3 << 20):
        boto().put_object(Bucket="deliberations", Key=f"k{size}", Body=pattern(size))
    deposited()


def new_account():
    def ctl(*arguments):
        return json.loads(box.run("beffroictl", *arguments, "--output", "json"))

    ctl("collectivity", "add", "beauvais", "--siren", "216000562", "--name", "Ville de Beauvais")
    return {"user": "admin", **ctl("user", "add", "beauvais", "admin", "--role", "admin"), **ctl("key", "add", "beauvais", "admin")}


def deposited():
    """What was acknowledged is there."""
    for size in (100, 3 << 20):
        equal(boto().get_object(Bucket="deliberations", Key=f"k{size}")["Body"].read(), pattern(size), str(size))


@inside("its process is the unprivileged user's, sandboxed, and its watchdog is armed")
def _():
    pid = box.show("MainPID")
    status = box.run("cat", f"/proc/{pid}/status")
    user = box.run("id", "-u", "beffroi").strip()
    equal(re.search(r"^Uid:\s+(.*)$", status, re.MULTILINE).group(1).split(), [user] * 4)
    for line in ("CapEff:\t0000000000000000", "CapBnd:\t0000000000000000", "NoNewPrivs:\t1", "Seccomp:\t2"):
        check(line in status, line)
    check(int(re.search(r"VmLck:\s+(\d+)", status).group(1)) > 0, "no memory is locked")
    equal(box.show("WatchdogUSec"), "30s")
    check(box.show("WatchdogTimestampMonotonic") != "0", "the daemon has not answered the watchdog")
    equal(box.run("stat", "-c", "%a %U", "/var/lib/beffroi", "/run/beffroi"), "700 beffroi\n750 beffroi\n")


@inside("kill -9: systemd starts it again, what was acknowledged is there, and who came meanwhile waited")
def _():
    old = box.show("MainPID")
    box.run("systemctl", "kill", "--kill-who=main", "--signal=KILL", "beffroid.service")
    deposited()
    wait_for(lambda: ready(old), "ready again")
    equal(box.show("NRestarts"), "1")


@inside("fail-stop: a page that does not authenticate ends it with 70, and systemd starts it again")
def _():
    box.run("systemctl", "restart", "beffroid.service")  # a clean stop writes the tables
    wait_for(ready, "ready")
    old = box.show("MainPID")
    tables = box.run("sh", "-c", "ls /var/lib/beffroi/data/index/*.sst").split()
    box.run("sh", "-c", f"mkdir /tmp/kept && cp -p {' '.join(tables)} /tmp/kept/")
    for table in tables:
        box.run("sh", "-c", f"head -c $(stat -c %s {table}) /dev/urandom | dd of={table} conv=notrunc status=none")
    try:
        boto().get_object(Bucket="deliberations", Key="k100")["Body"].read()
        raise AssertionError("an object was read from tables that are noise")
    except Exception as error:
        check("EndpointConnectionError" in type(error).__name__ or "Connection" in type(error).__name__, repr(error))
    finally:
        for table in tables:
            box.run("sh", "-c", f"dd if=/tmp/kept/$(basename {table}) of={table} conv=notrunc status=none")
    wait_for(lambda: ready(old), "ready again")
    check(journal_has("status=70"), "it did not end with 70")
    deposited()


@inside("a watchdog that hears nothing ends it, and systemd starts it again")
def _():
    drop_in("beffroid.service", "[Service]\nWatchdogSec=2s\nTimeoutAbortSec=2s\n")
    box.run("systemctl", "restart", "beffroid.service")
    wait_for(ready, "ready")
    time.sleep(5)
    old = box.show("MainPID")
    check(ready(), "a daemon that answers was ended")
    equal(box.show("NRestarts"), "0", "restarts of a daemon that answers")
    box.run("systemctl", "kill", "--kill-who=main", "--signal=STOP", "beffroid.service")
    wait_for(lambda: ready(old), "ready again")
    check(journal_has("Watchdog timeout"), "the watchdog did not bite")
    drop_in("beffroid.service", "")
    deposited()


@inside("reload: a bad configuration is refused and changes nothing; a good one is taken")
def _():
    pid = box.show("MainPID")
    box.write("/etc/beffroi/beffroi.toml", CONFIGURATION + 'regio = "x"\n')
    box.run("systemctl", "reload", "beffroid.service", check=False)
    check(journal_has("did you mean region?"), "the reason is not in the journal")
    box.write("/etc/beffroi/beffroi.toml", CONFIGURATION)
    box.run("systemctl", "reload", "beffroid.service")
    wait_for(lambda: journal_has('"reloaded"'), "reloaded")
    equal(box.show("MainPID"), pid)
    deposited()


@inside("systemctl stop: a request under way ends, then the daemon, with 0")
def _():
    answer = []

    def slow():
        context = ssl.create_default_context(cafile=str(FOLDER / "ca.pem"))
        with socket.create_connection(("127.0.0.1", PORT)) as plain:
            with context.wrap_socket(plain, server_hostname="localhost") as tls:
                tls.sendall(b"GET /none HTTP/1.1\r\nHost: ")
                time.sleep(1.5)
                tls.sendall(b"localhost\r\n\r\n")
                answer.append(tls.recv(1000))

    client = threading.Thread(target=slow)
    client.start()
    time.sleep(0.5)
    box.run("systemctl", "stop", *UNITS)
    client.join()
    check(answer and answer[0].startswith(b"HTTP/1.1 40"), str(answer))
    equal(box.show("ActiveState", "Result", "ExecMainStatus"), ("inactive", "success", "0"))
    box.run("systemctl", "start", *UNITS)
    wait_for(ready, "ready")
    deposited()


@inside("a configuration error: status 2, with the reason, and it is not started again until it is corrected")
def _():
    box.write("/etc/beffroi/beffroi.toml", CONFIGURATION + "pool_threads = 0\n")
    box.run("systemctl", "restart", "beffroid.service", check=False)
    equal(box.show("ActiveState", "ExecMainStatus", "NRestarts"), ("failed", "2", "0"))
    wait_for(lambda: box.show("ActiveState", unit="beffroid.socket") == "inactive", "the socket is closed")
    tries = box.journal().count("Starting beffroid.service")
    check(kit.port_is_taken(PORT) is False, "a client is not refused")
    time.sleep(4)
    equal(box.show("ActiveState", "ExecMainStatus", "NRestarts"), ("failed", "2", "0"))
    equal(box.journal().count("Starting beffroid.service"), tries, "starts")
    check(journal_has("give a whole number from 1 to 256"), "the remedy is not in the journal")
    box.write("/etc/beffroi/beffroi.toml", CONFIGURATION)
    box.run("systemctl", "start", *UNITS)
    wait_for(ready, "ready")
    deposited()


def main():
    try:
        make_tree(pathlib.Path(sys.argv[1]))
        harness.ACCOUNTS = [None]
        harness.main()
    except kit.StepError as error:
        print(f"FAIL {error.what}\n{error.why}\n{error.hint}\n0 passed, 1 failed")
        sys.exit(1)
    finally:
        if box:
            box.__exit__()


if __name__ == "__main__":
    main()
