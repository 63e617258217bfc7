"""Grading of laboratory results by published toxicity criteria, which are data (``ctcae5.yaml``, ``daids21.yaml``)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Literal

import yaml

from helmont.standards.grading.conditions import Condition, Measured, parse_condition

SETS = {"CTCAE5": "ctcae5.yaml", "DAIDS21": "daids21.yaml"}
Direction = Literal["low", "high"]


@dataclass(frozen=True, slots=True)
class Age:
    """An age in completed years (``a``), months (``mo``), weeks (``wk``) and days (``d``)."""

    a: int
    mo: int
    wk: int
    d: int


@dataclass(frozen=True, slots=True)
class Ages:
    """The ages that a criterion is for, in completed ``unit``; ``below`` is in years, whatever the unit."""

    unit: str
    low: int | None
    high: int | None
    below: int | None = None

    def holds(self, age: Age) -> bool:
        completed = int(getattr(age, self.unit))
        return (
            (self.low is None or completed >= self.low)
            and (self.high is None or completed <= self.high)
            and (self.below is None or age.a < self.below)
        )


@dataclass(frozen=True, slots=True)
class Criterion:
    """One term in one direction, for some people.

    ``assumed`` says for a grade which clinical finding, published as part of it, is assumed. ``status`` is ``verified`` when
    it was compared with an independent edition, otherwise ``transcribed``.
    """

    term: str
    tests: tuple[str, ...]
    direction: Direction
    grades: tuple[tuple[int, Condition, str], ...]
    status: str
    ages: Ages | None = None
    sex: str = ""
    fasting: bool | None = None
    assumed: tuple[tuple[int, str], ...] = ()
    note: str = ""

    def applies(self, age: Age | None, sex: str, fasting: bool | None) -> bool | None:
        """Whether it is for this person and sample; None when that is not known."""
        answers = (
            True if self.ages is None else None if age is None else self.ages.holds(age),
            True if not self.sex else None if not sex else self.sex == sex,
            True if self.fasting is None else None if fasting is None else self.fasting == fasting,
        )
        return False if False in answers else None if None in answers else True

    def grade(self, result: Measured) -> int | None:
        """The highest grade whose condition surely holds; 0 when surely none does; None when that is not known."""
        unknown = False
        for grade, condition, _text in self.grades:
            answer = condition.holds(result)
            if answer:
                return grade
            unknown = unknown or answer is None
        return None if unknown else 0


@dataclass(frozen=True, slots=True)
class CriteriaSet:
    id: str
    title: str
    published: str
    source: str
    criteria: tuple[Criterion, ...]

    def of(self, test: str) -> Iterator[Criterion]:
        return (criterion for criterion in self.criteria if test in criterion.tests)


@dataclass(frozen=True, slots=True)
class Grade:
    """A grade with the term it is a grade of. ``assumed`` is what of the published criterion was assumed, not measured."""

    grade: int
    term: str
    direction: Direction
    assumed: str = ""


@cache
def criteria_set(name: str) -> CriteriaSet:
    """A set of criteria by its id; raises ``KeyError`` for one that is not there."""
    document = yaml.safe_load((Path(__file__).parent / SETS[name]).read_text(encoding="utf-8"))
    return CriteriaSet(
        document["id"],
        document["title"],
        document["published"],
        document["source"],
        tuple(map(_criterion, document["criteria"])),
    )


def grades_of(
    criteria: CriteriaSet, test: str, result: Measured, age: Age | None, sex: str, fasting: bool | None
) -> list[Grade]:
    """A grade for each direction in which the test is graded, highest first; a direction that cannot be graded has none."""
    found: dict[Direction, Grade] = {}
    for criterion in criteria.of(test):
        grade = criterion.grade(result) if criterion.applies(age, sex, fasting) else None
        if grade is not None and (criterion.direction not in found or grade > found[criterion.direction].grade):
            assumed = dict(criterion.assumed).get(grade, "")
            found[criterion.direction] = Grade(grade, criterion.term, criterion.direction, assumed)
    return sorted(found.values(), key=lambda each: -each.grade)


def _criterion(row: dict[str, Any]) -> Criterion:
    ages = row.get("ages")
    return Criterion(
        term=row["term"],
        tests=tuple(row["tests"]),
        direction=row["direction"],
        grades=tuple(
            (grade, parse_condition(text), text) for grade, text in sorted(row["grades"].items(), reverse=True)
        ),
        status=row["status"],
        ages=Ages(ages["unit"], ages.get("from"), ages.get("to"), ages.get("below")) if ages else None,
        sex=row.get("sex", ""),
        fasting=row.get("fasting"),
        assumed=tuple(row.get("assumed", {}).items()),
        note=row.get("note", ""),
    )
