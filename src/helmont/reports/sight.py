"""Which privileges an output needs: those of every variable that it may read, and of every data set it is made of.

Every name that a condition, an analysis or a grouping uses counts, wherever it stands: rather too much than too little.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping

from helmont.study.analyses.model import Analysis, Column, Grouping, Output, ReportingEvent, Row
from helmont.study.cel import parse
from helmont.study.datasets.privileges import Guarded, Privileges

_NAME = re.compile(r"[A-Z_][A-Z0-9_]*")


def privileges_of(event: ReportingEvent, output: Output, guards: Mapping[str, Guarded]) -> Privileges:
    """The privileges that somebody needs to see any figure of an output."""
    reading = _Reading(event)
    found: set[str] = set()
    for dataset, names in reading.of(output):
        guard = guards.get(dataset)
        if guard is not None:
            found |= guard.whole.union(*(guard.of(name) for name in names))
    return frozenset(found)


def datasets_of(event: ReportingEvent, output: Output) -> set[str]:
    """The data sets that an output is made of."""
    return {dataset for dataset, _names in _Reading(event).of(output)}


def variables_of(event: ReportingEvent) -> dict[str, set[str]]:
    """The data sets that the outputs are made of, with the variables that they may read there."""
    reading, found = _Reading(event), dict[str, set[str]]()
    for output in event.outputs:
        for dataset, names in reading.of(output):
            found.setdefault(dataset, set()).update(names)
    return found


class _Reading:
    def __init__(self, event: ReportingEvent) -> None:
        self.event = event
        self.groupings = {each.id: each for each in event.groupings}
        self.sets = {each.id: each.where for each in event.analysis_sets}
        self.subsets = {each.id: each.where for each in event.subsets}

    def of(self, output: Output) -> Iterator[tuple[str, set[str]]]:
        """Data sets with the names that are looked for in them."""
        shown = {*_groupings_of(output.columns), *_groupings_of(output.rows)}
        drawn = set(_NAME.findall(" ".join(output.drawing.values())))
        for analysis in output.analyses:
            used = {*analysis.groups, *shown, *filter(None, (analysis.compare, analysis.answers, analysis.strata))}
            groupings = [self.groupings[each] for each in used if each in self.groupings]
            names = self._names(analysis) | drawn | {name for each in groupings for name in _names_of(each)}
            parts = [part.strip() for part in analysis.dataset.split("+")]
            for dataset in {*parts, self.event.participants, *(each.dataset for each in groupings if each.dataset)}:
                yield dataset, names

    def _names(self, analysis: Analysis) -> set[str]:
        found = {self.event.participant, analysis.variable, analysis.extreme, *analysis.extreme_by}
        subset = self.subsets.get(analysis.subset) if analysis.subset else None
        for where in (self.sets.get(analysis.set), subset, analysis.where):
            if where:
                found |= parse(where).names
        return found | set(_NAME.findall(" ".join(analysis.settings.values()).upper()))


def _names_of(grouping: Grouping) -> set[str]:
    found = {grouping.variable}
    for group in grouping.groups:
        if group.where:
            found |= parse(group.where).names
    return found


def _groupings_of(parts: Iterable[Column | Row]) -> Iterator[str]:
    for part in parts:
        yield from (name for name in (part.each, *part.groups) if name)
        inside: tuple[Column | Row, ...] = part.columns if isinstance(part, Column) else part.rows
        yield from _groupings_of(inside)
