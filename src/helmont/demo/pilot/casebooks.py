"""The pilot's participants as casebooks, straight from what their sites entered; nothing of a database is needed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import replace

from helmont.demo.pilot.events import EnterForm, ScreenParticipant, StartEncounter
from helmont.demo.pilot.journey import site_events
from helmont.study.datasets.rows import Casebook, Page, Visit


def casebooks() -> Iterator[Casebook]:
    """Every participant, by number; codings and the laboratory's ranges are not part of it."""
    found: dict[str, Casebook] = {}
    visits: dict[str, dict[tuple[str, str | None], Visit]] = defaultdict(dict)
    pages: dict[str, list[Page]] = defaultdict(list)
    for event in site_events():
        who = event.participant_id
        match event:
            case ScreenParticipant():
                found[who] = Casebook(who, event.site, "US", (), ())
            case StartEncounter():
                key = f"encounter:{who}/{event.encounter}/{event.unscheduled_number or ''}"
                day = event.date.isoformat()
                visit = Visit(key, event.encounter, day, None, event.unscheduled_number, event.reason)
                visits[who][event.encounter, event.unscheduled_number] = visit
            case EnterForm():
                held = visits[who].get((event.encounter or "", event.unscheduled_number))
                place = f"{event.encounter}-{event.unscheduled_number or ''}" if event.encounter else f"LOG-{event.line}"
                key = f"form:{who}/{place}/{event.form}"
                pages[who].append(Page(key, event.form, event.values, held, event.line))
    for who in sorted(found):
        yield replace(found[who], pages=tuple(pages[who]), visits=tuple(visits[who].values()))
