#!/usr/bin/python3
# SPDX-License-Identifier: EUPL-1.2
"""Debian's s3cmd, unedited, over TLS, with path-style addresses."""
import pathlib
from urllib.parse import urlsplit

from harness import (
    ACCOUNTS,
    CA,
    ENDPOINT,
    REGION,
    case,
    check,
    equal,
    main,
    new_bucket,
    pattern,
    scratch,
    shell,
)

HOST = urlsplit(ENDPOINT).netloc


def s3cmd(*arguments):
    return shell(
        [
            "/usr/bin/s3cmd",
            "--config=/dev/null",
            f"--host={HOST}",
            f"--host-bucket={HOST}",
            f"--region={REGION}",
            f"--ca-certs={CA}",
            f"--access_key={ACCOUNTS[0]['access_key_id']}",
            f"--secret_key={ACCOUNTS[0]['secret_access_key']}",
            "--no-progress",
            *map(str, arguments),
        ]
    )


@case("mb, put, ls, info, get, cp, mv, del, rb")
def _():
    with scratch() as folder:
        source, back = pathlib.Path(folder, "source"), pathlib.Path(folder, "back")
        source.write_bytes(pattern(123456, 1))
        s3cmd("mb", "s3://s3cmd-basic")
        s3cmd("put", source, "s3://s3cmd-basic/été/n°1 + un.pdf")
        check("s3://s3cmd-basic/été/n°1 + un.pdf" in s3cmd("ls", "s3://s3cmd-basic/été/"), "not listed")
        check("123456" in s3cmd("info", "s3://s3cmd-basic/été/n°1 + un.pdf"), "no size in info")
        s3cmd("get", "s3://s3cmd-basic/été/n°1 + un.pdf", back)
        equal(back.read_bytes(), pattern(123456, 1))
        s3cmd("cp", "s3://s3cmd-basic/été/n°1 + un.pdf", "s3://s3cmd-basic/copied")
        s3cmd("mv", "s3://s3cmd-basic/copied", "s3://s3cmd-basic/moved")
        s3cmd("get", "--force", "s3://s3cmd-basic/moved", back)
        equal(back.read_bytes(), pattern(123456, 1))
        s3cmd("del", "--recursive", "--force", "s3://s3cmd-basic")
        s3cmd("rb", "s3://s3cmd-basic")


@case("multipart of 100 MB, and a get that goes on where it stopped")
def _():
    bucket, data = new_bucket("s3cmd"), pattern(100_000_000, 4)
    with scratch() as folder:
        source, back = pathlib.Path(folder, "source"), pathlib.Path(folder, "back")
        source.write_bytes(data)
        s3cmd("put", "--multipart-chunk-size-mb=15", source, f"s3://{bucket}/large")
        back.write_bytes(data[:12345])
        s3cmd("get", "--continue", f"s3://{bucket}/large", back)
        check(back.read_bytes() == data, "the bytes differ")
        s3cmd("del", f"s3://{bucket}/large")


@case("sync a tree there and back")
def _():
    bucket = new_bucket("s3cmdsync")
    with scratch() as folder:
        here, back = pathlib.Path(folder, "here"), pathlib.Path(folder, "back")
        here.mkdir()
        back.mkdir()
        for n in range(12):
            (here / f"f{n} é").write_bytes(pattern(n * 5000, n))
        s3cmd("sync", f"{here}/", f"s3://{bucket}/tree/")
        s3cmd("sync", f"s3://{bucket}/tree/", f"{back}/")
        equal(shell(["diff", "-r", str(here), str(back)]), "")


if __name__ == "__main__":
    main()
