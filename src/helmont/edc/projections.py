"""Activity per site and day, counted from the ledger for the picture on a study's home page."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from django.db.backends.utils import CursorWrapper

from helmont.core.ledger.store import StoredEntry
from helmont.core.projections.base import Projection, projection
from helmont.edc.keys import split_form_key
from helmont.edc.models import Activity
from helmont.edc.workflows import OPEN_QUERY
from helmont.participants.models import Participant
from helmont.studies.queries import compiled
from helmont.study.compiling import CompiledStudy

COUNTS = ("saves", "entered", "corrected", "opened", "closed")


@projection
class ActivityCounts(Projection):
    """Fills ``Activity``. A participant stays at the site where they were screened, so the site is looked up."""

    name: ClassVar[str] = "activity"

    def prepare(self, log: str, entries: Sequence[StoredEntry]) -> list[tuple[str | int, ...]]:
        about = {entry.participant for entry in entries}
        known = Participant.objects.filter(key__in=about).values_list("key", "site", "definition")
        places = {key: (site, version) for key, site, version in known}
        days: dict[tuple[str, str], Counter[str]] = {}
        for entry in entries:
            if entry.participant in places:
                site, version = places[entry.participant]
                day = days.setdefault((site, entry.time[:10]), Counter())
                day["saves"] += entry.action == "edc.save_form"
                for change in entry.content.get("changes", ()):
                    _count(change, compiled(log, version), day)
        return [
            (log, site, day, *(count[name] for name in COUNTS))
            for (site, day), count in days.items()
            if any(count.values())
        ]

    def handle(self, log: str, prepared: list[tuple[str | int, ...]], cursor: CursorWrapper) -> None:
        add = ", ".join(f"{name} = {Activity._meta.db_table}.{name} + excluded.{name}" for name in COUNTS)
        cursor.executemany(
            f"INSERT INTO {Activity._meta.db_table} (study, site, day, {', '.join(COUNTS)})"
            f" VALUES (%s, %s, %s, %s, %s, %s, %s, %s) ON CONFLICT (study, site, day) DO UPDATE SET {add}",
            prepared,
        )

    def reset(self, log: str, cursor: CursorWrapper) -> None:
        cursor.execute(f"DELETE FROM {Activity._meta.db_table} WHERE study = %s", [log])


def _count(change: Mapping[str, Any], study: CompiledStudy, day: Counter[str]) -> None:
    kind, _, key = change["record"].partition(":")
    if kind == "form":
        form = study.forms.get(split_form_key(key)[3])
        calculated = form.calculated_ids if form else ()
        pairs = [
            pair
            for path, pair in change["set"].items()
            if path.startswith("data/") and not (calculated and path[5:].rpartition(".")[2] in calculated)
        ]
        entered = sum(old is None for old, _ in pairs)
        day["entered"] += entered
        day["corrected"] += len(pairs) - entered
    elif kind == "query" and "status" in change["set"]:
        old, new = change["set"]["status"]
        if new == "open":
            day["opened"] += 1
        elif old in OPEN_QUERY and new not in OPEN_QUERY:
            day["closed"] += 1
