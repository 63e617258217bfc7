"""Which forms with coded items changed, and when: counted from the ledger for ``following``."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from django.db.backends.utils import CursorWrapper

from helmont.coding.declared import coded_forms
from helmont.coding.models import ChangedForm
from helmont.core.ledger.store import StoredEntry
from helmont.core.projections.base import Projection, projection
from helmont.edc.keys import split_form_key
from helmont.studies.models import Definition
from helmont.studies.queries import compiled

TABLE = ChangedForm._meta.db_table


@projection
class ChangedForms(Projection):
    """Fills ``ChangedForm`` with the forms that any version of the study codes something of."""

    name: ClassVar[str] = "coding"

    def prepare(self, log: str, entries: Sequence[StoredEntry]) -> list[tuple[str, str, int]]:
        versions = Definition.objects.filter(study=log).values_list("version", flat=True)
        coded = {form for version in versions for form in coded_forms(compiled(log, version))}
        last: dict[str, int] = {}
        for entry in entries if coded else ():
            for change in entry.content.get("changes", ()):
                kind, _, key = change["record"].partition(":")
                if kind == "form" and split_form_key(key)[3] in coded and _matters(change["set"]):
                    last[key] = entry.sequence
        return [(key, log, sequence) for key, sequence in last.items()]

    def handle(self, log: str, prepared: list[tuple[str, str, int]], cursor: CursorWrapper) -> None:
        cursor.executemany(
            f"INSERT INTO {TABLE} (form, study, sequence) VALUES (%s, %s, %s)"
            " ON CONFLICT (form) DO UPDATE SET sequence = excluded.sequence",
            prepared,
        )

    def reset(self, log: str, cursor: CursorWrapper) -> None:
        cursor.execute(f"DELETE FROM {TABLE} WHERE study = %s", [log])


def _matters(paths: Sequence[str]) -> bool:
    return any(path == "status" or path.startswith("data/") for path in paths)
