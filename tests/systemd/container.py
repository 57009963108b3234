# SPDX-License-Identifier: EUPL-1.2
"""A Debian that boots in a container of systemd-nspawn, with what `cmake --install` lays down.

The tree is made once by debootstrap, from the mirror that this machine's apt uses, and kept under build/systemd/; what a container
writes goes to memory (--volatile=overlay) and is gone with it. It shares the network of the machine: a client outside reaches
its ports at 127.0.0.1.
"""
import contextlib
import os
import pathlib
import re
import shutil
import subprocess
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "packaging"))
import appliance as kit  # noqa: E402

CACHE = ROOT / "build" / "systemd"
TREE = CACHE / "tree"
LOG = ROOT / "build" / "logs" / "systemd" / "container.log"
BOOT_SECONDS_MAX = 60
PROGRAMS = ["beffroid", "beffroictl", "beffroi-verify"]


def output_of(command, what, hint=""):
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise kit.StepError(f"{what} (status {done.returncode})", done.stderr or done.stdout, hint)
    return done.stdout


def release():
    """The code name of this machine's Debian, and the mirror that apt takes it from."""
    fields = dict(re.findall(r'^(\w+)="?([^"\n]*)"?$', pathlib.Path("/etc/os-release").read_text(), re.MULTILINE))
    name = fields.get("VERSION_CODENAME", "")
    listed = output_of(
        ["apt-get", "indextargets", "--format", "$(REPO_URI) $(CODENAME) $(COMPONENT)", "Identifier: Packages"],
        "apt-get indextargets",
    )
    mirrors = [line.split()[0] for line in listed.splitlines() if line.split()[1:] == [name, "main"]]
    if fields.get("ID") != "debian" or not mirrors:
        raise kit.StepError("this machine's apt has no mirror of Debian", listed, "run it on Debian, after apt-get update")
    return name, mirrors[0]


def libraries_of(folder):
    """The Debian packages of the shared libraries that the programs load."""
    found = set()
    for program in PROGRAMS:
        for path in re.findall(r"=> (/\S+)", output_of(["ldd", str(folder / program)], "ldd")):
            # dpkg knows a file by the path it was packed under: /lib and /usr/lib are one directory.
            names = {path, os.path.realpath(path)}
            names |= {"/usr" + n for n in names if n.startswith("/lib")}
            names |= {n.removeprefix("/usr") for n in names if n.startswith("/usr/lib")}
            done = subprocess.run(["dpkg-query", "-S", *sorted(names)], capture_output=True, text=True, check=False)
            owners = {line.partition(":")[0] for line in done.stdout.splitlines() if not line.startswith("diversion")}
            if not owners:
                raise kit.StepError(f"no package has {path}", hint="build with Debian's libraries")
            found |= owners
    return sorted(found)


def within_a_mount(command):
    """The command such that `/` is a mount point for it, as nspawn needs: in a plain chroot it is a directory like any other."""
    mounts = pathlib.Path("/proc/self/mountinfo").read_text().splitlines()
    if any(line.split()[4] == "/" for line in mounts):
        return command
    root = CACHE / "root"
    root.mkdir(parents=True, exist_ok=True)
    script = 'mount --rbind / "$0" && mount --make-rprivate "$0" && exec chroot "$0" "$@"'
    return ["unshare", "--mount", "--propagation", "unchanged", "sh", "-c", script, str(root), *command]


def make_tree(folder):
    """The tree, made when there is none for these packages; what is installed in it is of this build."""
    name, mirror = release()
    packages = ["systemd-sysv", *libraries_of(folder)]
    stamp, wanted = CACHE / "tree.made", " ".join([name, *packages])
    if not TREE.exists() or not stamp.exists() or stamp.read_text() != wanted:
        stamp.unlink(missing_ok=True)
        shutil.rmtree(TREE, ignore_errors=True)
        CACHE.mkdir(parents=True, exist_ok=True)
        kit.run_logged(
            ["debootstrap", "--variant=minbase", "--include=" + ",".join(packages), name, str(TREE), mirror],
            LOG,
            "debootstrap",
            "it needs root and the mirror of this machine's apt",
        )
        stamp.write_text(wanted)
    kit.run_logged(
        ["cmake", "--install", str(folder), "--prefix", "/usr", "--strip"],
        LOG,
        "cmake --install",
        env={**os.environ, "DESTDIR": str(TREE)},
    )


class Container:
    """A booted container; a context. run() is a command inside, as root."""

    def __init__(self):
        self.log = LOG.with_name("boot.log")

    def __enter__(self):
        command = ["systemd-nspawn", "--boot", "--quiet", "--register=no", "--keep-unit", "--volatile=overlay"]
        # Without this capability, which the daemon itself does not have, nspawn's own filter refuses mlock() to everybody.
        command.append("--capability=CAP_IPC_LOCK")
        with open(self.log, "wb") as output:
            self.process = subprocess.Popen(
                within_a_mount([*command, "--console=pipe", f"--directory={TREE}", "--machine=beffroi-test"]),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
            )
        try:
            self.wait_for_boot()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        self.process.terminate()  # nspawn asks its system to halt
        try:
            self.process.wait(30)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()

    def wait_for_boot(self):
        deadline = time.monotonic() + BOOT_SECONDS_MAX
        while time.monotonic() < deadline and self.process.poll() is None:
            self.init = self.first_process()
            if self.init and self.run("systemctl", "is-system-running", check=False).strip() in ("running", "degraded"):
                return
            time.sleep(0.1)
        status = self.process.poll()
        why = f"status {status}" if status is not None else f"not up after {BOOT_SECONDS_MAX} s"
        raise kit.StepError(
            f"no container can be booted here: systemd-nspawn, {why}",
            kit.tail(self.log),
            "it needs root, namespaces, and cgroups that it may write",
        )

    def first_process(self):
        with contextlib.suppress(OSError, IndexError):
            pid = self.process.pid
            return int(pathlib.Path(f"/proc/{pid}/task/{pid}/children").read_text().split()[0])
        return None

    def run(self, *command, check=True, given=None):
        """What a command printed. `given` is its standard input."""
        done = subprocess.run(
            ["nsenter", "--all", "--root", "--wd", f"--target={self.init}", *command],
            input=given,
            capture_output=True,
            text=True,
            check=False,
        )
        if check and done.returncode != 0:
            said = (done.stderr or done.stdout) + (self.journal(15) if command[0] == "systemctl" else "")
            raise AssertionError(f"{' '.join(command)}: status {done.returncode}: {said}")
        return done.stdout

    def journal(self, lines=1000):
        """What the daemon and systemd said of it."""
        return self.run("journalctl", "-u", "beffroid.service", "-n", str(lines), "--no-pager", "-o", "cat", check=False)

    def write(self, path, content, mode="0644", group="root"):
        self.run("install", "-D", "-m", mode, "-g", group, "/dev/stdin", path, given=content)

    def show(self, *properties, unit="beffroid.service"):
        """Properties of a unit, as systemctl prints them."""
        lines = self.run("systemctl", "show", unit, *(f"--property={p}" for p in properties)).splitlines()
        values = dict(line.split("=", 1) for line in lines)
        return values[properties[0]] if len(properties) == 1 else tuple(values[p] for p in properties)
