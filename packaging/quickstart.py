# SPDX-License-Identifier: EUPL-1.2
"""Démonstration de Beffroi, de la compilation à un dépôt relu et comparé.
From a clone to a running appliance: installs, builds, starts, deposits real data with an ordinary S3 client, shows what came of it.

    packaging/quickstart [--dir DIR] [--port N] [--stop]

--dir DIR    dossier de la démonstration / where everything is kept (build/quickstart)
--port N     port HTTPS / of the S3 listener (8443, or the one it has)
--stop       arrêter / stop the appliance; its data stay, the next run starts it again
"""
import argparse
import contextlib
import hashlib
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import threading
import time

import appliance as kit

SLUG, SIREN, NAME, QUOTA_BYTES = "beauvais", "216000562", "Ville de Beauvais", 1 << 30
BUCKET = "donnees-publiques"
FILES = ["communes.csv", "epci.csv"]
REFERENCE = kit.ROOT / "packaging" / "reference"
LOG = kit.ROOT / "build" / "logs" / "quickstart.log"
CLIENT_PACKAGES = ["awscli", "zstd"]
STEPS = 9
PORT = 8443

IS_TERMINAL = sys.stdout.isatty()
BOLD, DIM, GREEN, RED, PLAIN = (
    ("\033[1m", "\033[2m", "\033[32m", "\033[31m", "\033[0m") if IS_TERMINAL else ("",) * 5
)


class Steps:
    """The numbered steps: each prints what it does, then what came of it and its time."""

    def __init__(self):
        self.number = 0

    @contextlib.contextmanager
    def step(self, french, english):
        self.number += 1
        head = f"[{self.number}/{STEPS}] {french} {DIM}· {english}{PLAIN}"
        result, began = [], time.monotonic()
        if not IS_TERMINAL:
            print(f"{head} ...", flush=True)
        ticker = Ticker(head) if IS_TERMINAL else contextlib.nullcontext()
        try:
            with ticker:
                yield result.append
        except Exception:
            print(
                f"\r\033[K{head}  {RED}échec · failed{PLAIN}" if IS_TERMINAL else "      échec · failed",
                flush=True,
            )
            raise
        seconds = f"{time.monotonic() - began:6.1f} s"
        if IS_TERMINAL:
            print(f"\r\033[K{GREEN}✓{PLAIN} {head}  {DIM}{seconds}{PLAIN}")
        else:
            print(f"      ok {seconds}")
        for line in result:
            print("      " + line.replace("\n", "\n      "))
        sys.stdout.flush()


class Ticker(threading.Thread):
    """On a terminal: seconds, and how far the build is, on the step's own line."""

    def __init__(self, head):
        super().__init__(daemon=True)
        self.head, self.ended = head, threading.Event()

    def __enter__(self):
        self.start()

    def __exit__(self, *_):
        self.ended.set()
        self.join()

    def run(self):
        began = time.monotonic()
        while not self.ended.wait(0.5):
            built = re.findall(r"^\[(\d+/\d+)\]", kit.tail(LOG, 3), re.MULTILINE)
            print(
                f"\r\033[K  {self.head}  {int(time.monotonic() - began)} s {built[-1] if built else ''}",
                end="",
                flush=True,
            )


def human(size):
    for unit in ("o", "Kio", "Mio", "Gio"):
        if size < 1024 or unit == "Gio":
            return f"{size:.0f} {unit}" if unit == "o" else f"{size:.1f} {unit}"
        size /= 1024


def aws(appliance, account, *arguments, data=None):
    """Debian's own aws-cli, unmodified; it is older than AWS_ENDPOINT_URL."""
    command = ["/usr/bin/aws", "--endpoint-url", appliance.endpoint, *arguments]
    done = subprocess.run(
        command,
        env={**os.environ, **appliance.client_environment(account)},
        input=data,
        capture_output=True,
        check=False,
    )
    if done.returncode != 0:
        raise kit.StepError(
            f"aws {' '.join(arguments)} (status {done.returncode})",
            done.stderr.decode(errors="replace"),
            f"lire / read {appliance.log}",
        )
    return done.stdout


def reference_file(name):
    packed = REFERENCE / f"{name}.zst"
    return subprocess.run(["zstd", "-qdc", str(packed)], check=True, capture_output=True).stdout


def is_current(appliance):
    """Whether the running daemon is the program that was just built, on the port asked for."""
    pid = appliance.pid
    return pid is not None and os.readlink(f"/proc/{pid}/exe") == str(appliance.bin / "beffroid")


def prepare_folder(folder, programs, port):
    """The appliance of a folder: the one that is there, or a new one. What an interrupted first run left is begun again."""
    appliance = kit.Appliance(folder)
    if appliance.exists and not (folder / "accounts.json").exists():
        appliance.stop()
        shutil.rmtree(folder)
        appliance = kit.Appliance(folder)
    if appliance.exists:
        wanted = port or appliance.state["port"]
        if appliance.state["port"] != wanted or appliance.bin != programs:
            appliance.stop()
            appliance.state.update(port=wanted, bin=str(programs))
            appliance.save()
        return appliance, "existante, gardée · found, kept"
    if folder.exists() and any(folder.iterdir()):
        raise kit.StepError(
            f"{folder} n'est pas vide et n'est pas une démonstration · is not empty and no demonstration",
            hint="choisir un autre dossier · choose another folder: --dir DIR",
        )
    appliance.create(programs, port or PORT, default_collectivity=SLUG)
    return appliance, "CA, certificat, clé racine · CA, certificate, root key"


def start(appliance):
    if is_current(appliance):
        return f"déjà démarrée · already running, {appliance.endpoint}"
    appliance.stop()
    if kit.port_is_taken(appliance.state["port"]):
        raise kit.StepError(
            f"le port {appliance.state['port']} est pris · port is taken",
            hint="choisir un autre port · choose another one: --port N",
        )
    return f"{appliance.endpoint}, prête en · ready in {appliance.start():.2f} s"


def account_of(appliance):
    """The collectivity and its administrator: created once; the secret is shown once by the appliance, so it is kept here."""
    kept = appliance.folder / "accounts.json"
    if kept.exists():
        return json.loads(kept.read_text()), "existante · found"
    appliance.ctl(
        "collectivity", "add", SLUG, "--siren", SIREN, "--name", NAME, "--quota-bytes", str(QUOTA_BYTES)
    )
    account = appliance.add_account(SLUG, SIREN, "admin", "admin")
    kit.write_private(kept, json.dumps(account).encode())
    return account, "créée, avec sa clé · created, with a key of its own"


def deposit(appliance, account, say):
    buckets = (
        aws(appliance, account, "s3api", "list-buckets", "--query", "Buckets[].Name", "--output", "text")
        .decode()
        .split()
    )
    if BUCKET not in buckets:
        aws(appliance, account, "s3", "mb", f"s3://{BUCKET}")
    for name in FILES:
        data = reference_file(name)
        aws(
            appliance,
            account,
            "s3",
            "cp",
            "-",
            f"s3://{BUCKET}/cog/2026/{name}",
            "--content-type",
            "text/csv",
            data=data,
        )
        say(f"s3://{BUCKET}/cog/2026/{name}  {human(len(data))}, {data.count(10) - 1} lignes · rows")


def read_back(appliance, account, say):
    for name in FILES:
        wanted = hashlib.sha256(reference_file(name)).hexdigest()
        got = hashlib.sha256(
            aws(appliance, account, "s3", "cp", f"s3://{BUCKET}/cog/2026/{name}", "-")
        ).hexdigest()
        if got != wanted:
            raise kit.StepError(
                f"{name}: {got} != {wanted}", hint="c'est un défaut de Beffroi · this is a defect of Beffroi"
            )
        say(f"{name}  SHA-256 {wanted[:16]}…  identique · equal")


def usage_line(appliance):
    usage = appliance.ctl("usage", SLUG)
    used, limit = usage["bytes"], usage["quota_bytes"]
    share = used / limit
    bar = "█" * max(1, round(share * 40))
    return f"{human(used)} / {human(limit)}  [{bar:·<40}] {100 * share:.1f} %   {usage['objects']} objets · objects"


def sealed_bytes(appliance, say):
    """What a thief of the disk sees, and a search for what must not be there."""
    clear = [b"Abergement", b"communes.csv", BUCKET.encode(), SLUG.encode(), NAME.encode()]
    hits, size, files = 0, 0, [p for p in sorted(appliance.data.rglob("*")) if p.is_file()]
    for path in files:
        content = kit.stored_bytes(path)
        size += len(content)
        hits += sum(content.count(word) for word in clear)
    extent = next((p for p in files if p.parent.name == "extent"), None)
    if extent:
        # After its header; a run that was replaced is punched and reads as zeros.
        line = kit.stored_bytes(extent)[4096:].lstrip(b"\0")[:48]
        say(f"{extent.relative_to(appliance.folder)}  {line.hex(' ', 4)}")
    say(
        f"« Abergement », communes.csv, {BUCKET}, {SLUG}, « {NAME} » : {hits} trouvé · found ({len(files)} fichiers · files, {human(size)})"
    )
    if hits:
        raise kit.StepError(
            "du texte en clair est sur le disque · clear text is on the disk",
            hint="c'est un défaut de Beffroi · a defect",
        )


def audit_lines(appliance, say, most=6):
    """The last records of the collectivity; asking for them is itself an act of an operator, and recorded."""
    shown = appliance.ctl("audit", "show", SLUG)
    for record in shown["records"][-most:]:
        who = record.get("user") or record.get("operator", "")
        name = "/".join(n for n in (record.get("bucket"), record.get("key")) if n)
        say(f"{record['time'][11:19]}  {who:<8} {record['operation']:<18} {record['outcome']:<8} {name}")
    say(
        f"{shown['size']} enregistrements, feuilles de l'arbre de Merkle de la collectivité · "
        "records, leaves of the collectivity's Merkle tree"
    )


def your_turn(appliance, environment_file):
    folder = appliance.folder
    print(
        f"""
{BOLD}À vous · your turn{PLAIN}
  . {environment_file}

  aws s3 ls --recursive --human-readable s3://{BUCKET}     {DIM}# `aws` y connaît l'adresse · knows the endpoint{PLAIN}
  aws s3 cp {kit.ROOT}/README.md s3://{BUCKET}/lisez-moi.md
  aws s3 presign s3://{BUCKET}/cog/2026/epci.csv           {DIM}# puis · then: curl --cacert {folder}/ca.pem "…"{PLAIN}
  beffroictl usage {SLUG}
  beffroictl audit show {SLUG}
  beffroictl status
  kill -9 "$(cat "$BEFFROI_PIDFILE")"; sh -c "$BEFFROI_START"     {DIM}# rien d'acquitté n'est perdu · nothing acknowledged is lost{PLAIN}

  {kit.ROOT}/packaging/quickstart --stop --dir {folder}
"""
    )


def run(folder, port):
    steps = Steps()
    began = time.monotonic()
    print(f"{BOLD}Beffroi{PLAIN} — {folder}\n")
    with steps.step("Paquets Debian", "Debian packages") as say:
        installed = kit.install_packages(kit.BUILD_PACKAGES + kit.RUN_PACKAGES + CLIENT_PACKAGES, LOG)
        say(f"installés · installed: {len(installed)}" if installed else "déjà là · present")
    with steps.step(
        "Compilation (quelques minutes la première fois)", "build (minutes, the first time)"
    ) as say:
        programs = kit.programs(LOG).resolve()
        say(f"{programs}/beffroid")
    with steps.step("Clés et configuration", "keys and configuration") as say:
        appliance, what = prepare_folder(folder, programs, port)
        say(what)
    with steps.step("Démarrage", "start") as say:
        say(start(appliance))
    with steps.step("Collectivité", "collectivity") as say:
        account, what = account_of(appliance)
        say(f"{NAME}, SIREN {SIREN[:3]} {SIREN[3:6]} {SIREN[6:]}, quota {human(QUOTA_BYTES)}: {what}")
    with steps.step("Dépôt par aws-cli, non modifié", "deposit by an unmodified aws-cli") as say:
        deposit(appliance, account, say)
    with steps.step("Relecture et comparaison", "read back and compare") as say:
        read_back(appliance, account, say)
    with steps.step("Usage et octets scellés", "usage and sealed bytes") as say:
        say(usage_line(appliance))
        sealed_bytes(appliance, say)
    with steps.step("Journal d'audit", "audit records") as say:
        audit_lines(appliance, say)

    environment_file = folder / "environment"
    appliance.write_environment(
        environment_file,
        appliance.environment([account]),
        (
            'export PATH="$BEFFROI_BIN:$PATH"\n'
            "# Debian's aws-cli is older than AWS_ENDPOINT_URL.\n"
            'aws() { command aws --endpoint-url "$AWS_ENDPOINT_URL" "$@"; }\n'
        ),
    )
    print(f"\n{GREEN}Tout est bon · all is well{PLAIN}  ({time.monotonic() - began:.1f} s)")
    your_turn(appliance, environment_file)


def stop(folder):
    appliance = kit.Appliance(folder)
    if not appliance.exists:
        print(f"Rien à arrêter dans {folder} · nothing to stop there")
        return 0
    was_running, clean = appliance.pid is not None, appliance.stop()
    state = "arrêtée · stopped" if was_running else "déjà arrêtée · already stopped"
    print(
        f"{state if clean else 'ne répondait pas, tuée · did not answer, killed'}; les données restent dans · data stay in {folder}"
    )
    return 0 if clean else 1


def main():
    parser = argparse.ArgumentParser(
        prog="packaging/quickstart",
        description=__doc__,
        usage=argparse.SUPPRESS,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "--dir", type=pathlib.Path, default=kit.ROOT / "build" / "quickstart", help=argparse.SUPPRESS
    )
    parser.add_argument("--port", type=int, help=argparse.SUPPRESS)
    parser.add_argument("--stop", action="store_true", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    folder = arguments.dir.resolve()
    if arguments.stop:
        return stop(folder)
    try:
        run(folder, arguments.port)
        return 0
    except kit.StepError as error:
        print(f"\n{RED}{BOLD}{error.what}{PLAIN}", file=sys.stderr)
        if error.why:
            print(f"{DIM}pourquoi · why{PLAIN}\n  " + error.why.replace("\n", "\n  "), file=sys.stderr)
        print(f"{DIM}que faire · what to do{PLAIN}\n  {error.hint or f'lire · read {LOG}'}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nInterrompu ; relancer reprend · interrupted; run it again to go on", file=sys.stderr)
        return 130


if __name__ == "__main__":
    sys.exit(main())
