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
from helmont.sharing import ask, in_parts
from helmont.study.datasets.context import Facts
from helmont.study.datasets.facts import Counts, counted, outcome, shifted
from helmont.study.datasets.rows import Casebook, Rows
from helmont.study.datasets.running import FACTS, facts_of

EVERYTHING = frozenset("*")
CHUNK = 50
"""Participants whose rows are held at a time."""
FEW = 4
"""Fewer participants than this are not worth asking another process."""
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
    facts = _follow(remade, remade.facts, due)
    datasets = maker_for(study, version, remade.facts).context.datasets.values()
    if facts != remade.facts and outcome(datasets, facts) != outcome(datasets, remade.facts):
        remade.rows, remade.gone = [], []
        _follow(remade, facts, {key: {*due.get(key, ()), FACTS} for key in (*_stored(study), *due)})
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
        remade.rows += [_row(row) for row in found if row[-1] != bodies[row[2]].get(row[4])]
        for lost in sorted(set(some) - {row[2] for row in found}):
            remade.gone += [f"{lost}/{dataset}" for dataset in bodies[lost]]
        remade.spill()
    remade.gone += stored.values_list("key", flat=True)
    return remade


_COLUMNS = ("key", *_FIELDS)
_Columns = tuple[str, str, str, str, str, int, bytes]
_columns = attrgetter(*_COLUMNS)


def _row(columns: _Columns) -> DatasetRows:
    return DatasetRows(**dict(zip(_COLUMNS, columns, strict=True)))


def _counted(study: str, version: str, keys: list[str]) -> Facts:
    """What some participants contribute to the facts of the trial."""
    return facts_of(maker_for(study, version).context, casebooks(study, keys))


def _made(study: str, version: str, facts: Facts, keys: list[str]) -> list[_Columns]:
    """The columns of all rows of some participants."""
    maker = maker_for(study, version, facts)
    return [
        _columns(row_of(study, f"{study}/{book.participant}", book.site, dataset, rows))
        for book in casebooks(study, keys)
        for dataset, rows in maker.make(book).items()
    ]


def _stored(study: str) -> Iterator[str]:
    keys = DatasetRows.objects.filter(study=study).exclude(participant="").values_list("participant", flat=True)
    return keys.distinct().iterator()


def _follow(remade: Remade, facts: Facts, due: Mapping[str, set[str]]) -> Facts:
    """Make by ``facts`` what may differ of each participant; the facts of the trial as they are then."""
    now = remade.facts
    for some in batched(sorted(due)):
        part = remade.study, remade.definition, facts, now, {key: due[key] for key in some}
        made = _remade(*part) if len(due) < FEW else ask(_remade, *part).result()
        remade.rows += [_row(each) for each in made.rows]
        remade.gone += made.gone
        now = made.facts
        remade.spill()
    return now


@dataclass
class _Made:
    """What another process may give back: the columns of rows that are not as they were, keys of rows that are gone."""

    facts: Facts
    rows: list[_Columns] = field(default_factory=list)
    gone: list[str] = field(default_factory=list)


def _remade(study: str, version: str, facts: Facts, now: Facts, due: Mapping[str, set[str]]) -> _Made:
    """Some participants, made by ``facts``; what they contribute is counted in ``now``."""
    maker = maker_for(study, version, facts)
    counts = maker.counts
    result, bodies, found = _Made(now), _bodies(due), set()
    for casebook in _casebooks(study, due):
        key = f"{study}/{casebook.participant}"
        found.add(key)
        kept = Kept(bodies[key])
        made = maker.remake(casebook, frozenset(due[key]), kept, kept.holds)
        site, body = casebook.site, kept.packed.get
        rows = [row_of(study, key, site, dataset, each, body(dataset)) for dataset, each in made.items()]
        result.rows += [_columns(row) for row in rows if row.body != kept.bodies.get(row.dataset)]
        if any(each.dataset in made for each in counts):
            after = {each.dataset: made.get(each.dataset) or kept[each.dataset] for each in counts}
            result.facts = shifted(result.facts, counted(counts, [kept_of(kept, counts)]), counted(counts, [after]))
    for lost in sorted(set(due) - found):
        result.gone += [f"{lost}/{dataset}" for dataset in bodies[lost]]
        result.facts = shifted(result.facts, counted(counts, [kept_of(Kept(bodies[lost]), counts)]), Facts())
    return result


def _casebooks(study: str, due: Mapping[str, set[str]]) -> Iterator[Casebook]:
    """The casebooks of those of whom anything changed; of the others the number is enough."""
    only = [key for key, forms in due.items() if forms == {FACTS}]
    yield from casebooks(study, [key for key in due if key not in only])
    for key, site, country in Participant.objects.filter(key__in=only).values_list("number", "site", "country"):
        yield Casebook(key, site, country, (), ())


def kept_of(kept: Kept, counts: Iterable[Counts]) -> dict[str, Rows]:
    """The data sets that are counted, as they lie there."""
    return {each.dataset: kept[each.dataset] for each in counts}


def _bodies(participants: Iterable[str]) -> dict[str, dict[str, bytes]]:
    bodies: dict[str, dict[str, bytes]] = defaultdict(dict)
    rows = DatasetRows.objects.filter(participant__in=list(participants)).values_list("participant", "dataset", "body")
    for participant, dataset, body in rows:
        bodies[participant][dataset] = bytes(body)
    return bodies
