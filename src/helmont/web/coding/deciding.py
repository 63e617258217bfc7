"""One text and where it occurs: its suggestions, the dictionary beside it, and the decision."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from helmont.coding.actions.deciding import ApproveCodings, CodeTerms, KeepSynonyms, QueryVerbatim
from helmont.coding.declared import InUse, coded_items, dictionaries_in_use
from helmont.coding.following import code_again
from helmont.coding.lexicon import Lexicon, lexicon
from helmont.coding.models import Coding, Dictionary
from helmont.coding.queries import codings_for
from helmont.coding.workflows import SETTLED, TO_CODE
from helmont.core.errors import NotFound, Refused
from helmont.core.people.models import Person
from helmont.edc.items import base_item
from helmont.edc.models import Form
from helmont.edc.queries.titles import form_title
from helmont.standards.dictionaries import Term
from helmont.studies.queries import compiled
from helmont.web.access import act, actor, may_somewhere, require_somewhere, study_or_404, today
from helmont.web.addresses import form_address
from helmont.web.coding.doing import for_each_participant, tell
from helmont.web.coding.words import STAGES, look
from helmont.web.dates import page_language

MOST_SHOWN = 200


@dataclass(frozen=True)
class Offer:
    """A term that can be chosen. ``place`` is the number key that chooses it; ``why`` says in words what it shares."""

    place: int
    term: Term
    path: tuple[str, ...]
    score: int = 0
    why: str = ""
    now: bool = False


@dataclass(frozen=True)
class Occurrence:
    """One place where the text stands, with what the study wants the coder to see beside it."""

    key: str
    number: str
    url: str
    title: str
    beside: tuple[tuple[str, str], ...]


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def term(request: HttpRequest, study: str) -> HttpResponse:
    """One text of the worklist; a POST decides on the ticked occurrences, or asks the site about them."""
    study_or_404(request, study)
    require_somewhere(request, "coding.view", study)
    name, status, verbatim = (request.GET.get(each, "") for each in ("name", "status", "verbatim"))
    found = codings_for(actor(request), study, today(request))
    codings = found.filter(name=name, status=status, verbatim=verbatim)
    if request.method == "POST":
        return _decide(request, study, found, codings, verbatim)
    rows = list(codings.select_related("participant").order_by("key")[:MOST_SHOWN])
    if not rows:
        raise NotFound(verbatim[:60])
    used = dictionaries_in_use(study)
    loaded = used[name].loaded if name in used else None
    may_read = may_somewhere(request, "dictionary.read", study)
    first = rows[0]
    context: dict[str, Any] = {
        "verbatim": verbatim,
        "name": name,
        "used": used.get(name),
        "look": look(status),
        "first": first,
        "same": len({row.code for row in rows}) == 1,
        "path": list(first.path.items()) if first.code else [],
        "version": _version(first, used.get(name)),
        "stage": STAGES.get(first.stage, ""),
        "coder": Person.objects.filter(handle=first.by).values_list("name", flat=True).first() or first.by,
        "occurrences": [_occurrence(row) for row in rows],
        "more": max(0, codings.count() - len(rows)),
        "offers": offers(lexicon(loaded), verbatim, first) if loaded and may_read else [],
        "loaded": loaded,
        "settled": status in SETTLED,
        "may_code": may_somewhere(request, "coding.code", study) and status != "withdrawn",
        "may_approve": may_somewhere(request, "coding.approve", study) and status == "coded",
        "may_ask": may_somewhere(request, "query.raise", study) and status != "withdrawn",
        "may_read": may_read,
        "next": _next(study, found, name, verbatim),
    }
    return render(request, "web/coding/term.html", context)


def offers(words: Lexicon, verbatim: str, now: Coding) -> list[Offer]:
    """What may be chosen: the likeliest first, and the term it has where that still is one."""
    found = [
        Offer(
            place,
            term,
            names_above(words, term),
            each.score,
            _why(each.shared, each.lacking, each.added, each.by_preferred),
        )
        for place, each in enumerate(words.matcher.suggest(verbatim), 1)
        if (term := words.term(each.entry.code))
    ]
    return [Offer(o.place, o.term, o.path, o.score, o.why, o.term.code == now.code) for o in found]


def names_above(words: Lexicon, term: Term) -> tuple[str, ...]:
    """Names of the term's primary hierarchy, the narrowest first, as a coder reads it."""
    return tuple(each["name"] for level, each in reversed(words.path(term).items()) if level != term.level)


def _why(shared: Iterable[str], lacking: Iterable[str], added: Iterable[str], by_preferred: bool) -> str:
    parts = []
    if by_preferred:
        parts.append(_("by its preferred term"))
    for title, found in ((_("shares: %s"), shared), (_("lacks: %s"), lacking), (_("adds: %s"), added)):
        if text := ", ".join(found):
            parts.append(title % text)
    return "; ".join(parts)


def _occurrence(row: Coding) -> Occurrence:
    study = compiled(row.study, row.participant.definition)
    language = page_language()
    form = Form.objects.filter(key=row.form).first()
    beside: list[tuple[str, str]] = []
    definition = study.forms.get(form.form) if form else None
    if form is not None and definition is not None:
        coding = coded_items(definition).get(base_item(row.item))
        prefix = row.item.rpartition(".")[0]
        for item in coding.beside if coding else ():
            key = f"{prefix}.{item}" if prefix and f"{prefix}.{item}" in definition.item_keys() else item
            if key in definition.item_keys() and (text := definition.display(key, form.data.get(key), language)):
                beside.append((definition.label(key, language), text))
    title = form_title(study, row.form, language, whose=False)
    return Occurrence(row.key, row.participant.number, form_address(row.form, row.item), title, tuple(beside))


def _version(row: Coding, used: InUse | None) -> str:
    """The version that the term is of, when that is not the one in use."""
    if not row.dictionary or (used and used.loaded and used.loaded.key == row.dictionary):
        return ""
    found = Dictionary.objects.filter(key=row.dictionary).first()
    return str(found or row.dictionary)


def _next(study: str, found: QuerySet[Coding], name: str, verbatim: str) -> str:
    """The address of the text that waits next, in alphabetical order and from the beginning again; "" when none does."""
    waiting = found.filter(status__in=TO_CODE).exclude(name=name, verbatim=verbatim)
    ordered = waiting.order_by("name", "verbatim", "status").values_list("name", "verbatim", "status")
    after = ordered.filter(name=name, verbatim__gt=verbatim).first() or ordered.filter(name__gt=name).first()
    following = after or ordered.first()
    if following is None:
        return ""
    query = QueryDict(mutable=True)
    query.update(dict(zip(("name", "verbatim", "status"), following, strict=True)))
    return f"{reverse('coding:term', args=[study])}?{query.urlencode()}"


def _decide(
    request: HttpRequest, study: str, found: QuerySet[Coding], codings: QuerySet[Coding], verbatim: str
) -> HttpResponse:
    name = request.GET.get("name", "")
    onward = _next(study, found, name, verbatim) or reverse("coding:worklist", args=[study])
    ticked = codings.filter(key__in=request.POST.getlist("row")) if "some" in request.POST else codings
    verb = request.POST.get("action", "code")
    if verb == "approve":
        require_somewhere(request, "coding.approve", study)
        done = for_each_participant(request, ticked, lambda who, keys: ApproveCodings(who, keys))
        tell(request, done, _("%(n)s codings approved."))
    elif verb == "query":
        require_somewhere(request, "query.raise", study)
        text = request.POST.get("text", "")
        for form, item in ticked.order_by("key").values_list("form", "item"):
            act(request, QueryVerbatim(form, item, text))
        messages.success(request, _("The site was asked."))
    else:
        require_somewhere(request, "coding.code", study)
        code, reason = request.POST.get("code", ""), request.POST.get("reason", "")
        done = for_each_participant(request, ticked, lambda who, keys: CodeTerms(who, keys, verbatim, code, reason))
        tell(request, done, _("%(n)s terms coded."))
        if done.refused:
            return redirect(request.get_full_path())
        if request.POST.get("keep"):
            _keep(request, study, name, verbatim, code)
    return redirect(onward)


def _keep(request: HttpRequest, study: str, name: str, verbatim: str, code: str) -> None:
    """Keep the decision, and code what else says the same."""
    try:
        act(request, KeepSynonyms(study, name, ((verbatim, code),)))
    except Refused as refusal:
        messages.warning(request, str(refusal.message))
        return
    if more := code_again(study, name):
        text = ngettext(
            "%(n)s other text says the same and was coded.", "%(n)s other texts say the same and were coded.", more
        )
        messages.success(request, text % {"n": more})
