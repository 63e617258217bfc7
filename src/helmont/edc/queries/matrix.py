"""The casebook matrix: participants down, encounters across, what stands in each cell.

It is looked at in three ways (``VIEWS``): how far entry is, what is due to be verified, and what is frozen or locked.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field, fields
from datetime import date
from typing import Any

from django.db import connection
from django.db.models import Q

from helmont.core.permissions import Actor
from helmont.edc.keys import LOG, split_form_key
from helmont.edc.models import Query
from helmont.edc.queries.locks import holds_of_study
from helmont.edc.queries.privacy import hidden_from
from helmont.edc.queries.standings import count, plan_of
from helmont.edc.workflows import OPEN_QUERY
from helmont.participants.models import Encounter, Participant
from helmont.participants.queries import PlannedEncounter, encounters_of, participants_for, scope_of
from helmont.studies.models import Study
from helmont.studies.queries import compiled
from helmont.study.compiling import CompiledStudy

PAGE = 50
VIEWS = ("entry", "verification", "locks")
ENTERED = ("complete", "draft", "not_done")


@dataclass
class Cell:
    """One encounter of one participant, or the logs of one participant. Counts of forms by standing.

    ``verified`` forms have nothing left to verify. Counts of values: ``required``, of which ``due`` are not verified, of
    which ``lapsed`` once were.
    """

    encounter: PlannedEncounter | None = field(default=None, init=False)
    expected: int = 0
    complete: int = 0
    draft: int = 0
    not_done: int = 0
    signed: int = 0
    broken: int = 0
    frozen: int = 0
    locked: int = 0
    queries: int = 0
    verified: int = 0
    required: int = 0
    due: int = 0
    lapsed: int = 0

    @classmethod
    def together(cls, cells: Sequence[Cell]) -> Cell:
        """Several as one, at the place of the first."""
        counts = [each.name for each in fields(cls) if each.init]
        made = cls(**{name: sum(getattr(cell, name) for cell in cells) for name in counts})
        made.encounter = cells[0].encounter
        return made

    @property
    def entered(self) -> int:
        return self.complete + self.draft + self.not_done

    @property
    def status(self) -> str:
        """The one word for the cell: what most needs attention first."""
        if self.encounter is not None and self.encounter.standing in {
            "missed",
            "not_reached",
            "planned",
            "due",
            "overdue",
        }:
            return self.encounter.standing
        done = self.complete + self.not_done
        if self.broken:
            return "broken"
        if done and self.signed >= done and done >= self.expected:
            return "signed"
        if done >= self.expected and done:
            return "complete"
        return "draft" if done or self.draft else "begun"

    @property
    def verification(self) -> str:
        """What is left of the values that the plan requires; "" where it requires none."""
        if not self.required:
            return ""
        return "verified" if not self.due else "changed" if self.lapsed else "due"

    def lock(self, around: str = "") -> str:
        """The lock that holds every form here, or ``in_progress`` where it holds some; ``around`` lies wider than they do."""
        if around == "locked" or (self.entered and self.locked == self.entered):
            return "locked"
        if around or (self.entered and self.frozen + self.locked == self.entered):
            return "frozen"
        return "in_progress" if self.frozen or self.locked else "unlocked"


@dataclass
class MatrixRow:
    """``held`` is the lock around the participant: their own, their site's or the study's."""

    participant: Participant
    cells: dict[str, Cell]
    unscheduled: list[Cell]
    logs: Cell
    held: str = ""


@dataclass
class Matrix:
    """One page of the matrix; ``columns`` are (encounter id, label) of the protocol, in order."""

    columns: list[tuple[str, str]]
    rows: list[MatrixRow]
    total: int
    page: int
    pages: int
    counts: dict[str, int] = field(default_factory=dict)


def matrix(
    actor: Actor,
    study: str,
    version: str,
    today: date,
    *,
    language: str = "en",
    site: str = "",
    status: str = "",
    search: str = "",
    form: str = "",
    view: str = "entry",
    page: int = 1,
    size: int = PAGE,
) -> Matrix:
    """One page of the casebook matrix for the participants whom the person may see.

    The columns are those of the study ``version``; each participant's cells follow the version they are under. With
    ``form``, the cells are about that form alone; a ``view`` counts what it shows, "all" everything.
    """
    visible = participants_for(actor, study, today)
    if site:
        visible = visible.filter(site=site)
    if search:
        visible = visible.filter(Q(number__icontains=search))
    counts: dict[str, int] = defaultdict(int)
    for value in visible.values_list("status", flat=True):
        counts[value] += 1
    if status:
        visible = visible.filter(status=status)
    total = visible.count()
    pages = max(1, -(-total // size))
    page = min(max(1, page), pages)
    participants = list(visible[(page - 1) * size : page * size])
    columns = [(e.id, e.label.get(language)[0]) for e in compiled(study, version).study.protocol.encounters]
    rows = rows_for(actor, study, participants, today, language, form=form, view=view)
    return Matrix(columns, rows, total, page, pages, dict(counts))


def rows_for(
    actor: Actor,
    study: str,
    participants: Sequence[Participant],
    today: date,
    language: str,
    *,
    form: str = "",
    view: str = "entry",
) -> list[MatrixRow]:
    """Matrix rows of the given participants of a study: as many reads, however many they are."""
    keys = [participant.key for participant in participants]
    encounters: dict[str, list[Encounter]] = defaultdict(list)
    for encounter in Encounter.objects.filter(participant__in=keys):
        encounters[encounter.participant_id].append(encounter)
    counted = _count(keys, form)
    if view in ("entry", "all"):
        _count_queries(actor, study, keys, today, counted, form)
    if view in ("verification", "all"):
        _count_due(actor, study, participants, today, counted, form)
    rows = [_row(p, encounters[p.key], counted.get(p.key, {}), today, language, form) for p in participants]
    if view == "locks":
        held = {key: hold.state for key, hold in holds_of_study(study).items()}
        for row in rows:
            places = (("study", ""), ("site", row.participant.site), ("participant", row.participant.number))
            row.held = max((held.get(place, "") for place in places), key=("", "frozen", "locked").index)
    return rows


def _row(
    participant: Participant,
    encounters: list[Encounter],
    counted: dict[str, dict[str, int]],
    today: date,
    language: str,
    form: str,
) -> MatrixRow:
    study: CompiledStudy = compiled(participant.study, participant.definition)
    cells: dict[str, Cell] = {}
    unscheduled = []
    for encounter in encounters_of(participant, study, encounters, language, today):
        cell = Cell(**counted.get(encounter.oid, {}))
        cell.encounter = encounter
        if encounter.oid.startswith("UNSCHEDULED_"):
            cell.expected = cell.entered
            unscheduled.append(cell)
        else:
            expected = study.expected_forms(encounter.oid) if encounter.oid in study.encounters else None
            if expected is None:
                cell.expected = cell.entered
            else:
                cell.expected = expected.count(form) if form else len(expected)
            if form and not (cell.expected or cell.entered):
                continue
            cells[encounter.oid] = cell
    return MatrixRow(participant, cells, unscheduled, Cell(**counted.get("", {})))


Counted = dict[str, dict[str, dict[str, Any]]]
"""Participant -> encounter ("" for logs) -> counts of forms by standing."""


def _count(keys: Sequence[str], form: str) -> Counted:
    counted: Counted = defaultdict(lambda: defaultdict(lambda: defaultdict(int)))
    if not keys:
        return counted
    marks = ", ".join(["%s"] * len(keys))
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT participant_id, encounter, status, signed, lock, COUNT(*) FROM edc_form"
            f" WHERE participant_id IN ({marks}){' AND form = %s' if form else ''}"
            " GROUP BY participant_id, encounter, status, signed, lock",
            [*keys, form] if form else [*keys],
        )
        for participant, encounter, status, signed, lock, number in cursor.fetchall():
            cell: dict[str, Any] = counted[participant][encounter]
            if signed:
                cell["signed" if signed == "valid" else "broken"] += number
            if status not in ENTERED:
                continue
            cell[status] += number
            if lock in {"frozen", "locked"}:
                cell[lock] += number
    return counted


def _count_due(
    actor: Actor, study: str, participants: Sequence[Participant], today: date, counted: Counted, form: str
) -> None:
    """Add what the plan requires of the forms that the person may see, and what of it is due."""
    by_privileges: dict[frozenset[str], list[str]] = defaultdict(list)
    for participant in participants:
        if actor.may("form.view", scope_of(participant), today):
            by_privileges[actor.hidden(scope_of(participant), today)].append(participant.key)
    row = Study.objects.get(key=study)
    for lacking, keys in by_privileges.items():
        which = Q(participant__in=keys, form=form) if form else Q(participant__in=keys)
        for standing in count(row, lacking, plan_of(row), which).values():
            cell = counted[standing.participant][standing.encounter]
            cell["verified"] += bool(standing.required) and not standing.due
            cell["required"] += standing.required
            cell["due"] += len(standing.due)
            cell["lapsed"] += len(standing.lapsed)


def _count_queries(actor: Actor, study: str, keys: Sequence[str], today: date, counted: Counted, form: str) -> None:
    """Add the open queries that the person may see; a query's form key names the encounter it lies in."""
    waiting = Query.objects.filter(participant__in=keys, status__in=OPEN_QUERY)
    if (hidden := hidden_from(actor, study, today)) is not None:
        waiting = waiting.exclude(hidden)
    for participant, key in waiting.values_list("participant_id", "form"):
        _study, _number, encounter, about, _line = split_form_key(key)
        if not form or about == form:
            counted[participant]["" if encounter == LOG else encounter]["queries"] += 1
