"""From results and ranges to flags and grades; no database here.

The flag is CDISC's reference range indicator (LBNRIND). The baseline of an analyte is its last result at the encounters that
the study names; what was collected after it is graded against it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from helmont.labs.ranges import Band, choose
from helmont.standards.grading import Age, CriteriaSet, Grade, grades_of
from helmont.standards.grading.conditions import Measured
from helmont.study.units import Substance, UnitFault, convert_amount

LOW, NORMAL, HIGH = "LOW", "NORMAL", "HIGH"


@dataclass(frozen=True, slots=True)
class Measurement:
    """One number of one sample. ``key`` is the form's key and the item key, joined by ``#``; ``order`` sorts samples."""

    key: str
    analyte: str
    encounter: str
    value: Decimal
    comparator: str
    unit: str
    collected: date | None
    time: str
    laboratory: str
    sex: str
    age: Age | None
    fasting: bool | None

    @property
    def order(self) -> tuple[str, str, str]:
        return (self.collected.isoformat() if self.collected else "", self.time, self.key)


@dataclass(frozen=True, slots=True)
class Assessment:
    """What a result amounts to: the limits in its own unit, its flag and its grade, each empty or None when not known."""

    band: Band | None = None
    low: Decimal | None = None
    high: Decimal | None = None
    flag: str = ""
    grade: Grade | None = None
    baseline: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Rules:
    """How one study assesses one analyte."""

    test: str
    substance: Substance
    criteria: CriteriaSet | None
    baseline: frozenset[str]


def assess(
    series: Iterable[Measurement], bands: Mapping[tuple[str, str], Sequence[Band]], rules: Rules
) -> list[tuple[Measurement, Assessment]]:
    """Every result of one analyte of one participant, in order of collection, with what it amounts to.

    ``bands`` goes by laboratory and analyte.
    """
    judged: list[tuple[Measurement, Assessment]] = []
    for one in sorted(series, key=lambda each: each.order):
        band, low, high = limits_of(one, bands, rules)
        judged.append((one, Assessment(band, low, high, flag(one, low, high) if band else "")))
    base = _baseline(judged, rules)
    return [(one, _graded(one, found, base, rules)) for one, found in judged]


def limits_of(
    one: Measurement, bands: Mapping[tuple[str, str], Sequence[Band]], rules: Rules
) -> tuple[Band | None, Decimal | None, Decimal | None]:
    """The range that a result is judged by, and its limits in the unit of the result."""
    band = choose(bands.get((one.laboratory, one.analyte), ()), one.sex, one.age, one.fasting, one.collected)
    return band, *_limits(band, one.unit, rules.substance)


def flag(one: Measurement, low: Decimal | None, high: Decimal | None) -> str:
    """LOW, NORMAL or HIGH; empty when a result beyond the measuring range could be either."""
    if low is None and high is None:
        return ""
    if one.comparator == "<":
        if low is not None and one.value <= low:
            return LOW
        return NORMAL if (low is None or low <= 0) and high is not None and one.value <= high else ""
    if one.comparator == ">":
        if high is not None and one.value >= high:
            return HIGH
        return NORMAL if high is None and low is not None and one.value >= low else ""
    if low is not None and one.value < low:
        return LOW
    return HIGH if high is not None and one.value > high else NORMAL


def _limits(band: Band | None, unit: str, substance: Substance) -> tuple[Decimal | None, Decimal | None]:
    if band is None:
        return None, None
    if band.unit == unit:
        return band.lowest, band.highest
    try:
        low, high = (
            None if limit is None else convert_amount(limit, band.unit, unit, substance)
            for limit in (band.lowest, band.highest)
        )
    except UnitFault:
        return None, None
    return low, high


def _baseline(judged: Sequence[tuple[Measurement, Assessment]], rules: Rules) -> tuple[Measurement, Assessment] | None:
    before = [each for each in judged if each[0].encounter in rules.baseline and not each[0].comparator]
    return before[-1] if before else None


def _graded(
    one: Measurement, found: Assessment, base: tuple[Measurement, Assessment] | None, rules: Rules
) -> Assessment:
    after = base is not None and one.order > base[0].order
    baseline = base[0].value if after and base else None
    if rules.criteria is None:
        return Assessment(found.band, found.low, found.high, found.flag, None, baseline)
    high_before = bool(after and base and base[1].flag == HIGH)
    measured = Measured(
        one.value, one.unit, found.low, found.high, baseline, high_before, one.comparator, rules.substance
    )
    grades = grades_of(rules.criteria, rules.test, measured, one.age, one.sex, one.fasting)
    return Assessment(found.band, found.low, found.high, found.flag, grades[0] if grades else None, baseline)
