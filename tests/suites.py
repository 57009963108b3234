# SPDX-License-Identifier: EUPL-1.2
"""Runs the tests: installs what the suites need, builds, runs, and closes on one line `N passed, N failed`.

    tests/run [SUITE...] [--list] [--fuzz-seconds N] [--cycles N]

Without SUITE: the CI column. Logs go to build/logs/; a failure shows the last lines of its own. Status 0 when nothing failed.
"""
import argparse
import concurrent.futures
import os
import pathlib
import re
import signal
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "packaging"))
import appliance as kit  # noqa: E402

LOGS = ROOT / "build" / "logs"
CPUS = os.cpu_count() or 2
PROGRAM_SECONDS_MAX = 1200
CLIENT_PACKAGES = [
    "awscli",
    "rclone",
    "s3cmd",
    "restic",
    "python3-boto3",
    "curl",
    "nodejs:node",
    "npm:npm",
    "zstd",
]
FUZZ_PACKAGES = ["clang-14", "clang", "libclang-rt-14-dev"]
SYSTEMD_PACKAGES = ["systemd", "systemd-container", "debootstrap", "python3-boto3", "curl"]
BENCH_PACKAGES = ["wrk", "nginx-light:nginx", "python3-boto3", "libbenchmark-dev"]


class Tally:
    """What a suite counted: cases passed and failed, and for each failure where to read on."""

    def __init__(self):
        self.passed = self.failed = 0
        self.faults = []

    def add(self, name, passed, failed, log, seconds, note=""):
        self.passed += passed
        self.failed += failed
        mark = "FAIL" if failed else "ok  "
        print(
            f"   {mark} {name:<34} {passed:>6} passed {f'{failed} failed' if failed else '':<10} {seconds:7.1f} s {note}",
            flush=True,
        )
        if failed:
            self.faults.append((name, log))
            print("      | " + "\n      | ".join(fault_lines(log)), flush=True)


def fault_lines(log, most=25):
    """The lines of a log that say why: those that name a failure, then its end."""
    try:
        lines = pathlib.Path(log).read_text(errors="replace").splitlines()
    except OSError:
        return [f"no log {log}"]
    telling = [n for n in lines if re.search(r"FAIL|ERROR:|SUMMARY:|Failure$|runtime error|error:|CHECK", n)][
        :10
    ]
    return [f"{log}:"] + telling + ["..."] + lines[-(most - len(telling)) :]


def counts_in(text, status):
    """Cases in an output: googletest's summary or the plain line. A program that failed without counting is one failure."""
    plain = re.findall(r"^(\d+) passed, (\d+) failed$", text, re.MULTILINE)
    if plain:
        passed, failed = map(int, plain[-1])
    else:
        passed = sum(map(int, re.findall(r"^\[  PASSED  \] (\d+) tests?\.", text, re.MULTILINE)))
        failed = sum(map(int, re.findall(r"^\[  FAILED  \] (\d+) tests?, listed below", text, re.MULTILINE)))
    return passed, failed or (1 if status != 0 or passed == 0 else 0)


def run_program(command, log, seconds_max=PROGRAM_SECONDS_MAX, env=None):
    """Runs a test program in a process group of its own, ended whole when its time is over: (output, status, seconds)."""
    log.parent.mkdir(parents=True, exist_ok=True)
    began = time.monotonic()
    with open(log, "wb") as output:
        process = subprocess.Popen(
            [str(c) for c in command],
            cwd=ROOT,
            env={**os.environ, **(env or {})},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        try:
            status = process.wait(seconds_max)
        except BaseException as ended:
            # SIGTERM first: a script that started an appliance stops it, and the daemon stands in a session of its own.
            for number in (signal.SIGTERM, signal.SIGKILL):
                try:
                    os.killpg(process.pid, number)
                    process.wait(30)
                    break
                except (subprocess.TimeoutExpired, ProcessLookupError):
                    continue
            if not isinstance(ended, subprocess.TimeoutExpired):
                raise
            output.write(f"\nERROR: not finished after {seconds_max} s\n".encode())
            status = 124
    return log.read_text(errors="replace"), status, time.monotonic() - began


def built(preset, targets=()):
    """Builds a preset, saying how long it took."""
    began = time.monotonic()
    folder = kit.build(preset, LOGS / f"build-{preset}.log", targets)
    print(f"        build {preset:<28} {time.monotonic() - began:29.1f} s", flush=True)
    return folder


def run_programs(tally, suite, programs, env=None, prefix=()):
    """Test programs side by side, one a core, reported as they end."""
    if not programs:
        raise kit.StepError("no test program was built", hint="see tests/tests.cmake")
    with concurrent.futures.ThreadPoolExecutor(CPUS) as pool:
        runs = {
            pool.submit(
                run_program, [*prefix, p, "--gtest_brief=1"], LOGS / suite / f"{p.name}.log", env=env
            ): p
            for p in programs
        }
        for run in concurrent.futures.as_completed(runs):
            name = runs[run].name
            output, status, seconds = run.result()
            passed, failed = counts_in(output, status)
            # A program with neither is a folder whose tests all failed to register.
            tally.add(
                name,
                passed,
                failed,
                LOGS / suite / f"{name}.log",
                seconds,
                f"status {status}" if status else "",
            )


def test_programs(folder, kinds):
    return sorted(
        (p for k in kinds for p in folder.glob(f"{k}_*") if p.is_file() and os.access(p, os.X_OK)),
        key=lambda p: -p.stat().st_size,
    )


def run_script(tally, suite, name, command, seconds_max=PROGRAM_SECONDS_MAX, env=None):
    log = LOGS / suite / f"{name}.log"
    output, status, seconds = run_program(command, log, seconds_max, env)
    passed, failed = counts_in(output, status)
    tally.add(name, passed, failed, log, seconds, f"status {status}" if status else "")


# What the appliances of some scripts are told.
SETTINGS = {"lifecycle": ["lifecycle_day_seconds=2"]}


def with_appliance(tally, suite, scripts, seconds_max=PROGRAM_SECONDS_MAX, preset="release", env=None):
    """Each script on a fresh appliance, so that none depends on what another left."""
    programs = built(preset, ["beffroid", "beffroictl", "beffroi-verify"])
    for script, *arguments in scripts:
        settings = [part for s in SETTINGS.get(pathlib.Path(script).stem, []) for part in ("--set", s)]
        run_script(
            tally,
            suite,
            pathlib.Path(script).stem,
            ["setarch", "-R", "tests/appliance", *settings, "--", ROOT / script, *arguments],
            seconds_max,
            {"BEFFROI_BIN": str(programs), **(env or {})},
        )


# --- Suites -------------------------------------------------------------------------------------------------------------


def suite_build(tally, _):
    """the release build of everything, what only measures too"""
    began = time.monotonic()
    built("release", ["all", "bench_micro"])
    tally.add("release", 1, 0, LOGS / "build-release.log", time.monotonic() - began)


def suite_tidy(tally, _):
    """floors, banned calls, licence headers, one row - one operation - one test"""
    run_script(tally, "tidy", "tidy", ["tests/tidy"])


def suite_unit(tally, _):
    """unit, contract, property and crash tests, release build"""
    run_programs(tally, "unit", test_programs(built("release"), ["unit", "contract", "property", "crash"]))


def suite_asan(tally, _):
    """the same under AddressSanitizer and UBSan, and a daemon built so that is given bad input and real clients"""
    # librocksdb is not instrumented: container checks across its border would be false.
    env = {
        "ASAN_OPTIONS": "detect_container_overflow=0:strict_string_checks=1",
        "UBSAN_OPTIONS": "print_stacktrace=1",
        # Release runs every crash point and 50 000 operations; here the same code is looked at for memory faults.
        "BEFFROI_SWEEP_STRIDE": "15",
        "BEFFROI_OPERATIONS": "3000",
    }
    run_programs(
        tally,
        "asan",
        test_programs(built("asan-ubsan"), ["unit", "contract", "property", "crash"]),
        env,
        ["setarch", "-R"],
    )
    # A daemon that finds a fault ends, and its appliance says so. Its libraries keep memory until the end: leaks are for the units.
    env["ASAN_OPTIONS"] += ":detect_leaks=0"
    scripts = [("tests/e2e/bad_input.py",), ("tests/e2e/framing.py",), ("tests/e2e/operations.py",), ("tests/e2e/clients_boto3.py",)]
    with_appliance(tally, "asan", scripts, preset="asan-ubsan", env=env)


def suite_tsan(tally, _):
    """unit tests of crypto and storage under ThreadSanitizer"""
    targets = ["unit_crypto"] if any((ROOT / "tests/unit/crypto").glob("*_test.cc")) else []
    targets += [
        f"unit_storage_{f.name}"
        for f in sorted((ROOT / "tests/unit/storage").glob("*"))
        if any(f.glob("*_test.cc"))
    ]
    folder = built("tsan", targets)
    suppressions = ROOT / "tests" / "tsan.supp"
    options = "halt_on_error=0" + (f":suppressions={suppressions}" if suppressions.exists() else "")
    run_programs(tally, "tsan", [folder / t for t in targets], {"TSAN_OPTIONS": options}, ["setarch", "-R"])


def suite_mutants(tally, _):
    """rules of formats.md broken on purpose: each must be caught"""
    log = LOGS / "mutants" / "mutants.log"
    output, status, seconds = run_program(["tests/mutants"], log, 1800)
    caught = len(re.findall(r"^\S+ +caught ", output, re.MULTILINE))
    missed = len(re.findall(r"NOT NOTICED|fails without a mutant", output))
    tally.add("mutants", caught, missed or int(status != 0), log, seconds)


def suite_fuzz(tally, options):
    """each parser's fuzz target, from its corpus (--fuzz-seconds N)"""
    folder = built("fuzz", ["fuzzers"])
    targets = sorted(p for p in folder.glob("*_fuzz") if os.access(p, os.X_OK))
    if not targets:
        raise kit.StepError("no fuzz target was built", hint="see tests/fuzz/fuzz.cmake")

    def fuzz(target):
        stem = target.name.removesuffix("_fuzz")
        found = LOGS / "fuzz" / f"{target.name}-found"
        found.mkdir(parents=True, exist_ok=True)
        corpus = [ROOT / "tests/fuzz/corpus" / name for name in (target.name, stem)]
        # What is found in a run is kept out of the tree: only a person adds to the corpus.
        with tempfile.TemporaryDirectory() as grown:
            return run_program(
                [
                    target,
                    grown,
                    *[c for c in corpus if c.is_dir()],
                    f"-max_total_time={options.fuzz_seconds}",
                    "-print_final_stats=1",
                    "-timeout=10",
                    "-rss_limit_mb=2048",
                    "-verbosity=0",
                    f"-artifact_prefix={found}/",
                ],
                LOGS / "fuzz" / f"{target.name}.log",
                options.fuzz_seconds + 120,
            )

    with concurrent.futures.ThreadPoolExecutor(CPUS) as pool:
        runs = {pool.submit(fuzz, t): t for t in targets}
        for run in concurrent.futures.as_completed(runs):
            output, status, seconds = run.result()
            executions = re.search(r"number_of_executed_units:\s*(\d+)", output)
            failed = 1 if status or not executions else 0
            tally.add(
                runs[run].name,
                1 - failed,
                failed,
                LOGS / "fuzz" / f"{runs[run].name}.log",
                seconds,
                f"{int(executions.group(1)):,} executions" if executions else "",
            )


def suite_e2e(tally, _):
    """real clients and scripted runs against a release appliance, each on a fresh one"""
    # Modules, and what has a suite of its own.
    apart = {"harness", "asking", "sigv4", "signed_message", "altered_message", "kill_loop", "framing", "full_disk"}
    scripts = sorted(p for p in (ROOT / "tests/e2e").glob("*.py") if p.stem not in apart) + sorted(
        (ROOT / "tests/e2e/js").glob("*.mjs")
    )
    kit.run_logged(
        ["npm", "ci", "--no-audit", "--no-fund", "--ignore-scripts"],
        LOGS / "npm.log",
        "npm ci in tests/e2e/js",
        cwd=ROOT / "tests/e2e/js",
    )
    with_appliance(tally, "e2e", [(s.relative_to(ROOT),) for s in scripts])


def suite_framing(tally, _):
    """request-smuggling vectors: 400 and close"""
    with_appliance(tally, "framing", [("tests/e2e/framing.py",)])


def suite_crash30(tally, options):
    """kill -9 in a loop under mixed load: nothing acknowledged is lost (--cycles N)"""
    with_appliance(
        tally,
        "crash30",
        [("tests/e2e/kill_loop.py", "--cycles", str(options.cycles))],
        60 + 30 * options.cycles,
    )


def suite_fulldisk(tally, _):
    """a small disk filled and drained: 507 before the body, reads and removals at 0 bytes free, nothing lost"""
    programs = built("release", ["beffroid", "beffroictl"])
    script = ["setarch", "-R", ROOT / "tests/e2e/full_disk.py"]
    run_script(tally, "fulldisk", "full_disk", script, env={"BEFFROI_BIN": str(programs)})


def suite_quickstart(tally, _):
    """packaging/quickstart, twice (the second takes seconds), then --stop"""
    with tempfile.TemporaryDirectory(prefix="beffroi-quickstart-") as folder:
        command = ["packaging/quickstart", "--dir", f"{folder}/demo", "--port", str(kit.free_port())]
        try:
            for name, limit in (("first", PROGRAM_SECONDS_MAX), ("second", 60)):
                log = LOGS / "quickstart" / f"{name}.log"
                _, status, seconds = run_program(command, log, limit)
                failed = 1 if status else 0
                tally.add(name, 1 - failed, failed, log, seconds)
        finally:
            log = LOGS / "quickstart" / "stop.log"
            _, status, seconds = run_program([*command, "--stop"], log, 120)
        tally.add("stop", 1 if status == 0 else 0, 1 if status else 0, log, seconds)


def suite_systemd(tally, _):
    """the units: verified, rated, then in a booted container: started, killed, failing, misconfigured, stopped"""
    folder = built("release", ["beffroid", "beffroictl", "beffroi-verify"])
    run_script(tally, "systemd", "units", ["/usr/bin/python3", "tests/systemd/units.py", folder])


def suite_bench(tally, _):
    """micro and macro measurements, beside their ceilings and nginx: prints tables for docs/evidence.md"""
    programs = built("release", ["beffroid", "beffroictl", "bench_micro"])
    for name, command in (
        ("micro", [ROOT / "tests/bench/micro", programs / "bench_micro"]),
        ("macro", ["tests/appliance", "--", ROOT / "tests/bench/macro"]),
    ):
        log = LOGS / "bench" / f"{name}.log"
        output, status, seconds = run_program(command, log, 3600, {"BEFFROI_BIN": str(programs)})
        print(output)
        tally.add(name, 0 if status else 1, 1 if status else 0, log, seconds)


def suite_clients(tally, _):
    """the current S3 clients of PyPI, npm, Go, Maven and Cargo beside Debian's: one line each; says what it could not get"""
    folder, log = ROOT / "build" / "clients", LOGS / "clients" / "obtain.log"
    run_program(["tests/clients/obtain", folder], log, 3600)
    with_appliance(tally, "clients", [("tests/clients/everyone", folder / "obtained.json")])
    print((LOGS / "clients" / "everyone.log").read_text())


# name -> (function, in the CI column, packages beside those of the build)
SUITES = {
    "tidy": (suite_tidy, True, ["git:git"]),
    "build": (suite_build, True, ["libbenchmark-dev"]),
    "unit": (suite_unit, True, []),
    "quickstart": (suite_quickstart, True, CLIENT_PACKAGES),
    "e2e": (suite_e2e, True, CLIENT_PACKAGES),
    "framing": (suite_framing, True, []),
    "crash30": (suite_crash30, True, CLIENT_PACKAGES),
    "fulldisk": (suite_fulldisk, True, [*CLIENT_PACKAGES, "e2fsprogs", "mount"]),
    "asan": (suite_asan, True, []),
    "tsan": (suite_tsan, True, []),
    "mutants": (suite_mutants, False, []),
    "fuzz": (suite_fuzz, True, FUZZ_PACKAGES),
    "systemd": (suite_systemd, True, SYSTEMD_PACKAGES),
    "bench": (suite_bench, False, BENCH_PACKAGES),
    "clients": (suite_clients, False, [*CLIENT_PACKAGES, "python3-venv", "golang-go:go", "s3fs", "fuse", "maven:mvn"]),
}


def run_suite(name, options):
    """One suite, its heading and its result. What stops it (a build, a package) is one failure with its reason."""
    function, _, _ = SUITES[name]
    print(f"== {name}: {function.__doc__}", flush=True)
    tally, began = Tally(), time.monotonic()
    try:
        function(tally, options)
    except (kit.StepError, OSError) as error:
        tally.failed += 1
        why, hint = getattr(error, "why", ""), getattr(error, "hint", "")
        tally.faults.append((str(error), hint))
        print(
            f"   FAIL {error}\n"
            + "".join(f"      | {line}\n" for line in (why + "\n" + hint).strip().splitlines()),
            flush=True,
        )
    print(f"   {name}: {tally.passed} ok, {tally.failed} not, {time.monotonic() - began:.0f} s", flush=True)
    return tally


def main():
    parser = argparse.ArgumentParser(
        prog="tests/run", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("suites", nargs="*", metavar="SUITE")
    parser.add_argument("--list", action="store_true", help="list the suites; * = in the CI column")
    parser.add_argument(
        "--fuzz-seconds", type=int, default=60, metavar="N", help="for each target (default 60)"
    )
    parser.add_argument("--cycles", type=int, default=30, metavar="N", help="of the kill loop (default 30)")
    options = parser.parse_args()
    if options.list:
        for name, (function, in_ci, _) in SUITES.items():
            print(f"{'*' if in_ci else ' '} {name:<11} {function.__doc__}")
        return 0
    unknown = [s for s in options.suites if s not in SUITES]
    if unknown:
        parser.error(f"no such suite: {', '.join(unknown)} (tests/run --list)")

    chosen = options.suites or [name for name, (_, in_ci, _) in SUITES.items() if in_ci]
    began = time.monotonic()
    needed = sorted(
        {p for name in chosen for p in SUITES[name][2]} | set(kit.BUILD_PACKAGES + kit.RUN_PACKAGES)
    )
    try:
        installed = kit.install_packages(needed, LOGS / "apt.log")
        if installed:
            print(f"installed {', '.join(installed)} ({time.monotonic() - began:.0f} s)", flush=True)
    except kit.StepError as error:
        print(f"{error.what}\n{error.why}\n{error.hint}\n0 passed, 1 failed")
        return 1
    tallies = {name: run_suite(name, options) for name in chosen}
    for name, tally in tallies.items():
        for fault, where in tally.faults:
            print(f"failed: {name}: {fault}  ({where})")
    print(f"{time.monotonic() - began:.0f} s")
    print(
        f"{sum(t.passed for t in tallies.values())} passed, {sum(t.failed for t in tallies.values())} failed",
        flush=True,
    )
    return 1 if any(t.failed for t in tallies.values()) else 0


if __name__ == "__main__":
    sys.exit(main())
