#!/usr/bin/python3
# SPDX-License-Identifier: EUPL-1.2
"""The life of the daemon: sealed, not initialised, serving, closed; reload, drain, exit codes; what monitoring says in each."""
import json
import os
import pathlib
import shutil
import signal
import socket
import ssl
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request

from harness import BIN, boto, case, check, ctl, equal, main, pattern

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "packaging"))
import appliance as kit  # noqa: E402

FOLDER = pathlib.Path(tempfile.mkdtemp(prefix="beffroi-daemon-"))


def get(base, path):
    """Status and body of a plain GET."""
    try:
        with urllib.request.urlopen(base + path, timeout=5) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()


def made(name, **changes):
    """An appliance of its own, not started."""
    appliance = kit.Appliance(FOLDER / name)
    appliance.create(BIN, settings=["drain_seconds=2", *(f"{k}={v}" for k, v in changes.items())])
    return appliance


def launched(appliance):
    """Starts it without waiting for a store: the process, once its listeners answer."""
    with open(appliance.log, "ab") as output:
        process = subprocess.Popen(appliance.command(), stdout=output, stderr=output)
    deadline = time.monotonic() + 20
    while not appliance.answers("/healthz") and process.poll() is None and time.monotonic() < deadline:
        time.sleep(0.02)
    return process


def ended(process, number=signal.SIGTERM):
    process.send_signal(number)
    return process.wait(timeout=30)


def status_of(appliance):
    return run_ctl(appliance, "status")[1]


def run_ctl(appliance, *arguments):
    done = subprocess.run(
        [BIN / "beffroictl", "--socket", appliance.socket, "--output", "json", *arguments],
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode, json.loads(done.stdout or done.stderr)


def certificate_of(appliance):
    context = ssl._create_unverified_context()
    with socket.create_connection(("127.0.0.1", appliance.state["port"])) as plain:
        with context.wrap_socket(plain) as tls:
            return tls.getpeercert(True)


@case("without a root key it is sealed: health and status answer, S3 is 503, init is refused with the remedy")
def _():
    appliance = made("sealed")
    (appliance.folder / "root_key").unlink()
    process = launched(appliance)
    equal(get(appliance.metrics, "/healthz")[0], 200)
    status, body = get(appliance.metrics, "/readyz")
    equal(status, 503)
    check(body.startswith("sealed: "), body)
    check('beffroi_phase{phase="sealed"} 1' in get(appliance.metrics, "/metrics")[1])
    code, told = run_ctl(appliance, "status")
    equal((code, told["phase"], told["sealed"]), (0, "sealed", True))
    code, told = run_ctl(appliance, "init")
    equal((code, told["error"]["code"]), (1, "NotServing"))
    check("root" in told["error"]["remedy"], told)
    equal(s3_status(appliance), 503)
    equal(ended(process), 0)


def s3_status(appliance):
    context = ssl.create_default_context(cafile=str(appliance.ca))
    try:
        with urllib.request.urlopen(appliance.endpoint + "/", timeout=5, context=context) as answer:
            return answer.status
    except urllib.error.HTTPError as error:
        return error.code


@case("without a keyring it is uninitialised until init, which works once")
def _():
    appliance = made("new")
    process = launched(appliance)
    check(get(appliance.metrics, "/readyz")[1].startswith("uninitialised: "))
    equal(s3_status(appliance), 503)
    code, told = run_ctl(appliance, "collectivity", "list")
    equal((code, told["error"]["code"]), (1, "NotServing"))
    code, told = run_ctl(appliance, "init")
    equal((code, told["phase"]), (0, "serving"))
    equal(get(appliance.metrics, "/readyz")[0], 200)
    code, told = run_ctl(appliance, "init")
    equal((code, told["error"]["code"]), (1, "AlreadyInitialised"))
    equal(ended(process), 0)
    check(not appliance.socket.exists(), "the socket is left behind")


@case("a store that must stay closed says why, answers status and monitoring, and serves nothing")
def _():
    appliance = made("closed")
    process = launched(appliance)
    run_ctl(appliance, "init")
    equal(ended(process), 0)
    (appliance.data / "state" / "high_water").unlink()
    process = launched(appliance)
    wait_for_phase(appliance, "closed")
    status, body = get(appliance.metrics, "/readyz")
    equal(status, 503)
    check("high-water" in body, body)
    code, told = run_ctl(appliance, "status")
    equal((code, told["phase"]), (4, "closed"))
    equal(s3_status(appliance), 503)
    equal(ended(process), 0)


def wait_for_phase(appliance, phase):
    deadline = time.monotonic() + 20
    while status_of(appliance)["phase"] != phase and time.monotonic() < deadline:
        time.sleep(0.02)
    equal(status_of(appliance)["phase"], phase)


@case("another root key: no start is possible, status 3")
def _():
    appliance = made("other-key")
    process = launched(appliance)
    run_ctl(appliance, "init")
    equal(ended(process), 0)
    (appliance.folder / "root_key").unlink()
    kit.write_private(appliance.folder / "root_key", bytes(range(32)))
    equal(launched(appliance).wait(timeout=20), 3)
    done = subprocess.run(
        [BIN / "beffroid", "check", "--config", appliance.config], capture_output=True, check=False
    )
    equal(done.returncode, 3)


@case("a configuration that is wrong: status 2, with the key and the remedy")
def _():
    appliance = made("config")

    def refused(*settings, words):
        command = [BIN / "beffroid", "--config", appliance.config, "--check-config"]
        done = subprocess.run(
            [*command, *(part for s in settings for part in ("--set", s))],
            capture_output=True,
            text=True,
            check=False,
        )
        equal(done.returncode, 2, str(settings))
        for word in words:
            check(word in done.stderr, f"{word} is not in {done.stderr}")

    refused("regio=x", words=["regio", "did you mean region?"])
    refused("pool_threads=0", words=["pool_threads", "256"])
    refused("tls_key=/nonexistent", words=["tls_key", "/nonexistent: No such file"])
    (appliance.folder / "root_key").chmod(0o444)
    refused(words=["chmod 0400"])
    (appliance.folder / "root_key").chmod(0o400)
    good = [BIN / "beffroid", "--config", appliance.config, "--check-config"]
    equal(subprocess.run(good, capture_output=True, check=False).returncode, 0)
    equal(subprocess.run([BIN / "beffroid", "--nonsense"], capture_output=True, check=False).returncode, 2)


@case("the root key as systemd gives it: an access list shows as 0440, which a configured file may not be")
def _():
    appliance = made("credential")
    given = appliance.folder / "credentials" / "beffroi-root-key"
    given.parent.mkdir()
    (appliance.folder / "root_key").rename(given)

    def told(**environment):
        done = subprocess.run(
            [*appliance.command(), "--check-config", "--output", "json"],
            capture_output=True,
            text=True,
            check=False,
            env={**os.environ, **environment},
        )
        answer = json.loads(done.stdout)
        return [f["key"] for f in answer["errors"] + answer["warnings"] if f["key"] != "require_mlock"]

    systemd = {"CREDENTIALS_DIRECTORY": str(given.parent)}
    for mode, findings in ((0o400, []), (0o440, []), (0o444, ["root_key_file"]), (0o640, ["root_key_file"])):
        given.chmod(mode)
        equal(told(**systemd), findings, f"credential of mode {mode:o}")
    equal(told(), ["root_key_file"], "sealed: a warning")
    given.rename(appliance.folder / "root_key")
    for mode, findings in ((0o400, []), (0o440, ["root_key_file"])):
        (appliance.folder / "root_key").chmod(mode)
        equal(told(), findings, f"file of mode {mode:o}")


@case("SIGHUP takes new certificates whole, and keeps the old ones when the new are bad")
def _():
    appliance = made("reload")
    process = launched(appliance)
    old = certificate_of(appliance)
    shutil.copy(appliance.folder / "tls_certificate.pem", appliance.folder / "kept.pem")
    (appliance.folder / "tls_certificate.pem").write_text("no certificate\n")
    process.send_signal(signal.SIGHUP)
    time.sleep(0.5)
    equal(certificate_of(appliance), old)
    for name in ("ca_key.pem", "tls_key.pem"):
        (appliance.folder / name).unlink()
    kit.make_certificates(appliance.folder)
    process.send_signal(signal.SIGHUP)
    deadline = time.monotonic() + 10
    while certificate_of(appliance) == old and time.monotonic() < deadline:
        time.sleep(0.05)
    check(certificate_of(appliance) != old, "the new certificate is not served")
    equal(ended(process), 0)


@case("a second daemon on the same store does not start")
def _():
    appliance = made("twice")
    process = launched(appliance)
    run_ctl(appliance, "init")
    other = [*appliance.command(), "--set", f"listen=127.0.0.1:{kit.free_port()}"]
    other += [
        "--set",
        f"listen_metrics=127.0.0.1:{kit.free_port()}",
        "--set",
        f"admin_socket={appliance.folder}/other.sock",
    ]
    equal(subprocess.run(other, capture_output=True, timeout=30, check=False).returncode, 3)
    equal(
        subprocess.run(appliance.command(), capture_output=True, timeout=30, check=False).returncode,
        3,
        "its ports",
    )
    equal(ended(process), 0)


@case("a request under way ends during the drain; readyz is 503 meanwhile; the status is 0")
def _():
    appliance = made("drain", default_collectivity="drain")
    process = launched(appliance)
    run_ctl(appliance, "init")
    context = ssl.create_default_context(cafile=str(appliance.ca))
    with socket.create_connection(("127.0.0.1", appliance.state["port"])) as plain:
        with context.wrap_socket(plain, server_hostname="localhost") as tls:
            tls.sendall(b"GET /none HTTP/1.1\r\nHost: ")
            time.sleep(0.2)
            process.send_signal(signal.SIGTERM)
            time.sleep(0.3)
            status, body = get(appliance.metrics, "/readyz")
            equal((status, body.split(":")[0]), (503, "stopping"))
            tls.sendall(b"localhost\r\n\r\n")
            answer = tls.recv(1000)
    check(answer.startswith(b"HTTP/1.1 40"), answer)
    equal(process.wait(timeout=30), 0)


@case(
    "metrics: promtool finds nothing to say, requests are counted by operation, no name of an object is in them"
)
def _():
    s3 = boto()
    s3.create_bucket(Bucket="secret-seau")
    s3.put_object(Bucket="secret-seau", Key="secrete-cle", Body=pattern(1000))
    text = get(os.environ["BEFFROI_METRICS"], "/metrics")[1]
    check('beffroi_requests_total{operation="PutObject",status="2xx"}' in text)
    check('beffroi_collectivity_bytes{collectivity="beauvais"} 1000' in text)
    check("secret" not in text)
    if shutil.which("promtool"):
        done = subprocess.run(
            ["promtool", "check", "metrics"], input=text, capture_output=True, text=True, check=False
        )
        equal((done.returncode, done.stderr), (0, ""))


@case("beffroictl: status 3 when nobody answers, 2 for usage, tables in French")
def _():
    gone = subprocess.run(
        [BIN / "beffroictl", "--socket", "/nonexistent", "status"], capture_output=True, check=False
    )
    equal(gone.returncode, 3)
    equal(subprocess.run([BIN / "beffroictl"], capture_output=True, check=False).returncode, 2)
    equal(
        ctl("collectivity", "add", "bad", "--siren", "1", "--name", "X", "--quota-bytes", "much", status=2)
        != "",
        True,
    )
    french = subprocess.run(
        [BIN / "beffroictl", "usage", "beauvais"],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "LC_ALL": "fr_FR.UTF-8"},
    )
    check("collectivité" in french.stdout and "64,0\u00a0Gio" in french.stdout, french.stdout)


if __name__ == "__main__":
    try:
        main()
    finally:
        shutil.rmtree(FOLDER, ignore_errors=True)
