"""How busy the sites were: the activity counted per day, as far as the person may see."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import Q, Sum

from helmont.core.permissions import Actor
from helmont.edc.models import Activity
from helmont.studies.queries import sites_for


@dataclass(frozen=True)
class Day:
    """Counts of one day (UTC) at the person's sites together; all 0 on a day without any."""

    day: str
    saves: int = 0
    entered: int = 0
    corrected: int = 0
    opened: int = 0
    closed: int = 0


def activity(actor: Actor, study: str, today: date, days: int = 28) -> list[Day]:
    """The last ``days`` days up to and including ``today``, each once, at the sites whose forms the person may see."""
    sites = [site.number for site in sites_for(actor, study, "form.view", today)]
    wanted = [(today - timedelta(days=back)).isoformat() for back in reversed(range(days))]
    inside = Q(study=study, site__in=sites, day__gte=wanted[0], day__lte=wanted[-1])
    days_there = Activity.objects.filter(inside).order_by("day").values_list("day")
    sums = days_there.annotate(Sum("saves"), Sum("entered"), Sum("corrected"), Sum("opened"), Sum("closed"))
    found = {day: Day(day, *counts) for day, *counts in sums}
    return [found.get(day) or Day(day) for day in wanted]
