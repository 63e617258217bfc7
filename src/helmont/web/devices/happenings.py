"""What is marked on a trace: visits, adverse events, devices given and taken back, and corrections of what they told."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime

from django.http import HttpRequest
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from helmont.edc.queries.forms import forms_of
from helmont.participants.queries import encounters_of, recorded_encounters, scope_of
from helmont.sensors.queries.devices import corrections_of
from helmont.studies.queries import compiled
from helmont.study.model import Form
from helmont.web.access import actor, today
from helmont.web.devices.looking import MILLION, Looking, midnight


@dataclass(frozen=True, order=True)
class Happening:
    """Something at a moment (microseconds since 1970), or from then until ``end``; ``kind`` tells marks apart."""

    at: int
    end: int
    kind: str
    text: str


def happenings(request: HttpRequest, about: Looking) -> list[Happening]:
    """Everything that the person may see of it, in the order of time."""
    person, scope, day = actor(request), scope_of(about.participant), today(request)
    found = list(_devices(about))
    if person.may("participant.view", scope, day):
        found += _visits(request, about)
    if person.may("form.view", scope, day):
        found += _adverse_events(request, about)
    return sorted(found)


def _microseconds(text: str) -> int:
    return int(datetime.fromisoformat(text).timestamp() * MILLION)


def _devices(about: Looking) -> Iterator[Happening]:
    for worn in about.worn:
        row = worn.assignment
        yield Happening(_microseconds(row.starts), 0, "device", _("%s was given out") % row.device)
        if row.ends:
            yield Happening(_microseconds(row.ends), 0, "device", _("%s was given back") % row.device)
        for each in corrections_of(row.key):
            if each.withdrawn:
                continue
            if each.kind == "wearer":
                text = _("Somebody else wore %s") % row.device
                yield Happening(_microseconds(each.starts), _microseconds(each.ends), "correction", text)
            else:
                for shown in each.points:
                    yield Happening(
                        _microseconds(shown), 0, "correction", _("The clock of %s was compared") % row.device
                    )


def _visits(request: HttpRequest, about: Looking) -> Iterator[Happening]:
    study = compiled(about.study.key, about.participant.definition)
    rows = recorded_encounters(about.participant)
    for each in encounters_of(about.participant, study, rows, get_language() or "en", today(request)):
        if _is_date(each.date):
            yield Happening(midnight(each.date, about.zone), 0, "visit", each.label)


def _adverse_events(request: HttpRequest, about: Looking) -> Iterator[Happening]:
    """The beginnings of adverse events, by whatever item of a log goes to AESTDTC."""
    study = compiled(about.study.key, about.participant.definition).study
    items = {form.id: found for form in study.forms if "AESTDTC" in (found := _of_adverse_events(form))}
    if not items:
        return
    for row in forms_of(actor(request), about.participant, today(request)):
        if row.form in items and row.status != "removed":
            begun = row.data.get(items[row.form]["AESTDTC"])
            term = row.data.get(items[row.form].get("AETERM", ""))
            if isinstance(begun, str) and _is_date(begun[:10]):
                text = term[:60] if isinstance(term, str) else _("Adverse event")
                yield Happening(midnight(begun[:10], about.zone), 0, "adverse", text)


def _of_adverse_events(form: Form) -> dict[str, str]:
    """The form's items by the variable of AE that they go to."""
    return {item.sdtm.variable: item.id for item in form.items() if item.sdtm and item.sdtm.domain == "AE"}


def _is_date(text: str) -> bool:
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return len(text) == 10
