"""Whether values fit the variables that hold them: type, length, codelist, what must be there, keys that tell records apart.

Each participant's rows are looked at by themselves, so that a save costs one participant's looking. The rules are those of
the package for an agency (``standards.define.check_data``), as far as a variable's declaration says them.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from helmont.standards.define.check_data import PATTERNS
from helmont.study.datasets.model import Dataset, Variable
from helmont.study.model import Study

Kind = Literal["length", "number", "whole", "date", "codelist", "missing", "keys"]


@dataclass(frozen=True, slots=True)
class Misfit:
    """A value that does not fit. ``row`` is its place among the participant's, from 1; ``keys`` name no single variable."""

    row: int
    variable: str
    kind: Kind
    value: str
    accepted: str
    """What would fit, as it stands in the definition: ``6`` characters, ``F, M``, the names of the keys."""


Test = Callable[[Any], bool]
Rule = tuple[str, Kind, Test, str]


def rules_of(study: Study, dataset: Dataset) -> list[Rule]:
    """What is asked of the variables of a data set: the variable, what it is, whether a value breaks it, what would fit."""
    codes = {each.id: [term.sdtm or term.code for term in each.terms if term.sdtm != ""] for each in study.codelists}
    return [rule for variable in dataset.variables for rule in _rules(dataset, variable, codes)]


def _rules(dataset: Dataset, variable: Variable, codes: Mapping[str, Sequence[str]]) -> Iterator[Rule]:
    name = variable.name
    if variable.mandatory:
        yield name, "missing", lambda value: value is None, ""
    if variable.is_number:
        yield name, "number", lambda value: isinstance(value, str) and _number(value) is None, variable.type
        if variable.type == "integer":
            yield name, "whole", lambda value: (_number(value) or 0.0) % 1 != 0, variable.type
    else:
        if variable.length is not None:
            most = variable.length
            yield name, "length", lambda value: value is not None and len(str(value)) > most, str(most)
        if pattern := _pattern(dataset, variable):
            yield name, "date", lambda value: value is not None and not pattern.fullmatch(str(value)), "ISO 8601"
    if variable.codelist is not None and variable.codelist in codes:
        known = frozenset(codes[variable.codelist])
        numbers = frozenset(map(_number, known)) - {None}
        accepted = ", ".join(codes[variable.codelist])

        def outside(value: Any) -> bool:
            return value is not None and (
                value not in numbers if isinstance(value, int | float) else value not in known
            )

        yield name, "codelist", outside, accepted


def _pattern(dataset: Dataset, variable: Variable) -> re.Pattern[str] | None:
    """ISO 8601 of the variable's type; a date of SDTM that is declared as text may be incomplete (SDTMIG 3.4, 4.4.1)."""
    kind: str = variable.type
    if kind == "text" and dataset.standard == "SDTM" and variable.name.endswith("DTC"):
        kind = "partialDatetime"
    return re.compile(PATTERNS[kind]) if kind in PATTERNS else None


def _number(value: Any) -> float | None:
    """A value as a number, if it is one; a text of digits goes into a column of numbers as the number that it says."""
    try:
        return None if value is None else float(value)
    except ValueError:
        return None


def misfits(
    dataset: Dataset, rules: Sequence[Rule], count: int, columns: Mapping[str, Sequence[Any]]
) -> Iterator[Misfit]:
    """What does not fit of one participant's ``count`` rows, given by column."""
    distinct = {name: frozenset(columns[name]) for name in {rule[0] for rule in rules}}  # a column has few of them
    for name, kind, breaks, accepted in rules:
        if wrong := frozenset(filter(breaks, distinct[name])):
            for row, value in enumerate(columns[name], 1):
                if value in wrong:
                    yield Misfit(row, name, kind, "" if value is None else str(value), accepted)
    keys = [name for name in dataset.keys if name in columns]
    if keys and count > 1:
        rows = list(zip(*(columns[name] for name in keys), strict=True))
        times = Counter(rows)
        for row, values in enumerate(rows, 1):
            if times[values] > 1:
                said = ", ".join("" if each is None else str(each) for each in values)
                yield Misfit(row, "", "keys", said, ", ".join(keys))
