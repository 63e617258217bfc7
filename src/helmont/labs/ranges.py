"""Reference ranges as they are compared and chosen; no database here."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cached_property
from typing import Any

from helmont.standards.grading import Age

DAYS = {"a": Decimal("365.25"), "mo": Decimal("30.4375"), "wk": Decimal(7), "d": Decimal(1)}
"""Mean length of a unit of age, for telling whether bands of different units meet."""
FAR = Decimal(100_000)


@dataclass(frozen=True, kw_only=True)
class Terms:
    """For whom a range is, when, and its limits as text in ``unit``. Empty fields do not limit.

    Ages are completed ``age_unit``, both ends included; so are the days from ``effective_from`` to ``effective_to``.
    """

    unit: str
    sex: str = ""
    age_low: str = ""
    age_high: str = ""
    age_unit: str = "a"
    fasting: str = ""
    low: str = ""
    high: str = ""
    effective_from: str = ""
    effective_to: str = ""


FIELDS = tuple(Terms.__dataclass_fields__)


@dataclass(frozen=True, kw_only=True)
class Band(Terms):
    """One range of one test of one laboratory, under its key."""

    key: str
    laboratory: str
    analyte: str
    version: int = 1

    @classmethod
    def of(cls, row: Mapping[str, Any]) -> Band:
        """The band of a record's row."""
        return cls(**{name: row[name] for name in cls.__dataclass_fields__})

    @cached_property
    def lowest(self) -> Decimal | None:
        return Decimal(self.low) if self.low else None

    @cached_property
    def highest(self) -> Decimal | None:
        return Decimal(self.high) if self.high else None

    @cached_property
    def _ages(self) -> tuple[int | None, int | None]:
        return (int(self.age_low) if self.age_low else None, int(self.age_high) if self.age_high else None)

    def days_of_age(self) -> tuple[Decimal, Decimal]:
        """The ages as days, the end not included."""
        low, high = self._ages
        length = DAYS[self.age_unit]
        return (length * low if low is not None else Decimal(0), length * (high + 1) if high is not None else FAR)

    def overlaps(self, other: Band) -> bool:
        """Whether some result could fall under both."""
        mine, theirs = self.days_of_age(), other.days_of_age()
        return (
            (self.laboratory, self.analyte) == (other.laboratory, other.analyte)
            and (not self.sex or not other.sex or self.sex == other.sex)
            and (not self.fasting or not other.fasting or self.fasting == other.fasting)
            and mine[0] < theirs[1]
            and theirs[0] < mine[1]
            and (not self.effective_to or self.effective_to >= other.effective_from)
            and (not other.effective_to or other.effective_to >= self.effective_from)
        )

    def holds(self, sex: str, age: Age | None, fasting: bool | None, day: date | None) -> bool:
        """Whether it is for this person and sample. What is not known fits only a band that does not ask."""
        low, high = self._ages
        if self.sex and self.sex != sex:
            return False
        if self.fasting and (fasting is None or self.fasting != ("Y" if fasting else "N")):
            return False
        if low is not None or high is not None:
            if age is None:
                return False
            completed = int(getattr(age, self.age_unit))
            if (low is not None and completed < low) or (high is not None and completed > high):
                return False
        if self.effective_from or self.effective_to:
            on = day.isoformat() if day else ""
            return bool(on) and self.effective_from <= on and (not self.effective_to or on <= self.effective_to)
        return True


def choose(bands: Iterable[Band], sex: str, age: Age | None, fasting: bool | None, day: date | None) -> Band | None:
    """The band for this person and sample. There is at most one, since bands do not overlap."""
    return next((band for band in bands if band.holds(sex, age, fasting, day)), None)


def age_between(birth: date, on: date) -> Age | None:
    """The age on a day, of somebody born on another; None before birth."""
    if on < birth:
        return None
    months = (on.year - birth.year) * 12 + on.month - birth.month - (on.day < birth.day)
    days = (on - birth).days
    return Age(months // 12, months, days // 7, days)


def age_since(years: int, asked: date | None, on: date | None) -> Age:
    """The age of somebody who had completed ``years`` when asked: at least these and the completed years since."""
    passed = 0
    if asked and on and on > asked:
        passed = on.year - asked.year - ((on.month, on.day) < (asked.month, asked.day))
    completed = years + passed
    days = int(DAYS["a"] * completed)
    return Age(completed, completed * 12, days // 7, days)
