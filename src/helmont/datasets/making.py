"""Rows of participants, made again where something they rest on changed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import islice
from operator import attrgetter

from django.db import connection, transaction

from helmont.core import sql
from helmont.datasets.casebooks import casebooks
from helmont.datasets.definition import current_version, maker_for
from helmont.datasets.models import DatasetRows, DueParticipant, Made
from helmont.datasets.store import Kept, facts_from_json, facts_to_json, row_of
from helmont.participants.models import Participant
from helmont.sharing import in_parts
from helmont.study.datasets.context import Facts
from helmont.study.datasets.facts import Counts, counted, outcome, shifted
from helmont.study.datasets.rows import Casebook, Rows
from helmont.study.datasets.running import FACTS, Maker, facts_of

EVERYTHING = frozenset("*")
CHUNK = 50
"""Participants whose rows are held at a time."""
_FIELDS = ("study", "participant", "site", "dataset", "count", "body")


@dataclass
class Remade:
    """What was made: rows to write, keys of rows that are gone, participants that are due no more."""

    study: str
    definition: str
    facts: Facts = field(default_factory=Facts)
    rows: list[DatasetRows] = field(default_factory=list)
    gone: list[str] = field(default_factory=list)
    settled: list[str] = field(default_factory=list)

    def write(self, sequence: int) -> None:
        """Write it all, within the transaction of the caller; ``sequence`` is the next entry of the ledger."""
        if self.gone:
            DatasetRows.objects.filter(key__in=self.gone).delete()
        self.put_rows()
        DueParticipant.objects.filter(participant__in=self.settled).delete()
        last = {"definition": self.definition, "sequence": sequence, "facts": facts_to_json(self.facts)}
        Made.objects.update_or_create(study=self.study, defaults=last)

    def put_rows(self) -> None:
        """Write the rows that are held, and hold them no more."""
        size = 400 if connection.vendor == "postgresql" else 100
        DatasetRows.objects.bulk_create(
            self.rows, batch_size=size, update_conflicts=True, unique_fields=["key"], update_fields=_FIELDS
        )
        self.rows = []

    def spill(self) -> None:
        """Write the rows held of many participants in a transaction of their own: they are made again if the rest fails."""
        if len(self.rows) > CHUNK * 20:
            with sql.turn(), transaction.atomic():
                self.put_rows()


def batched(keys: Iterable[str], size: int = CHUNK) -> Iterator[list[str]]:
    """The keys in lists of at most ``size``."""
    left = iter(keys)
    while some := list(islice(left, size)):
        yield some


def remake(study: str, due: Mapping[str, set[str]]) -> Remade:
    """Make the rows of participants (by key) again, of whom the named forms changed; ``*`` stands for everything.

    Rows that come out as they were are not written again, and what rests on them alone is not made again. When a fact of
    the whole trial comes out otherwise, such as which sites are pooled, what rests on it is made again of everybody.
    """
    version = current_version(study)
    made = Made.objects.filter(study=study).first()
    remade = Remade(study, version, settled=sorted(due))
    if not version:
        return remade
    if made is None or made.definition != version:
        return _anew(remade)
    remade.facts = facts_from_json(made.facts)
    trial = _Trial(study, maker_for(study, version, remade.facts))
    facts = trial.follow(due, remade)
    if facts != remade.facts and outcome(trial.maker.context.datasets.values(), facts) != outcome(
        trial.maker.context.datasets.values(), remade.facts
    ):
        remade.rows, remade.gone = [], []
        again = {key: {*due.get(key, ()), FACTS} for key in (*_stored(study), *due)}
        _Trial(study, maker_for(study, version, facts)).follow(again, remade)
    remade.facts = facts
    return remade


def _anew(remade: Remade) -> Remade:
    """Everything of everybody: the study has data sets for the first time, or other definitions of them."""
    study, version = remade.study, remade.definition
    keys = list(Participant.objects.filter(study=study).order_by("key").values_list("key", flat=True))
    parts = list(batched(keys))
    for counts in in_parts(_counted, ((study, version, some) for some in parts)):
        remade.facts = shifted(remade.facts, Facts(), counts)
    maker = maker_for(study, version, remade.facts)
    known = set(maker.context.datasets)
    stored = DatasetRows.objects.filter(study=study).exclude(dataset__in=known)
    remade.rows += [row_of(study, "", "", dataset, rows) for dataset, rows in maker.make_design().items()]
    made = in_parts(_made, ((study, version, remade.facts, some) for some in parts))
    for some, found in zip(parts, made, strict=True):
        bodies = _bodies(some)
        remade.rows += [
            DatasetRows(**dict(zip(_COLUMNS, row, strict=True)))
            for row in found
            if row[-1] != bodies[row[2]].get(row[4])
        ]
        for lost in sorted(set(some) - {row[2] for row in found}):
            remade.gone += [f"{lost}/{dataset}" for dataset in bodies[lost]]
        remade.spill()
    remade.gone += stored.values_list("key", flat=True)
    return remade


_COLUMNS = ("key", *_FIELDS)
_Columns = tuple[str, str, str, str, str, int, bytes]


def _counted(study: str, version: str, keys: list[str]) -> Facts:
    """What some participants contribute to the facts of the trial."""
    return facts_of(maker_for(study, version).context, casebooks(study, keys))


def _made(study: str, version: str, facts: Facts, keys: list[str]) -> list[_Columns]:
    """The columns of all rows of some participants."""
    maker = maker_for(study, version, facts)
    columns = attrgetter(*_COLUMNS)
    return [
        columns(row_of(study, f"{study}/{book.participant}", book.site, dataset, rows))
        for book in casebooks(study, keys)
        for dataset, rows in maker.make(book).items()
    ]


def _stored(study: str) -> Iterator[str]:
    keys = DatasetRows.objects.filter(study=study).exclude(participant="").values_list("participant", flat=True)
    return keys.distinct().iterator()


@dataclass
class _Trial:
    """Participants of a study, made with one maker."""

    study: str
    maker: Maker

    def follow(self, due: Mapping[str, set[str]], remade: Remade) -> Facts:
        """Make what may differ of each participant; the facts of the trial as they are then."""
        counts = self.maker.counts
        facts = remade.facts
        for some in batched(sorted(due)):
            bodies = _bodies(some)
            found = set()
            for casebook in self._casebooks(some, due):
                key = f"{self.study}/{casebook.participant}"
                found.add(key)
                kept = Kept(bodies[key])
                made = self.maker.remake(casebook, frozenset(due[key]), kept)
                remade.rows += self._changed(casebook, made, kept)
                if any(each.dataset in made for each in counts):
                    now = {each.dataset: made.get(each.dataset) or kept[each.dataset] for each in counts}
                    facts = shifted(facts, counted(counts, [kept_of(kept, counts)]), counted(counts, [now]))
            for lost in sorted(set(some) - found):
                remade.gone += [f"{lost}/{dataset}" for dataset in bodies[lost]]
                facts = shifted(facts, counted(counts, [kept_of(Kept(bodies[lost]), counts)]), Facts())
            remade.spill()
        return facts

    def _casebooks(self, keys: Iterable[str], due: Mapping[str, set[str]]) -> Iterator[Casebook]:
        """The casebooks of those of whom anything changed; of the others the number is enough."""
        keys = list(keys)
        only = [key for key in keys if due[key] == {FACTS}]
        yield from casebooks(self.study, [key for key in keys if key not in only])
        for key, site, country in Participant.objects.filter(key__in=only).values_list("number", "site", "country"):
            yield Casebook(key, site, country, (), ())

    def _changed(self, casebook: Casebook, made: Mapping[str, Rows], kept: Kept) -> Iterator[DatasetRows]:
        """The rows of one participant that are not as they were."""
        key = f"{self.study}/{casebook.participant}"
        for dataset, rows in made.items():
            row = row_of(self.study, key, casebook.site, dataset, rows)
            if row.body != kept.bodies.get(dataset):
                yield row


def kept_of(kept: Kept, counts: Iterable[Counts]) -> dict[str, Rows]:
    """The data sets that are counted, as they lie there."""
    return {each.dataset: kept[each.dataset] for each in counts}


def _bodies(participants: Iterable[str]) -> dict[str, dict[str, bytes]]:
    bodies: dict[str, dict[str, bytes]] = defaultdict(dict)
    rows = DatasetRows.objects.filter(participant__in=list(participants)).values_list("participant", "dataset", "body")
    for participant, dataset, body in rows:
        bodies[participant][dataset] = bytes(body)
    return bodies
