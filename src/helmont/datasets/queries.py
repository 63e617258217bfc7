"""Reading data sets: whole as frames, row by row with their way back, without what a person must not see."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import date

import polars as pl

from helmont.core.errors import NotFound
from helmont.core.permissions import Actor, Scope
from helmont.datasets.asof import parts_at
from helmont.datasets.definition import current_version, maker_for
from helmont.datasets.models import Cut, DatasetRows, Made
from helmont.datasets.store import table, tables
from helmont.sharing import ask
from helmont.studies.queries import sites_for
from helmont.study.datasets.context import Context
from helmont.study.datasets.model import Dataset, Variable
from helmont.study.datasets.privileges import Guarded, guarded

PERMISSION = "dataset.read"
TRIES = 3
"""How often data sets are read that somebody saves meanwhile."""


@dataclass(frozen=True)
class Sight:
    """What a person sees of data sets: at which sites, and without which privileges (lacking one anywhere hides it)."""

    sites: frozenset[str]
    lacking: frozenset[str]

    def allows(self, needed: frozenset[str]) -> bool:
        return not needed & self.lacking


EVERYTHING = Sight(frozenset("*"), frozenset())
"""What publishing on the command line sees."""


def sight_of(actor: Actor, study: str, today: date) -> Sight:
    """Raises ``NotFound`` when the person may read no data sets of the study."""
    sites = sites_for(actor, study, PERMISSION, today)
    if not actor.places(PERMISSION, study, today):
        raise NotFound(study)
    scopes = [Scope(study, site.country, site.number) for site in sites]
    lacking = frozenset(
        privilege
        for privilege in ("allocation", "source")
        if any(not actor.may(f"{privilege}.read", scope, today) for scope in scopes)
    )
    return Sight(frozenset(site.number for site in sites), lacking)


@dataclass(frozen=True)
class Data:
    """Data sets at one point of the ledger, as one person sees them."""

    study: str
    version: str
    size: int
    context: Context
    guards: Mapping[str, Guarded]
    whole: Mapping[str, pl.DataFrame]
    """Those that are submitted, with every variable."""
    sight: Sight

    def visible(self) -> list[Dataset]:
        """The data sets that are submitted and that the person may see, in the order of the study."""
        return [
            dataset
            for name, dataset in self.context.datasets.items()
            if not dataset.internal and self.sight.allows(self.guards[name].whole)
        ]

    def hidden(self, dataset: str) -> frozenset[str]:
        """The variables of a data set that the person must not see."""
        guard = self.guards[dataset]
        kept = self.context.datasets[dataset].variables
        return frozenset(each.name for each in kept if not self.sight.allows(guard.of(each.name)))

    def frame(self, dataset: str) -> pl.DataFrame:
        """A data set as a frame, hidden variables empty; ``NotFound`` when the person may not see it."""
        definition = self.context.datasets.get(dataset)
        if definition is None or dataset not in self.whole or not self.sight.allows(self.guards[dataset].whole):
            raise NotFound(dataset)
        found = self.whole[dataset]
        hidden = self.hidden(dataset).intersection(found.columns)
        return found.with_columns(pl.lit(None, dtype=found.schema[name]).alias(name) for name in hidden)

    def frames(self) -> dict[str, pl.DataFrame]:
        """Every data set that was read and that the person may see."""
        return {each.id: self.frame(each.id) for each in self.visible() if each.id in self.whole}


def live(study: str, sight: Sight, only: Mapping[str, Collection[str]] | None = None) -> Data:
    """The data sets as they are now; ``only`` those named, with the variables that are named, when any is.

    While people save all the time they are made from the ledger, whose entries up to one moment do not change.
    """
    version = current_version(study)
    if not version:
        raise NotFound(study)
    context = maker_for(study, version).context
    wanted = [
        replace(each, steps=(), variables=_named(each, only))
        for each in submitted(context)
        if only is None or each.id in only
    ]
    for _ in range(TRIES):
        size = _size(study)
        asked = {each.id: ask(_table, study, each, sight.sites) for each in wanted}
        whole = {name: each.result() for name, each in asked.items()}
        if size == _size(study):
            return Data(study, version, size, context, guarded(context.study), whole, sight)
    return as_of(study, _size(study), sight)


def _named(dataset: Dataset, only: Mapping[str, Collection[str]] | None) -> tuple[Variable, ...]:
    return tuple(each for each in dataset.variables if only is None or each.name in only[dataset.id])


def _size(study: str) -> int:
    return Made.objects.filter(study=study).values_list("sequence", flat=True).first() or 0


def _table(study: str, dataset: Dataset, sites: frozenset[str]) -> pl.DataFrame:
    stored = DatasetRows.objects.filter(study=study, dataset=dataset.id, count__gt=0)
    if "*" not in sites:
        stored = stored.filter(site__in=[*sites, ""])
    bodies = stored.order_by("key").values_list("body", flat=True)
    return table(dataset, (bytes(body) for body in bodies.iterator(chunk_size=100)))


def submitted(context: Context) -> list[Dataset]:
    """The data sets that do not only help to make others."""
    return [each for each in context.datasets.values() if not each.internal]


def as_of(study: str, size: int, sight: Sight) -> Data:
    """The data sets after the first ``size`` entries of the ledger; folding and making them takes a while."""
    at = parts_at(study, size)
    context = maker_for(study, at.version).context
    seen = (made for _number, site, made in at.parts if "*" in sight.sites or not site or site in sight.sites)
    whole = tables(submitted(context), seen)
    return Data(study, at.version, size, context, guarded(context.study), whole, sight)


def cuts(study: str) -> list[Cut]:
    """The data cuts of a study, newest first."""
    return list(Cut.objects.filter(study=study).order_by("-size"))
