"""What has to be known of all participants together: which counts the steps ask for, and counting them.

A step that needs such a fact takes an argument of type :class:`Counts`. Data sets of one participant are then made in two
passes: the data sets that are counted first, from everybody, and the rest with the counts at hand.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, fields, is_dataclass
from typing import Any

from helmont.study.cel import parse
from helmont.study.datasets.context import Facts
from helmont.study.datasets.model import Dataset, Step
from helmont.study.datasets.rows import Row, Rows
from helmont.study.datasets.vocabulary import Condition, Of, ReadsOther


@dataclass(frozen=True, slots=True)
class Counts:
    """Participants by the values of variables of a data set that has one record for each: ``SITEID`` by ``ARM``."""

    name: str
    dataset: Of
    by: tuple[ReadsOther, ...]
    where: Condition | None = None


def wanted(datasets: Iterable[Dataset]) -> tuple[Counts, ...]:
    """Every count that a step of the data sets asks for, each once."""
    found = {
        counts.name: counts for dataset in datasets for step in dataset.steps for counts in _within(step.arguments)
    }
    return tuple(found.values())


def _within(arguments: Any) -> Iterator[Counts]:
    if isinstance(arguments, Counts):
        yield arguments
    elif is_dataclass(arguments):
        for field in fields(arguments):
            yield from _within(getattr(arguments, field.name))


def counted(wanted: Iterable[Counts], everybody: Iterable[Mapping[str, Rows]]) -> Facts:
    """The counts, from the data sets of every participant (at least those that are counted)."""
    programs = [(counts, parse(str(counts.where)).compile() if counts.where else None) for counts in wanted]
    found: dict[str, Counter[tuple[str, ...]]] = {counts.name: Counter() for counts, _ in programs}
    for datasets in everybody:
        for counts, where in programs:
            rows: list[Row] = datasets.get(counts.dataset, [])[:1]
            for row in rows:
                if where is None or where(row) is True:
                    found[counts.name][tuple(str(row.get(name) or "") for name in counts.by)] += 1
    return Facts(found)


def shifted(facts: Facts, before: Facts, after: Facts) -> Facts:
    """The facts when what some participants contribute changes from ``before`` to ``after``."""
    found: dict[str, Counter[tuple[str, ...]]] = {}
    for name in {*facts.counts, *before.counts, *after.counts}:
        counts = Counter(facts.counts.get(name, {}))
        counts.update(after.counts.get(name, {}))
        counts.subtract(before.counts.get(name, {}))
        found[name] = Counter({key: number for key, number in counts.items() if number})
    return Facts(found)


def outcome(datasets: Iterable[Dataset], facts: Facts) -> dict[tuple[str, int], Any]:
    """What follows from the facts, step by step: when it is the same, everybody's rows are."""
    return {
        (dataset.id, number): what_follows(step, facts)
        for dataset in datasets
        for number, step in enumerate(dataset.steps)
        if any(_within(step.arguments))
    }


def what_follows(step: Step, facts: Facts) -> Any:
    """What a step makes of the facts, as it says in ``FOLLOWS``; the facts themselves when it does not."""
    follows = FOLLOWS.get(step.name)
    if follows is not None:
        return follows(step.arguments, facts)
    return {counts.name: dict(facts.counts.get(counts.name, {})) for counts in _within(step.arguments)}


FOLLOWS: dict[str, Callable[[Any, Facts], Any]] = {}
"""By step: what it makes of the facts, so that counts that change nothing cost nothing."""
