"""The bench measures what it says: real saves of a real form, against the figures that are promised."""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest

from helmont.bench.__main__ import WITHIN, WITHOUT
from helmont.bench.figures import Figure
from helmont.bench.inside import FIRST_VISIT, FORM, PACKAGE, values
from helmont.bench.plans import save_plan
from helmont.study.compiling import compile_study
from helmont.study.loading import load_study
from helmont.study.outcomes import Context
from helmont.study.partial_dates import PartialDate


def test_the_form_has_twenty_items_and_no_value_of_the_bench_raises_a_query() -> None:
    form = compile_study(load_study(PACKAGE)).forms[FORM]
    assert len(form.items) == 20
    first = form.parse(values(0), date.today())[0]
    visit = {"id": "VISIT_2", "date": PartialDate.parse(str(FIRST_VISIT)), "number": 2.0}
    for turn in range(200):
        parsed, faults = form.parse(values(turn), date.today())
        assert not faults
        outcome = form.evaluate(parsed, Context(date.today(), {f"at.VISIT_1.{FORM}": first}, visit))
        assert not outcome.findings
        assert not outcome.missing
        assert outcome.calculated["BMI"]


def test_no_two_saves_of_a_form_send_the_same_values() -> None:
    plans = [save_plan(1, ["session"], run) for run in range(3)]
    requests = [request for plan in plans for request in plan.lanes[0]]
    assert len(set(requests)) == len(requests)


def test_a_promise_is_a_least_or_a_most() -> None:
    assert Figure("", "saves", 800, "/s", 800, at_least=True).met
    assert not Figure("", "saves", 799, "/s", 800, at_least=True).met
    assert Figure("", "p99", 100, "ms", 100).met
    assert not Figure("", "p99", 101, "ms", 100).met
    assert Figure("", "p50", 101, "ms").met is None


@pytest.mark.slow
@pytest.mark.parametrize("part", [part for part in (*WITHIN, *WITHOUT) if part != "datasets"])
def test_each_part_of_the_bench_runs(part: str, tmp_path: Path) -> None:
    path = tmp_path / "figures.json"
    command = [
        sys.executable,
        "-m",
        "helmont.bench",
        "--quick",
        "--only",
        "sqlite",
        "--part",
        part,
        "--json",
        str(path),
    ]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    report = json.loads(path.read_text())
    assert "cores" in report["machine"]
    figures = report["figures"]
    assert figures
    assert all(figure["value"] > 0 for figure in figures)
    assert "promised" in done.stdout
