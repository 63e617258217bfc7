"""One participant's casebook as a page shows it: visits with their forms, logs, open queries, what may be done."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from helmont.core.permissions import Actor
from helmont.core.workflow import Transition
from helmont.double_entry.queries.turns import enters_twice
from helmont.double_entry.queries.waiting import standings_on_paper
from helmont.edc.keys import LOG, form_key
from helmont.edc.models import Form, Query
from helmont.edc.queries.eligibility import Criterion, eligibility
from helmont.edc.queries.locks import Hold, holds_around
from helmont.edc.queries.verification import standings_of
from helmont.edc.queries.worklist import visible_queries
from helmont.participants.actions import PARTICIPANT
from helmont.participants.models import Encounter, Participant
from helmont.participants.queries import PlannedEncounter, encounters_of, scope_of
from helmont.studies.queries import compiled
from helmont.study.compiling import CompiledStudy
from helmont.web.addresses import form_address, log_address

PERMISSIONS = (
    "participant.change",
    "encounter.change",
    "form.view",
    "form.enter",
    "form.sign",
    "form.verify",
    "form.review",
    "form.freeze",
    "form.lock",
    "form.unlock",
    "audit.view",
    "copy.certify",
    "identity.read",
    "identity.erase",
    "source.offer",
)


@dataclass(frozen=True)
class FormMark:
    """One form of one visit. ``status`` is the word for its cell: a broken or valid signature before its own status."""

    key: str
    id: str
    title: str
    url: str
    status: str
    name: str
    open: bool
    own_status: str = "blank"
    lock: str = ""
    queries: int = 0

    @property
    def place(self) -> str:
        """The key without the study: as a ticked cell names the form."""
        return self.key.partition("/")[2]


@dataclass(frozen=True)
class Visit:
    """An encounter and its forms; ``open`` when its forms can be opened."""

    encounter: PlannedEncounter
    forms: tuple[FormMark, ...]

    @property
    def open(self) -> bool:
        return self.encounter.standing == "begun"

    @property
    def done(self) -> int:
        return sum(form.own_status in {"complete", "not_done"} for form in self.forms)

    @property
    def queries(self) -> int:
        return sum(form.queries for form in self.forms)


@dataclass(frozen=True)
class Log:
    id: str
    title: str
    url: str
    lines: int
    drafts: int
    queries: int
    copying: int = 0  # lines that two people copy, and that are in no record yet


@dataclass
class Casebook:
    study: CompiledStudy
    visits: list[Visit]
    logs: list[Log]
    queries: list[Query]
    criteria: list[Criterion]
    transitions: list[Transition]
    may: frozenset[str]
    signable: list[str]
    signed: int = 0
    due: int = 0
    holds: list[Hold] = field(default_factory=list)
    grid: list[tuple[str, list[FormMark | None]]] = field(default_factory=list)

    @property
    def held(self) -> bool:
        """Whether the participant has a lock of their own."""
        return any(hold.level == "participant" for hold in self.holds)


def casebook(actor: Actor, participant: Participant, today: date, language: str) -> Casebook:
    """Everything about one participant that the person may see; a handful of reads, whatever its size."""
    study = compiled(participant.study, participant.definition)
    scope = scope_of(participant)
    may = frozenset(name for name in PERMISSIONS if actor.may(name, scope, today))
    rows = {row.key: row for row in Form.objects.filter(participant=participant)}
    copied = standings_on_paper(participant) if enters_twice(participant.study, participant.definition) else {}
    queries: list[Query] = []
    if actor.places("query.view", participant.study, today):
        asked = visible_queries(actor, participant.study, participant.definition, today)
        queries = list(asked.filter(participant=participant, status__in=("open", "answered")).order_by("opened", "key"))
    counts = Counter(query.form for query in queries)
    progress = [form for form in standings_of(actor, participant, today) if form.required]
    verified = frozenset(form.key for form in progress if not form.due)
    encounters = encounters_of(
        participant, study, list(Encounter.objects.filter(participant=participant)), language, today
    )
    visits = [
        _visit(participant, study, encounter, rows, counts, language, verified, copied)
        for encounter in _ordered(study, encounters)
    ]
    finished = [row for row in rows.values() if row.status in {"complete", "not_done", "removed"}]
    book = Casebook(
        study=study,
        visits=visits,
        logs=[
            _log(participant, study, form, rows.values(), counts, language, copied)
            for form in study.study.protocol.logs
        ],
        queries=queries,
        criteria=eligibility(actor, participant, today, language),
        transitions=PARTICIPANT.available(participant.status, may),
        may=may,
        signable=sorted(row.key for row in finished if row.signed != "valid"),
        signed=sum(row.signed == "valid" for row in finished),
        due=sum(len(form.due) for form in progress) if "form.verify" in may else 0,
        holds=holds_around(participant),
    )
    book.grid = _grid(study, visits, language)
    return book


def _ordered(study: CompiledStudy, encounters: Sequence[PlannedEncounter]) -> list[PlannedEncounter]:
    """As the protocol lists them; an unscheduled one after the last visit on or before its date."""
    places = list(study.encounters)
    ordered = sorted((e for e in encounters if e.oid in study.encounters), key=lambda e: places.index(e.oid))
    for extra in sorted((e for e in encounters if e.oid not in study.encounters), key=lambda e: (e.date, e.number)):
        earlier = [place for place, e in enumerate(ordered) if e.date and e.date <= extra.date]
        ordered.insert(max(earlier, default=-1) + 1, extra)
    return ordered


def _visit(
    participant: Participant,
    study: CompiledStudy,
    encounter: PlannedEncounter,
    rows: dict[str, Form],
    counts: Counter[str],
    language: str,
    verified: frozenset[str],
    copied: Mapping[str, str],
) -> Visit:
    planned = study.forms_at(encounter.oid)
    place = f"{participant.key}/{encounter.oid}/"
    entered = [key.rsplit("/", 1)[1] for key in rows if key.startswith(place)]
    marks = []
    for form in dict.fromkeys([*planned, *entered]):
        if form in study.forms:
            key = form_key(participant.study, participant.number, encounter.oid, form)
            title = study.forms[form].form.title.get(language)[0]
            name = f"{title}, {encounter.label}"
            mark = _mark(
                key, form, title, name, encounter.standing == "begun", rows.get(key), counts[key], key in verified
            )
            marks.append(replace(mark, status="copying") if key in copied and key not in rows else mark)
    return Visit(encounter, tuple(marks))


def _mark(
    key: str, form: str, title: str, name: str, begun: bool, row: Form | None, queries: int, verified: bool
) -> FormMark:
    """``verified``: the plan asked something of the form, and nothing of it is due."""
    url = form_address(key)
    if row is None:
        return FormMark(key, form, title, url, "not_started", name, begun, queries=queries)
    standing = {"valid": "signed", "broken": "broken"}.get(row.signed) or ("locked" if row.lock == "locked" else "")
    status = standing or ("verified" if verified and row.status == "complete" else row.status)
    lock = "" if row.lock == "open" else row.lock
    return FormMark(key, form, title, url, status, name, begun, row.status, lock, queries)


def _log(
    participant: Participant,
    study: CompiledStudy,
    form: str,
    rows: Iterable[Form],
    counts: Counter[str],
    language: str,
    copied: Iterable[str],
) -> Log:
    lines = [row for row in rows if row.form == form and row.line and row.status != "removed"]
    return Log(
        form,
        study.forms[form].form.title.get(language)[0],
        log_address(participant.key, form),
        len(lines),
        sum(line.status == "draft" for line in lines),
        sum(counts[line.key] for line in lines),
        sum(key.startswith(f"{participant.key}/{LOG}/{form}/") for key in copied),
    )


def _grid(study: CompiledStudy, visits: Sequence[Visit], language: str) -> list[tuple[str, list[FormMark | None]]]:
    """The casebook turned: one row a form, one column a visit; None where the form is not expected."""
    by_visit = [{mark.id: mark for mark in visit.forms} for visit in visits]
    present = set().union(*by_visit) if by_visit else set()
    return [
        (form.form.title.get(language)[0], [marks.get(form_id) for marks in by_visit])
        for form_id, form in study.forms.items()
        if form_id in present
    ]
