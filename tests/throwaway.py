# SPDX-License-Identifier: EUPL-1.2
"""Starts a throw-away appliance, runs COMMAND with it and returns its status; without COMMAND, until Ctrl-C.

    tests/appliance [--dir DIR] [--port N] [--set KEY=VALUE]... [-- COMMAND...]

Builds the release when needed ($BEFFROI_BIN names a folder of programs to use instead). With --dir the folder is kept;
it must be empty or absent. The environment of COMMAND:

    AWS_ENDPOINT_URL AWS_REGION AWS_DEFAULT_REGION AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY    (an admin of `beauvais`)
    AWS_CA_BUNDLE NODE_EXTRA_CA_CERTS SSL_CERT_FILE RCLONE_CA_CERT RESTIC_CACERT              the CA, for each client
    BEFFROI_DATA BEFFROI_CONFIG BEFFROI_SOCKET BEFFROI_METRICS BEFFROI_BIN
    BEFFROI_PIDFILE      the daemon's process, to kill
    BEFFROI_START        a shell command that starts a killed daemon again on the same data and returns when it is ready
    BEFFROI_ACCOUNTS     JSON: [{collectivity, siren, user, role, user_id, display_name, access_key_id, secret_access_key}]
                         admin, main and alt (members) of beauvais; tenant (a member) of compiegne
    BEFFROI_MAIN_...     the admin above; BEFFROI_ALT_... alt, of the same collectivity; BEFFROI_TENANT_... tenant, of another:
                         each ACCESS_KEY_ID SECRET_ACCESS_KEY USER_ID (canonical) DISPLAY_NAME COLLECTIVITY SIREN

New buckets are BucketOwnerEnforced and never public. For a client that tests lists and public buckets:
    --set default_object_ownership=ObjectWriter --set default_public_access_block=none

Debian's aws-cli and boto3 are older than AWS_ENDPOINT_URL: give them --endpoint-url "$AWS_ENDPOINT_URL". Debian's rclone fails when
AWS_CA_BUNDLE is set: run it under `env -u AWS_CA_BUNDLE`.
"""
import argparse
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "packaging"))
import appliance as kit  # noqa: E402

COLLECTIVITIES = [
    ("beauvais", "216000562", "Ville de Beauvais"),
    ("compiegne", "216001586", "Ville de Compiègne"),
]
USERS = [
    ("beauvais", "admin", "admin"),
    ("beauvais", "main", "member"),
    ("beauvais", "alt", "member"),
    ("compiegne", "tenant", "member"),
]
# Far above what a test deposits: tests of quotas make their own collectivity.
QUOTA_BYTES, QUOTA_OBJECTS = 64 << 30, 100_000_000


def populate(appliance):
    sirens = {}
    for slug, siren, name in COLLECTIVITIES:
        quotas = ["--quota-bytes", str(QUOTA_BYTES), "--quota-objects", str(QUOTA_OBJECTS)]
        appliance.ctl("collectivity", "add", slug, "--siren", siren, "--name", name, *quotas)
        sirens[slug] = siren
    return [appliance.add_account(slug, sirens[slug], user, role) for slug, user, role in USERS]


def run_command(command, environment):
    """The command's status, as a shell would give it. Ctrl-C goes to the command too: it is waited for."""
    process = subprocess.Popen(command, env={**os.environ, **environment})
    while True:
        try:
            status = process.wait()
            return status if status >= 0 else 128 - status
        except KeyboardInterrupt:
            continue


def wait_for_interrupt(appliance, environment):
    env_file = appliance.folder / "environment"
    appliance.write_environment(env_file, environment)
    print(f"Beffroi is ready at {appliance.endpoint}\n  . {env_file}\nCtrl-C stops it.", flush=True)
    try:
        signal.pause()
    except KeyboardInterrupt:
        pass
    return 0


def main():
    parser = argparse.ArgumentParser(
        prog="tests/appliance",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        usage=argparse.SUPPRESS,
    )
    parser.add_argument("--dir", type=pathlib.Path, help="folder to use and to keep")
    parser.add_argument("--port", type=int, help="port of the S3 listener (default: a free one)")
    parser.add_argument(
        "--set", action="append", default=[], metavar="KEY=VALUE", help="overrides a configuration key"
    )
    parser.add_argument("command", nargs="*", metavar="COMMAND")
    arguments = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))

    folder = arguments.dir or pathlib.Path(tempfile.mkdtemp(prefix="beffroi-"))
    appliance = kit.Appliance(folder)
    if arguments.dir and folder.exists() and any(folder.iterdir()):
        print(f"tests/appliance: {folder} is not empty", file=sys.stderr)
        return 2
    try:
        programs = kit.programs(kit.ROOT / "build" / "logs" / "appliance-build.log")
        appliance.create(programs, arguments.port, ["drain_seconds=5", *arguments.set])
        appliance.start()
        environment = appliance.environment(populate(appliance))
        status = (
            run_command(arguments.command, environment)
            if arguments.command
            else wait_for_interrupt(appliance, environment)
        )
        if arguments.command and appliance.pid is None:
            print(f"tests/appliance: beffroid had ended\n{kit.tail(appliance.log)}", file=sys.stderr)
            status = status or 1
        if not appliance.stop():
            print("tests/appliance: beffroid did not stop by itself and was killed", file=sys.stderr)
            status = status or 1
        return status
    except kit.StepError as error:
        print(f"tests/appliance: {error.what}\n{error.why}\n{error.hint}".rstrip(), file=sys.stderr)
        return 125
    finally:
        appliance.stop()
        if not arguments.dir:
            shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    sys.exit(main())
