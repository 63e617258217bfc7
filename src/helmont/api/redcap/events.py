"""Arms, events, which instruments belong to which event, and what repeats."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

from django.http import HttpResponse

from helmont.api.redcap.call import BadRequest, Call, handles
from helmont.api.redcap.metadata import required_design
from helmont.core.errors import Fault, Invalid
from helmont.projects.actions import ChangeProject
from helmont.projects.design import Design

EVENT = ("event_name", "arm_num", "unique_event_name", "custom_event_label", "event_id")
MAPPING = ("arm_num", "unique_event_name", "form")
REPEATING = ("event_name", "form_name", "custom_form_label")
MOST = 500
LONGEST_EVENT = 18


def longitudinal(call: Call) -> None:
    if not call.layout.longitudinal:
        raise BadRequest("You cannot export arms or events of a classic project; this project is not longitudinal.")


def _arms(call: Call) -> set[int]:
    return {_number(call, arm) for arm in call.listed("arms")}


def _number(_call: Call, arm: Any) -> int:
    if not re.fullmatch(r"[1-9]\d{0,2}", str(arm)):
        raise Invalid([Fault("arm_num", f"“{str(arm)[:20]}” is not an arm's number", "1 to 999")])
    return int(arm)


def _change(call: Call, design: Design) -> None:
    if len(design.events) > MOST or len(design.arms) > MOST:
        raise Invalid([Fault("data", "the project would have too many arms or events", f"at most {MOST}")])
    call.perform(ChangeProject(call.study.key, design))


def _changeable(call: Call) -> Design:
    design = required_design(call)
    if not design.longitudinal:
        raise BadRequest("This project is not longitudinal: it has neither arms nor events.")
    return design


def _required(row: dict[str, Any], name: str, number: int) -> str:
    value = str(row.get(name) or "").strip()
    if not value or len(value) > 200:
        raise Invalid([Fault(f"data, row {number}", f"{name} is missing or too long", "at most 200 characters")])
    return value


@handles("arm")
def export_arms(call: Call) -> HttpResponse:
    longitudinal(call)
    wanted = _arms(call)
    arms = [{"arm_num": n, "name": name} for n, name in call.layout.arms.items() if not wanted or n in wanted]
    return call.table(arms, "arm_num", "name", names=("arms", "item"))


@handles("arm", "import")
def import_arms(call: Call) -> HttpResponse:
    design, rows = _changeable(call), call.rows()
    given = {_number(call, row.get("arm_num")): _required(row, "name", n) for n, row in enumerate(rows, start=1)}
    if call.get("override") == "1":
        design = replace(design, arms=given, events={}, mapping=(), repeating={})
    else:
        design = replace(design, arms=dict(sorted({**design.arms, **given}.items())))
    _change(call, design)
    return call.count(len(given))


@handles("arm", "delete")
def delete_arms(call: Call) -> HttpResponse:
    design, gone = _changeable(call), _arms(call)
    if unknown := gone - design.arms.keys():
        raise Invalid([Fault("arms", f"there is no arm {min(unknown)}", ", ".join(map(str, design.arms)))])
    events = [name for number in gone for name in design.arm_events(number)]
    arms = {number: name for number, name in design.arms.items() if number not in gone}
    _change(call, _without(replace(design, arms=arms), events))
    return call.count(len(gone))


@handles("event")
def export_events(call: Call) -> HttpResponse:
    longitudinal(call)
    wanted = _arms(call)
    rows = [
        {
            "event_name": event.label,
            "arm_num": event.arm,
            "unique_event_name": event.name,
            "custom_event_label": event.custom_label,
            "event_id": number,
        }
        for number, event in enumerate(call.layout.events.values(), start=1)
        if not wanted or event.arm in wanted
    ]
    return call.table(rows, *EVENT, names=("events", "item"))


@handles("event", "import")
def import_events(call: Call) -> HttpResponse:
    design, rows = _changeable(call), call.rows()
    if call.get("override") == "1":
        design = replace(design, events={}, mapping=(), repeating={})
    events = dict(design.events)
    for number, row in enumerate(rows, start=1):
        label, arm = _required(row, "event_name", number), _number(call, row.get("arm_num"))
        if arm not in design.arms:
            raise Invalid([Fault(f"data, row {number}", f"there is no arm {arm}", ", ".join(map(str, design.arms)))])
        name = str(row.get("unique_event_name") or "") or unique_name(label, arm)
        if not re.fullmatch(rf"[a-z][a-z0-9_]*_arm_{arm}", name) or len(name) > 60:
            raise Invalid(
                [Fault(f"data, row {number}", f"“{name[:60]}” is not an event of arm {arm}", "visit_1_arm_1")]
            )
        custom = str(row.get("custom_event_label") or "")[:200]
        events[name] = {"event_name": label, "arm_num": arm, "custom_event_label": custom}
    ordered = sorted(events.items(), key=lambda pair: pair[1]["arm_num"])
    _change(call, replace(design, events=dict(ordered)))
    return call.count(len(rows))


def unique_name(label: str, arm: int) -> str:
    """``Deadline to opt out``, 2 -> ``deadline_to_opt_ou_arm_2``."""
    words = re.sub(r"[^a-z0-9]+", "_", label.lower()).strip("_")[:LONGEST_EVENT].strip("_")
    start = words if words[:1].isalpha() else f"event_{words}".strip("_")
    return f"{start}_arm_{arm}"


@handles("event", "delete")
def delete_events(call: Call) -> HttpResponse:
    design, gone = _changeable(call), call.listed("events")
    if unknown := [name for name in gone if name not in design.events]:
        raise Invalid([Fault("events", f"there is no event “{unknown[0][:100]}”", ", ".join(design.events))])
    _change(call, _without(design, gone))
    return call.count(len(gone))


def _without(design: Design, events: list[str]) -> Design:
    return replace(
        design,
        events={name: event for name, event in design.events.items() if name not in events},
        mapping=[pair for pair in design.mapping if pair[0] not in events],
        repeating={pair: label for pair, label in design.repeating.items() if pair[0] not in events},
    )


@handles("formEventMapping")
def export_mapping(call: Call) -> HttpResponse:
    longitudinal(call)
    wanted, layout = _arms(call), call.layout
    rows = [
        {"arm_num": layout.events[event].arm, "unique_event_name": event, "form": form}
        for event, form in layout.mapping
        if not wanted or layout.events[event].arm in wanted
    ]
    return call.table(rows, *MAPPING)


@handles("formEventMapping", "import")
def import_mapping(call: Call) -> HttpResponse:
    design, pairs = _changeable(call), []
    for number, row in enumerate(call.rows(), start=1):
        event, form = _required(row, "unique_event_name", number), _required(row, "form", number)
        _there(design, event, form, number)
        pairs.append((event, form))
    kept = {pair: label for pair, label in design.repeating.items() if not pair[1] or pair in pairs}
    _change(call, replace(design, mapping=pairs, repeating=kept))
    return call.count(len(pairs))


def _there(design: Design, event: str, form: str, number: int) -> None:
    if event not in design.events:
        raise Invalid([Fault(f"data, row {number}", f"there is no event “{event[:100]}”", ", ".join(design.events))])
    if form and form not in design.forms:
        raise Invalid([Fault(f"data, row {number}", f"there is no instrument “{form[:100]}”", ", ".join(design.forms))])


@handles("repeatingFormsEvents")
def export_repeating(call: Call) -> HttpResponse:
    rows = [dict(zip(REPEATING, (*pair, label), strict=True)) for pair, label in call.layout.repeating.items()]
    if not call.layout.longitudinal:
        rows = [{name: row[name] for name in REPEATING[1:]} for row in rows]
    if not rows:
        raise BadRequest("You cannot export repeating instruments and events: none repeats in this project.")
    return call.table(rows)


@handles("repeatingFormsEvents", "import")
def import_repeating(call: Call) -> HttpResponse:
    design, repeating = required_design(call), {}
    for number, row in enumerate(call.rows(), start=1):
        default = "" if design.longitudinal else next(iter(call.layout.events))
        event, form = str(row.get("event_name") or default), str(row.get("form_name") or "")
        if design.longitudinal:
            _there(design, event, form, number)
        repeating[event, form] = str(row.get("custom_form_label") or "")[:200]
    _change(call, replace(design, repeating=repeating))
    return call.count(len(repeating))
