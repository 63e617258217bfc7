"""Result files: sending one, seeing what it would do line by line, and taking it in."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from helmont.core.errors import NotFound
from helmont.edc.queries.titles import encounter_title
from helmont.labs.importing import DONE, keep_draft, planned_of, read_results
from helmont.labs.models import Draft
from helmont.labs.planning import KINDS, Line
from helmont.labs.queries.readings import imports_of, names_of
from helmont.standards.laboratory import MAX_BYTES
from helmont.studies.models import Study
from helmont.study.faults import Fault
from helmont.study.units import unit_text
from helmont.web.access import actor, may_somewhere, require_somewhere, study_or_404
from helmont.web.labs.jobs import import_results
from helmont.web.labs.results import tabs
from helmont.web.labs.shown import analyte_label, laboratory_of

SHOWN = 500
GLYPHS = {
    "created": ("plus", "good"),
    "changed": ("changed", "attention"),
    "unchanged": ("check", "neutral"),
    "waiting": ("due", "notice"),
    "refused": ("error", "bad"),
}


def kind_words() -> dict[str, str]:
    return {
        "created": _("New"),
        "changed": _("Changes"),
        "unchanged": _("As it is"),
        "waiting": _("Waits"),
        "refused": _("Refused"),
        "failed": _("Failed"),
        "unreadable": _("Not read"),
    }


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def listing(request: HttpRequest, study: str) -> HttpResponse:
    """The imports of the study; a POST sends a file, which is read and not yet taken in."""
    found = study_or_404(request, study)
    if not may_somewhere(request, "form.view", study):
        raise NotFound(study)
    _definition, lab = laboratory_of(found)
    context: dict[str, Any] = {**tabs(request, study, "imports"), "columns": lab.labs.csv.columns, "hl7": lab.labs.hl7}
    status = 200
    if request.method == "POST":
        require_somewhere(request, "labs.import", study)
        sent: Any = request.FILES.get("file")
        if sent is None or sent.size > MAX_BYTES:
            context["faults"] = [Fault("", 0, "", _("Choose a file of at most 20 MB."))]
            status = 422
        else:
            file = read_results(study, sent.read(), sent.name or "results")
            if not file.unreadable:
                return redirect("labs:draft", study, keep_draft(study, file, actor(request)).token)
            context["faults"] = file.faults
            status = 422
    rows = imports_of(study)
    names = names_of(row.by for row in rows)
    words = kind_words()
    context["rows"] = [
        {
            "row": row,
            "by": names.get(row.by, row.by),
            "counts": [(words.get(name, name), count) for name, count in sorted(row.counts.items())],
            "findings": [row.findings[number] for number in sorted(row.findings)][:100],
        }
        for row in rows
    ]
    return render(request, "web/labs/imports.html", context, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def draft(request: HttpRequest, study: str, token: str) -> HttpResponse:
    """What a file would do, line by line; a POST takes it in or forgets it."""
    found = study_or_404(request, study)
    require_somewhere(request, "labs.import", study)
    kept: Draft | None = Draft.objects.filter(token=token, study=study, person=actor(request).handle).first()
    if kept is None:
        raise NotFound(token)
    if kept.outcome == DONE:
        kept.delete()
        messages.success(request, _("The file was taken in."))
        return redirect("labs:imports", study)
    if request.method == "POST":
        if request.POST.get("then") == "forget":
            kept.delete()
            messages.success(request, _("The file was put aside; nothing of it was kept."))
            return redirect("labs:imports", study)
        if not kept.outcome:
            queued = import_results.enqueue(token, get_language() or "en")
            kept.outcome = str(queued.id)
            kept.save(update_fields=["outcome"])
        return redirect("labs:draft", study, token)
    context: dict[str, Any] = {**tabs(request, study, "imports"), "draft": kept, "job": kept.outcome}
    if not kept.outcome:
        plan, words = planned_of(kept, actor(request)), kind_words()
        chosen = request.GET.get("kind", "")
        lines = [line for line in plan.lines if line.kind == chosen or chosen not in KINDS]
        context |= {
            "counts": [(kind, words[kind], plan.counts[kind]) for kind in KINDS if kind in plan.counts],
            "chosen": chosen if chosen in KINDS else "",
            "lines": [(*_in_words(found, line), words[line.kind], *GLYPHS[line.kind]) for line in lines[:SHOWN]],
            "more": max(len(lines) - SHOWN, 0),
            "total": len(plan.lines),
            "forms": len(plan.saves),
            "faults": [Fault(**fault) for fault in kept.faults][:SHOWN],
        }
    return render(request, "web/labs/draft.html", context)


def _in_words(study: Study, line: Line) -> tuple[Line, str, str, str, str]:
    """A line with its visit, test, and value before and after as pages name them."""
    (definition, lab), language = laboratory_of(study), get_language() or "en"
    visit = encounter_title(definition, line.encounter, language) if line.encounter else ""
    old, new = map(_with_unit, (line.old, line.new))
    return line, visit, analyte_label(lab, line.analyte, language), old, new


def _with_unit(value: str) -> str:
    number, _space, unit = value.partition(" ")
    return f"{number} {unit_text(unit)}".strip()
