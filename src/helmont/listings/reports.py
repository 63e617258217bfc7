"""What is missing, what is late, and how old the questions are, at the places of whoever asks."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from statistics import median

from helmont.core.errors import NotFound
from helmont.core.permissions import Actor
from helmont.double_entry.queries.waiting import standings_in_study
from helmont.edc.models import Form, Query
from helmont.edc.queries.worklist import visible_queries
from helmont.edc.workflows import OPEN_QUERY
from helmont.participants.models import Encounter, Participant
from helmont.participants.queries import encounters_of, in_places, participants_for
from helmont.studies.models import Study
from helmont.studies.queries import compiled

AGES = (7, 14, 30, 90)
"""Upper ends of the age buckets, in days; the last bucket is open."""
ENTERED = ("draft", "complete", "not_done")


@dataclass(frozen=True, slots=True)
class Place:
    """What a report is limited to; "" for everything that is the person's."""

    site: str = ""
    country: str = ""

    def covers(self, row: Participant | Query) -> bool:
        return self.site in ("", row.site) and self.country in ("", row.country)


@dataclass(frozen=True, slots=True)
class MissingPage:
    """A form that a visit which took place should have, and has not. ``days`` since the visit; ``paper`` where it stands
    when two people are copying it (``double_entry.turns.standing_of``)."""

    key: str
    participant: str
    site: str
    encounter: str
    visit_date: str
    form: str
    days: int
    paper: str = ""


@dataclass(frozen=True, slots=True)
class LateVisit:
    """A planned visit that has not begun; ``days`` since the last day of its window, negative while it is still open."""

    key: str
    participant: str
    site: str
    encounter: str
    target: str
    latest: str
    days: int


@dataclass
class Ageing:
    """Queries that wait, by age in the buckets of ``AGES``.

    ``open`` wait for the site's answer, ``answered`` for whoever asked. Medians are days, over every query of the place
    that got that far; None without any.
    """

    open: list[int] = field(default_factory=lambda: [0] * (len(AGES) + 1))
    answered: list[int] = field(default_factory=lambda: [0] * (len(AGES) + 1))
    to_answer: list[float] = field(default_factory=list)
    to_close: list[float] = field(default_factory=list)

    @property
    def waiting_for_site(self) -> int:
        return sum(self.open)

    @property
    def waiting_for_us(self) -> int:
        return sum(self.answered)

    @property
    def waiting(self) -> int:
        return self.waiting_for_site + self.waiting_for_us

    @property
    def buckets(self) -> list[int]:
        return [one + other for one, other in zip(self.open, self.answered, strict=True)]

    @property
    def median_to_answer(self) -> float | None:
        return median(self.to_answer) if self.to_answer else None

    @property
    def median_to_close(self) -> float | None:
        return median(self.to_close) if self.to_close else None

    def add(self, other: Ageing) -> None:
        self.open = [a + b for a, b in zip(self.open, other.open, strict=True)]
        self.answered = [a + b for a, b in zip(self.answered, other.answered, strict=True)]
        self.to_answer += other.to_answer
        self.to_close += other.to_close


def missing_pages(actor: Actor, study: Study, place: Place, today: date) -> list[MissingPage]:
    """Every expected form that was not entered, of visits that began; the longest missing first."""
    condition = in_places(actor, "form.view", study.key, today)
    if condition is None:
        raise NotFound(study.key)
    people = {each.key: each for each in Participant.objects.filter(condition) if place.covers(each)}
    there = {
        (container, form)
        for container, form in Form.objects.filter(condition, status__in=ENTERED).values_list("container", "form")
    }
    found = []
    begun = Encounter.objects.filter(study=study.key, status="begun")
    copied = standings_in_study(study.key)
    for key, owner, oid, day in begun.values_list("key", "participant_id", "oid", "date"):
        if owner not in people:
            continue
        definition = compiled(study.key, people[owner].definition)
        if oid not in definition.encounters:
            continue
        for form in definition.expected_forms(oid):
            if (key, form) not in there:
                person, name = people[owner], f"{key}/{form}"
                days = _since(day, today)
                found.append(MissingPage(name, person.number, person.site, oid, day, form, days, copied.get(name, "")))
    return sorted(found, key=lambda each: (-each.days, each.key))


def late_visits(actor: Actor, study: Study, place: Place, today: date) -> list[LateVisit]:
    """Every planned visit that is due within a week or overdue; the longest overdue first."""
    people = [each for each in participants_for(actor, study.key, today) if place.covers(each)]
    rows: dict[str, list[Encounter]] = defaultdict(list)
    for row in Encounter.objects.filter(study=study.key):
        rows[row.participant_id].append(row)
    found = []
    for person in people:
        definition = compiled(study.key, person.definition)
        for each in encounters_of(person, definition, rows[person.key], "en", today):
            if each.standing in ("due", "overdue"):
                days = _since(each.latest, today)
                found.append(LateVisit(each.key, person.number, person.site, each.oid, each.target, each.latest, days))
    return sorted(found, key=lambda each: (-each.days, each.key))


def query_ageing(actor: Actor, study: Study, place: Place, today: date, now: datetime) -> Mapping[str, Ageing]:
    """The ageing of the queries that the person may see, by site number."""
    sites: dict[str, Ageing] = defaultdict(Ageing)
    seen = visible_queries(actor, study.key, study.definition, today)
    for query in seen.only("site", "country", "status", "opened", "messages").iterator(chunk_size=2000):
        if place.covers(query):
            _count(query, sites[query.site], now)
    return dict(sorted(sites.items()))


def everywhere(sites: Iterable[Ageing]) -> Ageing:
    """The ageing of all sites together."""
    total = Ageing()
    for each in sites:
        total.add(each)
    return total


def counts_by_site(rows: Iterable[MissingPage | LateVisit]) -> Counter[str]:
    return Counter(row.site for row in rows)


def _count(query: Query, ageing: Ageing, now: datetime) -> None:
    if query.status in OPEN_QUERY:
        age = (now - datetime.fromisoformat(query.opened)).days
        bucket = sum(age > limit for limit in AGES)
        (ageing.open if query.status == "open" else ageing.answered)[bucket] += 1
    messages = [query.messages[place] for place in sorted(query.messages)]
    answer = next((each for each in messages if each["kind"] == "answered"), None)
    if answer is not None:
        ageing.to_answer.append(_days(query.opened, answer["at"]))
    if query.status not in OPEN_QUERY and messages:
        ageing.to_close.append(_days(query.opened, messages[-1]["at"]))


def _days(start: str, end: str) -> float:
    return (datetime.fromisoformat(end) - datetime.fromisoformat(start)).total_seconds() / 86_400


def _since(day: str, today: date) -> int:
    return (today - date.fromisoformat(day)).days if day else 0


def utc_now() -> datetime:
    return datetime.now(UTC)
