"""What the sites entered, mapped to SDTM again: the proof that nothing was lost or made up on the way back.

A *cell* is one value of one record: participant, record key, variable. The record key is whatever tells the records of
a domain apart: visit number, test code and reading for findings; the line of a log; visit and line for medication.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from functools import cache

from helmont.demo.pilot.annotations import BLOOD_PRESSURE_READINGS, UNITS, Question, encounters, questions
from helmont.demo.pilot.events import EnterForm, Event, StartEncounter
from helmont.demo.pilot.reverse import NOT_DONE_WITHOUT_REASON
from helmont.demo.pilot.source import number_text
from helmont.study.values import Value

RecordKey = tuple[str, ...]
Cell = tuple[str, RecordKey, str]
"""Participant, record key, variable."""
Cells = dict[str, dict[Cell, str]]
"""By domain: cell to submitted value."""

_ROW = re.compile(r"[A-Z0-9_]+\[(\d+)\]\.([A-Z0-9_]+)")
_FINDINGS = ("VS", "LB", "QS", "SC")


def forward(events: Iterable[Event]) -> Cells:
    """SDTM cells of everything entered; ``ValueError`` when two answers claim the same cell."""
    cells: Cells = defaultdict(dict)
    for event in events:
        if isinstance(event, StartEncounter | EnterForm):
            found = _visit(event) if isinstance(event, StartEncounter) else _form(event)
            for domain, record, variable, value in found:
                cell = (event.participant_id, record, variable)
                if cell in cells[domain]:
                    raise ValueError(f"{domain} {cell}: answered twice, {cells[domain][cell]!r} and {value!r}")
                cells[domain][cell] = value
    return dict(cells)


def visit_text(encounter: str, unscheduled_number: str | None) -> str:
    """The visit number of an encounter, as text."""
    return unscheduled_number or _visit_numbers()[encounter]


@cache
def _visit_numbers() -> dict[str, str]:
    return {encounter: number for number, encounter in encounters().items()}


_Found = Iterator[tuple[str, RecordKey, str, str]]


def _visit(event: StartEncounter) -> _Found:
    record = (visit_text(event.encounter, event.unscheduled_number),)
    yield "SV", record, "SVSTDTC", event.date.isoformat()
    if event.reason:
        yield "SV", record, "SVUPDES", event.reason


def _form(event: EnterForm) -> _Found:
    if event.form == "CM":
        yield from _medication(event)
        return
    for key, value in event.values.items():
        row = _ROW.fullmatch(key)
        question = questions()[event.form, row[2] if row else key]
        if question.sdtm is None or key in ("LBTIM", "DSTIM", "DSVISNUM"):
            continue  # a comparator, or the second half of an answer given in two items
        if key == "LBDAT":
            yield from _collection_time(event)
        elif question.sdtm.domain in _FINDINGS:
            record = _finding_record(event, question, int(row[1]) if row else None)
            yield from _result(event, question, record, key, value)
        else:
            yield (
                question.sdtm.domain,
                _record(event, question.sdtm.domain),
                question.sdtm.variable,
                _event_value(event, question, key, value),
            )


def _record(event: EnterForm, domain: str) -> RecordKey:
    match event.form:
        case "EX":
            return (visit_text(event.encounter or "", event.unscheduled_number),)
        case "DS" if domain == "DM":
            return ()  # an answer about the participant
        case _:
            return () if event.line is None else (str(event.line),)


def _finding_record(event: EnterForm, question: Question, row: int | None) -> RecordKey:
    domain = question.sdtm.domain if question.sdtm else ""
    test = question.sdtm.where[f"{domain}TESTCD"] if question.sdtm else ""
    if domain == "SC":
        return (test,)
    visit = visit_text(event.encounter or "", event.unscheduled_number)
    return (visit, test) if row is None else (visit, test, number_text(BLOOD_PRESSURE_READINGS[row - 1]))


def _result(event: EnterForm, question: Question, record: RecordKey, key: str, value: Value) -> _Found:
    assert question.sdtm is not None
    domain, variable = question.sdtm.domain, question.sdtm.variable
    if isinstance(value, dict) and "not_done" in value:
        yield domain, record, f"{domain}STAT", "NOT DONE"
        if value["not_done"] != NOT_DONE_WITHOUT_REASON:
            yield domain, record, f"{domain}REASND", str(value["not_done"])
    elif isinstance(value, dict):
        yield domain, record, variable, str(value["value"])
        yield domain, record, f"{domain}ORRESU", UNITS[str(value["unit"])]
    else:
        text = _submitted(question, value)
        comparator = event.values.get(f"{key}_COMP")
        sign = questions()[event.form, f"{key}_COMP"].submitted(str(comparator)) if comparator else ""
        if text is not None:
            yield domain, record, variable, f"{sign}{text}"


def _submitted(question: Question, value: Value) -> str | None:
    return question.submitted(str(value)) if question.item.type == "codelist" else str(value)


def _event_value(event: EnterForm, question: Question, key: str, value: Value) -> str:
    if key == "DSDAT" and "DSTIM" in event.values:
        return f"{value}T{event.values['DSTIM']}"
    if key == "DSAESPID":
        return f"{event.participant_id}-{value}"
    if key == "DSVISIT":
        number = event.values.get("DSVISNUM")
        return visit_text(str(value), str(number) if number else None)
    return _submitted(question, value) or ""


def _collection_time(event: EnterForm) -> _Found:
    """Date and time were written once on the page and hold for each of its results."""
    day, time = str(event.values["LBDAT"]), event.values.get("LBTIM")
    for key in event.values:
        question = questions()[event.form, key]
        if question.sdtm and "LBTESTCD" in question.sdtm.where:
            yield "LB", _finding_record(event, question, None), "LBDTC", f"{day}T{time}" if time else day


def _medication(event: EnterForm) -> _Found:
    visits = event.values["CMVISITS"]
    assert isinstance(visits, list)
    for encounter in visits:
        record = (visit_text(encounter, None), str(event.values["CMSPID"]))
        for key, value in event.values.items():
            question = questions()["CM", key]
            if question.sdtm and key not in ("CMVISITS", "CMSPID"):
                yield "CM", record, question.sdtm.variable, _submitted(question, value) or ""
