"""Analyses evaluated to results."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field

import numpy as np
import polars as pl

from helmont.reports.frames import Datasets, Mask, Places, Source
from helmont.reports.groups import Division, Member
from helmont.reports.methods import METHODS, Cell
from helmont.reports.results import GroupKey, Result, Results
from helmont.study.analyses.model import Analysis, Output, ReportingEvent


@dataclass
class Evaluation:
    """The results of outputs by their number."""

    event: ReportingEvent
    results: dict[str, Results] = field(default_factory=dict)

    def __iter__(self) -> Iterator[Result]:
        for found in self.results.values():
            yield from found

    def find(self, identity: str) -> Result:
        """The result with this id; raises ``KeyError``."""
        output, _, _ = identity.partition("/")
        for result in self.results[output]:
            if result.id == identity:
                return result
        raise KeyError(identity)

    def reached_by(self, dataset: str, rows: Collection[int]) -> Iterator[Result]:
        """The results that any of these rows (``_row`` of a dataset) is behind."""
        holding: dict[Source, Mask] = {}
        known: dict[int, bool] = {}  # by the array of places, which statistics of the same rows share
        for result in self:
            if result.source not in holding:
                holding[result.source] = result.source.holding(dataset, rows)
            key = id(result.places)
            if key not in known:
                known[key] = bool(holding[result.source][result.places].any())
            if known[key]:
                yield result


def evaluate(
    event: ReportingEvent, frames: Mapping[str, pl.DataFrame], numbers: Iterable[str] | None = None
) -> Evaluation:
    """Evaluate the outputs with these numbers (all of them unless said otherwise) on datasets by name.

    Raises ``NotInDatasets`` when a dataset or variable that an analysis names is not there.
    """
    engine = Engine(event, frames)
    wanted = [output for output in event.outputs if numbers is None or output.number in set(numbers)]
    return Evaluation(event, {output.number: engine.evaluate(output) for output in wanted})


class Engine:
    """Evaluates outputs on one set of datasets; groupings and conditions are worked out once."""

    def __init__(self, event: ReportingEvent, frames: Mapping[str, pl.DataFrame]) -> None:
        self.event = event
        self.datasets = Datasets(frames, event.participants, event.participant)
        self._sets = {each.id: each for each in event.analysis_sets}
        self._subsets = {each.id: each for each in event.subsets}
        self._groupings = {each.id: each for each in event.groupings}
        self._divisions: dict[tuple[str, str], Division] = {}

    def evaluate(self, output: Output) -> Results:
        """The results of an output's analyses, in their order."""
        results = Results()
        for analysis in output.analyses:
            for result in self._analysis(output, analysis, results):
                results.add(result)
        return results

    def division(self, grouping: str, source: Source) -> Division:
        key = (grouping, source.name)
        if key not in self._divisions:
            self._divisions[key] = Division(self._groupings[grouping], source, self.datasets)
        return self._divisions[key]

    def places(self, analysis: Analysis) -> tuple[Source, Places]:
        """The rows of the analysis set and data subset."""
        source = self.datasets.source(analysis.dataset)
        people = np.append(self.datasets.participants.mask(self._sets[analysis.set].where), False)
        kept: Mask = people[source.owners]
        for where in (self._subsets[analysis.subset].where if analysis.subset else None, analysis.where):
            if where:
                kept = kept & source.mask(where)
        places = np.flatnonzero(kept)
        return source, _extreme(source, places, analysis) if analysis.extreme else places

    def _analysis(self, output: Output, analysis: Analysis, before: Results) -> Iterator[Result]:
        source, places = self.places(analysis)
        run = METHODS[analysis.method].run
        for groups, part in self._combinations(analysis.groups, source, places):
            cell = Cell(
                analysis,
                source,
                part,
                groups,
                self._members(analysis.compare, source, part),
                self._members(analysis.answers, source, part),
                self._members(analysis.strata, source, part),
                self._whole(output, analysis, groups, before),
            )
            for found in run(cell):
                compared = tuple((analysis.compare or "", group) for group in found.groups)
                key = (*groups, *compared, *found.extra)
                behind = part if found.places is None else found.places
                yield Result(output.number, analysis.id, found.operation, key, found.value, source, behind)

    def _combinations(
        self, names: tuple[str, ...], source: Source, places: Places, done: tuple[GroupKey, ...] = ()
    ) -> Iterator[tuple[tuple[GroupKey, ...], Places]]:
        """Every combination of groups, the first grouping outermost, with its rows."""
        if not names:
            yield done, places
            return
        for member in self.division(names[0], source).split(places):
            yield from self._combinations(names[1:], source, member.places, (*done, (names[0], member.id)))

    def _members(self, grouping: str | None, source: Source, places: Places) -> tuple[Member, ...]:
        if grouping is None:
            return ()
        return tuple(each for each in self.division(grouping, source).split(places) if not each.total)

    def _whole(
        self, output: Output, analysis: Analysis, groups: tuple[GroupKey, ...], before: Results
    ) -> Callable[[str], float | None]:
        """The count of the denominator's analysis in the same groups."""
        if not analysis.denominator:
            return lambda _group: None
        other = next(each for each in output.analyses if each.id == analysis.denominator)

        def whole(group: str) -> float | None:
            known = dict(groups) | ({analysis.compare: group} if analysis.compare and group else {})
            key = tuple((name, known[name]) for name in other.groups if name in known)
            found = before.get(other.id, "n", key)
            return found.raw if found else None

        return whole


def _extreme(source: Source, places: Places, analysis: Analysis) -> Places:
    """Of each participant (and value of other variables) the first row with the largest value, in the order of the dataset."""
    keys = [np.unique(source.owners[places], return_inverse=True)[1]]
    keys += [np.unique(source.values(name)[places].astype(str), return_inverse=True)[1] for name in analysis.extreme_by]
    values = np.nan_to_num(source.numbers(analysis.extreme)[places], nan=-np.inf)
    order = np.lexsort((places, -values, *keys))
    first = np.any([np.diff(key[order], prepend=-1) != 0 for key in keys], axis=0)
    found: Places = np.sort(places[order[first]])
    return found
