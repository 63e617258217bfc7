"""The tables and figures of a package, each in five forms, and all results in the Analysis Results Standard."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from helmont.reports.ars import to_ars
from helmont.reports.curves import to_svg
from helmont.reports.display import display
from helmont.reports.engine import Engine
from helmont.reports.frames import NotInDatasets
from helmont.reports.package import Package, Point
from helmont.reports.pdf import to_typeset
from helmont.reports.publishing import FORMS, Shown, written
from helmont.reports.typesetting import typeset
from helmont.sharing import ask
from helmont.study.analyses.model import ReportingEvent
from helmont.study.faults import Fault


def write_tables(
    package: Package, event: ReportingEvent, frames: Mapping[str, pl.DataFrame], point: Point
) -> dict[str, Shown]:
    """Write every output, and give them by number; one whose data sets are not there is a finding."""
    done: dict[str, Shown] = {}
    try:
        engine = Engine(event, frames)
    except NotInDatasets as error:
        package.findings.append(Fault("analyses", 0, event.id, str(error), "a data set of the study"))
        return done
    for output in event.outputs:
        package.step(f"{output.kind} {output.number}")
        try:
            results = engine.evaluate(output)
            table = display(event, output, results)
            drawing = to_svg(event, output, results) if output.drawing else ""
        except NotInDatasets as error:
            package.findings.append(Fault("analyses", 0, output.number, str(error), "a data set of the study"))
            continue
        one = done[output.number] = Shown(output, results, table, drawing)
        for form in FORMS:
            name = f"tables/{one.stem}.{form}"
            if form == "pdf":
                package.later(name, ask(typeset, *to_typeset(table, point.moment, drawing, point.said)))
            else:
                package.write(name, written(event, one, form, point.moment, point.said))
        if drawing:
            package.write(f"tables/{one.stem}.svg", drawing.encode())
        empty = [result.id for result in results if result.raw is None]
        if empty and len(empty) == len(results):
            said = "no result can be computed from the data"
            package.findings.append(Fault("analyses", 0, output.number, said, "data for its analyses"))
    package.step("Analysis results")
    if done:
        package.write("ars/reporting-event.json", to_ars(event, {number: one.results for number, one in done.items()}))
    return done
