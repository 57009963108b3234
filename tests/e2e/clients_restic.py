#!/usr/bin/python3
# SPDX-License-Identifier: EUPL-1.2
"""Debian's restic, unedited, over TLS: a repository made, filled, checked to the last byte, restored, thinned out."""
import json
import os
import pathlib

from harness import CA, ENDPOINT, case, check, equal, main, pattern, scratch, shell

REPOSITORY = f"s3:{ENDPOINT}/restic-repository/sauvegarde"


def restic(*arguments, **named):
    env = {**os.environ, "RESTIC_PASSWORD": "quatre serrures", "RESTIC_REPOSITORY": REPOSITORY}
    return shell(["restic", "--cacert", CA, "--no-cache", *map(str, arguments)], env=env, **named)


@case("init, two backups, check --read-data, restore")
def _():
    with scratch() as folder:
        here = pathlib.Path(folder, "here")
        here.mkdir()
        (here / "large").write_bytes(pattern(100_000_000, 11))
        for n in range(50):
            (here / f"n°{n} é").write_bytes(pattern(n * 700, n))
        restic("init")
        restic("backup", "--quiet", ".", cwd=here)
        (here / "n°1 é").write_bytes(b"changed")
        restic("backup", "--quiet", ".", cwd=here)
        check("no errors were found" in restic("check", "--read-data"), "check")
        equal(len(json.loads(restic("snapshots", "--json"))), 2)
        restic("restore", "latest", "--quiet", "--target", f"{folder}/back")
        equal(shell(["diff", "-r", str(here), f"{folder}/back"]), "")


@case("forget and prune, then check")
def _():
    restic("forget", "--keep-last", "1", "--prune")
    check("no errors were found" in restic("check", "--read-data"), "check after prune")
    equal(len(json.loads(restic("snapshots", "--json"))), 1)


if __name__ == "__main__":
    main()
