"""Values that do not fit their variable are findings that name the variable's line in the study package."""

from datetime import UTC, datetime
from pathlib import Path
from shutil import copytree

import pytest

from helmont.datasets.store import tables
from helmont.reports.defining import Packaging, define_of
from helmont.reports.package_data import placed, too_long, write_dataset
from helmont.reports.submission import Sources
from helmont.study.datasets.rows import Row
from helmont.study.loading import load_study
from tests.study.datasets.kit import PACKAGE

MOMENT = datetime(2026, 1, 12, tzinfo=UTC)
GOOD = {"USUBJID": "701-001", "VSSEQ": 1, "VSTESTCD": "SYSBP", "VSORRES": "120", "VSSTRESN": 120, "VISITNUM": 1}


@pytest.mark.parametrize(
    ("change", "variable", "says"),
    [
        (
            {"VSORRES": "12 and a half"},
            "VSORRES",
            "'12 and a half' is longer than declared (1 such values)",
        ),
        ({"VSSTRESN": "high"}, "VSSTRESN", "not a number (type float)"),
        ({"VSSEQ": 1.5}, "VSSEQ", "not a whole number (type integer)"),
        ({"VSDTC": "12 May"}, "VSDTC", "not a partialDatetime (ISO 8601)"),
        ({"CONFIDE": "perhaps"}, "CONFIDE", "'perhaps' is not in NY (one of: N, Y)"),
        ({"USUBJID": None}, "USUBJID", "missing, and mandatory"),
    ],
)
def test_the_line_of_the_variable_is_named(tmp_path: Path, change: dict[str, object], variable: str, says: str) -> None:
    folder = tmp_path / "study"
    copytree(PACKAGE, folder)
    path = folder / "datasets" / "vs.yaml"
    path.write_text(
        path.read_text().replace("Told in confidence, length: 200", "Told in confidence, length: 200, codelist: NY")
    )
    study = load_study(folder)
    vs = next(each for each in study.datasets if each.id == "VS")
    frames = tables([vs], [{"VS": [Row(GOOD), Row({**GOOD, "VISITNUM": 2, **change})]}])
    define = define_of(study, "SDTM", frames, None, Packaging(MOMENT), None).define
    (tmp_path / "sdtm").mkdir()
    found = write_dataset(tmp_path / "sdtm", define, define.datasets[0], frames["VS"], MOMENT).data_findings
    found += too_long(vs, frames["VS"])
    places = Sources.read("CAST1", folder).places
    line = next(n for n, text in enumerate(path.read_text().splitlines(), 1) if f"name: {variable}," in text)
    shown = [str(placed(fault, "VS", places)) for fault in found]
    assert any(text.startswith(f"datasets/vs.yaml:{line}: error: VS.{variable}") and says in text for text in shown), (
        shown
    )
