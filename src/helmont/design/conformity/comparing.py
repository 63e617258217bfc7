"""One case of a reference, computed here and there."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from importlib.resources import files
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike

from helmont.design.results import Result

Measure = Literal["equal", "absolute", "relative", "standard errors"]
"""What ``tolerance`` counts: nothing may differ; a difference; a share of the reference; standard errors of a simulation."""


@dataclass(frozen=True)
class Comparison(Result):
    """``difference`` is the largest over the values of one quantity of one case, in the unit of ``measure``."""

    method: str
    source: str
    """The citation: package and version, or paper and table."""
    case: str
    quantity: str
    values: int
    """How many numbers were compared."""
    difference: float
    tolerance: float
    measure: Measure

    @property
    def holds(self) -> bool:
        return self.difference <= self.tolerance


def compare(
    method: str,
    source: str,
    case: str,
    quantity: str,
    ours: ArrayLike,
    theirs: ArrayLike,
    tolerance: float = 0.0,
    measure: Measure = "absolute",
    error: ArrayLike = 1.0,
) -> Comparison:
    """Compare numbers of equal shape; nothing computed where the reference has a number (or the reverse) is infinitely far.

    ``error`` is the standard error of the difference where ``measure`` counts standard errors. With no tolerance nothing differs.
    """
    here, there = np.asarray(ours, dtype=float), np.asarray(theirs, dtype=float)
    if here.shape != there.shape:
        largest = float("inf")
    else:
        with np.errstate(invalid="ignore"):  # infinite and infinite are equal
            away = np.where(here == there, 0.0, np.abs(here - there))
        if measure == "relative":
            away = away / np.where(there == 0, 1.0, np.abs(there))
        elif measure == "standard errors":
            away = away / np.asarray(error, dtype=float)
        away = np.where(np.isnan(here) & np.isnan(there), 0.0, np.where(np.isnan(away), np.inf, away))
        largest = float(away.max(initial=0.0))
    return Comparison(
        method,
        source,
        case,
        quantity,
        there.size,
        largest,
        tolerance,
        measure if tolerance or measure != "absolute" else "equal",
    )


def reference(name: str) -> dict[str, Any]:
    """A file of reference numbers: ``tool``, ``version``, ``citation`` and ``cases`` with ``id``, ``call`` and ``result``."""
    found: dict[str, Any] = json.loads(files(__package__).joinpath("reference", f"{name}.json").read_bytes())
    return found


@dataclass(frozen=True)
class Summary(Result):
    """A method against one source: how many cases and numbers, those that do not hold, the largest difference of each measure."""

    method: str
    source: str
    cases: int
    values: int
    failed: tuple[str, ...]
    largest: dict[str, float]


def summarised(compared: Iterable[Comparison]) -> list[Summary]:
    """One line a method and source, in the order in which they come."""
    groups: dict[tuple[str, str], list[Comparison]] = {}
    for each in compared:
        groups.setdefault((each.method, each.source), []).append(each)
    return [
        Summary(
            method,
            source,
            len({each.case for each in group}),
            sum(each.values for each in group),
            tuple(f"{each.case}: {each.quantity}" for each in group if not each.holds),
            {
                measure: max(each.difference for each in group if each.measure == measure)
                for measure in dict.fromkeys(each.measure for each in group)
            },
        )
        for (method, source), group in groups.items()
    ]


def arguments(call: str) -> dict[str, Any]:
    """The named arguments of a call in R, as far as they are numbers, vectors of numbers, texts or TRUE and FALSE."""
    found: dict[str, Any] = {}
    for name, value in re.findall(r"([A-Za-z][\w.]*) ?= ?(c\([^()]*\)|[^\s,()]+)", call):
        if value in ("TRUE", "FALSE"):
            found[name] = value == "TRUE"
        elif value.startswith("c("):
            found[name] = tuple(_number(each) for each in value[2:-1].split(","))
        elif re.fullmatch(r"-?[\d.]+(e-?\d+)?", value):
            found[name] = _number(value)
    return found


def _number(text: str) -> int | float:
    return int(text) if re.fullmatch(r"\s*-?\d+\s*", text) else float(text)
