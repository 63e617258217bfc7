"""Two cuts cell by cell, as far as one person may see both."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import polars as pl

from helmont.datasets.kept import KeptFile
from helmont.datasets.seen import BESIDE, Seen
from helmont.study.datasets.comparing import Comparison, compare
from helmont.study.datasets.model import Dataset
from helmont.web.datasets.selecting import text_of


@dataclass(frozen=True)
class Differing:
    """One data set in both cuts: what changed, what is new in the later one, what is gone from the earlier one."""

    dataset: Dataset
    before: int
    after: int
    comparison: Comparison

    @property
    def changed(self) -> int:
        return len(self.comparison.differences)

    @property
    def new(self) -> int:
        return len(self.comparison.only_theirs)

    @property
    def gone(self) -> int:
        return len(self.comparison.only_ours)

    @property
    def same(self) -> bool:
        return not (self.changed or self.new or self.gone)


def differing(earlier: Seen, later: Seen, only: str = "") -> list[Differing]:
    """Every data set that the person may see in both, or ``only`` one, in the order of the later study definition."""
    names = [name for name in later.visible if name in earlier.visible and only in ("", name)]
    same, counts = _same(earlier, later), later.counts()
    return [
        Differing(later.visible[name], counts[name], counts[name], Comparison(name))
        if name in same
        else _compared(earlier, later, name)
        for name in names
    ]


def _same(earlier: Seen, later: Seen) -> frozenset[str]:
    """Data sets that need no looking at: made by the same version, and the same to the last byte."""
    one, other = earlier.point, later.point
    if one.version != other.version:
        return frozenset()
    return KeptFile(one.study, one.size).same(KeptFile(other.study, other.size))


def _compared(earlier: Seen, later: Seen, name: str) -> Differing:
    dataset = later.visible[name]
    hidden = earlier.hidden(name) | later.hidden(name)
    before, after = (_shown(seen[name], dataset, hidden) for seen in (earlier, later))
    keys = [key for key in dataset.keys if key in before.columns and key in after.columns]
    if before.equals(after):
        found = Comparison(name)
    else:
        # Records that are the same in both are left out first: comparing cell by cell is for those that are not.
        both = [each for each in after.columns if each in before.columns]
        left = before.join(after, on=both, how="anti", nulls_equal=True)
        right = after.join(before, on=both, how="anti", nulls_equal=True)
        found = compare(name, left.iter_rows(named=True), right.iter_rows(named=True), keys)
    return Differing(dataset, before.height, after.height, found)


def _shown(frame: pl.DataFrame, dataset: Dataset, hidden: frozenset[str]) -> pl.DataFrame:
    kept = [each.name for each in dataset.variables if each.name in frame.columns and each.name not in hidden]
    return frame.drop(BESIDE).select(kept)


def lines(found: Differing) -> Iterator[tuple[str, str, str, str, str]]:
    """What differs: kind, keys, variable, value before, value after."""
    variables = {each.name: each for each in found.dataset.variables}
    for difference in found.comparison.differences:
        variable = variables[difference.variable]
        before, after = text_of(variable, difference.ours), text_of(variable, difference.theirs)
        yield "changed", _key(difference.key), difference.variable, before, after
    for kind, keys in (("new", found.comparison.only_theirs), ("gone", found.comparison.only_ours)):
        for key in keys:
            yield kind, _key(key), "", "", ""


def _key(key: tuple[Any, ...]) -> str:
    return " · ".join(f"{part:g}" if isinstance(part, float) else str(part) for part in key if part is not None)
