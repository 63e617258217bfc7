"""What an amendment did to one participant's forms."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from helmont.study.values import Value, ValueFault


@dataclass(frozen=True)
class Kept:
    """A value without a place: of the form with key ``form``, item key ``item`` ("" stands for the whole form).

    ``mark`` is its verification, if it was verified; ``settled`` when nobody has to decide (it was calculated).
    """

    form: str
    item: str
    value: Value | None
    why: ValueFault | None
    privilege: str = ""
    mark: Mapping[str, str] = field(default_factory=dict)
    settled: bool = False


@dataclass(frozen=True)
class Moved:
    """A value that is elsewhere now; ``was`` and ``now`` differ when it is written differently there."""

    form: str
    item: str
    to_form: str
    to_item: str
    was: Value
    now: Value


@dataclass
class Amended:
    """What happened to one participant's forms. ``asked`` are item keys that nobody was asked, by form key; ``renamed`` the
    keys of forms whose visit has another name, old to new."""

    moved: list[Moved] = field(default_factory=list)
    kept: list[Kept] = field(default_factory=list)
    asked: dict[str, list[str]] = field(default_factory=dict)
    carried_marks: set[tuple[str, str]] = field(default_factory=set)
    renamed: dict[str, str] = field(default_factory=dict)
