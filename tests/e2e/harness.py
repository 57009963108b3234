# SPDX-License-Identifier: EUPL-1.2
"""What the end-to-end tests share: the appliance they were started with, clients, cases and their count.

Every file here is run as `tests/appliance -- tests/e2e/FILE`, on an appliance of its own. A case is a function under
@case(name); main() runs them in order, one line each, and closes on `N passed, N failed`.
"""
import datetime
import functools
import hashlib
import json
import os
import pathlib
import random
import shlex
import signal
import subprocess
import sys
import tempfile
import time
import traceback

MIB = 1 << 20
ACCOUNTS = json.loads(os.environ.get("BEFFROI_ACCOUNTS", "[]"))
ENDPOINT = os.environ.get("AWS_ENDPOINT_URL", "")
REGION = os.environ.get("AWS_REGION", "")
CA = os.environ.get("AWS_CA_BUNDLE", "")
DATA = pathlib.Path(os.environ.get("BEFFROI_DATA", "/nonexistent"))
BIN = pathlib.Path(os.environ.get("BEFFROI_BIN", "/nonexistent"))

# Keys that a client or a server likes to rewrite on the way: they must come back byte for byte.
NASTY_KEYS = [
    "Délibération n°12 – été.pdf",
    "a//b",
    "a/../b",
    "./a/./b",
    '&+"e',
    "a b+c%20d%2Fe",
    "tilde~ (paren) 'quote' *star* !bang",
    "semi;colon,comma=equal?question#hash@at:colon$dollar",
    "emoji 🏰 and e\u0301 and \u00e9",
    "/leading",
    "trailing/",
    "é" * 512,
]

_cases = []
prefix = ""  # of the names of the cases that follow: operations.py names the operation here


def case(name):
    """Registers a test case."""

    def register(function):
        _cases.append((f"{prefix}: {name}" if prefix else name, function))
        return function

    return register


def main():
    """Runs the cases; exits with status 1 when one failed."""
    if not ACCOUNTS:
        sys.exit(f"run it as: tests/appliance -- {sys.argv[0]}")
    passed = failed = 0
    for name, function in _cases:
        began = time.monotonic()
        try:
            function()
            passed += 1
            print(f"ok   {name} ({time.monotonic() - began:.2f} s)", flush=True)
        except Exception as error:  # a case that fails must not hide the others
            failed += 1
            print(f"FAIL {name}: {type(error).__name__}: {error}", flush=True)
            traceback.print_exc(file=sys.stdout)
    print(f"{passed} passed, {failed} failed", flush=True)
    sys.exit(1 if failed else 0)


def check(condition, message=""):
    """An assertion that says more than `assert`, and is on whatever the interpreter's flags."""
    if not condition:
        raise AssertionError(message)


def equal(got, wanted, what=""):
    if got != wanted:
        raise AssertionError(f"{what + ': ' if what else ''}got {shorten(got)}, wanted {shorten(wanted)}")


def shorten(value):
    text = repr(value)
    return text if len(text) < 300 else f"{text[:200]}... ({len(text)} characters)"


def account(user):
    return next(a for a in ACCOUNTS if a["user"] == user)


def boto(user="admin", **config):
    """A boto3 client. The endpoint is given: Debian's boto3 is older than AWS_ENDPOINT_URL."""
    import boto3
    from botocore.config import Config

    who = user if isinstance(user, dict) else account(user)
    config = {"retries": {"max_attempts": 0}, **config}
    return boto3.session.Session().client(
        "s3",
        endpoint_url=ENDPOINT,
        region_name=REGION,
        aws_access_key_id=who["access_key_id"],
        aws_secret_access_key=who["secret_access_key"],
        config=Config(**config),
    )


def refused(code, call, *arguments, status=None, **named):
    """The call must fail with this S3 code (and HTTP status); returns the error's fields."""
    from botocore.exceptions import ClientError

    try:
        call(*arguments, **named)
    except ClientError as error:
        equal(error.response["Error"]["Code"], code, "error code")
        if status is not None:
            equal(error.response["ResponseMetadata"]["HTTPStatusCode"], status, "status")
        return error.response
    raise AssertionError(f"succeeded; {code} was expected")


@functools.lru_cache
def new_bucket(prefix="test", user="admin"):
    """A bucket of a fresh name, created once for each prefix and user."""
    name = f"{prefix}-{random.getrandbits(32):08x}"
    boto(user).create_bucket(Bucket=name)
    return name


def customer(letter, size=32):
    """The arguments of a request on an object that a customer's key reads."""
    return {"SSECustomerAlgorithm": "AES256", "SSECustomerKey": letter * size}


CUSTOMER = customer("k")


def read_conditions(head, prefix=""):
    """Arguments of conditional requests on an object whose HEAD this is: those that hold, and those that do not, one by one."""
    hour = datetime.timedelta(hours=1)
    before, later = head["LastModified"] - hour, head["LastModified"] + hour
    holds = [
        {"IfMatch": head["ETag"]},
        {"IfMatch": "*"},
        {"IfNoneMatch": '"other"'},
        {"IfModifiedSince": before},
        {"IfUnmodifiedSince": later},
        {"IfMatch": head["ETag"], "IfUnmodifiedSince": before},
        {"IfNoneMatch": '"other"', "IfModifiedSince": later},
    ]
    fails = [
        {"IfMatch": '"other"'},
        {"IfNoneMatch": head["ETag"]},
        {"IfModifiedSince": later},
        {"IfUnmodifiedSince": before},
        {"IfNoneMatch": head["ETag"], "IfModifiedSince": before},
    ]
    return tuple([{prefix + k: v for k, v in c.items()} for c in conditions] for conditions in (holds, fails))


def pattern(size, seed=0):
    """Bytes that do not repeat at any block size and cost little to make: each test knows its own by the seed."""
    return random.Random(seed).randbytes(size) if size <= 4 * MIB else _long_pattern(size, seed)


def _long_pattern(size, seed):
    block = random.Random(seed).randbytes(4 * MIB)
    blocks = b"".join(bytes(a ^ n for a in block[:64]) + block[64:] for n in range(size // len(block) + 1))
    return blocks[:size]


def sha256(data):
    return hashlib.sha256(data).hexdigest()


def ctl(*arguments, status=0):
    """beffroictl with --output json: its answer decoded, or its error text when another status is expected."""
    command = [
        str(BIN / "beffroictl"),
        "--socket",
        os.environ["BEFFROI_SOCKET"],
        *arguments,
        "--output",
        "json",
    ]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != status:
        raise AssertionError(
            f"beffroictl {' '.join(arguments)}: status {done.returncode}: {done.stderr or done.stdout}"
        )
    return json.loads(done.stdout) if status == 0 and done.stdout.strip() else done.stderr


def new_siren():
    """Nine random digits whose last makes Luhn's sum a multiple of ten."""
    digits = [random.randrange(1, 10)] + [random.randrange(10) for _ in range(7)]
    total = sum(d if n % 2 == 0 else (d * 2 - 9 if d > 4 else d * 2) for n, d in enumerate(digits))
    return "".join(map(str, digits)) + str(-total % 10)


def new_collectivity(slug, name="Commune d'essai", **quotas):
    """A collectivity with an administrator, whose account is returned; quotas: quota_bytes, quota_objects."""
    limits = [part for key, value in quotas.items() for part in (f"--{key.replace('_', '-')}", str(value))]
    ctl("collectivity", "add", slug, "--siren", new_siren(), "--name", name, *limits)
    return new_account(slug, "admin", "admin")


def new_account(slug, user, role):
    """A user with a key in a collectivity that exists."""
    made = ctl("user", "add", slug, user, "--role", role)
    return {"collectivity": slug, "user": user, "role": role, **made, **ctl("key", "add", slug, user)}


def shell(command, **named):
    """Runs a client as a person would: its output; an error carries what it printed."""
    done = subprocess.run(command, capture_output=True, text=True, check=False, **named)
    if done.returncode != 0:
        printed = command if isinstance(command, str) else shlex.join(map(str, command))
        raise AssertionError(
            f"{printed}: status {done.returncode}\n{done.stdout[-2000:]}{done.stderr[-2000:]}"
        )
    return done.stdout


def daemon_pid():
    return int(pathlib.Path(os.environ["BEFFROI_PIDFILE"]).read_text())


def kill_daemon(number=signal.SIGKILL):
    """Ends the daemon and returns when it is gone."""
    pid = daemon_pid()
    os.kill(pid, number)
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        try:
            if pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z":
                return
        except OSError:
            return
        time.sleep(0.005)
    raise AssertionError(f"process {pid} did not end")


def start_daemon():
    """Starts it again on the same data: seconds until it was ready."""
    began = time.monotonic()
    shell(os.environ["BEFFROI_START"], shell=True)
    return time.monotonic() - began


def run_check():
    """`beffroid check` of the stopped store: (status, what it printed)."""
    done = subprocess.run(
        [BIN / "beffroid", "check", "--config", os.environ["BEFFROI_CONFIG"]],
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode, done.stdout + done.stderr


def scratch():
    """A folder that is gone at the end of a `with`."""
    return tempfile.TemporaryDirectory(prefix="beffroi-e2e-")
