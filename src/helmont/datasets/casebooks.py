"""Casebooks of participants: from the tables as they are now, or from the ledger as it was."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cached_property, partial
from typing import Any

from helmont.coding.models import Coding
from helmont.edc.keys import LOG, split_form_key
from helmont.edc.models import Form
from helmont.labs.queries.limits import limits_now
from helmont.participants.models import Encounter, Participant
from helmont.study.datasets.rows import Casebook, Page, Reading, Visit

HELD = frozenset(("draft", "complete"))
"""Statuses of forms whose values count."""
MISTAKEN = "removed"
"""The status of people who were entered by mistake: they stay in the record and leave the data."""
Fields = Mapping[str, Any]


def casebooks(study: str, participants: Iterable[str]) -> Iterator[Casebook]:
    """The casebooks of participants (by key) as they are now, in the order of their numbers."""
    keys = list(participants)
    people = list(Participant.objects.filter(key__in=keys).order_by("number"))
    encounters, forms, codings = defaultdict(list), defaultdict(list), defaultdict(list)
    for encounter in Encounter.objects.filter(participant__in=keys).values():
        encounters[encounter["participant_id"]].append(encounter)
    for form in Form.objects.filter(participant__in=keys, status__in=HELD).values(*_FORM):
        forms[form["participant_id"]].append(form)
    for coding in Coding.objects.filter(participant__in=keys).exclude(code="").values(*_CODING):
        codings[coding["participant_id"]].append(coding)
    limits = _Limits(study, keys)
    for each in people:
        if each.status == MISTAKEN:
            continue
        fields = {
            "key": each.key,
            "number": each.number,
            "site": each.site,
            "country": each.country,
            "status": each.status,
        }
        yield casebook(
            fields, encounters[each.key], forms[each.key], codings[each.key], Found(partial(limits.of, each.key))
        )


class _Limits:
    """The laboratory's limits of some participants, found when they are first asked for: few changes concern them."""

    def __init__(self, study: str, keys: list[str]) -> None:
        self._study, self._keys = study, keys

    @cached_property
    def by_participant(self) -> dict[str, dict[tuple[str, str], Reading]]:
        return {
            key: {place_of(result): Reading(low or None, high or None) for result, (low, high) in found.items()}
            for key, found in limits_now(self._study, self._keys)
        }

    def of(self, key: str) -> dict[tuple[str, str], Reading]:
        return self.by_participant.get(key, {})


class Found(Mapping[tuple[str, str], Reading]):
    """What the laboratory says about the results of one participant, looked for when it is first asked for."""

    def __init__(self, find: Callable[[], Mapping[tuple[str, str], Reading]]) -> None:
        self._find = find

    @cached_property
    def _found(self) -> Mapping[tuple[str, str], Reading]:
        return self._find()

    def __getitem__(self, place: tuple[str, str]) -> Reading:
        return self._found[place]

    def __iter__(self) -> Iterator[tuple[str, str]]:
        return iter(self._found)

    def __len__(self) -> int:
        return len(self._found)


_FORM = ("key", "participant_id", "encounter", "form", "line", "definition", "status", "data")
_CODING = ("participant_id", "form", "item", "path")


def casebook(
    person: Fields,
    encounters: Iterable[Fields],
    forms: Iterable[Fields],
    codings: Iterable[Fields],
    readings: Mapping[tuple[str, str], Reading],
) -> Casebook:
    """A casebook of the fields of records, wherever they were read."""
    visits: dict[str, Visit] = {}
    for fields in encounters:
        if fields.get("date"):
            number = str(fields["number"]) if fields["oid"] == "UNSCHEDULED" else None
            place = f"encounter:{fields['key']}"
            end, reason = fields.get("ended") or None, fields.get("reason") or None
            visits[fields["key"]] = Visit(place, fields["oid"], fields["date"], end, number, reason)
    pages = []
    for fields in forms:
        study, participant, encounter, form, line = split_form_key(fields["key"])
        visit = None if encounter == LOG else visits.get(f"{study}/{participant}/{encounter}")
        place, on_line = f"form:{fields['key']}", int(line) if line else None
        pages.append(Page(place, form, fields["data"], visit, on_line, fields["definition"]))
    pages.sort(key=lambda page: (page.visit.date if page.visit else "", page.form, page.line or 0, page.key))
    return Casebook(
        participant=person["number"],
        site=person["site"],
        country=person["country"],
        pages=tuple(pages),
        visits=tuple(sorted(visits.values(), key=lambda visit: (visit.date, visit.key))),
        status=person["status"],
        codings={(f"form:{each['form']}", each["item"]): _terms(each["path"]) for each in codings},
        readings=readings,
    )


def _terms(path: Mapping[str, Any]) -> dict[str, str]:
    """The names of a coding by level; ``path`` holds code and name."""
    return {level: _name(entry) for level, entry in path.items()}


def _name(entry: Any) -> str:
    if isinstance(entry, Mapping):
        return str(entry.get("name", ""))
    return str(entry[-1]) if isinstance(entry, list | tuple) else str(entry)


def place_of(key: str) -> tuple[str, str]:
    """``<form's key>#<item key>`` as record and item."""
    form, _, item = key.partition("#")
    return f"form:{form}", item
