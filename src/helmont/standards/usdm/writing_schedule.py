"""Encounters, activities and timelines: planned encounters in the main timeline, each other one in a timeline of its own."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise
from typing import Any

from helmont.standards.usdm.building import Builder, Object, chain
from helmont.standards.usdm.codes import CONTACTS, SETTINGS, START_TO_START, TIMINGS
from helmont.standards.usdm.durations import duration
from helmont.study.model import Study
from helmont.study.protocol import Encounter, day_offset

Ids = Mapping[tuple[str, str], str]


def write_schedule(builder: Builder, study: Study, ids: Ids, surrogates: Mapping[str, Object]) -> Object:
    """The attributes of the design that are about the schedule: encounters, activities, scheduleTimelines."""
    protocol = study.protocol
    encounters = {each.id: _encounter(builder, each) for each in protocol.encounters}
    activities = _activities(builder, study, surrogates)
    instances = {each.id: _instance(builder, each, study, ids, encounters, activities) for each in protocol.encounters}
    planned = [each for each in protocol.encounters if each.day is not None]
    timelines = []
    if planned:
        timings = []
        for each in planned:
            timing = _timing(builder, each, instances)
            encounters[each.id]["scheduledAtId"] = timing["id"]
            timings.append(timing)
        own = [instances[each.id] for each in planned]
        timelines.append(_timeline(builder, "MAIN", "Main timeline", own, timings, main=True))
    for each in protocol.encounters:
        if each.day is None:
            own, label = [instances[each.id]], str(each.label)
            timelines.append(_timeline(builder, each.id, label, own, [], main=False))
    return {
        "encounters": chain(list(encounters.values())),
        "activities": chain(list(activities.values())),
        "scheduleTimelines": timelines,
    }


def _encounter(builder: Builder, encounter: Encounter) -> Object:
    attributes, extensions = builder.texts(label=encounter.label)
    extensions["number"] = str(encounter.number) if encounter.number is not None else None
    extensions["optional"] = True if encounter.optional else None
    extensions["anchor"] = encounter.anchor if encounter.anchor == encounter.id else None
    settings = [builder.code(SETTINGS[encounter.type])] if encounter.type in SETTINGS else []
    return builder.make(
        "Encounter",
        extensions,
        name=encounter.id,
        **attributes,
        type=builder.code(("C25716", "Visit")),
        environmentalSettings=settings,
        contactModes=[builder.code(CONTACTS[encounter.type])],
    )


def _activities(builder: Builder, study: Study, surrogates: Mapping[str, Object]) -> dict[str, Object]:
    made = {}
    for activity in study.protocol.activities:
        attributes, extensions = builder.texts(label=activity.label)
        own: dict[str, Any] = {"objectives": list(activity.objectives)} if activity.objectives else {}
        if activity.minutes is not None:
            own["minutes"] = activity.minutes
        if activity.blood_ml is not None:
            own["blood_ml"] = str(activity.blood_ml)
        extensions["activity"] = own
        forms = [surrogates[form]["id"] for form in activity.forms]
        made[activity.id] = builder.make("Activity", extensions, name=activity.id, **attributes, bcSurrogateIds=forms)
    return made


def _instance(
    builder: Builder,
    encounter: Encounter,
    study: Study,
    ids: Ids,
    encounters: Mapping[str, Object],
    activities: Mapping[str, Object],
) -> Object:
    schedule = study.protocol.schedule
    return builder.make(
        "ScheduledActivityInstance",
        name=encounter.id,
        label=str(encounter.label),
        epochId=ids["epoch", encounter.epoch] if encounter.epoch else None,
        encounterId=encounters[encounter.id]["id"],
        activityIds=[own["id"] for name, own in activities.items() if encounter.id in schedule.get(name, ())],
    )


def _timing(builder: Builder, encounter: Encounter, instances: Mapping[str, Object]) -> Object:
    offset = day_offset(encounter.day or 1)
    anchored = encounter.anchor is not None and encounter.anchor != encounter.id
    kind = "fixed" if not anchored else "after" if offset >= 0 else "before"
    window = encounter.window
    return builder.make(
        "Timing",
        name=encounter.id,
        type=builder.code(TIMINGS[kind]),
        value=duration(abs(offset)),
        valueLabel=f"Day {encounter.day}",
        relativeToFrom=builder.code(START_TO_START),
        relativeFromScheduledInstanceId=instances[encounter.id]["id"],
        relativeToScheduledInstanceId=instances[(anchored and encounter.anchor) or encounter.id]["id"],
        windowLower=duration(window.before),
        windowUpper=duration(window.after),
        windowLabel=f"-{window.before}..+{window.after} days",
    )


def _timeline(
    builder: Builder, name: str, label: str, instances: list[Object], timings: list[Object], *, main: bool
) -> Object:
    leaving = builder.make("ScheduleTimelineExit")
    for before, after in pairwise(instances):
        before["defaultConditionId"] = after["id"]
    instances[-1]["timelineExitId"] = leaving["id"]
    return builder.make(
        "ScheduleTimeline",
        name=name,
        label=label,
        mainTimeline=main,
        entryCondition="The participant enters the trial" if main else label,
        entryId=instances[0]["id"],
        exits=[leaving],
        timings=timings,
        instances=instances,
    )
