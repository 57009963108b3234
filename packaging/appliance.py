#!/usr/bin/python3
# SPDX-License-Identifier: EUPL-1.2
"""What it takes to stand up an appliance from this tree: packages, build, certificates, configuration, start, stop.

The quickstart, tests/appliance and tests/run all use this and nothing else, so there is one way to start Beffroi by hand.
As a program it does what $BEFFROI_START and $BEFFROI_STOP need:

    packaging/appliance.py start DIR     starts the daemon of DIR and returns when it is ready
    packaging/appliance.py stop DIR      stops it cleanly
"""
import json
import os
import pathlib
import random
import secrets
import shlex
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request

ROOT = pathlib.Path(__file__).resolve().parent.parent
READY_SECONDS_MAX = 60
STOP_SECONDS_MAX = 40
SOCKET_PATH_BYTES_MAX = 100  # the kernel's limit is 107

BUILD_PACKAGES = """g++ cmake ninja-build ccache pkg-config libboost1.81-dev libboost-json1.81-dev libboost-system1.81-dev
 libssl-dev libsodium-dev libisal-dev libzstd-dev libxxhash-dev librocksdb-dev prometheus-cpp-dev libspdlog-dev libfmt-dev
 libcli11-dev libtomlplusplus-dev libpugixml-dev libsystemd-dev libhttp-parser-dev libgtest-dev""".split()
RUN_PACKAGES = ["openssl", "ca-certificates"]


class StepError(Exception):
    """A step that failed: what was being done, why it failed, and what a person can do about it."""

    def __init__(self, what, why="", hint=""):
        super().__init__(what)
        self.what, self.why, self.hint = what, why.strip(), hint


# --- Packages and build ------------------------------------------------------------------------------------------------


def missing_packages(packages):
    """Those that dpkg does not know as installed; `name:command` is satisfied by the command, whoever installed it."""
    missing = []
    for package in packages:
        name, _, command = package.partition(":")
        if command and shutil.which(command):
            continue
        status = subprocess.run(
            ["dpkg-query", "-W", "-f=${db:Status-Abbrev}", name], capture_output=True, text=True, check=False
        )
        if not status.stdout.startswith("ii"):
            missing.append(name)
    return missing


def install_packages(packages, log):
    """Installs what is missing with apt; returns the names. Nothing is asked of apt when nothing is missing."""
    missing = missing_packages(packages)
    if not missing:
        return []
    as_root = [] if os.geteuid() == 0 else ["sudo"]
    environment = ["env", "DEBIAN_FRONTEND=noninteractive"]
    for command in (
        ["apt-get", "-q", "update"],
        ["apt-get", "-qy", "install", "--no-install-recommends", *missing],
    ):
        run_logged(
            as_root + environment + command,
            log,
            f"apt: {' '.join(missing)}",
            "check the network and /etc/apt/sources.list, then run the same command again",
        )
    return missing


def run_logged(command, log, what, hint="", cwd=ROOT, env=None):
    """Runs a command with its output appended to a log; a failure becomes a StepError with the log's last lines."""
    log.parent.mkdir(parents=True, exist_ok=True)
    with open(log, "ab") as output:
        output.write(f"$ {shlex.join(str(c) for c in command)}\n".encode())
        output.flush()
        status = subprocess.run(
            command, cwd=cwd, env=env, stdin=subprocess.DEVNULL, stdout=output, stderr=output, check=False
        )
    if status.returncode != 0:
        raise StepError(f"{what} (status {status.returncode})", tail(log), hint or f"read {log}")


def tail(path, lines=12):
    try:
        return "\n".join(pathlib.Path(path).read_text(errors="replace").splitlines()[-lines:])
    except OSError:
        return ""


def stored_bytes(path):
    """What a file holds, without its holes: an extent is a gibibyte of which little may be written."""
    pieces, at, size = [], 0, path.stat().st_size
    with path.open("rb") as file:
        while at < size:
            try:
                start = os.lseek(file.fileno(), at, os.SEEK_DATA)
            except OSError:
                break
            at = os.lseek(file.fileno(), start, os.SEEK_HOLE)
            pieces.append(os.pread(file.fileno(), at - start, start))
    return b"".join(pieces)


def build(preset, log, targets=()):
    """Configures and builds a preset; returns the build folder. A build with nothing to do takes a fraction of a second."""
    folder = pathlib.Path(os.environ.get("BEFFROI_BUILD", ROOT / "build")) / preset
    if not (folder / "build.ninja").exists():
        run_logged(["cmake", "--preset", preset, "-B", str(folder)], log, f"cmake --preset {preset}")
    run_logged(
        ["ninja", "-C", str(folder), "-j", str(os.cpu_count() or 2), *targets],
        log,
        f"build of {preset}",
    )
    return folder


def programs(log):
    """The folder of the programs: $BEFFROI_BIN when it is set, else the release build, built when needed."""
    if os.environ.get("BEFFROI_BIN"):
        return pathlib.Path(os.environ["BEFFROI_BIN"])
    install_packages(BUILD_PACKAGES + RUN_PACKAGES, log)
    return build("release", log, ["beffroid", "beffroictl", "beffroi-verify"])


# --- Ports, certificates, configuration ---------------------------------------------------------------------------------


def free_port(*taken):
    """A port below those that the kernel gives to outgoing connections: a killed daemon must find it free when it comes back."""
    while True:
        port = random.randrange(20000, 32000)
        with socket.socket() as client:
            if port not in taken and client.connect_ex(("127.0.0.1", port)) != 0:
                return port


def port_is_taken(port):
    with socket.socket() as client:
        client.settimeout(1)
        return client.connect_ex(("127.0.0.1", port)) == 0


def make_certificates(folder):
    """A CA of its own for each appliance, and a server certificate for the names under which this machine reaches itself."""

    def openssl(*arguments):
        status = subprocess.run(
            ["openssl", *arguments], cwd=folder, capture_output=True, text=True, check=False
        )
        if status.returncode != 0:
            raise StepError("openssl " + arguments[0], status.stderr)

    for name in ("ca_key.pem", "tls_key.pem"):
        openssl("genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256", "-out", name)
        (folder / name).chmod(0o400)
    openssl(
        "req",
        "-x509",
        "-new",
        "-key",
        "ca_key.pem",
        "-out",
        "ca.pem",
        "-days",
        "825",
        "-subj",
        "/O=Beffroi/CN=Beffroi demonstration CA",
        "-addext",
        "basicConstraints=critical,CA:TRUE,pathlen:0",
        "-addext",
        "keyUsage=critical,keyCertSign,cRLSign",
    )
    openssl("req", "-new", "-key", "tls_key.pem", "-out", "tls.csr", "-subj", "/O=Beffroi/CN=s3.localhost")
    (folder / "tls.ext").write_text(
        "basicConstraints=critical,CA:FALSE\nkeyUsage=critical,digitalSignature\nextendedKeyUsage=serverAuth\n"
        "subjectAltName=IP:127.0.0.1,IP:::1,DNS:localhost,DNS:s3.localhost,DNS:*.s3.localhost\n"
    )
    openssl(
        "x509",
        "-req",
        "-in",
        "tls.csr",
        "-CA",
        "ca.pem",
        "-CAkey",
        "ca_key.pem",
        "-CAcreateserial",
        "-days",
        "825",
        "-extfile",
        "tls.ext",
        "-out",
        "tls_certificate.pem",
    )
    for name in ("tls.csr", "tls.ext", "ca.srl"):
        (folder / name).unlink(missing_ok=True)


def write_private(path, data):
    with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o400), "wb") as file:
        file.write(data)


# --- The appliance ------------------------------------------------------------------------------------------------------


class Appliance:
    """A daemon with everything it needs in one folder. create() once, then start() and stop() as often as wanted.

    The folder holds: data/ (what the daemon calls its data directory), keyring, root_key, ca.pem, beffroi.toml, admin.sock,
    beffroid.pid, beffroid.log, and appliance.json (what is needed to start it again).
    """

    def __init__(self, folder):
        self.folder = pathlib.Path(folder).resolve()
        self.data = self.folder / "data"
        self.config = self.folder / "beffroi.toml"
        self.socket = self.folder / "admin.sock"
        self.pid_file = self.folder / "beffroid.pid"
        self.log = self.folder / "beffroid.log"
        self.ca = self.folder / "ca.pem"
        self.record = self.folder / "appliance.json"
        if self.record.exists():
            self.state = json.loads(self.record.read_text())

    @property
    def exists(self):
        return self.record.exists()

    @property
    def endpoint(self):
        return f"https://127.0.0.1:{self.state['port']}"

    @property
    def metrics(self):
        return f"http://127.0.0.1:{self.state['metrics_port']}"

    @property
    def bin(self):
        return pathlib.Path(self.state["bin"])

    def create(self, bin_folder, port=None, settings=(), default_collectivity="beauvais"):
        """Keys, certificates and configuration; nothing is started. `settings` are KEY=VALUE for the daemon's command line."""
        if len(os.fsencode(self.socket)) > SOCKET_PATH_BYTES_MAX:
            raise StepError(
                f"the path {self.socket} is too long for a unix socket", hint="choose a shorter --dir"
            )
        self.data.mkdir(parents=True)
        port = port or free_port()
        self.state = {
            "bin": str(pathlib.Path(bin_folder).resolve()),
            "port": port,
            "metrics_port": free_port(port),
            "settings": list(settings),
            "default_collectivity": default_collectivity,
            "initialised": False,
        }
        make_certificates(self.folder)
        write_private(self.folder / "root_key", secrets.token_bytes(32))
        self.save()

    def save(self):
        """Writes what is needed to start again, and the configuration that follows from it."""
        self.config.write_text(
            f"""# Made by packaging/appliance.py: a demonstration, not a configuration for production.
data_dir = "{self.data}"
keyring = "{self.folder}/keyring"
root_key_file = "{self.folder}/root_key"
listen = "127.0.0.1:{self.state['port']}"
listen_metrics = "127.0.0.1:{self.state['metrics_port']}"
admin_socket = "{self.socket}"
domains = ["s3.localhost"]
default_collectivity = "{self.state['default_collectivity']}"
region = "fr-hdf-1"
tls_certificate = "{self.folder}/tls_certificate.pem"
tls_key = "{self.folder}/tls_key.pem"
"""
        )
        self.record.write_text(json.dumps(self.state, indent=1))

    def command(self):
        settings = [part for setting in self.state["settings"] for part in ("--set", setting)]
        return [str(self.bin / "beffroid"), "--config", str(self.config), *settings]

    def start(self):
        """Returns when the daemon is ready: seconds it took. The first start also creates the store."""
        began = time.monotonic()
        with open(self.log, "ab") as output:
            try:
                process = subprocess.Popen(
                    self.command(),
                    stdin=subprocess.DEVNULL,
                    stdout=output,
                    stderr=output,
                    start_new_session=True,
                    cwd=self.folder,
                )
            except OSError as error:
                raise StepError(f"beffroid cannot be started: {error}") from error
        # By a rename, so that whoever waits for the new process never reads half a file.
        renewed = self.pid_file.with_suffix(".new")
        renewed.write_text(f"{process.pid}\n")
        renewed.replace(self.pid_file)
        if not self.state["initialised"]:
            self.wait(process, began, lambda: self.answers("/healthz") and self.socket.exists())
            self.ctl("init")
            self.state["initialised"] = True
            self.save()
        self.wait(process, began, lambda: self.answers("/readyz"))
        return time.monotonic() - began

    def wait(self, process, began, condition):
        while not condition():
            if process.poll() is not None:
                raise StepError(
                    f"beffroid ended with status {process.returncode}", tail(self.log), f"read {self.log}"
                )
            if time.monotonic() - began > READY_SECONDS_MAX:
                raise StepError(
                    f"beffroid is not ready after {READY_SECONDS_MAX} s", tail(self.log), f"read {self.log}"
                )
            time.sleep(0.02)

    def answers(self, path):
        try:
            with urllib.request.urlopen(self.metrics + path, timeout=5) as answer:
                return answer.status == 200
        except (urllib.error.URLError, OSError):
            return False

    @property
    def pid(self):
        """The running daemon's process, or None. A zombie has ended: only its parent has not looked."""
        try:
            pid = int(self.pid_file.read_text())
            state = pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
            command = pathlib.Path(f"/proc/{pid}/cmdline").read_bytes()
        except (OSError, ValueError):
            return None
        return pid if state != "Z" and b"beffroid" in command else None

    def stop(self):
        """A clean stop: True when it drained and ended by itself."""
        pid = self.pid
        if pid is None:
            return True
        os.kill(pid, signal.SIGTERM)
        deadline = time.monotonic() + STOP_SECONDS_MAX
        while self.pid == pid and time.monotonic() < deadline:
            time.sleep(0.02)
        if self.pid == pid:
            os.kill(pid, signal.SIGKILL)
            return False
        return True

    def ctl(self, *arguments):
        """beffroictl with --output json; its answer, decoded."""
        command = [str(self.bin / "beffroictl"), "--socket", str(self.socket), *arguments, "--output", "json"]
        status = subprocess.run(command, capture_output=True, text=True, check=False)
        if status.returncode != 0:
            raise StepError(
                f"beffroictl {' '.join(arguments)} (status {status.returncode})",
                status.stderr or status.stdout,
            )
        return json.loads(status.stdout) if status.stdout.strip() else None

    def add_account(self, collectivity, siren, user, role):
        """A user and an access key; the record that BEFFROI_ACCOUNTS carries."""
        made = self.ctl("user", "add", collectivity, user, "--role", role)
        key = self.ctl("key", "add", collectivity, user)
        return {
            "collectivity": collectivity,
            "siren": siren,
            "user": user,
            "role": role,
            "user_id": made["user_id"],
            "display_name": made["display_name"],
            "access_key_id": key["access_key_id"],
            "secret_access_key": key["secret_access_key"],
        }

    def client_environment(self, account):
        """What S3 clients read. No client reads the configuration of the person who runs it."""
        ca = str(self.ca)
        return {
            "AWS_ENDPOINT_URL": self.endpoint,
            "AWS_REGION": "fr-hdf-1",
            "AWS_DEFAULT_REGION": "fr-hdf-1",
            "AWS_ACCESS_KEY_ID": account["access_key_id"],
            "AWS_SECRET_ACCESS_KEY": account["secret_access_key"],
            "AWS_CONFIG_FILE": "/dev/null",
            "AWS_SHARED_CREDENTIALS_FILE": "/dev/null",
            "AWS_EC2_METADATA_DISABLED": "true",
            "AWS_CA_BUNDLE": ca,
            "NODE_EXTRA_CA_CERTS": ca,
            "SSL_CERT_FILE": ca,
            "RCLONE_CA_CERT": ca,
            "RESTIC_CACERT": ca,
            "LC_ALL": "C.UTF-8",
        }

    @staticmethod
    def account_variables(name, account):
        """BEFFROI_<NAME>_...: who an account is, and its key."""
        fields = ("access_key_id", "secret_access_key", "user_id", "display_name", "collectivity", "siren")
        return {f"BEFFROI_{name}_{field.upper()}": account[field] for field in fields}

    def three_accounts(self, accounts):
        """The first account, another user of its collectivity, and a user of another collectivity, where there are such."""
        home = accounts[0]["collectivity"]
        beside = [a for a in accounts[1:] if a["collectivity"] == home]
        elsewhere = [a for a in accounts if a["collectivity"] != home]
        variables = self.account_variables("MAIN", accounts[0])
        if beside:
            variables |= self.account_variables("ALT", beside[-1])
        if elsewhere:
            variables |= self.account_variables("TENANT", elsewhere[0])
        return variables

    def write_environment(self, path, environment, more=""):
        """A file for a person's shell to source."""
        path.unlink(missing_ok=True)
        lines = "".join(f"export {name}={shlex.quote(value)}\n" for name, value in environment.items())
        write_private(path, (lines + more).encode())

    def environment(self, accounts):
        """Everything that a command run beside the appliance needs; accounts[0] is the one that clients use."""
        start = shlex.join(
            ["/usr/bin/python3", str(pathlib.Path(__file__).resolve()), "start", str(self.folder)]
        )
        return {
            **self.client_environment(accounts[0]),
            **self.three_accounts(accounts),
            "BEFFROI_DATA": str(self.data),
            "BEFFROI_CONFIG": str(self.config),
            "BEFFROI_SOCKET": str(self.socket),
            "BEFFROI_METRICS": self.metrics,
            "BEFFROI_BIN": str(self.bin),
            "BEFFROI_PIDFILE": str(self.pid_file),
            "BEFFROI_START": start,
            "BEFFROI_ACCOUNTS": json.dumps(accounts),
        }


def main():
    if len(sys.argv) != 3 or sys.argv[1] not in ("start", "stop"):
        print(__doc__.strip(), file=sys.stderr)
        return 2
    appliance = Appliance(sys.argv[2])
    try:
        if sys.argv[1] == "start":
            appliance.start()
            return 0
        return 0 if appliance.stop() else 1
    except StepError as error:
        print(f"{error.what}\n{error.why}\n{error.hint}", file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main())
