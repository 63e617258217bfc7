"""Importing and deleting records. Everything is tried first; a row that does not fit leaves nothing of the import."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import orjson
from django.http import HttpResponse

from helmont.api.redcap.call import CHANNEL, BadRequest, Call, handles
from helmont.api.redcap.groups import group_names
from helmont.api.redcap.records import EVENT, GROUP, INSTANCE, INSTRUMENT, next_number
from helmont.api.redcap.wire import PROLOGUE, write_rows
from helmont.core.actions import Action, Job, authorise
from helmont.core.errors import Fault, Invalid, Refused
from helmont.core.rows import Rows
from helmont.core.transactions import Transaction
from helmont.core.writer import submit
from helmont.edc.actions.entry import RemoveLine, SaveForm
from helmont.edc.keys import LOG, form_key, is_line
from helmont.edc.models import Form
from helmont.edc.queries.forms import forms_of
from helmont.participants.actions import BeginEncounter, ChangeStatus, ScreenParticipant
from helmont.participants.models import Encounter, Participant
from helmont.participants.queries import participant_for
from helmont.projects.actions import MAIN_SITE, Steps
from helmont.projects.layout import UNSCHEDULED, Event, Field, Instrument
from helmont.studies.queries import sites_for

MOST_ROWS = 20_000
DATE = re.compile(r"(\d{1,2})[/.-](\d{1,2})[/.-](\d{4})(.*)")
IGNORED = re.compile(r"redcap_survey_identifier|redcap_data_access_group_id|.+_timestamp")


@dataclass
class Entered:
    """What an import has for one form: values by item key, and whether it says that the form is complete."""

    values: dict[str, Any] = field(default_factory=dict)
    complete: bool = False


@dataclass
class Record:
    """One record of an import; ``rows`` are the numbers of the lines that it was made of, from 1.

    ``forms`` goes by (form, encounter, line).
    """

    number: str
    group: str = ""
    rows: list[int] = field(default_factory=list)
    forms: dict[tuple[str, str, str], Entered] = field(default_factory=dict)


@handles("record", "import")
def import_records(call: Call) -> HttpResponse:
    rows = call.rows()
    if len(rows) > MOST_ROWS:
        raise Invalid([Fault("data", f"{len(rows)} rows are too many", f"at most {MOST_ROWS} in one request")])
    own = [str(row.get(call.layout.record_field.name) or "") for row in rows]
    if call.get("forceAutoNumber").lower() in ("true", "1"):
        start = next_number(call)
        given = {number: str(start + n) for n, number in enumerate(dict.fromkeys(own))}
        rows = [{**row, call.layout.record_field.name: given[old]} for row, old in zip(rows, own, strict=True)]
    numbers = import_rows(call, rows)
    match call.get("returnContent", "count"):
        case "nothing":
            return call.answer(b"{}" if call.form == "json" else b"")
        case "ids":
            return _ids(call, numbers)
        case "auto_ids":
            pairs = zip(numbers, dict.fromkeys(own), strict=True)
            return _ids(call, [f"{new},{old}" for new, old in pairs])
    if call.form == "json":
        return call.answer(orjson.dumps({"count": len(numbers)}))
    count = str(len(numbers))
    return call.answer((f"{PROLOGUE}<count>{count}</count>" if call.form == "xml" else count).encode())


def _ids(call: Call, numbers: Sequence[str]) -> HttpResponse:
    if call.form == "json":
        return call.answer(orjson.dumps(list(numbers)))
    if call.form == "csv":
        return call.answer(write_rows([{"id": number} for number in numbers], "csv"))
    return call.answer(f"{PROLOGUE}<ids>{''.join(f'<id>{number}</id>' for number in numbers)}</ids>".encode())


def import_rows(call: Call, rows: Sequence[Mapping[str, Any]], group_field: str = GROUP) -> list[str]:
    """Carry the rows out; returns the records' numbers. Raises ``Invalid`` with everything that does not fit."""
    records = _gather(call, rows, group_field)
    plans = [plan for record in records if (plan := _plan(call, record))]
    faults = [fault for steps in plans for fault in _try(call, steps)]
    if faults:
        raise Invalid(faults)
    waiting = [submit(Job(steps, call.actor, {"channel": CHANNEL})) for _, steps in plans]
    failed = [(plan[0], error) for plan, done in zip(plans, waiting, strict=True) if (error := done.exception())]
    if failed:
        done_count = len(plans) - len(failed)
        text = f"{done_count} of {len(plans)} records were imported; meanwhile somebody else changed the others"
        raise Invalid([Fault(f"record {record.number}", f"{text}: {error}") for record, error in failed])
    return [record.number for record in records]


def _try(call: Call, plan: tuple[Record, Steps]) -> list[Fault]:
    """What the steps would be refused for, without doing them."""
    record, steps = plan
    tx = Transaction(Rows(), call.study.key, datetime.now(UTC), call.actor.timezone)
    place = f"record {record.number}, row {', '.join(map(str, record.rows[:5]))}"
    try:
        authorise(steps, tx, call.actor)
        steps.perform(tx, call.actor)
    except Invalid as refusal:
        return [Fault(f"{place}, {fault.place.lower()}", fault.message, fault.accepted) for fault in refusal.faults]
    except Refused as refusal:
        if refusal.status in (403, 404):
            raise
        return [Fault(place, str(refusal.message))]
    return []


class _Reader:
    """Reads rows by the layout; collects faults rather than stopping at the first."""

    def __init__(self, call: Call, group_field: str) -> None:
        self.call, self.layout, self.group_field = call, call.layout, group_field
        self.faults: list[Fault] = []
        self.columns: dict[str, tuple[Field, str]] = {
            column: (one, code) for one in self.layout.fields for code, column in one.columns()
        }
        self.complete = {f"{name}_complete": one for name, one in self.layout.instruments.items()}
        self.overwrite = call.get("overwriteBehavior") == "overwrite"
        self.order = call.get("dateFormat", "YMD").upper()
        self.mapped = set(self.layout.mapping)

    def fault(self, number: int, message: str, accepted: str = "") -> None:
        self.faults.append(Fault(f"data, row {number}", message, accepted))

    def event(self, row: Mapping[str, Any], number: int) -> Event | None:
        name = str(row.get(EVENT) or "") or next(iter(self.layout.events), "")
        found = self.layout.events.get(name)
        if found is None:
            self.fault(number, f"there is no event “{name[:100]}”", ", ".join(self.layout.events))
        elif found.name == UNSCHEDULED:
            self.fault(number, "unscheduled encounters are not made by an import", "a planned event")
            return None
        return found

    def place(
        self, event: Event, instrument: Instrument, row: Mapping[str, Any], number: int
    ) -> tuple[str, str, str] | None:
        """(form, encounter, line) where the instrument's values of this row go."""
        if (event.name, instrument.name) not in self.mapped:
            self.fault(number, f"instrument {instrument.name} does not belong to event {event.name}")
            return None
        log = self.layout.logs.get((event.name, instrument.name))
        if log is None:
            return instrument.form, event.encounter, ""
        instance = str(row.get(INSTANCE) or "1")
        if not is_line(instance):
            self.fault(number, f"“{instance[:20]}” is not the number of a repetition", "1 to 99999")
            return None
        return log, LOG, instance

    def dated(self, one: Field, text: str) -> str:
        found = DATE.fullmatch(text) if self.order in ("MDY", "DMY") and "date" in _validation(one) else None
        if found is None:
            return text
        first, second, year, rest = found.groups()
        month, day = (first, second) if self.order == "MDY" else (second, first)
        return f"{year}-{month.zfill(2)}-{day.zfill(2)}{rest}"


def _validation(one: Field) -> str:
    return one.row["text_validation_type_or_show_slider_number"]


def _gather(call: Call, rows: Sequence[Mapping[str, Any]], group_field: str) -> list[Record]:
    reader, records = _Reader(call, group_field), dict[str, Record]()
    record_field = call.layout.record_field.name
    for number, row in enumerate(rows, start=1):
        key = str(row.get(record_field) or "").strip()
        if not key:
            reader.fault(number, f"the record's field {record_field} is empty", "the record's number")
            continue
        record = records.setdefault(key, Record(key))
        record.rows.append(number)
        record.group = str(row.get(group_field) or "") or record.group
        if event := reader.event(row, number):
            _read_row(reader, record, event, row, number)
    if reader.faults:
        raise Invalid(reader.faults)
    return list(records.values())


def _read_row(reader: _Reader, record: Record, event: Event, row: Mapping[str, Any], number: int) -> None:
    known = {reader.layout.record_field.name, EVENT, INSTRUMENT, INSTANCE, GROUP}
    for column, raw in row.items():
        text = "" if raw is None else str(raw).strip()
        if column in known or (IGNORED.fullmatch(column) and column not in reader.columns):
            continue
        if instrument := reader.complete.get(column):
            if text == "2" and (place := reader.place(event, instrument, row, number)):
                record.forms.setdefault(place, Entered()).complete = True
            continue
        found = reader.columns.get(column)
        if found is None:
            reader.fault(number, f"there is no field “{column[:100]}”", "a column of content=exportFieldNames")
            continue
        one, code = found
        if one.kind == "file" or "@READONLY" in one.row["field_annotation"] or not (text or reader.overwrite):
            continue
        instrument = reader.layout.instruments[one.form]
        if place := reader.place(event, instrument, row, number):
            _set(record.forms.setdefault(place, Entered()).values, one, code, reader.dated(one, text))


def _set(values: dict[str, Any], one: Field, code: str, text: str) -> None:
    """Put one column's value under its item; several columns may make up one value."""
    if one.kind == "multiselect":
        values.setdefault(one.key, {"checked": {}})["checked"][code] = text.lower() in ("1", "checked", "y", "true")
    elif one.kind == "unit" or isinstance(values.get(one.key), dict):
        former = values.get(one.key)
        parts = former if isinstance(former, dict) else {"value": former or "", "unit": ""}
        values[one.key] = {**parts, "unit" if one.kind == "unit" else "value": text}
    else:
        values[one.key] = text


def _plan(call: Call, record: Record) -> tuple[Record, Steps] | None:
    """What has to be done for one record; None when nothing has."""
    study, steps = call.study.key, list[Action]()
    there = Participant.objects.filter(key=f"{study}/{record.number}").first()
    today = call.today.isoformat()
    data: dict[str, dict[str, Any]] = {}
    begun: set[str] = set()
    if there is None:
        steps.append(ScreenParticipant(study, _site(call, record), record.number, today))
    else:
        participant_for(call.actor, study, record.number, call.today)
        if there.status == "removed":
            steps.append(ChangeStatus(study, record.number, "restore", call.reason))
        data = {row.key: row.data for row in forms_of(call.actor, there, call.today)}
        begun = set(Encounter.objects.filter(participant=there, status="begun").values_list("oid", flat=True))
    for (form, encounter, line), entered in record.forms.items():
        key = form_key(study, record.number, encounter, form, line)
        values = {name: _merged(value, data.get(key, {}).get(name)) for name, value in entered.values.items()}
        if not entered.complete and not any(values.values()) and key not in data:
            continue
        if encounter not in begun and encounter != LOG:
            begun.add(encounter)
            steps.append(BeginEncounter(study, record.number, encounter, today))
        steps.append(SaveForm(key, values, complete=entered.complete, reason=call.reason))
    return (record, Steps(tuple(steps), call.reason)) if steps else None


def _merged(value: Any, before: Any) -> Any:
    """The value to save: boxes that the import does not speak of stay as they are; a unit goes with its number."""
    if not isinstance(value, dict):
        return value
    if "checked" in value:
        others = [code for code in before if code not in value["checked"]] if isinstance(before, list) else []
        return others + [code for code, checked in value["checked"].items() if checked]
    return value if value["unit"] and value["value"] else value["value"]


def _site(call: Call, record: Record) -> str:
    """Where a new record lies: its data access group, else the one site at which the person may screen."""
    groups = {name: number for number, name in group_names(call.study.key).items()}
    if record.group:
        if record.group not in groups:
            accepted = ", ".join(groups)
            raise Invalid([Fault(f"record {record.number}", f"there is no group “{record.group[:60]}”", accepted)])
        return groups[record.group]
    mine = [site.number for site in sites_for(call.actor, call.study.key, "participant.screen", call.today)]
    if MAIN_SITE in mine and MAIN_SITE not in groups.values():
        return MAIN_SITE
    if len(mine) == 1:
        return mine[0]
    if not mine:
        call.may("participant.screen")
    named = ", ".join(name for name, number in groups.items() if number in mine)
    raise Invalid([Fault(f"record {record.number}", f"{GROUP} is empty; say at which site the record is new", named)])


@handles("record", "delete")
def delete_records(call: Call) -> HttpResponse:
    """Records entered by mistake leave the data and stay in the record; so does one repetition of an instrument."""
    numbers = call.listed("records")
    twice = [number for number, times in Counter(numbers).items() if times > 1]
    if not numbers or twice:
        raise Invalid([Fault("records", "no records are named, or one is named twice", "records[0]=…")])
    participants = [participant_for(call.actor, call.study.key, number, call.today) for number in numbers]
    if gone := [row.number for row in participants if row.status == "removed"]:
        raise Invalid([Fault("records", f"there is no record {gone[0]}")])
    instrument, event, instance = (call.get(name) for name in ("instrument", "event", "repeat_instance"))
    if instance:
        return call.count(_remove_lines(call, numbers, event, instrument, instance))
    if instrument or event:
        raise BadRequest(
            "Values of an event or instrument are not deleted: import empty values with overwriteBehavior=overwrite."
        )
    reason = call.reason if call.reason.strip() else "Deleted"
    actions = [ChangeStatus(call.study.key, number, "remove", reason) for number in numbers]
    for action in actions:
        tx = Transaction(Rows(), call.study.key, datetime.now(UTC), call.actor.timezone)
        authorise(action, tx, call.actor)
        action.perform(tx, call.actor)
    call.perform(*actions)
    return call.count(len(actions))


def _remove_lines(call: Call, numbers: Sequence[str], event: str, instrument: str, instance: str) -> int:
    """Strike one repetition of an instrument, or of an event as a whole; returns of how many records."""
    event = event or next(iter(call.layout.events), "")
    forms = [form for pair, form in call.layout.logs.items() if pair[0] == event and instrument in ("", pair[1])]
    if not forms or not is_line(instance):
        raise Invalid([Fault("repeat_instance", f"“{(instrument or event)[:100]}” does not repeat", "what repeats")])
    keys = {form_key(call.study.key, number, LOG, form, instance) for number in numbers for form in forms}
    there = Form.objects.filter(key__in=keys).exclude(status="removed").order_by("key")
    lines = [row.key for row in there]
    if not lines:
        raise Invalid([Fault("repeat_instance", f"there is no repetition {instance}", "one that was entered")])
    call.perform(*(RemoveLine(key, reason=call.reason) for key in lines))
    return len({row.participant_id for row in there})
