"""The tables and figures as files, each in five forms."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import polars as pl

from helmont.reports.ars import to_ars
from helmont.reports.curves import to_svg
from helmont.reports.display import Table, display
from helmont.reports.engine import Engine
from helmont.reports.html import to_html
from helmont.reports.results import Results
from helmont.reports.rtf import to_rtf
from helmont.reports.text import to_text
from helmont.study.analyses.model import Output, ReportingEvent

FORMS = ("txt", "html", "json", "rtf", "pdf")


@dataclass(frozen=True)
class Shown:
    """An output with its results, set and, when it is a figure, drawn."""

    output: Output
    results: Results
    table: Table
    drawing: str

    @property
    def stem(self) -> str:
        """``t14-3.01``: the name of its files without their ending."""
        return f"t{self.output.number}"


def shown(
    event: ReportingEvent, frames: Mapping[str, pl.DataFrame], numbers: set[str] | None = None
) -> Iterator[Shown]:
    """The outputs (those with these numbers) one by one, evaluated on datasets by name. Raises ``NotInDatasets``."""
    engine = Engine(event, frames)
    for output in event.outputs:
        if numbers is None or output.number in numbers:
            results = engine.evaluate(output)
            table = display(event, output, results)
            yield Shown(output, results, table, to_svg(event, output, results) if output.drawing else "")


def written(event: ReportingEvent, one: Shown, form: str, moment: datetime, source: str = "") -> bytes:
    """One of ``FORMS``, in bytes; ``source`` says where the data are from, at the foot of each page."""
    match form:
        case "txt":
            return to_text(one.table, source).encode()
        case "html":
            return to_html(one.table, one.drawing, source).encode()
        case "json":
            return to_ars(event, {one.output.number: one.results})
        case "rtf":
            return to_rtf(one.table, source).encode()
        case "pdf":
            from helmont.reports.pdf import to_pdf

            return to_pdf(one.table, moment, one.drawing, source)
    raise ValueError(f"{form!r} is none of {', '.join(FORMS)}")


def publish_tables(
    event: ReportingEvent,
    frames: Mapping[str, pl.DataFrame],
    folder: Path,
    moment: datetime,
    forms: tuple[str, ...] = FORMS,
    source: str = "",
) -> list[Path]:
    """Write every output to ``folder`` in these forms, and the drawing of a figure as SVG.

    The same input gives the same bytes.
    """
    folder.mkdir(parents=True, exist_ok=True)
    paths = []
    for one in shown(event, frames):
        for form in forms:
            paths.append(folder / f"{one.stem}.{form}")
            paths[-1].write_bytes(written(event, one, form, moment, source))
        if one.drawing:
            paths.append(folder / f"{one.stem}.svg")
            paths[-1].write_text(one.drawing, encoding="utf-8")
    return paths
