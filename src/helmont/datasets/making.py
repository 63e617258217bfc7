"""Rows of participants, made again where something they rest on changed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field

from django.db import connection

from helmont.datasets.casebooks import casebooks
from helmont.datasets.definition import current_version, maker_for
from helmont.datasets.models import DatasetRows, DueParticipant, Made
from helmont.datasets.store import Kept, packed, row_of
from helmont.participants.models import Participant
from helmont.study.datasets.rows import Casebook
from helmont.study.datasets.running import Maker

EVERYTHING = frozenset("*")
_FIELDS = ("study", "participant", "site", "dataset", "count", "body")


@dataclass
class Remade:
    """What was made: rows to write, keys of rows that are gone, participants that are due no more."""

    study: str
    definition: str
    rows: list[DatasetRows] = field(default_factory=list)
    gone: list[str] = field(default_factory=list)
    settled: list[str] = field(default_factory=list)

    def write(self, sequence: int) -> None:
        """Write it all, within the transaction of the caller; ``sequence`` is the next entry of the ledger."""
        if self.gone:
            DatasetRows.objects.filter(key__in=self.gone).delete()
        size = 400 if connection.vendor == "postgresql" else 100
        DatasetRows.objects.bulk_create(
            self.rows, batch_size=size, update_conflicts=True, unique_fields=["key"], update_fields=_FIELDS
        )
        DueParticipant.objects.filter(participant__in=self.settled).delete()
        Made.objects.update_or_create(study=self.study, defaults={"definition": self.definition, "sequence": sequence})


def remake(study: str, due: Mapping[str, set[str]]) -> Remade:
    """Make the rows of participants (by key) again, of whom the named forms changed; ``*`` stands for everything.

    Rows that come out as they were are not written again, and what rests on them alone is not made again.
    """
    version = current_version(study)
    remade = Remade(study, version, settled=sorted(due))
    if not version:
        return remade
    maker = maker_for(study, version)
    made = Made.objects.filter(study=study).first()
    redefined = made is None or made.definition != version
    if redefined:
        for dataset, rows in maker.make_design().items():
            remade.rows.append(row_of(study, "", "", dataset, rows))
        due = {key: set(EVERYTHING) for key in Participant.objects.filter(study=study).values_list("key", flat=True)}
    found = set()
    keys = sorted(due)
    for start in range(0, len(keys), 50):
        some = keys[start : start + 50]
        kept = _bodies(some)
        for casebook in casebooks(study, some):
            key = f"{study}/{casebook.participant}"
            found.add(key)
            changed = EVERYTHING if redefined else frozenset(due[key])
            remade.rows += _changed(maker, study, casebook, changed, Kept(kept[key]))
    if lost := sorted(set(keys) - found):
        remade.gone = list(DatasetRows.objects.filter(participant__in=lost).values_list("key", flat=True))
    return remade


def _bodies(participants: list[str]) -> dict[str, dict[str, bytes]]:
    bodies: dict[str, dict[str, bytes]] = defaultdict(dict)
    rows = DatasetRows.objects.filter(participant__in=participants).values_list("participant", "dataset", "body")
    for participant, dataset, body in rows:
        bodies[participant][dataset] = bytes(body)
    return bodies


def _changed(maker: Maker, study: str, casebook: Casebook, forms: frozenset[str], kept: Kept) -> list[DatasetRows]:
    """The rows of one participant that are not as they were."""
    key = f"{study}/{casebook.participant}"
    written = []
    for dataset, rows in maker.remake(casebook, forms, kept).items():
        body = packed(rows)
        if body != kept.bodies.get(dataset):
            written.append(row_of(study, key, casebook.site, dataset, rows))
    return written
