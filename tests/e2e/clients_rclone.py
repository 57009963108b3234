#!/usr/bin/python3
# SPDX-License-Identifier: EUPL-1.2
"""Debian's rclone, unedited, over TLS. It collapses `a//b` itself before it sends, so nasty keys are left to the other clients."""
import os
import pathlib
import shlex

from harness import (
    ACCOUNTS,
    CA,
    ENDPOINT,
    REGION,
    boto,
    case,
    check,
    equal,
    main,
    new_bucket,
    pattern,
    scratch,
    shell,
)

REMOTE = {
    "RCLONE_CONFIG": "/dev/null",
    "RCLONE_CONFIG_B_TYPE": "s3",
    "RCLONE_CONFIG_B_PROVIDER": "Other",
    "RCLONE_CONFIG_B_ENDPOINT": ENDPOINT,
    "RCLONE_CONFIG_B_REGION": REGION,
    "RCLONE_CONFIG_B_ACCESS_KEY_ID": ACCOUNTS[0]["access_key_id"] if ACCOUNTS else "",
    "RCLONE_CONFIG_B_SECRET_ACCESS_KEY": ACCOUNTS[0]["secret_access_key"] if ACCOUNTS else "",
    "RCLONE_CA_CERT": CA,
}


def rclone(*arguments, output=None):
    # rclone 1.60 fails on AWS_CA_BUNDLE, which its SDK reads and its own transport does not support; it has RCLONE_CA_CERT.
    env = {k: v for k, v in os.environ.items() if k != "AWS_CA_BUNDLE"}
    command = shlex.join(["rclone", "--retries", "1", *map(str, arguments)])
    return shell(command + (f" > {shlex.quote(output)}" if output else ""), shell=True, env={**env, **REMOTE})


@case("copy a tree, check it, list it, copy it back")
def _():
    with scratch() as folder:
        here, back = pathlib.Path(folder, "here"), pathlib.Path(folder, "back")
        for n in range(20):
            path = here / f"délibérations {n % 3}" / f"n°{n} – été.pdf"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(pattern(n * 3000, n))
        bucket = new_bucket("rclone")
        rclone("copy", here, f"B:{bucket}/tree")
        rclone("check", here, f"B:{bucket}/tree")
        equal(len(rclone("lsf", "-R", "--files-only", f"B:{bucket}/tree").splitlines()), 20)
        rclone("copy", f"B:{bucket}/tree", back)
        equal(shell(["diff", "-r", str(here), str(back)]), "")
        rclone("purge", f"B:{bucket}/tree")
        equal(boto().list_objects_v2(Bucket=bucket)["KeyCount"], 0)


@case("a bucket that it makes itself")
def _():
    with scratch() as folder:
        pathlib.Path(folder, "f").write_bytes(b"new")
        rclone("copy", folder, "B:rclone-makes-it/x")
        equal(rclone("cat", "B:rclone-makes-it/x/f"), "new")
        rclone("purge", "B:rclone-makes-it")


@case("multipart of 100 MB, a range, a server-side copy, a move")
def _():
    bucket, data = new_bucket("rclone"), pattern(100_000_000, 7)
    with scratch() as folder:
        pathlib.Path(folder, "large").write_bytes(data)
        rclone(
            "copyto",
            "--s3-upload-cutoff",
            "16M",
            "--s3-chunk-size",
            "16M",
            f"{folder}/large",
            f"B:{bucket}/large",
        )
        rclone("copyto", f"B:{bucket}/large", f"B:{bucket}/copied")
        rclone("moveto", f"B:{bucket}/copied", f"B:{bucket}/moved")
        rclone("copyto", f"B:{bucket}/moved", f"{folder}/back")
        check(pathlib.Path(folder, "back").read_bytes() == data, "the bytes differ")
        rclone("cat", "--offset", "65530", "--count", "16", f"B:{bucket}/moved", output=f"{folder}/range")
        equal(pathlib.Path(folder, "range").read_bytes(), data[65530:65546])
        rclone("deletefile", f"B:{bucket}/moved")
        equal(rclone("lsf", f"B:{bucket}"), "large\n")


if __name__ == "__main__":
    main()
