"""``helmont labs import``, as somebody types it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from helmont.cli.labs import labs
from helmont.core.ledger import store
from helmont.labs.models import LabImport
from tests.labs.kit import HIM, STUDY, form

pytestmark = pytest.mark.database
HEAD = "SUBJ,VISIT,DATE,TEST,RESULT,UNIT,STATUS,FAST\n"
GOOD = f"{HIM},WEEK_2,2026-02-02T08:30,ALT,34,IU/L,F,Y\n"
WRONG = f"{HIM},9,2026-02-02,ALT,34,U/L,F,\n"


def typed(path: Path, *options: str, study: str = STUDY) -> Result:
    return CliRunner().invoke(labs, ["import", study, str(path), *options])


@pytest.fixture
def results(tmp_path: Path) -> Path:
    path = tmp_path / "results.csv"
    path.write_text(HEAD + GOOD + WRONG)
    return path


def test_a_dry_run_names_each_line_and_changes_nothing(results: Path) -> None:
    before = store.log_size(STUDY)
    done = typed(results, "--dry-run", "--json")
    assert done.exit_code == 1  # a line is refused
    report: dict[str, Any] = json.loads(done.stdout)
    assert report["counts"] == {"created": 1, "refused": 1}
    assert [(line["line"], line["kind"]) for line in report["lines"]] == [(2, "created"), (3, "refused")]
    assert [found["line"] for found in report["findings"]] == [3]
    assert store.log_size(STUDY) == before


def test_what_is_right_is_taken_in_and_what_is_not_is_named(results: Path) -> None:
    done = typed(results)
    assert done.exit_code == 1
    assert "results.csv:3: error:" in done.output
    assert form()["ALT"] == "34"
    assert LabImport.objects.get().counts == {"created": 1, "refused": 1}
    results.write_text(HEAD + GOOD)
    assert typed(results).exit_code == 0


def test_columns_under_other_headings_come_with_a_mapping(tmp_path: Path) -> None:
    path, mapping = tmp_path / "other.csv", tmp_path / "mapping.yaml"
    path.write_text(f"Patient;Bezoek;Datum;Bepaling;Uitslag;Eenheid\n{HIM};WEEK_2;2026-02-02;ALT;41;U/L\n")
    mapping.write_text(
        "delimiter: ';'\ncolumns: {participant: Patient, visit: Bezoek, date: Datum, "
        "test: Bepaling, result: Uitslag, unit: Eenheid}\n"
    )
    done = typed(path, "--mapping", str(mapping))
    assert done.exit_code == 0, done.output
    assert form()["ALT"] == "41"
    mapping.write_text("- columns")
    assert "not a mapping of columns" in typed(path, "--mapping", str(mapping)).output


def test_a_study_that_is_not_there_and_a_file_that_is_none_change_nothing(results: Path) -> None:
    assert typed(results, study="NOBODY").exit_code != 0
    results.write_bytes(b"\x00\x01\x02")
    before = store.log_size(STUDY)
    assert typed(results).exit_code == 1
    assert store.log_size(STUDY) == before
