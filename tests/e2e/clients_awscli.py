#!/usr/bin/python3
# SPDX-License-Identifier: EUPL-1.2
"""Debian's aws-cli, unedited, over TLS."""
import json
import os
import pathlib
import time

from harness import ENDPOINT, MIB, NASTY_KEYS, case, check, equal, main, new_bucket, pattern, scratch, shell

AWS = ["/usr/bin/aws", "--endpoint-url", ENDPOINT]


def s3(*arguments):
    return shell([*AWS, "s3", *map(str, arguments)])


def api(*arguments):
    printed = shell([*AWS, "s3api", "--output", "json", *map(str, arguments)])
    return json.loads(printed) if printed.strip() else None


@case("cp, ls, cp back, rm")
def _():
    bucket = new_bucket("cli")
    with scratch() as folder:
        source, target = pathlib.Path(folder, "été – n°1.csv"), pathlib.Path(folder, "back")
        source.write_bytes(pattern(70000, 1))
        s3("cp", source, f"s3://{bucket}/dossier/")
        check("été – n°1.csv" in s3("ls", f"s3://{bucket}/dossier/"), "not listed")
        s3("cp", f"s3://{bucket}/dossier/été – n°1.csv", target)
        equal(target.read_bytes(), pattern(70000, 1))
        s3("mv", f"s3://{bucket}/dossier/été – n°1.csv", f"s3://{bucket}/moved")
        equal(
            s3("ls", f"s3://{bucket}/dossier/")
            if api("list-objects-v2", "--bucket", bucket, "--prefix", "dossier/")
            else "",
            "",
        )
        s3("rm", f"s3://{bucket}/moved")


@case("multipart of 100 MB, and back")
def _():
    bucket, data = new_bucket("cli"), pattern(100_000_000, 2)
    with scratch() as folder:
        pathlib.Path(folder, "large").write_bytes(data)
        s3("cp", "--quiet", f"{folder}/large", f"s3://{bucket}/large")
        s3("cp", "--quiet", f"s3://{bucket}/large", f"{folder}/back")
        check(pathlib.Path(folder, "back").read_bytes() == data, "the bytes differ")
        s3("cp", "--quiet", f"s3://{bucket}/large", f"s3://{bucket}/large-copy")
        equal(api("head-object", "--bucket", bucket, "--key", "large-copy")["ContentLength"], len(data))


@case("sync a tree there and back")
def _():
    bucket = new_bucket("sync")
    with scratch() as folder:
        here, back = pathlib.Path(folder, "here"), pathlib.Path(folder, "back")
        for n in range(30):
            path = here / f"d{n % 4}" / f"f{n} é"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(pattern(n * 1000, n))
            # S3 tells whole seconds: what was written in the second of its upload would look newer than the object.
            os.utime(path, (time.time() - 60,) * 2)
        s3("sync", "--quiet", here, f"s3://{bucket}/tree")
        s3("sync", "--quiet", f"s3://{bucket}/tree", back)
        equal(shell(["diff", "-r", str(here), str(back)]), "")
        equal(s3("sync", here, f"s3://{bucket}/tree"), "", "a second sync sends nothing")
        s3("rm", "--quiet", "--recursive", f"s3://{bucket}/tree")
        equal(api("list-objects-v2", "--bucket", bucket) or {}, {})
    s3("rb", f"s3://{bucket}")


@case("keys come back byte for byte")
def _():
    bucket = new_bucket("clikeys")
    with scratch() as folder:
        body, back = pathlib.Path(folder, "body"), pathlib.Path(folder, "back")
        for n, key in enumerate(NASTY_KEYS):
            body.write_text(f"body {n}")
            api("put-object", "--bucket", bucket, "--key", key, "--body", body)
            api("get-object", "--bucket", bucket, "--key", key, back)
            equal(back.read_text(), f"body {n}", key)
    listed = [o["Key"] for o in api("list-objects-v2", "--bucket", bucket)["Contents"]]
    equal(listed, sorted(NASTY_KEYS, key=lambda k: k.encode()))


@case("range, copy, delete by s3api")
def _():
    bucket = new_bucket("cli")
    with scratch() as folder:
        body, back = pathlib.Path(folder, "body"), pathlib.Path(folder, "back")
        body.write_bytes(pattern(MIB, 5))
        api("put-object", "--bucket", bucket, "--key", "r", "--body", body)
        api("get-object", "--bucket", bucket, "--key", "r", "--range", "bytes=65530-65545", back)
        equal(back.read_bytes(), pattern(MIB, 5)[65530:65546])
        api("copy-object", "--bucket", bucket, "--key", "c", "--copy-source", f"{bucket}/r")
        api("delete-object", "--bucket", bucket, "--key", "r")
        api("get-object", "--bucket", bucket, "--key", "c", back)
        equal(back.read_bytes(), pattern(MIB, 5))


if __name__ == "__main__":
    main()
