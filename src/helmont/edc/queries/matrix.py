"""The casebook matrix: participants down, encounters across, what stands in each cell."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.db import connection
from django.db.models import Q

from helmont.core.permissions import Actor
from helmont.edc.keys import LOG, split_form_key
from helmont.edc.models import Query
from helmont.edc.queries.privacy import hidden_from
from helmont.edc.workflows import OPEN_QUERY
from helmont.participants.models import Encounter, Participant
from helmont.participants.queries import PlannedEncounter, encounters_of, participants_for
from helmont.studies.queries import compiled
from helmont.study.compiling import CompiledStudy

PAGE = 50


@dataclass
class Cell:
    """One encounter of one participant, or the logs of one participant. Counts of forms by standing."""

    encounter: PlannedEncounter | None = field(default=None, init=False)
    expected: int = 0
    complete: int = 0
    draft: int = 0
    not_done: int = 0
    signed: int = 0
    broken: int = 0
    frozen: int = 0
    verified: int = 0
    queries: int = 0

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


@dataclass
class MatrixRow:
    participant: Participant
    cells: dict[str, Cell]
    unscheduled: list[Cell]
    logs: Cell


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
    page: int = 1,
    size: int = PAGE,
) -> Matrix:
    """One page of the casebook matrix for the participants whom the person may see.

    The columns are those of the study ``version``; each participant's cells follow the version they are under.
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
    rows = rows_for(actor, study, participants, today, language)
    return Matrix(columns, rows, total, page, pages, dict(counts))


def rows_for(
    actor: Actor, study: str, participants: Sequence[Participant], today: date, language: str
) -> list[MatrixRow]:
    """Matrix rows of the given participants of a study: as many reads, however many they are."""
    keys = [participant.key for participant in participants]
    encounters: dict[str, list[Encounter]] = defaultdict(list)
    for encounter in Encounter.objects.filter(participant__in=keys):
        encounters[encounter.participant_id].append(encounter)
    counted = _count(keys)
    _count_queries(actor, study, keys, today, counted)
    return [_row(p, encounters[p.key], counted.get(p.key, {}), today, language) for p in participants]


def _row(
    participant: Participant,
    encounters: list[Encounter],
    counted: dict[str, dict[str, int]],
    today: date,
    language: str,
) -> MatrixRow:
    study: CompiledStudy = compiled(participant.study, participant.definition)
    cells: dict[str, Cell] = {}
    unscheduled = []
    for encounter in encounters_of(participant, study, encounters, language, today):
        cell = Cell(**counted.get(encounter.oid, {}))
        cell.encounter = encounter
        if encounter.oid.startswith("UNSCHEDULED_"):
            cell.expected = cell.complete + cell.draft + cell.not_done
            unscheduled.append(cell)
        else:
            planned = encounter.oid in study.encounters
            entered = cell.complete + cell.draft + cell.not_done
            cell.expected = len(study.expected_forms(encounter.oid)) if planned else entered
            cells[encounter.oid] = cell
    return MatrixRow(participant, cells, unscheduled, Cell(**counted.get("", {})))


def _count(keys: Sequence[str]) -> dict[str, dict[str, dict[str, Any]]]:
    """Participant -> encounter ("" for logs) -> counts of forms by standing."""
    counted: dict[str, dict[str, dict[str, Any]]] = defaultdict(lambda: defaultdict(lambda: defaultdict(int)))
    if not keys:
        return counted
    marks = ", ".join(["%s"] * len(keys))
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT participant_id, encounter, status, signed, lock, COUNT(*) FROM edc_form"
            f" WHERE participant_id IN ({marks}) GROUP BY participant_id, encounter, status, signed, lock",
            list(keys),
        )
        for participant, encounter, status, signed, lock, count in cursor.fetchall():
            cell: dict[str, Any] = counted[participant][encounter]
            if status in {"complete", "draft", "not_done"}:
                cell[status] += count
            if signed:
                cell["signed" if signed == "valid" else "broken"] += count
            if lock in {"frozen", "locked"}:
                cell["frozen"] += count
    return counted


def _count_queries(
    actor: Actor, study: str, keys: Sequence[str], today: date, counted: dict[str, dict[str, dict[str, Any]]]
) -> None:
    """Add the open queries that the person may see; a query's form key names the encounter it lies in."""
    waiting = Query.objects.filter(participant__in=keys, status__in=OPEN_QUERY)
    if (hidden := hidden_from(actor, study, today)) is not None:
        waiting = waiting.exclude(hidden)
    for participant, form in waiting.values_list("participant_id", "form"):
        encounter = split_form_key(form)[2]
        counted[participant]["" if encounter == LOG else encounter]["queries"] += 1
