"""The database-lock checklist: what is left to do in a study, found out from the data each time it is asked.

Other rooms put lines of their own on it::

    add_check(Check("coding", _("Terms are coded"), lambda study, today: [Missing(form_key, item) for ...]))
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any


@dataclass(frozen=True, slots=True)
class Missing:
    """One thing left to do. ``key`` is a form's, an encounter's or a participant's, "" for the study as a whole.

    ``item`` is an item key of the form; ``text`` says what is wrong where the line's title does not.
    """

    key: str = ""
    item: str = ""
    text: str = ""


Find = Callable[[str, date], Iterable[Missing]]
"""Of a study's id and today's date: everything left to do, in the whole study, whoever may see it."""


@dataclass(frozen=True, slots=True)
class Check:
    """One line of the checklist. What is not ``mandatory`` is shown, and holds no lock up."""

    name: str
    title: Any
    find: Find
    mandatory: bool = True


@dataclass(frozen=True, slots=True)
class Line:
    """A check as it stands now."""

    name: str
    title: str
    missing: tuple[Missing, ...]
    mandatory: bool

    @property
    def count(self) -> int:
        return len(self.missing)


_CHECKS: dict[str, Check] = {}


def add_check(check: Check) -> None:
    """Put a line on the checklist; raises ``ValueError`` for a name in use."""
    if check.name in _CHECKS:
        raise ValueError(f"two lines of the checklist are named {check.name}")
    _CHECKS[check.name] = check


def check_named(name: str) -> Check | None:
    return _CHECKS.get(name)


def examine(study: str, today: date, names: Iterable[str] | None = None) -> list[Line]:
    """The lines in the order they were added, or those of ``names``."""
    wanted = _CHECKS if names is None else frozenset(names)
    return [
        Line(check.name, str(check.title), tuple(check.find(study, today)), check.mandatory)
        for check in _CHECKS.values()
        if check.name in wanted
    ]
