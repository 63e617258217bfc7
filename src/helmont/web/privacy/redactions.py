"""For whoever is in charge of privacy: what was redacted, who looked at identities, and redacting one value."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from helmont.core.ledger.redaction import REASONS, Place, Redact
from helmont.core.ledger.store import StoredEntry
from helmont.edc.queries.audit import body_of
from helmont.web.access import study_or_404
from helmont.web.privacy.forms import RedactForm
from helmont.web.privacy.lists import looks, redactions
from helmont.web.privacy.places import Officer, Target


@require_safe
@never_cache
def overview(request: HttpRequest, study: str) -> HttpResponse:
    """Every redaction of the study, and who looked at which identity, newest first; ``before`` pages the looks."""
    officer = Officer(request, study_or_404(request, study))
    before = request.GET.get("before", "")
    found, more = looks(officer, int(before) if before.isdecimal() and len(before) < 16 else None)
    context = {"redactions": redactions(officer), "looks": found, "more": more}
    return render(request, "web/privacy/redactions.html", context)


@require_safe
@never_cache
def choose(request: HttpRequest, study: str, sequence: int) -> HttpResponse:
    """The values of one entry, to choose which of them is redacted."""
    officer = Officer(request, study_or_404(request, study))
    entry, seen = officer.entry(sequence)
    context = {"sequence": sequence, "seen": seen, "places": officer.places(entry, seen)}
    return render(request, "web/privacy/choose.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def redact(request: HttpRequest, study: str) -> HttpResponse:
    """Redact what ``record`` ever held at ``path``; with ``keep`` the present value stays. Shows first what will go."""
    officer = Officer(request, study_or_404(request, study))
    target = officer.target(request.GET.get("record", ""), request.GET.get("path", ""))
    # Something has to go and something to stay: otherwise there is nothing to choose.
    earlier = [entry.sequence for entry in target.affected(keep_current=True)] if target.current else []
    keep = bool(earlier) and request.GET.get("keep") == "1"
    entries = list(target.affected(keep_current=keep))
    seen = ",".join(str(entry.sequence) for entry in entries)
    form = RedactForm(request.POST if request.method == "POST" else None, initial={"seen": seen})
    if form.is_valid() and form.cleaned_data["seen"] != seen:
        form = RedactForm({"seen": seen, "reason": form.cleaned_data["reason"]})
        form.add_error(
            None, _("Further entries were written since you opened this page. Look again before you redact.")
        )
    if form.is_valid():
        action = Redact(target.record, target.path, form.cleaned_data["reason"], keep_current=keep)
        if form.carry_out(request, action):
            done = _("The value was redacted.")
            count = ngettext("%(n)s entry lost its body.", "%(n)s entries lost their bodies.", len(entries))
            messages.success(request, f"{done} {count % {'n': len(entries)}}")
            return redirect(reverse("privacy:redactions", args=[study]))
    context = _described(officer, target, entries) | {"form": form, "keep": keep, "may_keep": bool(earlier)}
    return render(request, "web/privacy/redact.html", context, status=422 if form.errors else 200)


def _described(officer: Officer, target: Target, entries: Sequence[StoredEntry]) -> dict[str, Any]:
    definition = officer.definition(target.participant)
    title, label = officer.words(definition, target.record, target.path)
    rows = []
    for entry in entries:
        content = body_of(entry)
        if target.path == REASONS:
            shown = [content.get("reason", "")]
        else:
            pairs = _pairs(content, target)
            shown = [officer.value(definition, target.record, target.path, value) for pair in pairs for value in pair]
        values = list(dict.fromkeys(filter(None, shown)))
        rows.append({"sequence": entry.sequence, "time": entry.time, "who": entry.actor, "values": values})
    return {
        "target": target,
        "quoted": officer.quoted(target),
        "title": title,
        "label": label,
        "entries": rows,
        "current": officer.value(definition, target.record, target.path, target.current),
    }


def _pairs(content: Mapping[str, Any], target: Target) -> Iterator[list[Any]]:
    """Old and new value of the target, in an entry and in the entries that it restates."""
    place = Place.of(target.path)
    for change in content.get("changes", ()):
        if change["record"] == target.record and place.audited in change["set"]:
            pair = change["set"][place.audited]
            yield [(each or {}).get(place.part) for each in pair] if place.part else pair
    for part in content.get("residue", ()):
        yield from _pairs(part["body"], target)
