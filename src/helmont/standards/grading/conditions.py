"""The conditions of grading criteria: a small notation, parsed once and decided by three-valued logic.

    > 3 ULN and baseline not high or > 3 BASE and baseline high
    < 100 g/L | 10 g/dL | 6.2 mmol/L
    > ULN + 20 g/L | 2 g/dL
    < LLN and fall >= 25 %

``LLN`` and ``ULN`` are the limits of the reference range, ``BASE`` the baseline result, ``fall`` the decrease since then. An
absolute limit is given in the units in which it was published, of which the one that measures what the result's unit
measures counts; only where none does is the result converted, with what is declared of the substance. What compares with a
baseline does not hold while there is none.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal

from helmont.study.units import Substance, UnitFault, convert, convert_amount, unit

NO_SUBSTANCE = Substance()
_COMPARE: dict[str, Callable[[Decimal, Decimal], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
_NUMBER = re.compile(r"\d+(?:\.\d+)?", re.ASCII)
_ATOM = re.compile(r"(?P<compare>[<>]=?) (?:(?P<factor>[0-9.]+) )?(?P<of>LLN|ULN|BASE)(?: \+ (?P<plus>.+))?")
_ABSOLUTE = re.compile(r"(?P<compare>[<>]=?) (?P<limits>[0-9.]+ \S+(?: \| [0-9.]+ \S+)*)")
_FALL = re.compile(r"fall (?P<compare>>=?) (?P<percent>[0-9.]+) %")


@dataclass(frozen=True, slots=True)
class Measured:
    """A result and what it is judged against, all in ``unit``; ``None`` where it is not known.

    ``comparator`` is ``<`` or ``>`` for a result beyond the measuring range. ``baseline_high`` says whether the baseline
    result lay above its own reference range.
    """

    value: Decimal
    unit: str
    low: Decimal | None = None
    high: Decimal | None = None
    baseline: Decimal | None = None
    baseline_high: bool = False
    comparator: str = ""
    substance: Substance = NO_SUBSTANCE


@dataclass(frozen=True, slots=True)
class Atom:
    """One comparison. ``of`` is LLN, ULN, BASE, fall, high (the baseline was), not high, or empty for an absolute limit."""

    compare: str = ""
    of: str = ""
    factor: Decimal = Decimal(1)
    limits: Mapping[str, Decimal] | None = None

    def holds(self, result: Measured) -> bool | None:
        match self.of:
            case "high":
                return result.baseline_high
            case "not high":
                return not result.baseline_high
            case "fall":
                if not result.baseline or result.comparator:
                    return False
                return _COMPARE[self.compare]((1 - result.value / result.baseline) * 100, self.factor)
            case "BASE" if result.baseline is None:
                return False
            case _:
                limit = self._limit(result)
                return None if limit is None else _compare(result, self.compare, limit)

    def _limit(self, result: Measured) -> Decimal | None:
        reference = {"LLN": result.low, "ULN": result.high, "BASE": result.baseline, "": Decimal(0)}[self.of]
        if reference is None:
            return None
        if self.limits is None:
            return self.factor * reference
        absolute = _in_unit(self.limits, result)
        return None if absolute is None else self.factor * reference + absolute

    def measures(self, code: str) -> bool:
        """Whether an absolute limit is given in a unit that measures the same as ``code``."""
        return self.limits is not None and any(unit(each).dimension == unit(code).dimension for each in self.limits)


def _in_unit(limits: Mapping[str, Decimal], result: Measured) -> Decimal | None:
    for code, limit in limits.items():
        if unit(code).dimension == unit(result.unit).dimension:
            return convert(limit, code, result.unit)
    for code, limit in limits.items():
        try:
            return convert_amount(limit, code, result.unit, result.substance)
        except UnitFault:
            continue
    return None


def _compare(result: Measured, compare: str, limit: Decimal) -> bool | None:
    """The comparison; of a result beyond the measuring range only what is certain of it."""
    if not result.comparator:
        return _COMPARE[compare](result.value, limit)
    if result.comparator == "<":  # the true value lies somewhere below
        return compare[0] == "<" if result.value <= limit else None
    return compare[0] == ">" if result.value >= limit else None


@dataclass(frozen=True, slots=True)
class Condition:
    """Alternatives (``or``) of comparisons (``and``)."""

    alternatives: tuple[tuple[Atom, ...], ...]

    def holds(self, result: Measured) -> bool | None:
        """True, False, or None when something it needs is not known (Kleene)."""
        fitting = any(atom.measures(result.unit) for atoms in self.alternatives for atom in atoms)
        unknown = False
        for atoms in self.alternatives:
            if fitting and any(
                atom.limits is not None and not atom.of and not atom.measures(result.unit) for atom in atoms
            ):
                continue  # the same limit in other units
            answers = [atom.holds(result) for atom in atoms]
            if all(answers):
                return True
            unknown = unknown or (False not in answers)
        return None if unknown else False


def parse_condition(text: str) -> Condition:
    """The condition that ``text`` writes; ``ValueError`` says which part cannot be read."""
    return Condition(tuple(tuple(map(_atom, part.split(" and "))) for part in text.split(" or ")))


def _atom(text: str) -> Atom:
    if text in ("baseline high", "baseline not high"):
        return Atom(of=text.removeprefix("baseline "))
    if found := _ATOM.fullmatch(text):
        limits = _limits(found["plus"]) if found["plus"] else None
        return Atom(found["compare"], found["of"], Decimal(found["factor"] or 1), limits)
    if found := _FALL.fullmatch(text):
        return Atom(found["compare"], "fall", Decimal(found["percent"]))
    if found := _ABSOLUTE.fullmatch(text):
        return Atom(found["compare"], "", Decimal(1), _limits(found["limits"]))
    raise ValueError(f"{text!r} is not a condition such as '> 3 ULN', '< 100 g/L | 10 g/dL' or 'baseline high'")


def _limits(text: str) -> dict[str, Decimal]:
    limits = {}
    for each in text.split(" | "):
        number, _, code = each.partition(" ")
        if not _NUMBER.fullmatch(number):
            raise ValueError(f"{text!r} is not a limit such as '100 g/L | 10 g/dL'")
        limits[unit(code).code] = Decimal(number)
    return limits
