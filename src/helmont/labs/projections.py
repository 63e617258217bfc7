"""Readings and alerts follow the ledger: who has new results, or a range that changed, is derived again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar

from django.db.backends.utils import CursorWrapper

from helmont.core.ledger.store import StoredEntry
from helmont.core.projections.base import Projection, projection
from helmont.edc.keys import split_form_key
from helmont.labs.definition import lab_definition
from helmont.labs.deriving import derive, differences
from helmont.labs.models import Alert, Due, Reading
from helmont.studies.models import Definition


@dataclass
class Prepared:
    """Participants to mark, and what to write when the log has been read to its end."""

    due: set[str] = field(default_factory=set)
    settled: list[str] = field(default_factory=list)
    write: list[tuple[type[Any], list[Any], list[str]]] = field(default_factory=list)


@projection
class LabReadings(Projection):
    """Fills ``Reading`` and ``Alert``.

    While there is much more of the log to read, participants are only marked; towards its end they are derived once each. What
    is derived depends on the tables as they are then; an entry that is read later has its participant derived again.
    """

    name: ClassVar[str] = "lab readings"

    def prepare(self, log: str, entries: Sequence[StoredEntry]) -> Prepared:
        forms = _forms(log)
        if not forms:
            return Prepared()
        prepared = Prepared(_touched(log, entries, forms))
        if not self.is_near_the_end(log, entries[-1].sequence + 1):
            return prepared
        due = prepared.due | set(Due.objects.filter(study=log).values_list("participant", flat=True))
        prepared.due, prepared.settled = set(), sorted(due)
        for kind in (Reading, Alert):
            there = {row.key: row for row in kind._default_manager.filter(participant__in=prepared.settled)}
            prepared.write.append((kind, [there], []))
        now: list[dict[str, Any]] = [{}, {}]
        for _person, readings, alerts in derive(log, prepared.settled):
            now[0].update({row.key: row for row in readings})
            now[1].update({row.key: row for row in alerts})
        prepared.write = [
            (kind, *differences(kind, held[0], rows)) for (kind, held, _), rows in zip(prepared.write, now, strict=True)
        ]
        return prepared

    def handle(self, log: str, prepared: Prepared, cursor: CursorWrapper) -> None:
        if prepared.due:
            cursor.executemany(
                "INSERT INTO labs_due (participant, study) VALUES (%s, %s) ON CONFLICT (participant) DO NOTHING",
                [(key, log) for key in sorted(prepared.due)],
            )
        for kind, rows, gone in prepared.write:
            if gone:
                kind._default_manager.filter(pk__in=gone).delete()
            names = [column.name for column in kind._meta.concrete_fields if column.name != "key"]
            kind._default_manager.bulk_create(
                rows, batch_size=400, update_conflicts=True, unique_fields=["key"], update_fields=names
            )
        if prepared.settled:
            Due.objects.filter(participant__in=prepared.settled).delete()

    def reset(self, log: str, cursor: CursorWrapper) -> None:
        for table in ("labs_reading", "labs_alert", "labs_due"):
            cursor.execute(f"DELETE FROM {table} WHERE study = %s", [log])


def _forms(log: str) -> frozenset[str]:
    """The forms that readings rest on, in any version of the study; empty for a study without a laboratory."""
    found: set[str] = set()
    for version in Definition.objects.filter(study=log).values_list("version", flat=True):
        definition = lab_definition(log, version)
        if definition is not None:
            found |= {*definition.samples, *definition.person_forms}
    return frozenset(found)


def _touched(log: str, entries: Sequence[StoredEntry], forms: frozenset[str]) -> set[str]:
    keys: set[str] = set()
    for entry in entries:
        for change in entry.content.get("changes", ()):
            kind, _, key = change["record"].partition(":")
            if kind == "encounter" or (kind == "form" and _rests_on(key, change["set"], forms)):
                keys.add("/".join(key.split("/")[:2]))
            elif kind == "participant":
                keys.add(key)
            elif kind == "reference_range":
                _, _, laboratory, analyte, _ = key.split("/")
                about = Reading.objects.filter(study=log, laboratory=laboratory, analyte=analyte)
                keys.update(about.values_list("participant", flat=True).distinct())
    return keys


def _rests_on(key: str, changed: Mapping[str, Any], forms: frozenset[str]) -> bool:
    return split_form_key(key)[3] in forms and any(path == "status" or path.startswith("data/") for path in changed)
