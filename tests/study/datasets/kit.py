"""A participant of the tests' study with a little data, to run steps on."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from helmont.study.datasets.context import Context
from helmont.study.datasets.model import Step
from helmont.study.datasets.rows import Casebook, Page, Reading, Row, Rows, Subject, Visit
from helmont.study.datasets.running import bind
from helmont.study.loading import load_study
from helmont.study.nodes import from_json
from helmont.study.reading import Reading as PackageReading

PACKAGE = Path(__file__).parents[2] / "packages" / "cast"
BASELINE = Visit("encounter:CAST1/701-001/BASELINE", "BASELINE", "2026-01-12")
LATER = Visit("encounter:CAST1/701-001/U1", "UNSCHEDULED", "2026-02-03", number="2.1")
VS, VS_LATER = "form:CAST1/701-001/BASELINE/VS", "form:CAST1/701-001/U1/VS"


def casebook() -> Casebook:
    """A baseline visit with vital signs, an unscheduled one, the randomisation and two events."""
    pages = (
        Page(VS, "VS", {"VSDTC": "2026-01-12", "SYSBP": "120", "DIABP": {"not_done": "cuff broken"}}, BASELINE),
        Page(VS_LATER, "VS", {"SYSBP": "131", "CONFIDE": "said so"}, LATER),
        Page("form:CAST1/701-001/BASELINE/RAND", "RAND", {"RANDDTC": "2026-01-12", "ALLOC": "ACT"}, BASELINE),
        Page("form:CAST1/701-001/LOG/AE/2", "AE", {"AETERM": "Rash"}, None, 2),
        Page("form:CAST1/701-001/LOG/AE/1", "AE", {"AETERM": "Headache", "AESER": "N"}, None, 1),
    )
    codings = {("form:CAST1/701-001/LOG/AE/1", "AETERM"): {"PT": "Headache", "SOC": "Nervous system disorders"}}
    readings = {(VS, "SYSBP"): Reading("90", "119")}
    return Casebook("701-001", "701", "BE", pages, (BASELINE, LATER), "screened", codings, readings)


def subject(**datasets: Rows) -> Subject:
    """The participant while data sets are made, with these made before."""
    return Subject(casebook(), Context(load_study(PACKAGE)), dict(datasets))


def rows(*records: dict[str, Any]) -> Rows:
    """Records as rows, each with a source of its own."""
    return [Row(record, (("made by hand", number),)) for number, record in enumerate(records)]


def run(name: str, given: dict[str, Any], before: Rows | None = None, at: Subject | None = None) -> Rows:
    """The rows after one step, given as a study package writes it."""
    reading = PackageReading(("en",))
    step: Step = reading.read(from_json({name: given}, "step"), Step, "")
    assert not reading.faults, reading.faults
    return bind(step)(before if before is not None else [], at or subject())
