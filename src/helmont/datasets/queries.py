"""Reading data sets: whole as frames, row by row with their way back, without what a person must not see."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

import polars as pl

from helmont.core.errors import NotFound
from helmont.core.permissions import Actor, Scope
from helmont.datasets.asof import datasets_at
from helmont.datasets.definition import current_version, maker_for
from helmont.datasets.models import Cut, DatasetRows, Made
from helmont.datasets.store import frame, unpacked
from helmont.studies.queries import sites_for
from helmont.study.datasets.context import Context
from helmont.study.datasets.model import Dataset
from helmont.study.datasets.privileges import Guarded, guarded
from helmont.study.datasets.rows import Rows

PERMISSION = "dataset.read"


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
    rows: Mapping[str, Rows]
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
        if definition is None or not self.sight.allows(self.guards[dataset].whole):
            raise NotFound(dataset)
        found = frame(definition, self.rows.get(dataset, []))
        hidden = self.hidden(dataset)
        return found.with_columns(pl.lit(None, dtype=found.schema[name]).alias(name) for name in hidden)

    def frames(self) -> dict[str, pl.DataFrame]:
        """Every data set that the person may see."""
        return {dataset.id: self.frame(dataset.id) for dataset in self.visible()}


def live(study: str, sight: Sight, only: Iterable[str] | None = None) -> Data:
    """The data sets as they are now; ``only`` those named, when any is."""
    version = current_version(study)
    if not version:
        raise NotFound(study)
    made = Made.objects.filter(study=study).first()
    context = maker_for(study, version).context
    stored = DatasetRows.objects.filter(study=study)
    if only is not None:
        stored = stored.filter(dataset__in=list(only))
    if "*" not in sight.sites:
        stored = stored.filter(site__in=[*sight.sites, ""])
    rows: dict[str, Rows] = defaultdict(list)
    for dataset, body in stored.order_by("key").values_list("dataset", "body"):
        rows[dataset] += unpacked(bytes(body))
    return Data(study, version, made.sequence if made else 0, context, guarded(context.study), dict(rows), sight)


def as_of(study: str, size: int, sight: Sight) -> Data:
    """The data sets after the first ``size`` entries of the ledger; folding and making them takes a while."""
    version, rows = datasets_at(study, size, None if "*" in sight.sites else sight.sites)
    context = maker_for(study, version).context
    return Data(study, version, size, context, guarded(context.study), rows, sight)


def cuts(study: str) -> list[Cut]:
    """The data cuts of a study, newest first."""
    return list(Cut.objects.filter(study=study).order_by("-size"))
