"""What a method is given and what it gives back."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from helmont.analysis.arrays import Floats, NotComputable
from helmont.reports.frames import Places, Source
from helmont.reports.groups import Member
from helmont.reports.results import GroupKey
from helmont.study.analyses.model import Analysis


@dataclass(frozen=True)
class Cell:
    """The rows of one combination of an analysis's groups.

    ``compared`` are the groups of the grouping that is compared, without totals; ``answers`` and ``strata`` those of
    these groupings. ``whole`` is the denominator of a group of the comparison (or, without one, of this cell).
    """

    analysis: Analysis
    source: Source
    places: Places
    groups: tuple[GroupKey, ...]
    compared: tuple[Member, ...] = ()
    answers: tuple[Member, ...] = ()
    strata: tuple[Member, ...] = ()
    whole: Callable[[str], float | None] = field(default=lambda _group: None)

    def setting(self, name: str, default: str = "") -> str:
        return self.analysis.settings.get(name, default)

    def settings(self, name: str) -> list[str]:
        """A setting that is a list: names with commas between."""
        return [each.strip() for each in self.setting(name).split(",") if each.strip()]

    def numbers(self, places: Places | None = None, name: str = "") -> Floats:
        """The values of the analysis variable, missing ones left out."""
        found = self.source.numbers(name or self.analysis.variable)[self.places if places is None else places]
        return found[~np.isnan(found)]

    def people(self, places: Places) -> int:
        """How many participants the rows are of."""
        owners = set(self.source.owners[places].tolist())
        return len(owners) - (-1 in owners)

    def complete(self, names: Sequence[str]) -> tuple[Places, list[str]]:
        """The rows of the groups compared that have all variables, with the group of each."""
        chosen, labels = [], []
        for member in self.compared:
            kept = member.places[self._known(member.places, names)]
            chosen.append(kept)
            labels += [member.id] * len(kept)
        return np.concatenate(chosen) if chosen else self.places[:0], labels

    def _known(self, places: Places, names: Sequence[str]) -> NDArray[np.bool_]:
        known = np.ones(len(places), dtype=bool)
        for name in names:
            values = self.source.values(name)[places]
            known &= (
                ~np.isnan(values)
                if values.dtype.kind == "f"
                else np.array([each is not None for each in values], dtype=bool)
            )
        return known


@dataclass(frozen=True, slots=True)
class Found:
    """A statistic: of the cell, or of groups compared beside it; from all rows of the cell unless said otherwise."""

    operation: str
    value: float | None
    groups: tuple[str, ...] = ()
    places: Places | None = None
    extra: tuple[GroupKey, ...] = ()


@dataclass(frozen=True, slots=True)
class Operation:
    """A statistic that a method gives; ``label`` is its name in English."""

    id: str
    label: str
    role: str = ""


@dataclass(frozen=True)
class Method:
    """A method by its name; ``reference`` says where it is described."""

    name: str
    label: str
    operations: tuple[Operation, ...]
    reference: str
    run: Callable[[Cell], Iterable[Found]]


METHODS: dict[str, Method] = {}
Run = Callable[[Cell], Iterable[Found]]


def method(name: str, label: str, **operations: str) -> Callable[[Run], Run]:
    """Register a method: its operations by id, and what they are called; its docstring is the reference."""

    def register(run: Run) -> Run:
        given = tuple(Operation(key, text) for key, text in operations.items())
        METHODS[name] = Method(name, label, given, " ".join((run.__doc__ or "").split()), run)
        return run

    return register


def computed(compute: Callable[[], float]) -> float | None:
    """The number, or None where the data do not permit it."""
    try:
        value = compute()
    except NotComputable:
        return None
    return None if np.isnan(value) else value
