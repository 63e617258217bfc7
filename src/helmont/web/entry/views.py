"""The pages of data entry: a form of an encounter, a log and its lines, and the history of an item."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import ensure_csrf_cookie
from django.views.decorators.http import require_GET

from helmont.amendments.queries import kept_on
from helmont.coding.declared import coded_items
from helmont.coding.queries import form_codings
from helmont.core.errors import NotFound
from helmont.core.signatures.queries import signatures_of
from helmont.double_entry.queries.turns import NEW, turn_of, unbegun_line
from helmont.edc.items import base_item
from helmont.edc.keys import LOG, form_key, is_line, split_form_key
from helmont.edc.queries.forms import FormView, form_view, next_line
from helmont.edc.queries.locks import holds_around
from helmont.edc.queries.surroundings import surroundings
from helmont.edc.queries.verification import requirements_for
from helmont.web.access import actor, may_somewhere, study_or_404, today
from helmont.web.amendments.values import shown
from helmont.web.dates import moment_text, page_language
from helmont.web.double_entry.words import look
from helmont.web.entry import words
from helmont.web.entry.beside import Beside
from helmont.web.entry.browser import page_data, texts
from helmont.web.entry.items import GroupView, groups_of
from helmont.web.entry.loglist import log_page
from helmont.web.entry.measured import expected_at, measured_items, waits_of
from helmont.web.entry.neighbours import Neighbours, neighbours
from helmont.web.entry.rights import Rights, rights_on
from helmont.web.entry.threads import handles
from helmont.web.entry.trail import names_of, steps_of, trail_of
from helmont.web.studies import stream


@dataclass(frozen=True)
class Progress:
    """What is to do for this person on this form, counted."""

    queries: int
    to_verify: int


@require_GET
@never_cache
@ensure_csrf_cookie
def form(request: HttpRequest, study: str, number: str, encounter: str, form: str) -> HttpResponse:
    if encounter == LOG:
        return redirect("entry:log", study, number, form)
    study_or_404(request, study)
    events = stream.address(study)
    view = form_view(actor(request), study, number, encounter, form, "", today(request))
    _require_something_to_see(view)
    around = neighbours(actor(request), view, encounter, page_language(), today(request))
    if around.encounter is None:
        raise NotFound(encounter)
    return _page(request, view, around, reverse("entry:form-history", args=[study, number, encounter, form]), events)


@require_GET
@never_cache
@ensure_csrf_cookie
def line(request: HttpRequest, study: str, number: str, form: str, line: str) -> HttpResponse:
    study_or_404(request, study)
    is_new = line == NEW
    if not is_new and not is_line(line):
        raise NotFound(line)
    events = stream.address(study)
    view = form_view(actor(request), study, number, LOG, form, line, today(request))
    # A line that two people copy gets its number when it is saved.
    once = is_new and view.definition.form.entry == "single"
    name = unbegun_line(study, number, form, next_line(study, number, form)) if once else line
    if name != line:
        view = replace(view, key=form_key(study, number, LOG, form, name))
    if view.row is None and not is_new:
        turn = turn_of(actor(request), view, today(request))
        if turn is None or not turn.begun:
            raise NotFound(view.key)
    history = reverse("entry:line-history", args=[study, number, form, name])
    return _page(request, view, Neighbours(None), history, events, is_new=is_new)


def _require_something_to_see(view: FormView) -> None:
    """A form whose every item is hidden from the person is not there: its name alone may say too much."""
    if len(view.hidden) == len(view.definition.items):
        raise NotFound(view.key)


def _page(
    request: HttpRequest, view: FormView, around: Neighbours, history: str, events: str, *, is_new: bool = False
) -> HttpResponse:
    _require_something_to_see(view)
    person, day, language = actor(request), today(request), page_language()
    is_log = view.definition.form.kind == "log"
    holds = holds_around(view.participant, view.row)
    begun = is_log or (around.encounter is not None and around.encounter.standing == "begun")
    rights = rights_on(person, view, day, begun, holds)
    turn = turn_of(person, view, day)
    if turn is not None:
        view = turn.view(view)
        turn = replace(turn, withdraws=turn.withdraws and rights.enter, denies=turn.denies and rights.enter)
        rights = Rights(enter=rights.enter and turn.enters, not_done=rights.not_done and not turn.others)
    found = surroundings(person, view, day)
    trail = trail_of(person, view, day)
    speakers = handles(view.queries, view.comments) | _markers(view)
    required = requirements_for(view.participant).of(
        view.definition, view.row.encounter if view.row else "", view.participant.site, view.participant.number
    )
    beside = Beside(rights, person.timezone, found.outcome, trail.changed, names_of(speakers), history, required)
    beside.codings = form_codings(person, view.participant.study, view.key, day) if coded_items(view.definition) else {}
    beside.measured = measured_items(view.study.study, view.key)
    groups = groups_of(view, beside, language)
    title, title_fallback = view.definition.form.title.get(language)
    context = {
        "view": view,
        "participant": view.participant,
        "title": title,
        "title_fallback": title_fallback,
        "source_language": view.study.languages[0],
        "line_title": _line_title(view, language) if is_log and not is_new else "",
        "line_number": split_form_key(view.key)[4],
        "is_log": is_log,
        "kept": [shown(one, language) for one in kept_on(person, view.participant, view.key, day)],
        "is_new": is_new,
        "around": around,
        "encounter_date": words.written_date(around.encounter.date)
        if around.encounter and around.encounter.date
        else "",
        "rights": rights,
        "groups": groups,
        "items": [item for group in groups for item in group.all_items],
        "progress": _progress(groups),
        "trail": trail,
        "lock": "locked" if any(hold.state == "locked" for hold in holds) else "frozen" if holds else "open",
        "holds": [
            (hold, names_of([hold.by]).get(hold.by, hold.by), moment_text(hold.at, person.timezone) if hold.at else "")
            for hold in holds
        ],
        "signatures": _signatures(view, person.timezone),
        "reviews": _reviews(view, person.timezone),
        "form_comments": [c for c in view.comments if not c.item],
        "turn": turn,
        "copying": look(turn.standing) if turn is not None and turn.begun else None,
        "entry_data": page_data(
            view, found, rights, trail.saved_by, person.handle, day.isoformat(), events, is_new, turn is not None
        ),
        "log_url": reverse("entry:log", args=[view.participant.study, view.participant.number, view.definition.id])
        if is_log
        else "",
    }
    return render(request, "web/entry/form.html", context)


def _line_title(view: FormView, language: str) -> str:
    """What a line is called by what it says, as far as the person sees it; by its number where that is nothing."""
    if view.row is not None or view.data:
        return view.definition.line_title(view.data, language)
    return _("Line %s") % split_form_key(view.key)[4]


def _markers(view: FormView) -> set[str]:
    """Who verified, changed or locked items of the form."""
    row = view.row
    return {mark["by"] for mark in (*row.verified.values(), *row.lapsed.values(), *row.held.values())} if row else set()


def _progress(groups: list[GroupView]) -> Progress:
    items = [item for group in groups for item in group.all_items]
    return Progress(sum(len(item.threads) for item in items), sum(item.verification == "due" for item in items))


def _signatures(view: FormView, zone: str) -> list[dict[str, Any]]:
    if view.row is None:
        return []
    return [{"standing": one, "at": moment_text(one.time, zone)} for one in signatures_of(f"form:{view.key}")[:1]]


def _reviews(view: FormView, zone: str) -> list[dict[str, str]]:
    marks = view.row.reviewed if view.row else {}
    names = names_of(mark["by"] for mark in marks.values())
    return [
        {"kind": kind, "by": names.get(mark["by"], mark["by"]), "at": moment_text(mark["at"], zone)}
        for kind, mark in sorted(marks.items())
    ]


@require_GET
@never_cache
def form_history(request: HttpRequest, study: str, number: str, encounter: str, form: str) -> HttpResponse:
    return _history(request, study, number, encounter, form, "")


@require_GET
@never_cache
def line_history(request: HttpRequest, study: str, number: str, form: str, line: str) -> HttpResponse:
    return _history(request, study, number, LOG, form, line)


def _history(request: HttpRequest, study: str, number: str, encounter: str, form: str, line: str) -> HttpResponse:
    """One item's trail, with what can be said about it: the drawer, or a page without scripts."""
    study_or_404(request, study)
    person, day, language = actor(request), today(request), page_language()
    view = form_view(person, study, number, encounter, form, line, day)
    item = request.GET.get("item", "")
    if item not in view.definition.item_keys() or base_item(item) in view.hidden:
        raise NotFound(item)
    rights = rights_on(person, view, day, begun=True, holds=holds_around(view.participant, view.row))
    beside = Beside(
        rights,
        person.timezone,
        surroundings(person, view, day).outcome,
        {},
        names_of(handles(view.queries, view.comments)),
        "",
    )
    shown = next(
        (one for group in groups_of(view, beside, language) for one in group.all_items if one.key == item), None
    )
    context = {
        "view": view,
        "rights": rights,
        "item": shown,
        "label": view.definition.label(item, language),
        "steps": steps_of(person, view, item, day, language) if rights.audit else [],
        "waits": waits_of(view.key, item),
        "expected": expected_at(view, item, person.timezone),
        "study_id": study,
        "form_part": view.key.split("/", 2)[2],
        "item_held": view.row is not None and item in view.row.held,
        "page_url": _page_url(study, number, encounter, form, line),
        "reaches": f"{reverse('datasets:reaches', args=[study])}?{urlencode({'form': view.key, 'item': item})}"
        if may_somewhere(request, "dataset.read", study) and view.study.study.datasets
        else "",
    }
    return render(request, "web/entry/history.html", context)


def _page_url(study: str, number: str, encounter: str, form: str, line: str) -> str:
    if encounter == LOG:
        return reverse("entry:line", args=[study, number, form, line])
    return reverse("entry:form", args=[study, number, encounter, form])


@require_GET
@never_cache
@ensure_csrf_cookie
def log(request: HttpRequest, study: str, number: str, form: str) -> HttpResponse:
    study_or_404(request, study)
    page = log_page(actor(request), study, number, form, today(request), page_language(), request.GET)
    return render(request, "web/entry/log.html", {"page": page, "entry_texts": {"texts": texts()}})
