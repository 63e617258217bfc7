"""Data sets follow the ledger: whoever's data changed has their rows made again, and only those that can differ."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar

from django.db.backends.utils import CursorWrapper

from helmont.core.ledger.store import StoredEntry
from helmont.core.projections.base import Projection, projection
from helmont.datasets.definition import has_datasets
from helmont.datasets.kept import remove_kept
from helmont.datasets.making import Remade, remake
from helmont.datasets.models import DueParticipant
from helmont.edc.keys import split_form_key
from helmont.participants.models import Participant

ALL = "*"


@dataclass
class Prepared:
    """Participants to mark as due, with the forms that changed, and what to write."""

    due: dict[str, set[str]] = field(default_factory=dict)
    remade: Remade | None = None
    sequence: int = 0


@projection
class LiveDatasets(Projection):
    """Fills ``DatasetRows``.

    While there is much more of the log to read, participants are only marked; towards its end their rows are made, once each.
    What is made depends on the tables as they are then; an entry that is read later makes its participant's rows again.
    """

    name: ClassVar[str] = "datasets"
    heavy: ClassVar[bool] = True

    def prepare(self, log: str, entries: Sequence[StoredEntry]) -> Prepared:
        if not has_datasets(log):
            return Prepared()
        prepared = Prepared(touched(log, entries), sequence=entries[-1].sequence + 1)
        if not self.is_near_the_end(log, prepared.sequence):
            return prepared
        due: dict[str, set[str]] = {
            each.participant: set(each.forms.split()) for each in DueParticipant.objects.filter(study=log)
        }
        for participant, forms in prepared.due.items():
            due.setdefault(participant, set()).update(forms)
        prepared.due = {}
        prepared.remade = remake(log, due)
        return prepared

    def handle(self, log: str, prepared: Prepared, cursor: CursorWrapper) -> None:
        if prepared.due:
            known = dict(
                DueParticipant.objects.filter(participant__in=prepared.due).values_list("participant", "forms")
            )
            rows = [
                DueParticipant(
                    participant=key, study=log, forms=" ".join(sorted({*known.get(key, "").split(), *forms}))
                )
                for key, forms in prepared.due.items()
            ]
            DueParticipant.objects.bulk_create(
                rows, batch_size=400, update_conflicts=True, unique_fields=["participant"], update_fields=["forms"]
            )
        if prepared.remade:
            prepared.remade.write(prepared.sequence)

    def reset(self, log: str, cursor: CursorWrapper) -> None:
        remove_kept(log)
        for table in ("datasets_rows", "datasets_due", "datasets_made"):
            cursor.execute(f"DELETE FROM {table} WHERE study = %s", [log])


def touched(log: str, entries: Sequence[StoredEntry]) -> dict[str, set[str]]:
    """The participants that entries are about, with the forms that changed; ``*`` when it may be anything."""
    found: dict[str, set[str]] = {}
    everybody = False
    for entry in entries:
        for change in entry.content.get("changes", ()):
            kind, _, key = change["record"].partition(":")
            if kind == "form":
                if _counts(change["set"]):
                    study, number, _encounter, form, _line = split_form_key(key)
                    found.setdefault(f"{study}/{number}", set()).add(form)
            elif kind == "coding":
                parts = key.split("/")
                found.setdefault("/".join(parts[:2]), set()).add(parts[3])
            elif kind in ("participant", "encounter"):
                found.setdefault("/".join(key.split("/")[:2]), set()).add(ALL)
            elif kind in ("definition", "study", "reference_range", "laboratory"):
                everybody = True
    if everybody:
        for key in Participant.objects.filter(study=log).values_list("key", flat=True):
            found.setdefault(key, set()).add(ALL)
    return found


def _counts(changed: Mapping[str, Any]) -> bool:
    """Whether a change of a form changes its values, or whether they count."""
    return any(path in ("status", "definition") or path.startswith("data/") for path in changed)
