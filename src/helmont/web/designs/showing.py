"""What the page shows of a design: its table as letters, what it does under each truth, the ways ahead."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from functools import lru_cache

from helmont.design import DesignError
from helmont.design.dose_finding.characteristics import Characteristics
from helmont.design.dose_finding.decisions import Letter, Pathway
from helmont.web.designs.answering import TooLong, exact
from helmont.web.designs.asking import RULE, Asked, Design
from helmont.web.designs.settings import address, enumerated_at_once

TONES: dict[Letter, str] = {"E": "good", "S": "neutral", "D": "attention", "DU": "bad"}
AHEAD = 2
"""Cohorts of the ways ahead."""


@dataclass(frozen=True)
class Row:
    """After so many patients at a dose, a letter for every number of toxicities."""

    patients: int
    cells: list[tuple[Letter, str]]


@dataclass(frozen=True)
class Average:
    """One design under one truth. ``doses`` are dose, true rate, share selected, patients, toxicities; ``bars`` the shares."""

    name: str
    found: Characteristics | None
    bars: list[dict[str, object]] = field(default_factory=list)
    doses: list[tuple[int, float, float, float, float]] = field(default_factory=list)
    none: float = 0.0


@dataclass(frozen=True)
class Shown:
    """One design on the page."""

    name: str
    digest: str
    most: range
    """The numbers of toxicities, which head the columns."""
    rows: list[Row]
    ways: tuple[Pathway, ...]
    address: str
    """Its own page, with the same settings and truths."""


def shown(asked: Asked) -> list[Shown]:
    """Every design that was asked for."""
    found = []
    for name, design in asked.designs.items():
        table = design.decision_table()
        size = 1 if name == RULE else int(asked.values["cohort_size"])
        rows = [
            Row(n, [(letter, TONES[letter]) for letter in _until_eliminated(letters)])
            for n, letters in zip(table.patients, table.decisions, strict=True)
            if n % size == 0
        ]
        most = max(len(row.cells) for row in rows)
        found.append(Shown(name, design.digest, range(most), rows, _ways(design), address(design, asked.truths)))
    return found


def _until_eliminated(letters: tuple[Letter, ...]) -> tuple[Letter, ...]:
    """What more toxicities than these lead to is the same."""
    return letters[: letters.index("DU") + 1] if "DU" in letters else letters


def averages(asked: Asked) -> list[tuple[tuple[float, ...], list[Average]]]:
    """What each design does on average, by truth. Of a design with too many outcomes nothing is found."""
    return [
        (truth, [_average(name, design, truth) for name, design in asked.designs.items()]) for truth in asked.scenarios
    ]


def _average(name: str, design: Design, truth: tuple[float, ...]) -> Average:
    try:
        found = _exact(design, truth)
    except (DesignError, TooLong):
        return Average(name, None)
    doses = [
        (dose, rate, 100 * share, patients, toxicities)
        for dose, (rate, share, patients, toxicities) in enumerate(
            zip(truth, found.selection, found.patients, found.toxicities, strict=True), start=1
        )
    ]
    bars: list[dict[str, object]] = [
        {"label": f"{dose} ({rate:g})", "value": round(share, 1), "percent": share} for dose, rate, share, *_ in doses
    ]
    return Average(name, found, bars, doses, 100 * found.none)


@lru_cache(maxsize=256)
def _exact(design: Design, truth: tuple[float, ...]) -> Characteristics:
    if enumerated_at_once(design):
        return design.exact(truth)
    found: Characteristics = exact(json.dumps(design.to_dict()), truth)
    return found


def _ways(design: Design) -> tuple[Pathway, ...]:
    try:
        return design.pathways(AHEAD).ways
    except DesignError:
        return ()
