"""Which moment a page shows: now, or with ``?as_of=`` an entry of the ledger, a day or a time.

An entry's number means that entry and everything before it; a day means the end of that day on the person's clock.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import wraps
from typing import Any
from zoneinfo import ZoneInfo

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils.translation import gettext as _
from django_tasks import TaskContext, task
from django_tasks.base import TaskResultStatus
from django_tasks_db.models import DBTaskResult

from helmont.core import sql
from helmont.core.errors import Fault, Invalid
from helmont.core.jobs.progress import Reporter, progress
from helmont.core.ledger.models import Entry
from helmont.core.ledger.store import log_size
from helmont.core.transactions import format_time
from helmont.datasets.kept import is_kept, keep
from helmont.datasets.queries import PERMISSION, sight_of
from helmont.datasets.seen import Point, Seen, now, then
from helmont.studies.models import Site
from helmont.web.access import actor, require_somewhere, study_or_404, today

AT_ONCE = 5_000
"""Entries; a shorter ledger is folded while the page waits."""


@task(takes_context=True)
def make_then(context: TaskContext, study: str, size: int) -> int:
    """Make and keep the data sets of a moment."""
    keep(study, size, Reporter(str(context.task_result.id)))
    return size


@dataclass(frozen=True)
class Shown:
    """What a page is about: the moment asked for, and what the person sees of it."""

    seen: Seen
    asked: str
    time: str
    """When the last entry was written, as the ledger has it."""
    ledger: int
    """How many entries there are now."""
    all_sites: int
    """How many sites the study has."""

    @property
    def last(self) -> int:
        """The sequence of the last entry that counts."""
        return self.seen.point.size - 1

    @property
    def query(self) -> str:
        """What goes behind an address so that it is about the same moment."""
        return "" if self.seen.point.now else f"?as_of={self.last}"

    @property
    def behind(self) -> int:
        """How many entries were written since."""
        return self.ledger - self.seen.point.size

    @property
    def sites(self) -> list[str]:
        return sorted(self.seen.sight.sites)


class StillBeingMade(Exception):
    """The data sets of the moment are being made; ``page`` follows it."""

    def __init__(self, page: HttpResponse) -> None:
        super().__init__()
        self.page = page


def shown(request: HttpRequest, study: str, *, waits: bool = True) -> Shown:
    """The moment of the address. Raises ``NotFound`` for whoever reads no data sets, and ``StillBeingMade``.

    A page that ``waits`` shows nothing of data sets that were never made yet.
    """
    study_or_404(request, study)
    require_somewhere(request, PERMISSION, study)
    sight = sight_of(actor(request), study, today(request))
    asked = request.GET.get("as_of", "").strip()[:40]
    size = size_of(request, study, asked) if asked else 0
    ledger = log_size(study)
    if not asked or size == ledger:
        point = now(study)
        if waits and not point.size:
            raise StillBeingMade(_beginning(request))
        asked = asked if point.size == size else ""
    else:
        point = _then(request, study, size)
    time = Entry.objects.filter(log=study, sequence=point.size - 1).values_list("time", flat=True).first() or ""
    return Shown(Seen(point, sight), asked, time, ledger, Site.objects.filter(study=study).count())


def at_a_moment(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """A view that calls ``shown``: while the moment's data sets are being made, it answers with the page that waits."""

    @wraps(view)
    def answer(request: HttpRequest, *arguments: str, **named: str) -> HttpResponseBase:
        try:
            return view(request, *arguments, **named)
        except StillBeingMade as making:
            return making.page

    return answer


def size_of(request: HttpRequest, study: str, asked: str) -> int:
    """How many entries a moment holds. Raises ``Invalid`` when it is none."""
    if asked.isdecimal() and len(asked) < 16:
        size = int(asked) + 1
    else:
        zone = ZoneInfo(actor(request).timezone)
        try:
            moment = datetime.fromisoformat(asked)
        except ValueError:
            accepted = _("the number of an entry, a day (2026-05-31) or a time (2026-05-31T12:00)")
            raise Invalid([Fault("as_of", _("This is no moment of the ledger."), accepted)]) from None
        moment = moment + timedelta(days=1) if len(asked) == 10 else moment
        until = (moment if moment.tzinfo else moment.replace(tzinfo=zone)).astimezone(UTC)
        last = Entry.objects.filter(log=study, time__lt=format_time(until)).order_by("-sequence")
        found = last.values_list("sequence", flat=True).first()
        size = 0 if found is None else found + 1
    if not 0 < size <= log_size(study):
        raise Invalid([Fault("as_of", _("The ledger has no such entry."), f"0–{log_size(study) - 1}")])
    return size


def _beginning(request: HttpRequest) -> HttpResponse:
    """The page that waits for data sets that are made for the first time, and is the page asked for when they are."""
    response = render(request, "web/datasets/beginning.html")
    response["Refresh"] = "3"
    return response


def _then(request: HttpRequest, study: str, size: int) -> Point:
    if not is_kept(study, size):
        if size > AT_ONCE:
            raise StillBeingMade(waiting(request, study, [size]))
        keep(study, size)
    return then(study, size)


def waiting(request: HttpRequest, study: str, sizes: list[int]) -> HttpResponse:
    """The page that waits for moments to be made, and is the page asked for when they are."""
    jobs = [(each, _job(study, each)) for each in sizes if not is_kept(study, each)]
    size, job = jobs[0]
    context: dict[str, Any] = {"job": job, "size": size, "last": size - 1, "standing": progress(job)}
    response = render(request, "web/datasets/making.html", context)
    response["Refresh"] = "10"  # the page works without scripts too
    return response


def _job(study: str, size: int) -> str:
    """The job that makes them, which may have been asked for already."""
    under_way = DBTaskResult.objects.filter(
        task_path=make_then.module_path, status__in=(TaskResultStatus.READY, TaskResultStatus.RUNNING)
    )
    for each in under_way.order_by("-enqueued_at"):
        if each.args_kwargs["args"] == [study, size]:
            return str(each.id)
    with sql.turn():
        return str(make_then.enqueue(study, size).id)
