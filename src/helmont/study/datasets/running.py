"""Data sets of one participant: every step in its order, over rows that know where they came from."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import fields
from functools import cache, partial
from typing import Any, get_type_hints

from helmont.study.datasets.context import Context, Facts
from helmont.study.datasets.facts import counted, wanted
from helmont.study.datasets.model import Dataset, Step
from helmont.study.datasets.rows import Casebook, Rows, Subject
from helmont.study.datasets.steps import STEPS
from helmont.study.datasets.vocabulary import bound

Run = Callable[[Rows, Subject], Rows]
FACTS = "@facts"
"""Stands among changed forms for the facts of the whole trial."""


class Maker:
    """Makes the data sets of participants by one version of the definitions."""

    def __init__(self, context: Context) -> None:
        self.context = context
        self._order = order_of(context.datasets)
        self._needs = {name: needed(dataset) for name, dataset in context.datasets.items()}
        self._forms: dict[str, frozenset[str]] = {}
        self.counts = wanted(context.datasets.values())
        """What is counted over everybody."""
        self._counting = frozenset(name for name, dataset in context.datasets.items() if wanted((dataset,)))
        self._runs = {name: [bind(step) for step in dataset.steps] for name, dataset in context.datasets.items()}

    def make(
        self, casebook: Casebook, only: frozenset[str] | None = None, kept: Mapping[str, Rows] | None = None
    ) -> dict[str, Rows]:
        """All data sets of a participant by name; with ``only``, just those are made and the others taken from ``kept``."""
        subject = Subject(casebook, self.context, dict(kept or {}))
        for name in self._order:
            if self.context.datasets[name].scope == "participant" and (only is None or name in only):
                subject.datasets[name] = self._rows(name, subject)
        return subject.datasets

    def remake(
        self,
        casebook: Casebook,
        forms: frozenset[str],
        kept: Mapping[str, Rows],
        is_kept: Callable[[str, Rows], bool],
    ) -> dict[str, Rows]:
        """The data sets that may differ after a change of ``forms``, made again; ``*`` is a change of anything, ``FACTS``
        one of what is known of the whole trial.

        ``kept`` are those made before, and ``is_kept`` says whether rows are among them. A data set is made when it collects a
        changed form or rests on one that came out different.
        """
        everything = "*" in forms
        datasets: dict[str, Rows] = _Layered(kept)
        subject = Subject(casebook, self.context, datasets)
        made: dict[str, Rows] = {}
        differing: set[str] = set()
        for name in self._order:
            dataset = self.context.datasets[name]
            if dataset.scope != "participant":
                continue
            concerned = self.forms_of(name) & forms or (FACTS in forms and name in self._counting)
            if everything or concerned or self._needs[name] & differing:
                made[name] = rows = self._rows(name, subject)
                if everything or not is_kept(name, rows):
                    differing.add(name)
                datasets[name] = rows
        return {name: made[name] for name in made if name in differing}

    def forms_of(self, name: str) -> frozenset[str]:
        """The forms whose answers a data set collects, in any version of the study."""
        if name not in self._forms:
            domains = {
                domain
                for step in self.context.datasets[name].steps
                if step.name == "collect"
                for domain in collected_domains(step.arguments)
            }
            self._forms[name] = frozenset(
                form.id
                for study in self.context.versions.values()
                for form in study.forms
                if any(item.sdtm and item.sdtm.domain in domains for item in form.items())
            )
        return self._forms[name]

    def make_design(self) -> dict[str, Rows]:
        """The data sets that are made once, from the protocol."""
        subject = Subject(Casebook("", "", "", (), ()), self.context)
        for name in self._order:
            if self.context.datasets[name].scope == "study":
                subject.datasets[name] = self._rows(name, subject)
        return subject.datasets

    def _rows(self, name: str, subject: Subject) -> Rows:
        rows: Rows = []
        for run in self._runs[name]:
            rows = run(rows, subject)
        return rows


class _Layered(dict[str, Rows]):
    """Data sets made now over those made before, which are looked at only when they are asked for."""

    def __init__(self, kept: Mapping[str, Rows]) -> None:
        super().__init__()
        self._kept = kept

    def __missing__(self, name: str) -> Rows:
        return self._kept[name]


def collected_domains(arguments: Any) -> frozenset[str]:
    """The domains whose targets a ``collect`` looks at."""
    return frozenset({arguments.domain, *(other.partition(".")[0] for other in arguments.others or {})})


class GoingRound(ValueError):
    """Data sets (``names``) that are made of each other."""

    def __init__(self, names: list[str]) -> None:
        super().__init__(f"{', '.join(names)}: each of these data sets is made of another one of them")
        self.names = names


def facts_of(context: Context, casebooks: Iterable[Casebook]) -> Facts:
    """What the steps want counted over everybody: a first pass that makes only the data sets that are counted."""
    wanted_counts = wanted(context.datasets.values())
    if not wanted_counts:
        return Facts()
    names = made_of(context.datasets, {counts.dataset for counts in wanted_counts})
    maker = Maker(context)
    return counted(wanted_counts, (maker.make(casebook, names) for casebook in casebooks))


def made_of(datasets: Mapping[str, Dataset], names: Iterable[str]) -> frozenset[str]:
    """The data sets named and all that they are made of."""
    found: set[str] = set()
    left = set(names)
    while left:
        name = left.pop()
        found.add(name)
        left |= (needed(datasets[name]) & datasets.keys()) - found
    return frozenset(found)


def order_of(datasets: Mapping[str, Dataset]) -> tuple[str, ...]:
    """The data sets in an order in which each comes after those it is made of; ``GoingRound`` when there is none."""
    needs = {name: needed(dataset) & datasets.keys() for name, dataset in datasets.items()}
    order: list[str] = []
    while len(order) < len(datasets):
        ready = [name for name in datasets if name not in order and needs[name] <= set(order)]
        if not ready:
            raise GoingRound([name for name in datasets if name not in order])
        order += ready
    return tuple(order)


def needed(dataset: Dataset) -> frozenset[str]:
    """The data sets that one is made of."""
    from helmont.study.datasets.vocabulary import touches

    found: set[str] = set()
    for step in dataset.steps:
        for touch in touches(step.arguments):
            if touch.use == "dataset":
                found.add(touch.name)
            elif touch.use == "reads" and "." in touch.name:
                found.add(touch.name.partition(".")[0])
    return frozenset(found - {dataset.id})


def bind(step: Step) -> Run:
    """The function of a step with what it was given, expressions compiled."""
    kind = STEPS[step.name]
    hints = _hints(kind.arguments)
    given = {
        field.name: bound(hints[field.name], getattr(step.arguments, field.name)) for field in fields(kind.arguments)
    }
    return partial(kind.function, **given)


@cache
def _hints(arguments: type) -> dict[str, Any]:
    return get_type_hints(arguments, include_extras=True)
