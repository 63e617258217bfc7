"""What a package says of the version before it: where values go, and who consents again (``amendment.yaml``)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from helmont.study.kinds import CodelistId
from helmont.study.text import Text

_PLACE = re.compile(
    r"(?P<form>[A-Z][A-Z0-9_]*)"
    r"(?:\.(?:(?P<group>[A-Z][A-Z0-9_]*)\[(?P<row>[1-9][0-9]{0,3})\]\.)?(?P<item>[A-Z][A-Z0-9_]*))?"
)


@dataclass(frozen=True, slots=True)
class Move:
    """A form or an item under its old and its new place: ``VS``, ``VS.SYSBP`` or ``VS.VS_READ[2].SYSBP``.

    A whole form takes every item along that has the same id there. A place without a row means every row.
    """

    was: str
    now: str


@dataclass(frozen=True, slots=True)
class TermMove:
    """A term that is retired: values ``was`` of items with this codelist become ``now``."""

    codelist: CodelistId
    was: str
    now: str


@dataclass(frozen=True, slots=True)
class Reconsent:
    """Who consents again before anything new is asked: everybody, those still in the study, or those enrolled."""

    who: Literal["all", "active", "enrolled"]
    why: Text | None = None


@dataclass(frozen=True, slots=True)
class Amendment:
    """How this version follows on earlier ones. ``amends`` names them; any version may be amended when it is empty.

    ``encounters`` are those that have another name: their dates and forms are the same visit's.
    """

    amends: tuple[str, ...] = ()
    summary: Text | None = None
    moves: tuple[Move, ...] = ()
    encounters: tuple[Move, ...] = ()
    terms: tuple[TermMove, ...] = ()
    reconsent: Reconsent | None = None


@dataclass(frozen=True, slots=True)
class Place:
    """A form, an item of it, or an item in one row of a repeating group."""

    form: str
    item: str = ""
    group: str = ""
    row: int = 0


def place(text: str) -> Place | None:
    """The place that a text names; None when it names none."""
    found = _PLACE.fullmatch(text)
    if found is None:
        return None
    return Place(found["form"], found["item"] or "", found["group"] or "", int(found["row"] or 0))
