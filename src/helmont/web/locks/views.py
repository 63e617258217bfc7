"""Freezing, locking and opening the study, its sites, its participants and single items, after seeing what it holds."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_http_methods, require_POST

from helmont.core.actions import Job
from helmont.core.errors import NotFound, NotPermitted, Refused
from helmont.core.people.models import Person
from helmont.core.writer import submit
from helmont.edc.actions.locks import SetLock
from helmont.edc.actions.review import HoldItems
from helmont.edc.models import Form
from helmont.edc.queries.locks import Hold, holds_of_study
from helmont.edc.queries.worklist import visible_queries
from helmont.edc.workflows import OPEN_QUERY
from helmont.participants.queries import participants_for
from helmont.studies.models import Site
from helmont.studies.queries import sites_for
from helmont.web.access import WEB, act, actor, may_somewhere, require_somewhere, study_or_404, today
from helmont.web.addresses import form_address, participant_address
from helmont.web.dates import moment_text

PAGE = 50
VERBS = {
    "freeze": ("frozen", gettext_lazy("Freeze")),
    "lock": ("locked", gettext_lazy("Lock")),
    "open": ("open", gettext_lazy("Open again")),
}


@dataclass
class PlaceRow:
    """A place with the lock on it, if any, and what it holds. ``row`` names it in the form: ``site/701``."""

    level: str
    place: str
    title: str
    url: str
    hold: Hold | None = None
    who: str = ""
    when: str = ""
    counts: Counter[str] = field(default_factory=Counter)

    @property
    def row(self) -> str:
        return f"{self.level}/{self.place}"

    @property
    def state(self) -> str:
        return self.hold.state if self.hold else "unlocked"


@require_http_methods(["GET", "HEAD", "POST"])
def locks(request: HttpRequest, study: str) -> HttpResponse:
    """The study and its sites, or (``?site=``) the participants of a site. A POST shows what a step would hold, then does it."""
    study_or_404(request, study)
    require_somewhere(request, "form.view", study)
    site = request.POST.get("site", request.GET.get("site", "")).strip()
    rows = _participants(request, study, site) if site else _sites(request, study)
    context: dict[str, Any] = {
        "site": site,
        "rows": rows,
        "verbs": [(name, title) for name, (_state, title) in VERBS.items()],
        "may": may_somewhere(request, "form.freeze", study),
    }
    if request.method == "POST":
        require_somewhere(request, "form.freeze", study)
        verb, reason = request.POST.get("verb", ""), request.POST.get("reason", "").strip()
        chosen = set(request.POST.getlist("row"))
        ticked = [row for row in rows if row.row in chosen]
        if verb not in VERBS:
            raise NotFound(verb)
        if request.POST.get("sure") and reason and ticked:
            return _carry_out(request, study, verb, ticked, reason)
        together: Counter[str] = Counter()
        for row in ticked:
            together.update(row.counts)
        context |= {
            "verb": verb,
            "title": VERBS[verb][1],
            "ticked": ticked,
            "together": together,
            "reason": reason,
            "asked": bool(request.POST.get("sure")),
        }
        return render(request, "web/locks/confirm.html", context, status=422 if request.POST.get("sure") else 200)
    page = Paginator(rows, PAGE).get_page(request.GET.get("page", "1"))
    context |= {"rows": page, "page": page, "pages": page.paginator.get_elided_page_range(page.number)}
    return render(request, "web/locks/locks.html", context)


def _sites(request: HttpRequest, study: str) -> list[PlaceRow]:
    sites: list[Site] = sites_for(actor(request), study, "form.view", today(request))
    counts = _counts(request, study, "site", Q(site__in=[site.number for site in sites]))
    people = participants_for(actor(request), study, today(request), "form.view").order_by()
    for number, count in people.values_list("site").annotate(Count("key")):
        counts.setdefault(number, Counter())["participants"] += count
    rows = [
        PlaceRow(
            "site",
            site.number,
            f"{site.number} {site.name}",
            f"?site={site.number}",
            counts=counts.get(site.number, Counter()),
        )
        for site in sites
    ]
    whole = PlaceRow("study", "", _("The whole study"), "")
    for row in rows:
        whole.counts.update(row.counts)
    return _with_holds(request, study, [whole, *rows])


def _participants(request: HttpRequest, study: str, site: str) -> list[PlaceRow]:
    people = list(participants_for(actor(request), study, today(request), "form.view").filter(site=site))
    if not people:
        raise NotFound(site)
    counts = _counts(request, study, "participant_id", Q(site=site))
    rows = [
        PlaceRow(
            "participant", row.number, row.number, participant_address(row.key), counts=counts.get(row.key, Counter())
        )
        for row in people
    ]
    return _with_holds(request, study, rows)


def _counts(request: HttpRequest, study: str, by: str, where: Q) -> dict[str, Counter[str]]:
    """By place: forms, drafts, frozen and locked ones, and open queries."""
    found: dict[str, Counter[str]] = {}
    forms = Form.objects.filter(where, study=study).order_by().values_list(by, "status", "lock").annotate(Count("key"))
    for place, status, lock, count in forms:
        counter = found.setdefault(place, Counter())
        counter["forms"] += count
        counter["drafts"] += count if status == "draft" else 0
        counter["held"] += count if lock in ("frozen", "locked") else 0
    if may_somewhere(request, "query.view", study):
        asked: Any = visible_queries(actor(request), study, "", today(request)).filter(where, status__in=OPEN_QUERY)
        for place, count in asked.order_by().values_list(by).annotate(Count("key")):
            found.setdefault(place, Counter())["queries"] += count
    return found


def _with_holds(request: HttpRequest, study: str, rows: list[PlaceRow]) -> list[PlaceRow]:
    holds: Mapping[tuple[str, str], Hold] = holds_of_study(study)
    names = dict(Person.objects.filter(handle__in={hold.by for hold in holds.values()}).values_list("handle", "name"))
    for row in rows:
        if hold := holds.get((row.level, row.place)):
            row.hold, row.who = hold, names.get(hold.by, hold.by)
            row.when = moment_text(hold.at, actor(request).timezone)
    return rows


def _carry_out(request: HttpRequest, study: str, verb: str, rows: list[PlaceRow], reason: str) -> HttpResponse:
    state, title = VERBS[verb]
    jobs = [
        (row, submit(Job(SetLock(study, row.level, row.place, state, reason), actor(request), WEB))) for row in rows
    ]
    done = 0
    for row, job in jobs:
        try:
            job.result()
            done += 1
        except Refused as refusal:
            messages.warning(request, f"{row.title}: {refusal.message}")
    if done:
        changed = ngettext("%(n)s place changed", "%(n)s places changed", done) % {"n": done}
        messages.success(request, f"{title}: {changed}.")
    return redirect(request.get_full_path())


@require_POST
def items(request: HttpRequest, study: str, number: str, form: str) -> HttpResponse:
    """Freeze, lock or open one item of a form (``ENCOUNTER/FORM`` or ``LOG/FORM/LINE``)."""
    study_or_404(request, study)
    state = VERBS.get(request.POST.get("verb", ""), ("", ""))[0]
    key = f"{study}/{number}/{form}"
    try:
        act(request, HoldItems(key, (request.POST.get("item", ""),), state, request.POST.get("reason", "")))
        messages.success(request, _("Recorded."))
    except (NotFound, NotPermitted):
        raise
    except Refused as refusal:
        text = _("Say why it is opened again.") if refusal.code == "reason_required" else refusal.message
        messages.error(request, text)
    return redirect(form_address(key, request.POST.get("item", "")))
