"""The worklist of coding: texts grouped by what was written, so that one decision codes all of them."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from django.core.paginator import Paginator
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from helmont.coding.actions.deciding import ApproveCodings, CodeTerms
from helmont.coding.declared import dictionaries_in_use
from helmont.coding.lexicon import lexicon
from helmont.coding.models import Coding
from helmont.coding.queries import Group, codings_for, group_of, groups, progress, stages
from helmont.coding.workflows import TO_CODE
from helmont.core.errors import NotFound
from helmont.web.access import actor, may_somewhere, require_somewhere, study_or_404, today
from helmont.web.coding.doing import Done, carry_out, for_each_participant, tell
from helmont.web.coding.words import STAGES, Look, look

PAGE = 50
TABS = ("waiting", "suggested", "uncoded", "recode", "queried", "coded", "approved", "all")
ORDERS = ("-count", "verbatim", "-score")
MOST_ROWS = 200


@dataclass(frozen=True)
class Filters:
    """What the address says; every field is "" when it does not limit."""

    status: str = "waiting"
    name: str = ""
    q: str = ""
    sort: str = "-count"

    @classmethod
    def read(cls, query: QueryDict) -> Filters:
        given = {name: query.get(name, "").strip()[:100] for name in cls.__dataclass_fields__}
        if given["status"] not in TABS:
            given["status"] = "waiting"
        if given["sort"] not in ORDERS:
            given["sort"] = "-count"
        return cls(**given)


@dataclass(frozen=True)
class Shown:
    """A group in the list. ``proposed`` is the term that is suggested, by name."""

    group: Group
    look: Look
    dictionary: str
    proposed: str
    stage: str

    @property
    def value(self) -> str:
        """The group as a form's value."""
        return json.dumps([self.group.name, self.group.status, self.group.verbatim])

    @property
    def query(self) -> str:
        """The group as an address's query."""
        found = QueryDict(mutable=True)
        found.update({"name": self.group.name, "status": self.group.status, "verbatim": self.group.verbatim})
        return found.urlencode()


def selected(found: QuerySet[Coding], filters: Filters) -> QuerySet[Coding]:
    if filters.name:
        found = found.filter(name=filters.name)
    if filters.q:
        found = found.filter(Q(verbatim__icontains=filters.q) | Q(term__icontains=filters.q))
    if filters.status == "waiting":
        return found.filter(status__in=TO_CODE)
    return found.exclude(status="withdrawn") if filters.status == "all" else found.filter(status=filters.status)


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def worklist(request: HttpRequest, study: str) -> HttpResponse:
    """The list; a POST carries out ``action`` on every ticked group."""
    study_or_404(request, study)
    require_somewhere(request, "coding.view", study)
    found = codings_for(actor(request), study, today(request))
    if request.method == "POST":
        return _bulk(request, study, found)
    filters = Filters.read(request.GET)
    used = dictionaries_in_use(study)
    page = Paginator(groups(selected(found, filters), filters.sort), PAGE).get_page(request.GET.get("page", "1"))
    counts: dict[str, int] = {}
    for standing in progress(found.filter(name=filters.name) if filters.name else found).values():
        for status, count in standing.items():
            counts[status] = counts.get(status, 0) + count
    total = sum(count for status, count in counts.items() if status != "withdrawn")
    waiting = sum(counts.get(status, 0) for status in TO_CODE)
    by_stage = stages(found)
    automatic = sum(by_stage.get(stage, 0) for stage in ("exact", "normalised", "synonym"))
    tabs = {"waiting": waiting, "all": total}
    context: dict[str, Any] = {
        "filters": filters,
        "page": page,
        "pages": page.paginator.get_elided_page_range(page.number),
        "rows": [_shown(group_of(row), used) for row in page],
        "tabs": [
            (name, "" if name in tabs else look(name).label, tabs.get(name, counts.get(name, 0))) for name in TABS
        ],
        "dictionaries": used.values(),
        "missing": [each for each in used.values() if each.loaded is None],
        "waiting": waiting,
        "total": total,
        "settled": total - waiting,
        "automatic": automatic,
        "stages": [(str(STAGES[stage]), count) for stage, count in by_stage.items() if stage in STAGES],
        "approved": counts.get("approved", 0),
        "may_code": may_somewhere(request, "coding.code", study),
        "may_approve": may_somewhere(request, "coding.approve", study),
        "may_read": may_somewhere(request, "dictionary.read", study),
    }
    return render(request, "web/coding/worklist.html", context)


def _shown(group: Group, used: Any) -> Shown:
    loaded = used[group.name].loaded if group.name in used else None
    term = lexicon(loaded).term(group.suggestion) if loaded and group.suggestion else None
    title = used[group.name].declared.name if group.name in used else group.name
    return Shown(group, look(group.status), title, term.name if term else "", str(STAGES.get(group.stage, "")))


def _bulk(request: HttpRequest, study: str, found: QuerySet[Coding]) -> HttpResponse:
    verb = request.POST.get("action", "")
    if verb not in ("accept", "approve"):
        raise NotFound(verb)
    require_somewhere(request, "coding.code" if verb == "accept" else "coding.approve", study)
    done = Done()
    for value in request.POST.getlist("row")[:MOST_ROWS]:
        name, status, verbatim = _group(value)
        codings = found.filter(name=name, status=status, verbatim=verbatim)
        one = (
            _accept(request, codings, verbatim)
            if verb == "accept"
            else for_each_participant(request, codings, lambda who, keys: ApproveCodings(who, keys))
        )
        done.codings += one.codings
        done.refused.update(one.refused)
    tell(request, done, _("%(n)s terms coded as suggested.") if verb == "accept" else _("%(n)s codings approved."))
    return redirect(request.get_full_path())


def _accept(request: HttpRequest, codings: QuerySet[Coding], verbatim: str) -> Done:
    """Code each as it was suggested; those without a suggestion stay as they are."""
    keys: dict[tuple[str, str], list[str]] = {}
    suggested = codings.exclude(suggestion="").order_by("key")
    for key, participant, code in suggested.values_list("key", "participant_id", "suggestion"):
        keys.setdefault((participant, code), []).append(key)
    return carry_out(
        request,
        ((CodeTerms(who, tuple(theirs), verbatim, code), len(theirs)) for (who, code), theirs in keys.items()),
    )


def _group(value: str) -> tuple[str, str, str]:
    try:
        name, status, verbatim = json.loads(value)
    except (ValueError, TypeError):
        raise NotFound(value[:60]) from None
    return str(name), str(status), str(verbatim)
