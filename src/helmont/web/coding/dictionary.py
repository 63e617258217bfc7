"""Looking into the dictionary that a study codes with: search, and its levels from the broadest down."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from helmont.coding.declared import dictionaries_in_use
from helmont.coding.lexicon import Lexicon, lexicon
from helmont.core.errors import NotFound
from helmont.standards.dictionaries import Term
from helmont.web.access import may_somewhere, require_somewhere, study_or_404
from helmont.web.coding.deciding import names_above

MOST_SHOWN = 500


@dataclass(frozen=True)
class Found:
    """A term in the list. ``codable``: of the lowest level and current; ``below``: how many terms hang under it."""

    term: Term
    path: tuple[str, ...]
    codable: bool
    below: int


@require_safe
@never_cache
def dictionary(request: HttpRequest, study: str, name: str) -> HttpResponse:
    """A page of its own, or with htmx the list beside a text that is being coded."""
    study_or_404(request, study)
    require_somewhere(request, "dictionary.read", study)
    used = dictionaries_in_use(study).get(name)
    if used is None or used.loaded is None:
        raise NotFound(name)
    words = lexicon(used.loaded)
    text = request.GET.get("q", "").strip()[:200]
    level, code = request.GET.get("level", ""), request.GET.get("code", "")
    at = words.terms.get((level, code)) if code else None
    if code and at is None:
        raise NotFound(code[:60])
    terms = words.search(text) if text else words.under(level, code)
    above = [words.terms[each] for each in zip(words.levels, at.path, strict=False)] if at else []
    context: dict[str, Any] = {
        "used": used,
        "words": words,
        "q": text,
        "at": at,
        "above": above,
        "found": [_found(words, term) for term in terms[:MOST_SHOWN]],
        "more": max(0, len(terms) - MOST_SHOWN),
        "choose": "choose" in request.GET and may_somewhere(request, "coding.code", study),
        "name": name,
        "study_id": study,
    }
    return render(request, "web/coding/found.html" if request.htmx else "web/coding/dictionary.html", context)  # type: ignore[attr-defined]  # set by django-htmx


def _found(words: Lexicon, term: Term) -> Found:
    codable = term.level == words.lowest and term.current
    return Found(term, names_above(words, term), codable, len(words.under(term.level, term.code)))
