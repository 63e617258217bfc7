"""What the clinical data of an ODM file ask for, as actions: participants, visits, forms, lines removed, comments.

Acts of people are not repeated in their name: signatures, verification, review and locks are counted and left behind, and
automatic queries are raised again by the rules that raised them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from helmont.core.actions import Action
from helmont.edc.actions.entry import MarkNotDone, RemoveLine, SaveForm
from helmont.edc.actions.queries import WriteComment
from helmont.edc.keys import form_key
from helmont.edc.models import Comment, Form
from helmont.exchange.importing import Step
from helmont.exchange.steps import transitions
from helmont.participants.actions import (
    PARTICIPANT,
    BeginEncounter,
    ChangeStatus,
    MissEncounter,
    ScreenParticipant,
    encounter_key,
)
from helmont.participants.models import Encounter, Participant
from helmont.standards.odm.reading import Oids, read_metadata
from helmont.standards.odm.records import LOG, UNSCHEDULED, EventRecord, FormRecord, Remark, Stamp, SubjectRecord
from helmont.standards.odm.subjects import ClinicalFile
from helmont.studies.actions import OpenSite
from helmont.studies.models import Site
from helmont.study.compiling import CompiledStudy
from helmont.study.faults import Fault, one_of

_LEFT = {"verified": "verification marks", "reviewed": "reviews", "lock": "locks", "query": "messages of queries"}


def plan_odm(path: Path, study: str, definition: CompiledStudy) -> Iterator[Step | Fault]:
    """The steps of a file, in its order; raises ``StudyFaults`` where the file breaks off."""
    # Only the OIDs matter here: whether the file's own definition is sound is not asked.
    oids = read_metadata(path).oids or Oids()
    file = ClinicalFile(path, definition.study, oids)
    yield from _Planner(file, study, definition).steps()


class _Planner:
    def __init__(self, file: ClinicalFile, study: str, definition: CompiledStudy) -> None:
        self.file, self.study, self.definition = file, study, definition
        self.sites = set(Site.objects.filter(study=study).values_list("number", flat=True))
        self.statuses = dict(Participant.objects.filter(study=study).values_list("number", "status"))
        self.encounters: dict[str, dict[str, str]] = {}
        self.forms: dict[str, str] = {}
        self.left: Counter[str] = Counter()
        self.known: str = ""

    def steps(self) -> Iterator[Step | Fault]:
        told = 0
        for subject in self.file.subjects():
            yield from self._subject(subject)
            yield from self.file.faults[told:]
            told = len(self.file.faults)
        if self.file.queries:
            self.left["query"] += self.file.queries
        for kind, count in self.left.items():
            message = f"{count} {_LEFT.get(kind, kind)} are not taken over: they are acts of people"
            yield Fault(self.file.path.name, 0, "", message, "", "note")

    def _step(self, action: Action, line: int, place: str, places: Mapping[str, int] | None = None) -> Step:
        return Step(action, self.file.path.name, line, place, places or {})

    def _load(self, number: str) -> None:
        """What is there of a participant before the file's first word about them."""
        if number == self.known:
            return
        self.known, key = number, f"{self.study}/{number}"
        for row in Encounter.objects.filter(participant=key):
            there = {"status": row.status, "date": row.date, "ended": row.ended, "reason": row.reason}
            self.encounters.setdefault(row.key, there)
        for form, status in Form.objects.filter(participant=key).values_list("key", "status"):
            self.forms.setdefault(form, status)

    # Participants

    def _subject(self, subject: SubjectRecord) -> Iterator[Step | Fault]:
        number = subject.subject
        if not number:
            yield self.fault(subject.line, "", "a SubjectData without SubjectKey")
            return
        if number not in self.statuses:
            yield from self._screen(subject)
        self._load(number)
        for event in subject.events:
            yield from self._event(subject, event)
        wanted = subject.standing.get("status", "")
        if wanted and wanted != self.statuses.get(number, wanted):
            yield from self._change_status(subject, wanted)

    def fault(self, line: int, place: str, message: str, accepted: str = "") -> Fault:
        return Fault(self.file.path.name, line, place, message, accepted)

    def _screen(self, subject: SubjectRecord) -> Iterator[Step | Fault]:
        number, site = subject.subject, subject.site
        if not site and len(self.sites) == 1:
            site = next(iter(self.sites))
        if site not in self.sites:
            location = self.file.locations.get(site)
            if location is None or not location.country:
                accepted = one_of(sorted(self.sites), site)
                yield self.fault(subject.line, number, f"the study has no site {site or '(none is named)'}", accepted)
                return
            opened = OpenSite(self.study, site, location.name, location.country, location.timezone or "UTC")
            self.sites.add(site)
            yield self._step(opened, subject.line, f"site {site}")
        day = subject.standing.get("screened") or min(filter(None, map(_day_of, subject.events)), default="")
        if not day:
            yield self.fault(subject.line, number, "the day of screening is not known", "a visit with a date")
            return
        self.statuses[number] = PARTICIPANT.initial
        yield self._step(ScreenParticipant(self.study, site, number, day), subject.line, number)

    def _change_status(self, subject: SubjectRecord, wanted: str) -> Iterator[Step | Fault]:
        number = subject.subject
        path = transitions(self.statuses[number], wanted)
        if path is None:
            accepted = ", ".join(PARTICIPANT.states)
            yield self.fault(subject.line, number, f"{self.statuses[number]} does not lead to {wanted}", accepted)
            return
        self.statuses[number] = wanted
        for transition in path:
            action = ChangeStatus(self.study, number, transition, self._reason(subject.stamp))
            yield self._step(action, subject.line, f"{number} status")

    def _reason(self, stamp: Stamp | None) -> str:
        return (stamp.reason if stamp else "") or f"Import of {self.file.path.name}"

    # Visits

    def _event(self, subject: SubjectRecord, event: EventRecord) -> Iterator[Step | Fault]:
        if event.event != LOG:
            yield from self._visit(subject, event)
        for form in event.forms:
            yield from self._form(subject, event, form)

    def _visit(self, subject: SubjectRecord, event: EventRecord) -> Iterator[Step | Fault]:
        number, place = subject.subject, f"{subject.subject} {event.event} {event.number}".strip()
        key = encounter_key(self.study, number, event.event, event.number)
        before = self.encounters.get(key, {})
        visit = {**before, **event.visit} if event.visit else dict(before)
        if not before and not visit:
            day = _day_of(event)
            if not day:
                yield self.fault(event.line, place, "the date of the visit is not known", "an item with a date")
                return
            visit = {"date": day}
        visit.setdefault("status", "begun")
        if visit == before:
            return
        self.encounters[key] = visit
        reason = visit.get("reason") or self._reason(event.stamp)
        if visit["status"] == "missed":
            yield self._step(MissEncounter(self.study, number, event.event, reason), event.line, place)
            return
        begin = BeginEncounter(
            self.study, number, event.event, visit.get("date", ""), event.number, visit.get("ended", "")
        )
        if before or event.event == UNSCHEDULED:
            given = visit.get("reason", "") if event.event == UNSCHEDULED else reason
            yield self._step(_with_reason(begin, given), event.line, place)
            return
        yield self._step(begin, event.line, place)
        if visit.get("reason"):  # a reason is kept of what was changed after it was begun
            yield self._step(_with_reason(begin, visit["reason"]), event.line, place)

    # Forms

    def _form(self, subject: SubjectRecord, event: EventRecord, form: FormRecord) -> Iterator[Step | Fault]:
        encounter = f"{UNSCHEDULED}_{event.number}" if event.event == UNSCHEDULED else event.event
        key = form_key(self.study, subject.subject, encounter, form.form, form.line_number)
        before, place = self.forms.get(key, ""), key.split("/", 1)[1]
        values, lines, emptied = self._values(form)
        stamp = form.stamp or next((item.stamp for group in form.groups for item in group.items if item.stamp), None)
        reason = self._reason(stamp)
        status = form.status or before or ("complete" if values else "")
        if before == "removed" and status != "removed":
            yield self._step(RemoveLine(key, restore=True, reason=reason), form.line, place)
            before = "draft"
        if status == "not_done" and before != "not_done":
            yield self._step(MarkNotDone(key, reason=form.note or reason), form.line, place)
        elif values or emptied or (status in ("draft", "complete") and status != before):
            save = SaveForm(key, {**values, **emptied}, complete=status in ("complete", "removed"), reason=reason)
            yield self._step(save, form.line, place, lines)
        if status == "removed" and before != "removed":
            if not before and not values:
                yield self._step(SaveForm(key, {}, complete=True), form.line, place)
            yield self._step(RemoveLine(key, reason=reason), form.line, place)
        if status:
            self.forms[key] = status
        yield from self._comments(key, form, place)
        self._count_left(form)

    def _values(self, form: FormRecord) -> tuple[dict[str, Any], dict[str, int], dict[str, None]]:
        """Item values, their lines, and the items that were emptied."""
        values: dict[str, Any] = {}
        lines: dict[str, int] = {}
        emptied: dict[str, None] = {}
        for group in form.groups:
            for item in group.items:
                key = self.file.key_of(form.form, group, item.item)
                lines[key] = item.line
                if item.type == "calculated" or item.value == {"redacted": True}:
                    continue
                if item.change == "Remove":
                    emptied[key] = None
                elif item.value is not None:
                    values[key] = item.value
        return values, lines, emptied

    def _comments(self, key: str, form: FormRecord, place: str) -> Iterator[Step]:
        said = [("", one, form.line) for one in form.remarks if "comment" in one.flags]
        for group in form.groups:
            for item in group.items:
                item_key = self.file.key_of(form.form, group, item.item)
                said += [(item_key, one, item.line) for one in item.remarks if "comment" in one.flags]
        if said:
            there = set(Comment.objects.filter(form=key).values_list("item", "text"))
            for item_key, remark, line in said:
                if (item_key, remark.text) not in there:
                    yield self._step(WriteComment(key, item_key, remark.text), line, f"{place} {item_key}".strip())

    def _count_left(self, form: FormRecord) -> None:
        remarks: list[Remark] = [*form.remarks]
        for remark in remarks:
            for kind in remark.flags:
                if kind in _LEFT:
                    self.left[kind] += 1


def _with_reason(action: BeginEncounter, reason: str) -> BeginEncounter:
    return BeginEncounter(
        action.study, action.participant, action.encounter, action.date, action.number, action.ended, reason
    )


def _day_of(event: EventRecord) -> str:
    """The day of a visit: as it is said, the earliest date on its forms, or the day its first value was entered."""
    if day := event.visit.get("date"):
        return day
    items = [item for form in event.forms for group in form.groups for item in group.items]
    dates = [str(item.value)[:10] for item in items if item.type in ("date", "datetime") and len(str(item.value)) >= 10]
    stamps = [item.stamp.time[:10] for item in items if item.stamp and item.stamp.time]
    return min(dates, default="") or min(stamps, default="")
