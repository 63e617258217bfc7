"""Tables of a report that are made from the protocol."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from helmont.reports.csr.blocks import Grid
from helmont.study.analyses.model import Output
from helmont.study.model import Study

STRATEGIES = {
    "treatment_policy": "treatment policy", "hypothetical": "hypothetical", "composite": "composite",
    "while_on_treatment": "while on treatment", "principal_stratum": "principal stratum",
}  # fmt: skip
"""ICH E9(R1), A.3.2."""


def arms(study: Study) -> Grid:
    rows = [(str(each.label), each.type.replace("_", " "), str(each.description or "")) for each in study.protocol.arms]
    if not any(row[2] for row in rows):
        return Grid("Arms of the study", [("Arm", "Type")], [row[:2] for row in rows], (60, 40))
    return Grid("Arms of the study", [("Arm", "Type", "Description")], rows, (35, 20, 45))


def objectives(study: Study) -> Grid:
    rows = [
        (each.level.capitalize(), str(each.text), "; ".join(str(one.text) for one in each.endpoints))
        for each in study.protocol.objectives
    ]
    return Grid("Objectives and endpoints", [("Level", "Objective", "Endpoints")], rows, (15, 45, 40))


def estimands(study: Study) -> Grid:
    """The attributes of each estimand (ICH E9(R1), A.3.3)."""
    rows: list[tuple[str, str]] = []
    for each in study.protocol.estimands:
        events = "; ".join(
            f"{one.event}: {STRATEGIES.get(one.strategy, one.strategy)}" for one in each.intercurrent_events
        )
        rows += [
            ("Variable", str(each.variable)),
            ("Treatment", str(each.treatment)),
            ("Population", str(each.population)),
            ("Intercurrent events", events or "none named"),
            ("Summary", str(each.summary)),
        ]
    return Grid("Estimands", [("Attribute", "Estimand")], rows, (25, 75))


def eligibility(study: Study, kind: Literal["inclusion", "exclusion"]) -> Grid:
    chosen = [each for each in study.protocol.eligibility if each.category == kind]
    rows = [(each.id.replace("_", " "), str(each.text)) for each in chosen]
    return Grid(f"{kind.capitalize()} criteria", [("Criterion", "As the protocol says")], rows, (20, 80))


def schedule(study: Study) -> Grid:
    """Activities by encounter: a cross where one is done at the other."""
    plan = study.protocol
    encounters = [each for each in plan.encounters if any(each.id in done for done in plan.schedule.values())]
    heads = [
        ["", *(f"{each.number.normalize():f}" if each.number is not None else "" for each in encounters)],
        ["Day", *(str(each.day) if each.day is not None else "" for each in encounters)],
    ]
    rows = [
        [str(each.label), *("×" if one.id in plan.schedule.get(each.id, ()) else "" for one in encounters)]
        for each in plan.activities
        if plan.schedule.get(each.id)
    ]
    notes = ["; ".join(f"{one.number.normalize():f}: {one.label}" for one in encounters if one.number is not None)]
    widths = [22.0, *([78 / max(len(encounters), 1)] * len(encounters))]
    return Grid("Schedule of activities, by number of the visit", heads, rows, widths, notes, small=True)


def outputs(made: Sequence[Output]) -> Grid:
    rows = [
        (f"{each.kind} {each.number}", each.title, f"tables/{'f' if each.kind == 'Figure' else 't'}{each.number}.pdf")
        for each in made
    ]
    return Grid("Tables and figures of the package", [("Number", "Title", "File")], rows, (16, 60, 24))
