"""The cuts of a study: make one, look at one, compare two."""

from __future__ import annotations

import csv
import io
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from helmont.core.errors import NotFound
from helmont.core.ledger import checkpoints
from helmont.core.ledger.tlog.notes import Checkpoint
from helmont.core.people.models import Person
from helmont.core.permissions import Scope
from helmont.datasets.actions import LONGEST_TITLE, MakeCut
from helmont.datasets.definition import current_version
from helmont.datasets.kept import is_kept, keep
from helmont.datasets.models import Cut
from helmont.datasets.proof import ledger_holds, signatures_under_cuts
from helmont.datasets.queries import PERMISSION, cuts, sight_of
from helmont.datasets.seen import Seen, then
from helmont.web.access import act, actor, require_everywhere, require_somewhere, study_or_404, today
from helmont.web.cuts.comparing import differing, lines
from helmont.web.datasets.moments import AT_ONCE, StillBeingMade, at_a_moment, waiting
from helmont.web.worklist.views import safe_cell

PAGE = 100


@require_http_methods(["GET", "HEAD", "POST"])
def index(request: HttpRequest, study: str) -> HttpResponse:
    """Every cut; a POST makes one of the ledger as it is."""
    study_or_404(request, study)
    require_somewhere(request, PERMISSION, study)
    if request.method == "POST":
        return _make(request, study)
    found = cuts(study)
    names = dict(Person.objects.filter(handle__in={each.maker for each in found}).values_list("handle", "name"))
    signed = signatures_under_cuts(found)
    context = {
        "rows": [(each, number_of(each), names.get(each.maker, each.maker), signed[each.key]) for each in found],
        "may_make": actor(request).may("cut.make", Scope(study), today(request)),
        "longest": LONGEST_TITLE,
    }
    return render(request, "web/cuts/index.html", context)


def _make(request: HttpRequest, study: str) -> HttpResponse:
    require_everywhere(request, "cut.make", study)
    note = checkpoints.make_checkpoint(study)
    sealed = Checkpoint.parse(note.rpartition("\n\n")[0] + "\n")
    title, purpose = request.POST.get("title", ""), request.POST.get("purpose", "")
    version = current_version(study)
    result = act(request, MakeCut(study, title, sealed.size, sealed.root.hex(), note, version, purpose))
    messages.success(request, _("The cut is made. Sign it, so that it is known who answers for it."))
    return redirect("cuts:cut", study, str(result["key"]).rsplit("/", 1)[1])


def number_of(cut: Cut) -> str:
    return str(cut.key).rsplit("/", 1)[1]


def _cut(request: HttpRequest, study: str, number: str) -> Cut:
    """A cut of the study. Raises ``NotFound``, also for whoever reads no data sets."""
    study_or_404(request, study)
    require_somewhere(request, PERMISSION, study)
    found: Cut | None = Cut.objects.filter(key=f"{study}/cuts/{number}").first()
    if found is None:
        raise NotFound(number)
    return found


@require_safe
def cut(request: HttpRequest, study: str, number: str) -> HttpResponse:
    """One cut: what proves it, and the way to everything as of it."""
    found = _cut(request, study, number)
    maker = Person.objects.filter(handle=found.maker).values_list("name", flat=True).first() or found.maker
    others = [(each, number_of(each)) for each in cuts(study) if each.key != found.key]
    signatures = signatures_under_cuts([found])[found.key]
    person = actor(request)
    mine = any(each.by.person == person.handle and each.holds for each in signatures)
    context = {
        "cut": found,
        "number": number,
        "maker": maker,
        "last": found.size - 1,
        "others": others,
        "signatures": signatures,
        "ledger_holds": ledger_holds(found),
        "may_sign": not mine and person.may("cut.sign", Scope(study), today(request)),
        "sign_records": f'["cut:{found.key}"]',
    }
    return render(request, "web/cuts/cut.html", context)


@require_safe
def checkpoint(request: HttpRequest, study: str, number: str) -> HttpResponse:
    """The signed note of the ledger at the cut."""
    found = _cut(request, study, number)
    name = f"{study}-cut-{number}-checkpoint.txt"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return HttpResponse(found.checkpoint, content_type="text/plain; charset=utf-8", headers=headers)


def _two(request: HttpRequest, study: str) -> tuple[Cut, Cut, Seen, Seen]:
    """The cuts of the address, the earlier first, as the person sees them. Raises ``StillBeingMade``."""
    chosen = [_cut(request, study, request.GET.get(name, "")) for name in ("one", "other")]
    earlier, later = sorted(chosen, key=lambda each: each.size)
    sizes = [earlier.size, later.size]
    if any(not is_kept(study, size) and size > AT_ONCE for size in sizes):
        raise StillBeingMade(waiting(request, study, sizes))
    for size in sizes:
        keep(study, size)
    sight = sight_of(actor(request), study, today(request))
    before, after = (Seen(then(study, size), sight) for size in sizes)
    return earlier, later, before, after


@require_safe
@at_a_moment
def compare_two(request: HttpRequest, study: str) -> HttpResponse:
    """What differs from the earlier to the later cut, by data set, and of one data set cell by cell."""
    earlier, later, before, after = _two(request, study)
    chosen = request.GET.get("dataset", "")
    found = differing(before, after)
    one = next((each for each in found if each.dataset.id == chosen), None)
    context: dict[str, Any] = {
        "earlier": earlier,
        "later": later,
        "numbers": (number_of(earlier), number_of(later)),
        "found": [each for each in found if not each.same],
        "same": [each.dataset.id for each in found if each.same],
        "one": one,
    }
    if one is not None:
        page = Paginator(list(lines(one)), PAGE).get_page(request.GET.get("page"))
        pages = page.paginator.get_elided_page_range(page.number)
        context |= {
            "page": page,
            "pages": pages,
            "kinds": {"changed": _("changed"), "new": _("new"), "gone": _("gone")},
        }
        context["lines"] = [(context["kinds"][each[0]], each) for each in page.object_list]
    return render(request, "web/cuts/compare.html", context)


@require_safe
@at_a_moment
def download(request: HttpRequest, study: str) -> HttpResponse:
    """Every difference as CSV."""
    earlier, later, before, after = _two(request, study)
    file = io.StringIO()
    file.write("\ufeff")
    writer = csv.writer(file)
    writer.writerow(["dataset", "kind", "keys", "variable", "before", "after"])
    for each in differing(before, after):
        writer.writerows([each.dataset.id, *map(safe_cell, line)] for line in lines(each))
    name = f"{study}-cuts-{number_of(earlier)}-{number_of(later)}.csv"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return HttpResponse(file.getvalue(), content_type="text/csv; charset=utf-8", headers=headers)
