"""Data sets at a point of the ledger, as one person sees them, quickly enough for pages.

A frame has, beside its variables, ``_row`` (its place in the whole data set), ``_participant``, ``_site`` and ``_n`` (its
place among the participant's rows, counted from 1): by these a figure is walked back to the rows behind it.
"""

from __future__ import annotations

import threading
from collections import Counter, OrderedDict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from hashlib import blake2b
from typing import Any

import polars as pl
from django.db.models import Sum

from helmont.core.errors import NotFound
from helmont.datasets.definition import current_version, maker_for
from helmont.datasets.kept import KeptFile
from helmont.datasets.models import DatasetRows, Made
from helmont.datasets.queries import Sight
from helmont.datasets.store import ROW, parts, together, unpacked
from helmont.study.datasets.context import Context
from helmont.study.datasets.model import Dataset
from helmont.study.datasets.privileges import Guarded, guarded
from helmont.study.datasets.rows import Rows
from helmont.study.model import Study

PARTICIPANT, SITE, NUMBER = "_participant", "_site", "_n"
BESIDE = (ROW, PARTICIPANT, SITE, NUMBER)
MOST_FRAMES = 48
MOST_STUDIES = 16
_frames: OrderedDict[tuple[Any, ...], pl.DataFrame] = OrderedDict()
_pieces: OrderedDict[tuple[Any, ...], dict[str, tuple[bytes, pl.DataFrame]]] = OrderedDict()
"""By study, version and data set the rows of each participant with the digest of what they were unpacked from."""
_guarded: OrderedDict[int, tuple[Study, dict[str, Guarded]]] = OrderedDict()
_turn = threading.Lock()
Bodies = list[tuple[str, str, bytes]]


@dataclass(frozen=True)
class Point:
    """Where in the ledger: after its first ``size`` entries, made by ``version``; ``now`` follows the ledger."""

    study: str
    size: int
    version: str
    now: bool

    def bodies(self, dataset: str) -> Bodies:
        """Number, site and packed rows of everybody, by number."""
        if not self.now:
            return KeptFile(self.study, self.size).bodies(dataset)
        rows = DatasetRows.objects.filter(study=self.study, dataset=dataset, count__gt=0).order_by("key")
        found = rows.values_list("participant", "site", "body")
        return [(key.partition("/")[2], site, bytes(body)) for key, site, body in found]

    def counts(self) -> list[tuple[str, str, int]]:
        """Data set, site and how many rows; several of one data set and site are to be added up."""
        if not self.now:
            people = KeptFile(self.study, self.size).people
            return [(name, site, count) for _number, site, held in people for name, count in held.items()]
        rows = DatasetRows.objects.filter(study=self.study).order_by().values_list("dataset", "site")
        return list(rows.annotate(Sum("count")))

    def bodies_of(self, participant: str) -> dict[str, bytes]:
        """The packed rows of one participant by data set; of the protocol for an empty number."""
        if not self.now:
            return KeptFile(self.study, self.size).bodies_of(participant)
        key = f"{self.study}/{participant}" if participant else ""
        rows = DatasetRows.objects.filter(study=self.study, participant=key)
        return {name: bytes(body) for name, body in rows.values_list("dataset", "body")}


def _guards(study: Study) -> dict[str, Guarded]:
    """The privileges of a published definition, which never changes, found once."""
    with _turn:
        known = _guarded.get(id(study))
    if known is None or known[0] is not study:
        known = study, guarded(study)
        with _turn:
            _guarded[id(study)] = known
            while len(_guarded) > MOST_STUDIES:
                _guarded.popitem(last=False)
    return known[1]


def now(study: str) -> Point:
    """The data sets as they are. Raises ``NotFound`` when the study declares none."""
    made = Made.objects.filter(study=study).first()
    version = made.definition if made else current_version(study)
    if not version:
        raise NotFound(study)
    return Point(study, made.sequence if made else 0, version, now=True)


def then(study: str, size: int) -> Point:
    """The data sets after the first ``size`` entries, which are kept; ``NotFound`` when they are not."""
    return Point(study, size, KeptFile(study, size).version, now=False)


def whole(point: Point, dataset: Dataset) -> pl.DataFrame:
    """A data set with every variable and everybody; kept in memory while nothing new is in the ledger."""
    key = (point.study, point.size, point.version, point.now, dataset.id)
    with _turn:
        if key in _frames:
            _frames.move_to_end(key)
            return _frames[key]
    found = (
        _joined(key[:1] + key[2:], dataset, point.bodies(dataset.id))
        if point.now
        else _frame(dataset, point.bodies(dataset.id))
    )
    with _turn:
        _frames[key] = found
        while len(_frames) > MOST_FRAMES:
            _frames.popitem(last=False)
    return found


def _joined(key: tuple[Any, ...], dataset: Dataset, bodies: Bodies) -> pl.DataFrame:
    """The same as ``_frame``, of which only the participants are unpacked whose rows changed since it was last asked for."""
    known = _pieces.get(key, {})
    digests = [blake2b(body, digest_size=16).digest() for _number, _site, body in bodies]
    changed = [one for one, digest in zip(bodies, digests, strict=True) if known.get(one[0], (b"",))[0] != digest]
    fresh = _frame(dataset, changed)
    counts = Counter(fresh[PARTICIPANT].to_list())
    anew: dict[str, pl.DataFrame] = {}
    start = 0
    for number, _site, _body in changed:
        anew[number] = fresh.slice(start, counts[number])
        start += counts[number]
    pieces = {
        one[0]: (digest, anew[one[0]] if one[0] in anew else known[one[0]][1])
        for one, digest in zip(bodies, digests, strict=True)
    }
    with _turn:
        _pieces[key] = pieces
        _pieces.move_to_end(key)
        while len(_pieces) > MOST_FRAMES:
            _pieces.popitem(last=False)
    if not pieces:
        return _frame(dataset, [])
    whole = pl.concat([piece for _digest, piece in pieces.values()])
    return whole.with_columns(pl.int_range(whole.height, dtype=pl.Int64).alias(ROW))


def _frame(dataset: Dataset, bodies: Bodies) -> pl.DataFrame:
    found: list[pl.DataFrame] = []
    counts: list[int] = []
    for part, held in parts(dataset, (body for _number, _site, body in bodies)):
        found.append(part)
        counts += held
    each = list(zip(bodies, counts, strict=True))
    owners = [number for (number, _site, _body), count in each for _ in range(count)]
    sites = [site for (_number, site, _body), count in each for _ in range(count)]
    numbers = [number for count in counts for number in range(1, count + 1)]
    return together(dataset, found).with_columns(
        pl.Series(PARTICIPANT, owners, dtype=pl.String),
        pl.Series(SITE, sites, dtype=pl.String),
        pl.Series(NUMBER, numbers, dtype=pl.Int64),
    )


@dataclass(frozen=True)
class Seen(Mapping[str, pl.DataFrame]):
    """The data sets of a point by name, without what the person must not see; each is made when it is asked for."""

    point: Point
    sight: Sight

    @cached_property
    def context(self) -> Context:
        return maker_for(self.point.study, self.point.version).context

    @cached_property
    def guards(self) -> dict[str, Guarded]:
        return _guards(self.context.study)

    @cached_property
    def visible(self) -> dict[str, Dataset]:
        """The data sets that are submitted and that the person may see, in the order of the study."""
        return {
            name: dataset
            for name, dataset in self.context.datasets.items()
            if not dataset.internal and self.sight.allows(self.guards[name].whole)
        }

    @property
    def withheld(self) -> list[Dataset]:
        """The data sets that are submitted and that the person may not see."""
        return [each for each in self.context.datasets.values() if not each.internal and each.id not in self.visible]

    def hidden(self, dataset: str) -> frozenset[str]:
        """The variables of a data set that the person must not see."""
        guard = self.guards[dataset]
        kept = self.context.datasets[dataset].variables
        return frozenset(each.name for each in kept if not self.sight.allows(guard.of(each.name)))

    def dataset(self, name: str) -> Dataset:
        """A data set that the person may see; raises ``NotFound``."""
        if name not in self.visible:
            raise NotFound(name)
        return self.visible[name]

    def __getitem__(self, name: str) -> pl.DataFrame:
        if name not in self.visible:
            raise KeyError(name)
        found = whole(self.point, self.visible[name])
        if "*" not in self.sight.sites:
            found = found.filter(pl.col(SITE).is_in([*self.sight.sites, ""]))
        hidden = self.hidden(name)
        return found.with_columns(pl.lit(None, dtype=found.schema[each]).alias(each) for each in hidden)

    def __iter__(self) -> Iterator[str]:
        return iter(self.visible)

    def __len__(self) -> int:
        return len(self.visible)

    def counts(self) -> dict[str, int]:
        """How many rows of each data set are the person's to see."""
        found: Counter[str] = Counter()
        for name, site, count in self.point.counts():
            if name in self.visible and ("*" in self.sight.sites or not site or site in self.sight.sites):
                found[name] += count
        return found

    def rows_of(self, participant: str) -> dict[str, Rows]:
        """Every row of one participant, those of data sets that only help included, for following sources."""
        return {name: unpacked(body) for name, body in self.point.bodies_of(participant).items()}
