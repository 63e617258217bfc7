"""The key figures of a study, as a whole and per site, limited to the places of whoever asks."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from typing import Any

from django.db.models import Count, Q, QuerySet

from helmont.core.permissions import Actor
from helmont.core.transactions import format_time
from helmont.edc.models import Form
from helmont.edc.queries.verification import progress_by, standings
from helmont.edc.queries.worklist import visible_queries
from helmont.participants.actions import UNSCHEDULED
from helmont.participants.models import Encounter, Participant
from helmont.participants.queries import in_places
from helmont.studies.models import Study
from helmont.studies.queries import compiled

NOBODY = Q(pk__in=())
AGES = (7, 14, 30)  # days; the last bucket is open
ENROLLED = ("enrolled", "completed", "withdrawn")


@dataclass
class Figures:
    """Counts of one site, or of all.

    ``complete`` of the ``expected`` forms are complete or not done; ``done`` counts those at unscheduled visits and in
    logs as well, of which ``signed`` stand signed. ``to_verify`` are complete forms of which the plan requires something to
    be verified, ``verified`` those with nothing due; ``ages`` the open queries up to 7, 14, 30 days old, and older.
    """

    participants: Counter[str] = field(default_factory=Counter)
    expected: int = 0
    complete: int = 0
    done: int = 0
    to_verify: int = 0
    verified: int = 0
    signed: int = 0
    queries: int = 0
    answered: int = 0
    ages: list[int] = field(default_factory=lambda: [0] * (len(AGES) + 1))

    @property
    def everybody(self) -> int:
        return self.participants.total()

    @property
    def enrolled(self) -> int:
        return sum(self.participants[status] for status in ENROLLED)

    def add(self, other: Figures) -> None:
        self.participants.update(other.participants)
        for name in ("expected", "complete", "done", "to_verify", "verified", "signed", "queries", "answered"):
            setattr(self, name, getattr(self, name) + getattr(other, name))
        self.ages = [one + more for one, more in zip(self.ages, other.ages, strict=True)]


def figures(actor: Actor, study: Study, today: date) -> tuple[Figures, dict[str, Figures]]:
    """Of all the person's sites together, and by site number. Counting is left to the database."""
    sites: dict[str, Figures] = defaultdict(Figures)
    people = Participant.objects.filter(in_places(actor, "participant.view", study.key, today) or NOBODY)
    for site, status, count in people.order_by().values_list("site", "status").annotate(Count("key")):
        sites[site].participants[status] += count
    _expected(study, people.order_by().values("key"), sites)
    forms = Form.objects.filter(in_places(actor, "form.view", study.key, today) or NOBODY).order_by()
    _forms(study, forms, sites)
    if study.definition:
        _verification(actor, study, today, sites)
    if actor.places("query.view", study.key, today):
        _queries(actor, study, today, sites)
    total = Figures()
    for each in sites.values():
        total.add(each)
    return total, dict(sites)


def _expected(study: Study, people: QuerySet[Any], sites: dict[str, Figures]) -> None:
    """Forms planned at the visits that took place."""
    begun = Encounter.objects.filter(participant__in=people, status="begun").exclude(oid=UNSCHEDULED).order_by()
    counted = begun.values_list("participant__site", "participant__definition", "oid").annotate(Count("key"))
    for site, version, oid, count in counted:
        definition = compiled(study.key, version)
        if oid in definition.encounters:
            sites[site].expected += count * len(definition.expected_forms(oid))


def _forms(study: Study, forms: QuerySet[Form], sites: dict[str, Figures]) -> None:
    done = forms.filter(status__in=("complete", "not_done"))
    columns = ("site", "participant__definition", "encounter", "form", "signed")
    for site, version, encounter, form, signed, count in done.values_list(*columns).annotate(count=Count("key")):
        figures, planned = sites[site], compiled(study.key, version)
        # What was entered beyond the plan does not make up for what is missing from it.
        if encounter in planned.encounters and form in planned.expected_forms(encounter):
            figures.complete += count
        figures.done += count
        figures.signed += count if signed == "valid" else 0


def _verification(actor: Actor, study: Study, today: date, sites: dict[str, Figures]) -> None:
    """Forms of which the verification plan requires something, and those where nothing is due."""
    for site, progress in progress_by(standings(actor, study, today), lambda form: form.site).items():
        sites[site].to_verify += progress.forms
        sites[site].verified += progress.forms - progress.forms_due


def _queries(actor: Actor, study: Study, today: date, sites: dict[str, Figures]) -> None:
    waiting = visible_queries(actor, study.key, study.definition, today).order_by()
    now = datetime.now(UTC)
    limits = [format_time(now - timedelta(days=days)) for days in AGES]
    asked = (
        waiting.filter(status="open")
        .values_list("site")
        .annotate(
            count=Count("key"),
            **{
                f"over_{days}": Count("key", filter=Q(opened__lt=limit))
                for days, limit in zip(AGES, limits, strict=True)
            },
        )
    )
    for site, count, *older in asked:
        bounds = [count, *older, 0]
        sites[site].queries += count
        sites[site].ages = [more - less for more, less in pairwise(bounds)]
    for site, count in waiting.filter(status="answered").values_list("site").annotate(Count("key")):
        sites[site].answered += count


@dataclass(frozen=True)
class Month:
    """Cumulative counts at the end of a month (``2013-07``)."""

    month: str
    screened: int
    enrolled: int


def enrolment(actor: Actor, study: str, today: date) -> list[Month]:
    """By month, how many were screened, and how many of them were enrolled; by the date of their screening."""
    people = Participant.objects.filter(in_places(actor, "participant.view", study, today) or NOBODY)
    screened: Counter[str] = Counter()
    enrolled: Counter[str] = Counter()
    for day, status in people.values_list("screened", "status"):
        screened[day[:7]] += 1
        enrolled[day[:7]] += status in ENROLLED
    result, so_far, of_them = [], 0, 0
    for month in _months(screened):
        so_far += screened[month]
        of_them += enrolled[month]
        result.append(Month(month, so_far, of_them))
    return result


def _months(counted: Iterable[str]) -> list[str]:
    """Every month from the first to the last, those without anybody included."""
    known = sorted(counted)
    if not known:
        return []
    year, month = map(int, known[0].split("-"))
    months = []
    while f"{year:04}-{month:02}" <= known[-1]:
        months.append(f"{year:04}-{month:02}")
        year, month = (year + 1, 1) if month == 12 else (year, month + 1)
    return months
