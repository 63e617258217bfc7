"""Run the whole suite on SQLite, then the tests marked ``database`` again on PostgreSQL.

    python -m tools.test [PYTEST ARGUMENTS ...]

On each, tests that drive a browser run by themselves: the driver keeps an event loop running in its process, in which
Django would refuse to work. All four runs always happen, and their counts are added up in one closing line. A skipped
test, or a run that finds no test without having been narrowed by arguments, fails the whole: a suite that passes has run
everything on both databases.
"""

import os
import subprocess
import sys
import tempfile
from collections import Counter
from pathlib import Path
from xml.etree import ElementTree

import pytest

ROOT = Path(__file__).resolve().parent.parent


def run(title: str, command: list[str], environment: dict[str, str], *, narrowed: bool) -> Counter[str]:
    """Run pytest through ``command`` and return its counts of passed, failed and skipped tests."""
    print(f"== {title}", flush=True)
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder, "report.xml")
        done = subprocess.run(
            [*command, f"--junit-xml={report}"], cwd=ROOT, env=environment, stdin=subprocess.DEVNULL, check=False
        )
        counts = read_counts(report) if report.exists() else Counter()
    if narrowed and done.returncode == pytest.ExitCode.NO_TESTS_COLLECTED:
        return counts
    if done.returncode and not counts["failed"]:  # pytest itself failed, or found nothing to run
        print(f"{title}: ended with status {done.returncode} and no failed test", flush=True)
        counts["failed"] += 1
    return counts


def read_counts(report: Path) -> Counter[str]:
    """Count the test cases of a JUnit report. A test that fails as expected (xfail) has passed."""
    counts: Counter[str] = Counter()
    for case in ElementTree.parse(report).iter("testcase"):
        skipped = case.find("skipped")
        if case.find("failure") is not None or case.find("error") is not None:
            counts["failed"] += 1
        elif skipped is not None and skipped.get("type") != "pytest.xfail":
            counts["skipped"] += 1
        else:
            counts["passed"] += 1
    return counts


def main(arguments: list[str]) -> int:
    """Run everything; return 0 only if every test ran and passed."""
    on_sqlite = [sys.executable, "-m", "pytest", "-n", "auto", "--dist", "worksteal", *arguments]
    on_postgresql = [sys.executable, "-m", "tools.postgres", "run", "--", *on_sqlite]
    databases = ("HELMONT_DATABASE_URL", "HELMONT_TEST_DATABASE_URL")
    without_database = {name: value for name, value in os.environ.items() if name not in databases}
    counts: Counter[str] = Counter()
    for title, command, environment in (
        ("SQLite", [*on_sqlite, "-m", "not browser"], without_database),
        ("SQLite, in a browser", [*on_sqlite, "-m", "browser"], without_database),
        ("PostgreSQL", [*on_postgresql, "-m", "database and not browser"], dict(os.environ)),
        ("PostgreSQL, in a browser", [*on_postgresql, "-m", "database and browser"], dict(os.environ)),
    ):
        counts += run(title, command, environment, narrowed=bool(arguments))
    print(f"{counts['passed']} passed, {counts['failed']} failed, {counts['skipped']} skipped")
    return 1 if counts["failed"] or counts["skipped"] or not counts["passed"] else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
