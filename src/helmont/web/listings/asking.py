"""Raising queries on the rows of a listing: what would be asked, then asking, with its progress."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.formats import number_format
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe
from django_tasks import TaskResultStatus
from django_tasks.exceptions import TaskResultDoesNotExist

from helmont.core import sql
from helmont.core.errors import Fault, Invalid, NotFound
from helmont.core.jobs.progress import progress
from helmont.edc.actions.queries import MAX_TEXT
from helmont.edc.queries.titles import form_title
from helmont.listings.asking import MOST, Target, plan, raise_in_bulk
from helmont.listings.definition import ALL, Selection
from helmont.listings.queries import listing_for
from helmont.listings.selection import every_row
from helmont.studies.models import Study
from helmont.studies.queries import compiled
from helmont.web.access import WEB, actor, require_somewhere, today
from helmont.web.listings import address
from helmont.web.listings.cells import text_of
from helmont.web.listings.views import study_with_listings

SHOWN = 20


@require_POST
def ask(request: HttpRequest, study: str) -> HttpResponse:
    """First what asking would do, then, with ``confirm``, asking as a job of its own."""
    found = study_with_listings(request, study)
    require_somewhere(request, "query.raise", study)
    selection = address.read(request.POST)
    column, text = request.POST.get("item", ""), request.POST.get("text", "").strip()
    targets, values, sequence = _targets(request, found, selection, column)
    planned = plan(targets)
    origin = _origin(request, study, selection, sequence)
    faults = _faults(text, targets)
    if request.POST.get("confirm") and not faults and planned.able:
        able = [list(target) for target in planned.able]
        with sql.turn():
            job = raise_in_bulk.enqueue(actor(request).handle, able, text, origin, WEB)
        return redirect("listings:progress", study, job.id)
    language = get_language() or "en"
    definition = compiled(study, found.definition)
    context = {
        "plan": planned,
        "examples": [
            {"place": form_title(definition, form, language), "item": item, "value": values[form, item]}
            for form, item in planned.able[:SHOWN]
        ],
        "more": max(0, len(planned.able) - SHOWN),
        "origin": origin,
        "text": text,
        "column": column,
        "faults": faults if request.POST.get("confirm") or not text else [],
        "fields": [(name, value) for name in request.POST for value in request.POST.getlist(name) if name not in _OWN],
        "back": address.write(selection),
        "longest": MAX_TEXT,
    }
    return render(request, "web/listings/ask.html", context, status=422 if context["faults"] else 200)


_OWN = ("csrfmiddlewaretoken", "text", "confirm")


def _faults(text: str, targets: list[Target]) -> list[dict[str, str]]:
    faults = []
    if not targets:
        faults.append({"url": "#text", "text": _("No row was chosen.")})
    if len(targets) > MOST:
        most = _("At most %s queries at a time; these are more. Limit the listing to fewer rows.")
        faults.append({"url": "#text", "text": most % number_format(MOST, use_l10n=True, force_grouping=True)})
    if not 0 < len(text) <= MAX_TEXT:
        faults.append({"url": "#text", "text": _("Write what the site should look at.")})
    return faults


def _targets(
    request: HttpRequest, study: Study, selection: Selection, column: str
) -> tuple[list[Target], dict[Target, str], int]:
    """The items of the chosen rows, as far as the listing shows them to this person; with their values."""
    every, chosen = bool(request.POST.get("all")), set(request.POST.getlist("row"))
    forms = {name.partition("|")[0] for name in chosen}
    values: dict[Target, str] = {}
    person, day, language = actor(request), today(request), get_language() or "en"
    with every_row(person, study, selection, day, language=language, forms=() if every else forms) as found:
        ready, rows, sequence = found
        place = next((n for n, each in enumerate(ready.shown) if each.id == column), None)
        if place is None or (ready.shown[place].item is None and selection.form != ALL):
            raise Invalid([Fault("item", _("This is not an item of the listing."), "")])
        if not every and not chosen:
            return [], {}, sequence
        for row in rows:
            if row.items[place] and (every or row.name in chosen):
                values.setdefault((row.form, row.items[place]), text_of(ready.shown[place], row.values[place]))
            if len(values) > MOST:
                break
    return list(values), values, sequence


def _origin(request: HttpRequest, study: str, selection: Selection, sequence: int) -> dict[str, Any]:
    """What goes into each query: which listing it came from, and the ledger's last entry when it was run."""
    origin: dict[str, Any] = {"sha256": selection.sha256, "sequence": sequence}
    number = request.POST.get("kept", "")
    if number:
        row = listing_for(actor(request), f"{study}/listings/{number}", today(request))
        origin |= {"listing": row.key, "title": row.title}
    return origin


@require_safe
def progress_of(request: HttpRequest, study: str, job: str) -> HttpResponse:
    """How far the asking is; only for whoever asks."""
    study_with_listings(request, study)
    try:
        result = raise_in_bulk.get_result(job)
    except TaskResultDoesNotExist:
        raise NotFound(job) from None
    if result.args[0] != actor(request).handle or not all(
        form.startswith(f"{study}/") for form, _item in result.args[1]
    ):
        raise NotFound(job)
    standing = progress(job)
    ended = result.is_finished
    answer: dict[str, Any] = (result.return_value if result.status == TaskResultStatus.SUCCESSFUL else None) or {}
    context = {
        "total": len(result.args[1]),
        "job": job,
        "standing": standing,
        "ended": ended,
        "failed": ended and not answer,
        "raised": answer.get("raised", 0),
        "refused": sorted(answer.get("refused", {}).items()),
        "text": result.args[2],
    }
    response = render(request, "web/listings/progress.html", context)
    if not ended:
        response["Refresh"] = "10"  # the page works without scripts too
    return response
