"""Analysis results: one for each statistic of each group."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from helmont.reports.frames import Places, Source

GroupKey = tuple[str, str]
"""Grouping and group."""


@dataclass(slots=True)
class Result:
    """A statistic. ``raw`` is None where the data do not permit it; ``formatted`` is as the table prints it, where it does.

    ``groups`` are in the order of the analysis; of a comparison the group compared, then the one it is compared with.
    """

    output: str
    analysis: str
    operation: str
    groups: tuple[GroupKey, ...]
    raw: float | None
    source: Source = field(repr=False)
    places: Places = field(repr=False)
    formatted: str | None = None

    @property
    def id(self) -> str:
        """``14-3.01/ANCOVA/diff_p/ARM=LOW/ARM=PBO``: where it stands in any rendering."""
        return "/".join([self.output, self.analysis, self.operation, *(f"{one}={group}" for one, group in self.groups)])

    def rows_behind(self) -> dict[str, list[int]]:
        """The rows it was computed from: ``_row`` by dataset."""
        return self.source.identities(self.places)


class Results:
    """The results of one output, found by analysis, operation and groups."""

    def __init__(self) -> None:
        self._found: dict[tuple[str, str, tuple[GroupKey, ...]], Result] = {}

    def add(self, result: Result) -> None:
        self._found[result.analysis, result.operation, result.groups] = result

    def get(self, analysis: str, operation: str, groups: tuple[GroupKey, ...]) -> Result | None:
        return self._found.get((analysis, operation, groups))

    def __iter__(self) -> Iterator[Result]:
        return iter(self._found.values())

    def __len__(self) -> int:
        return len(self._found)
