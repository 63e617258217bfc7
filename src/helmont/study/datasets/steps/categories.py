"""Values put into categories (ADaMIG 1.3, 3.2.2: *GRy, *GRyN)."""

from __future__ import annotations

from dataclasses import dataclass

from helmont.study.datasets.rows import Environment, Rows, Subject
from helmont.study.datasets.vocabulary import Condition, Creates, step


@dataclass(frozen=True, slots=True)
class Category:
    """A category: when a record belongs to it, its name and its number."""

    where: Condition
    label: str
    number: float | None = None


@step
def derive_vars_cat(
    rows: Rows, subject: Subject, *, variable: Creates, categories: tuple[Category, ...], number: Creates | None = None
) -> Rows:
    """Give each record the first category it belongs to, as a name and a number; none leaves both empty."""
    environment = Environment(subject)
    for row in rows:
        environment.row = row
        found = next((category for category in categories if category.where(environment) is True), None)
        row[variable] = found.label if found else None
        if number:
            row[number] = found.number if found else None
    return rows
