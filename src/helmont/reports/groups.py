"""Groupings applied to the rows of a dataset."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from helmont.reports.frames import Datasets, Mask, Places, Source
from helmont.study.analyses.model import Grouping


@dataclass(frozen=True)
class Member:
    """A group with rows of a dataset."""

    id: str
    label: str
    places: Places
    total: bool = False


class Division:
    """A grouping on one dataset."""

    def __init__(self, grouping: Grouping, source: Source, datasets: Datasets) -> None:
        self.grouping, self._source, self._datasets = grouping, source, datasets
        if grouping.data_driven:
            values = source.values(grouping.variable)
            known = sorted({value for value in values.tolist() if value is not None and value == value}, key=_order)
            self._names = [_name(value) for value in known]
            place = {value: number for number, value in enumerate(known)}
            self._codes = np.array([place.get(value, -1) for value in values.tolist()], dtype=np.int64)
        else:
            self._masks = [self._mask(group.where) for group in grouping.groups]

    def _mask(self, where: str | None) -> Mask:
        """Rows that meet the condition, themselves or by the row of their participant."""
        if where is None:
            return np.ones(len(self._source), dtype=bool)
        if not self.grouping.dataset or self.grouping.dataset == self._source.name:
            return self._source.mask(where)
        people = np.append(self._datasets.participants.mask(where), False)  # the last stands for "not there" (-1)
        found: Mask = people[self._source.owners]
        return found

    def split(self, places: Places) -> list[Member]:
        """``places`` by group: every group that is given, and of a data-driven grouping those that are found."""
        if not self.grouping.data_driven:
            return [
                Member(group.id, group.label or group.id, places[mask[places]], group.total)
                for group, mask in zip(self.grouping.groups, self._masks, strict=True)
            ]
        if not len(places):
            return []
        codes = self._codes[places]
        order = np.argsort(codes, kind="stable")
        found, starts = np.unique(codes[order], return_index=True)
        parts = np.split(places[order], starts[1:])
        return [
            Member(self._names[code], self._names[code], part)
            for code, part in zip(found, parts, strict=True)
            if code >= 0
        ]


def _order(value: object) -> tuple[bool, object]:
    return isinstance(value, str), value


def _name(value: object) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)
