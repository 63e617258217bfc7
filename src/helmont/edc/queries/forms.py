"""One form as a person sees it, and the lines of a log."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from helmont.core.errors import NotFound
from helmont.core.permissions import Actor
from helmont.edc.items import BY_ITEM, base_item, privileges
from helmont.edc.keys import LOG, form_key
from helmont.edc.models import Comment, Form, Query
from helmont.edc.workflows import OPEN_QUERY
from helmont.participants.models import Participant
from helmont.participants.queries import participant_for, scope_of
from helmont.studies.queries import compiled
from helmont.study.compiled_forms import CompiledForm
from helmont.study.compiling import CompiledStudy


@dataclass(frozen=True)
class FormView:
    """A form with everything beside it. ``row`` is None while nothing was entered; it, ``data``, ``queries`` and
    ``comments`` hold only what the person may see; ``hidden`` names the item ids that they may not. A ``former`` form is
    one that the participant's version no longer has: it is read under the version it was saved under."""

    key: str
    participant: Participant
    study: CompiledStudy
    definition: CompiledForm
    row: Form | None
    data: Mapping[str, Any]
    hidden: frozenset[str]
    queries: tuple[Query, ...]
    comments: tuple[Comment, ...]
    former: bool = False

    @property
    def status(self) -> str:
        return self.row.status if self.row else "blank"


def hidden_items(actor: Actor, participant: Participant, form: CompiledForm, today: date) -> frozenset[str]:
    """Ids of the items of a form that the person must not see at this participant's site."""
    hidden = actor.hidden(scope_of(participant), today)
    return frozenset(item for item, privilege in privileges(form).items() if privilege in hidden)


def visible_data(data: Mapping[str, Any], hidden: frozenset[str]) -> dict[str, Any]:
    return {key: value for key, value in data.items() if base_item(key) not in hidden}


def _mask(row: Form, hidden: frozenset[str]) -> None:
    """Take what a person may not see out of a row, which cannot be saved."""
    for column in BY_ITEM:
        setattr(row, column, visible_data(getattr(row, column), hidden))


def form_view(actor: Actor, study: str, number: str, encounter: str, form: str, line: str, today: date) -> FormView:
    """One form; raises ``NotFound`` when the person may not see it or the study has no such form."""
    participant = participant_for(actor, study, number, today, "form.view")
    definition = compiled(study, participant.definition)
    compiled_form = definition.forms.get(form)
    key = form_key(study, number, encounter, form, line)
    row = Form.objects.filter(key=key).first()
    former = compiled_form is None and row is not None
    if former and row is not None:
        definition = compiled(study, row.definition)
        compiled_form = definition.forms.get(form)
    if compiled_form is None or (compiled_form.form.kind == "log") != (encounter == LOG):
        raise NotFound(form)
    hidden = hidden_items(actor, participant, compiled_form, today)
    queries = tuple(q for q in Query.objects.filter(form=key).order_by("opened") if base_item(q.item) not in hidden)
    comments = tuple(c for c in Comment.objects.filter(form=key).order_by("written") if base_item(c.item) not in hidden)
    data = visible_data(row.data if row else {}, hidden)
    if row is not None:
        _mask(row, hidden)
    return FormView(key, participant, definition, compiled_form, row, data, hidden, queries, comments, former)


def forms_of(actor: Actor, participant: Participant, today: date) -> list[Form]:
    """A participant's forms by key, with the values the person may see; none when they may not see forms there."""
    if not actor.may("form.view", scope_of(participant), today):
        return []
    definition = compiled(participant.study, participant.definition)
    hidden = {name: hidden_items(actor, participant, form, today) for name, form in definition.forms.items()}
    rows = list(Form.objects.filter(participant=participant).order_by("key"))
    for row in rows:
        # A form that the participant's version does not have shows nothing: what it hides is not known.
        if row.form in hidden:
            _mask(row, hidden[row.form])
        else:
            for column in BY_ITEM:
                setattr(row, column, {})
    return rows


@dataclass(frozen=True)
class Line:
    """One line of a log in a list: its title and values the person may see."""

    row: Form
    title: str
    data: Mapping[str, Any]
    queries: int


def log_lines(actor: Actor, participant: Participant, form: str, today: date, language: str) -> list[Line]:
    """The lines of a participant's log, by number; removed ones included, marked by their status."""
    definition = compiled(participant.study, participant.definition)
    compiled_form = definition.forms.get(form)
    if compiled_form is None or compiled_form.form.kind != "log":
        raise NotFound(form)
    hidden = hidden_items(actor, participant, compiled_form, today)
    container = f"{participant.key}/{LOG}/{form}"
    rows = sorted(Form.objects.filter(container=container), key=lambda row: int(row.line))
    open_queries: dict[str, int] = {}
    for key, item in Query.objects.filter(
        participant=participant, status__in=OPEN_QUERY, form__startswith=f"{container}/"
    ).values_list("form", "item"):
        if base_item(item) not in hidden:
            open_queries[key] = open_queries.get(key, 0) + 1
    lines = []
    for row in rows:
        _mask(row, hidden)
        lines.append(Line(row, compiled_form.line_title(row.data, language), row.data, open_queries.get(row.key, 0)))
    return lines


def next_line(study: str, number: str, form: str) -> str:
    """The number the next line of a log gets."""
    lines = Form.objects.filter(container=f"{study}/{number}/{LOG}/{form}").values_list("line", flat=True)
    return str(max((int(line) for line in lines), default=0) + 1)
