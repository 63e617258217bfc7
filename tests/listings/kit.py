"""Short ways to list, and to say what is listed."""

from datetime import UTC, datetime
from typing import Any

from helmont.core.writer import perform
from helmont.edc.actions.entry import SaveForm
from helmont.listings.definition import Filter, Selection
from helmont.listings.selection import Listed, listed
from helmont.participants.actions import BeginEncounter
from helmont.studies.models import Study
from tests import cast

TODAY = datetime.now(UTC).date()


def look(selection: Selection, by: str = "data.manager", page: int = 1) -> Listed:
    return listed(cast.actor(by), Study.objects.get(key=cast.STUDY), selection, TODAY, page=page)


def values(found: Listed, *names: str) -> list[tuple[Any, ...]]:
    """The values of the named columns, row by row."""
    places = [next(n for n, each in enumerate(found.columns) if each.id == name) for name in names]
    return [tuple(row.values[place] for place in places) for row in found.rows]


def where(form: str, *filters: tuple[str, str, str], **options: Any) -> Selection:
    return Selection(form, filters=tuple(Filter(*each) for each in filters), **options)


def save(key: str, by: str = "coordinator", **items: str) -> None:
    perform(SaveForm(key, items, complete=True, reason="read again"), cast.actor(by))


def week_2() -> str:
    """The key of the vital signs of week 2, whose visit has begun."""
    perform(BeginEncounter(cast.STUDY, cast.PARTICIPANT, "WEEK_2", "2026-01-26"), cast.actor("coordinator"))
    return f"{cast.STUDY}/{cast.PARTICIPANT}/WEEK_2/VS"
