"""How a variable is made, read from the steps of its data set."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

import yaml

from helmont.standards.define.model import Expression, Method
from helmont.standards.define.names import method_oid
from helmont.study.datasets.model import Dataset, Step, Variable
from helmont.study.datasets.steps import STEPS
from helmont.study.datasets.vocabulary import touches
from helmont.study.model import Study
from helmont.study.publishing import to_json

LANGUAGE = "Helmont data set definition (YAML, with expressions in CEL)"
LONGEST = 30
"""Entries of one argument that are shown in a method, such as the values of a long decode."""


def makers(study: Study, dataset: Dataset) -> dict[str, list[Step]]:
    """The steps that make each variable, in their order."""
    found: dict[str, list[Step]] = {}
    for step in dataset.steps:
        kind = STEPS.get(step.name)
        if kind is None:
            continue
        made = {touch.name for touch in touches(step.arguments) if touch.use == "creates"}
        if kind.makes is not None:
            made |= kind.makes(study, step.arguments)
        for name in made:
            found.setdefault(name, []).append(step)
    return found


def method_of(dataset: Dataset, variable: Variable, steps: list[Step]) -> Method:
    """The method of a derived variable: the package's words, or the steps' own, with the declaration beside them."""
    text = variable.method or " ".join(_sentence(variable.name, step) for step in steps)
    expressions = (Expression(LANGUAGE, "".join(declaration(step, variable.name) for step in steps)),) if steps else ()
    name = f"{dataset.id}.{variable.name}"
    return Method(
        method_oid(dataset.id, variable.name), name, text or f"{name} is made by its data set.", expressions=expressions
    )


def _sentence(variable: str, step: Step) -> str:
    """``The study day of dates, counted from the reference (reference: RFSTDTC; variables: DMDTC).``"""
    summary = STEPS[step.name].summary.rstrip(".")
    told = _told(_of_one(step, variable))
    return f"{summary} ({told})." if told else f"{summary}."


def _told(given: Mapping[str, Any]) -> str:
    return "; ".join(f"{name.replace('_', ' ')}: {_plain(value)}" for name, value in given.items())


def _plain(value: Any) -> str:
    if isinstance(value, Mapping):
        shown = [f"{key} = {_plain(entry)}" for key, entry in value.items()]
    elif isinstance(value, list):
        shown = [_plain(entry) for entry in value]
    else:
        return str(value)
    return ", ".join(shown[:LONGEST]) + (f" and {len(shown) - LONGEST} more" if len(shown) > LONGEST else "")


def declaration(step: Step, variable: str) -> str:
    """The step as the study package writes it, without what it makes of other variables."""
    said: str = yaml.safe_dump(
        [{step.name: _of_one(step, variable)}], allow_unicode=True, sort_keys=False, width=10_000
    )
    return said


def _of_one(step: Step, variable: str) -> dict[str, Any]:
    """What a step was given; of a mapping by variable only the entry of this one."""
    given: dict[str, Any] = to_json(step.arguments) if dataclasses.is_dataclass(step.arguments) else {}
    for name in ("variables", "values"):
        entries = given.get(name)
        if isinstance(entries, Mapping) and variable in entries:
            given = {**given, name: {variable: entries[variable]}}
    return given
