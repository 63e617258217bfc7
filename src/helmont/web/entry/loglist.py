"""A log as a list: one line each, its first answers as columns, filtered."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from django.urls import reverse
from django.utils.translation import gettext as _

from helmont.core.errors import NotFound
from helmont.core.permissions import Actor
from helmont.double_entry.models import ADJUDICATE
from helmont.double_entry.queries.turns import NEW
from helmont.double_entry.queries.waiting import PaperLine, paper_lines
from helmont.edc.queries.forms import Line, hidden_items, log_lines
from helmont.participants.models import Participant
from helmont.participants.queries import participant_for, scope_of
from helmont.studies.queries import compiled
from helmont.study.compiled_forms import CompiledForm
from helmont.study.model import Item
from helmont.web.double_entry.words import Look, line_address, look
from helmont.web.entry import words
from helmont.web.entry.trail import names_of

COLUMNS = 6
WORDY = 40  # a text longer than this says little in a column
STATUSES = ("draft", "complete", "removed")
PAPER = "copying"  # lines that two people copy, and that are not settled


@dataclass(frozen=True)
class LogRow:
    """``cells`` are the answers in words, by column."""

    key: str
    number: str
    url: str
    title: str
    cells: tuple[str, ...]
    status: str
    lock: str
    signed: str
    queries: int
    may_remove: bool = False
    may_restore: bool = False
    paper: PaperRow | None = None


@dataclass(frozen=True)
class PaperRow:
    """What there is to say of a line that two people copy. ``note``: what stands in place of the answers; ``may_enter``
    when the second entry is this person's to make; ``decide`` is where it is decided, for who does that."""

    look: Look
    note: str
    may_enter: bool = False
    decide: str = ""


@dataclass(frozen=True)
class LogPage:
    participant: Participant
    form: str
    title: str
    columns: tuple[str, ...]
    rows: tuple[LogRow, ...]
    total: int
    status: str
    search: str
    may_add: bool
    new_url: str
    on_paper: bool = False

    @property
    def statuses(self) -> tuple[str, ...]:
        return (*STATUSES, PAPER, "withdrawn") if self.on_paper else STATUSES


def log_page(
    actor: Actor, study: str, number: str, form: str, today: date, language: str, asked: Mapping[str, str]
) -> LogPage:
    """The log ``form`` of a participant; raises ``NotFound`` when the person may not see it."""
    participant = participant_for(actor, study, number, today, "form.view")
    definition = compiled(study, participant.definition).forms.get(form)
    if definition is None or definition.form.kind != "log":
        raise NotFound(form)
    hidden = hidden_items(actor, participant, definition, today)
    if len(hidden) == len(definition.items):
        raise NotFound(form)
    lines = log_lines(actor, participant, form, today, language)
    columns = informative(definition, hidden)
    may_enter = actor.may("form.enter", scope_of(participant), today)
    rows = [_row(definition, one, columns, language, may_enter) for one in lines]
    copied = paper_lines(actor, participant, form, today)
    on_paper = definition.form.entry == "double"
    if copied:
        names = names_of(handle for one in copied for handle in one.by)
        may_decide = actor.may(ADJUDICATE, scope_of(participant), today)
        rows += [_paper_row(definition, one, names, language, may_enter, may_decide) for one in copied]
        rows.sort(key=lambda row: int(row.number))
    status, search = asked.get("status", ""), asked.get("q", "").strip()
    shown = [
        row
        for row in rows
        if (not status or row.status == status) and search.lower() in " ".join((row.title, *row.cells)).lower()
    ]
    return LogPage(
        participant,
        form,
        definition.form.title.get(language)[0],
        tuple(item.label.get(language)[0] for item in columns),
        tuple(shown),
        len(rows),
        status,
        search,
        may_enter,
        reverse("entry:line", args=[study, number, form, NEW]),
        on_paper,
    )


def informative(form: CompiledForm, hidden: frozenset[str]) -> list[Item]:
    """The first items worth a column: not the line's own name, not long texts or files."""
    named = form.form.line_title or ""
    items = [item for group in form.form.groups if group.repeats is None for item in group.items]
    return [
        item
        for item in items
        if item.id not in hidden
        and "{%s}" % item.id not in named  # noqa: UP031 - braces would have to be doubled thrice
        and item.type != "file"
        and not (item.type == "text" and (item.length or WORDY + 1) > WORDY)
    ][:COLUMNS]


def _row(form: CompiledForm, line: Line, columns: list[Item], language: str, may_enter: bool) -> LogRow:
    row = line.row
    open_form = row.lock in ("", "open")
    study, number, _log, name, at = row.key.split("/")
    return LogRow(
        key=row.key,
        number=row.line,
        url=reverse("entry:line", args=[study, number, name, at]),
        title=line.title,
        cells=tuple(_cell(form, line, item, language) for item in columns),
        status=row.status,
        lock=row.lock,
        signed=row.signed,
        queries=line.queries,
        may_remove=may_enter and open_form and row.status in ("draft", "complete"),
        may_restore=may_enter and open_form and row.status == "removed",
    )


def _paper_row(
    form: CompiledForm, line: PaperLine, names: Mapping[str, str], language: str, may_enter: bool, may_decide: bool
) -> LogRow:
    """A line that is in no record: its number, and nothing of what somebody else read."""
    study, number, _log, name, at = line.key.split("/")
    by = [names.get(handle, handle) for handle in line.by]
    disputed = line.standing in ("differs", "absent")
    return LogRow(
        key=line.key,
        number=at,
        url=reverse("entry:line", args=[study, number, name, at]),
        title=form.line_title(line.data, language) if line.data else _("Line %s") % at,
        cells=(),
        status="withdrawn" if line.standing == "withdrawn" else PAPER,
        lock="",
        signed="",
        queries=0,
        paper=PaperRow(
            look(line.standing),
            _("entered by %(first)s, not found by %(second)s") % {"first": by[0], "second": by[1]}
            if line.standing == "absent"
            else _("entered by %s") % ", ".join(by),
            may_enter and line.state == "second",
            line_address(line.key) if disputed and may_decide and not line.own else "",
        ),
    )


def _cell(form: CompiledForm, line: Line, item: Item, language: str) -> str:
    value = line.data.get(item.id)
    if item.type in ("date", "datetime") and isinstance(value, str):
        return words.written_date(value)
    return form.display(item.id, value, language)
