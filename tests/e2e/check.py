#!/usr/bin/python3
# SPDX-License-Identifier: EUPL-1.2
"""`beffroid check` names what is damaged: flips, swaps and losses in a stopped store, each on a copy of the same one."""
import os
import random
import shutil
import signal
import subprocess

from harness import DATA, boto, case, check, equal, kill_daemon, main, pattern, run_check, start_daemon

SAVED = DATA.parent / "data.saved"
PAGE = 4096
OBJECTS = (
    {f"extent/{n}": (100_000, n) for n in range(6)}
    | {f"inline/{n}": (500, n) for n in range(200)}
    | {"own": (33_000_000, 77)}
)


def files(folder, pattern_="*"):
    return sorted(p for p in (DATA / folder).glob(pattern_) if p.is_file())


def flip(path, offset):
    with path.open("r+b") as file:
        file.seek(offset)
        byte = file.read(1)[0]
        file.seek(offset)
        file.write(bytes([byte ^ 1]))


def swap(path, one, two, length):
    with path.open("r+b") as file:
        pieces = []
        for at in (one, two):
            file.seek(at)
            pieces.append(file.read(length))
        for at, piece in zip((two, one), pieces):
            file.seek(at)
            file.write(piece)


def restore():
    shutil.rmtree(DATA)
    copy(SAVED, DATA)


def copy(source, target):
    """With its holes: extents are large and mostly empty."""
    subprocess.run(["cp", "-a", "--sparse=always", source, target], check=True)


def detected(what, names=()):
    """The damage that was just done must be found, and named by one of `names`; then the store is whole again."""
    status, printed = run_check()
    restore()
    check(status not in (0, 139, 134), f"{what}: status {status}\n{printed[-1500:]}")
    check(
        not names or any(n in printed for n in names),
        f"{what}: none of {names} is named in\n{printed[-1500:]}",
    )


def extents(smallest):
    return [p for p in files("extent") if p.stat().st_size >= smallest]


@case("fill the store, restart it so that tables are flushed, stop it: it checks clean")
def _():
    s3 = boto()
    s3.create_bucket(Bucket="check")
    for key, (size, seed) in OBJECTS.items():
        s3.put_object(Bucket="check", Key=key, Body=pattern(size, seed))
    kill_daemon(signal.SIGTERM)
    start_daemon()
    for n in range(50):
        s3.put_object(Bucket="check", Key=f"later/{n}", Body=pattern(900, n))
    kill_daemon(signal.SIGTERM)
    status, printed = run_check()
    print("\n".join(printed.splitlines()[-5:]))
    equal(status, 0, printed[-2000:])
    copy(DATA, SAVED)


@case("a bit of an object's bytes: the object is named")
def _():
    for path in extents(100_000):
        with path.open("rb") as file:
            file.seek(PAGE + 2000)
            if not file.read(16).strip(b"\0"):
                continue
        flip(path, PAGE + 2000)
        detected(f"a flip in {path.name}", ["extent/", "own"])


@case("two objects' runs exchanged in an extent")
def _():
    # 100 000 bytes are two chunks with their tags: a run takes 25 pages.
    path = next(p for p in extents(6 * 102_400))
    swap(path, PAGE, PAGE + 25 * PAGE, 100_032)
    detected("two runs exchanged", ["extent/"])


@case("an extent that is gone, one that is cut")
def _():
    extents(100_000)[0].unlink()
    detected("an extent gone")
    path = extents(100_000)[0]
    os.truncate(path, PAGE)
    detected("an extent cut")


@case("a bit in every table file: first page, first data page, middle, last")
def _():
    tables = [p.name for p in files("index", "*.sst")]
    check(len(tables) >= 2, f"only {tables}: the test wants several table files")
    for name in tables:
        size = (DATA / "index" / name).stat().st_size
        for offset in sorted({100, PAGE + 100, (size // PAGE // 2) * PAGE + 100, size - 100}):
            flip(DATA / "index" / name, offset)
            detected(f"a flip at {offset} of {name}")


@case("two pages of a table exchanged; two table files exchanged; a table gone")
def _():
    tables = sorted(files("index", "*.sst"), key=lambda p: -p.stat().st_size)
    if tables[0].stat().st_size >= 4 * PAGE:
        swap(tables[0], PAGE, 2 * PAGE, PAGE)
        detected("two pages exchanged")
    one, two = tables[0].read_bytes(), tables[1].read_bytes()
    tables[0].write_bytes(two)
    tables[1].write_bytes(one)
    detected("two tables exchanged")
    tables[0].unlink()
    detected("a table gone")


@case("the tables as they were before the last changes")
def _():
    status, _ = run_check()
    equal(status, 0, "whole before")
    rng = random.Random(5)
    log = max(files("log", "*.log"), key=lambda p: p.name)
    # Frames follow the header page; any flip in one that is not the last makes the log lost, and the start must refuse.
    flip(log, PAGE + 40 + rng.randrange(8))
    status, printed = run_check()
    restore()
    print(f"a flip in the newest log: status {status}: {printed.splitlines()[-1] if printed else ''}")


@case("GET of a damaged object breaks the connection and gives no wrong byte; the others are as before")
def _():
    path = max(extents(33_000_000), key=lambda p: p.stat().st_size)
    flip(path, PAGE + 10_000_000)
    start_daemon()
    s3, whole = boto(), pattern(*OBJECTS["own"])
    try:
        got = s3.get_object(Bucket="check", Key="own")["Body"].read()
        raise AssertionError(f"{len(got)} bytes were given as if whole")
    except AssertionError:
        raise
    except Exception as error:  # whatever the client calls a connection that broke
        print(f"as it should: {type(error).__name__}")
    equal(
        s3.get_object(Bucket="check", Key="own", Range="bytes=0-99999")["Body"].read(),
        whole[:100000],
        "a range before the damage",
    )
    for key in ("extent/0", "inline/0", "later/0"):
        size, seed = OBJECTS.get(key, (900, 0))
        equal(s3.get_object(Bucket="check", Key=key)["Body"].read(), pattern(size, seed), key)


if __name__ == "__main__":
    main()
