"""The schedule: encounters, activities, and which is done when, out of the timelines of a USDM study design.

Helmont plans by encounter and day. The main timeline's instances are gathered by encounter; an encounter's day is counted
from the encounter to which its timing leads. What happens within a day (other timelines, hours) has no place here.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from typing import Any, Literal

from helmont.standards.importing import Ids
from helmont.standards.usdm.codes import CONTACTS, SETTINGS, START_TO_START, TIMINGS, word_for
from helmont.standards.usdm.design import in_order
from helmont.standards.usdm.document import Thing
from helmont.standards.usdm.durations import days
from helmont.standards.usdm.texts import Texts
from helmont.study.protocol import Activity, Encounter, Window

_DEPTH = 3
"""Timelines within timelines that are followed."""


@dataclass
class _Slot:
    """An encounter of the document on one day: its instances there, and where their timing leads."""

    encounter: Thing
    instances: list[Thing]
    timing: Thing | None = None
    place: tuple[int, Thing | None] | None = None
    further: bool = False
    name: str = ""


@dataclass
class TimelineReader:
    """Reads encounters and schedule of one design; ``names`` maps objects of the document to our ids."""

    design: Thing
    texts: Texts
    names: dict[str, str]
    main: Thing | None = None
    instances: list[Thing] = field(default_factory=list)
    by_encounter: dict[str, list[Thing]] = field(default_factory=dict)
    timings: dict[str, Thing] = field(default_factory=dict)
    slots: list[_Slot] = field(default_factory=list)

    def __post_init__(self) -> None:
        timelines = self.design.many("scheduleTimelines")
        mains = [timeline for timeline in timelines if timeline.value.get("mainTimeline") is True]
        if len(mains) != 1:
            message = f"{len(mains)} timelines are the main one" + ("; the first was taken" if mains else "")
            self.design.say(message, "one main timeline", severity="warning", at="scheduleTimelines")
        self.main = mains[0] if mains else None
        for timeline in [*mains[:1], *(each for each in timelines if each not in mains[:1])]:
            self._gather(timeline)

    def _gather(self, timeline: Thing) -> None:
        """Take a timeline's instances: all of the main one, of another those at encounters the main one does not have."""
        instances = [each for each in timeline.many("instances") if each.kind == "ScheduledActivityInstance"]
        main = self.main is not None and timeline.pointer == self.main.pointer
        for decision in timeline.many("instances"):
            if decision.kind == "ScheduledDecisionInstance" and main:
                decision.say("a decision in the timeline was not taken over; Helmont plans one way through the trial")
        if main:
            for timing in timeline.many("timings"):
                instance = timing.reference("relativeFromScheduledInstanceId")
                if instance is not None:
                    self.timings.setdefault(instance.id, timing)
        known = set(self.by_encounter)
        taken = 0
        for instance in instances:
            encounter = instance.reference("encounterId")
            if encounter is None:
                if main and instance.references("activityIds"):
                    message = "an instance without an encounter was not taken over: in Helmont everything is done at an encounter"
                    instance.say(message, severity="warning")
            elif main or encounter.id not in known:
                self.by_encounter.setdefault(encounter.id, []).append(instance)
                taken += 1
        if not main and not taken:
            name = timeline.text("label", "name")
            message = f"the times of the timeline {name} were not taken over: Helmont plans by encounter and day"
            timeline.say(message)

    def encounters(self) -> tuple[Encounter, ...]:
        ids = Ids()
        slots = [slot for thing in in_order(self.design.many("encounters")) for slot in self._slots(thing)]
        for slot in slots:
            own = slot.instances[0] if slot.further else slot.encounter
            slot.name = ids.make(own.text("name"), own.text("label"), fallback="VISIT")
            for each in slot.instances:
                self.names[each.id] = slot.name
        self.slots = slots
        return tuple(map(self._encounter, slots))

    def _slots(self, thing: Thing) -> list[_Slot]:
        """The instances of an encounter by day: one encounter of ours for each day on which some of them are."""
        instances = self.by_encounter.get(thing.id, [])
        found: dict[tuple[int, str], _Slot] = {}
        loose: list[Thing] = []
        own = thing.reference("scheduledAtId")
        for instance in instances:
            timing = self.timings.get(instance.id)
            place = self._place(timing, thing) if timing else None
            if timing is None or place is None:
                loose.append(instance)
            else:
                key = (place[0], place[1].text("encounterId") if place[1] else "")
                slot = found.setdefault(key, _Slot(thing, [], timing, place, further=bool(found)))
                slot.instances.append(instance)
        if not found:
            place = self._place(own, thing) if own else None
            return [_Slot(thing, instances, own if place else None, place)]
        slots = list(found.values())
        slots[0].instances += loose
        for slot in slots[1:]:
            slot.instances[0].say(
                f"this is on another day than the rest of {thing.text('label', 'name')}, and became an encounter of its own",
                severity="warning",
            )
        return slots

    def _encounter(self, slot: _Slot) -> Encounter:
        thing, own = slot.encounter, slot.instances[0] if slot.further else slot.encounter
        epoch = next((epoch for each in slot.instances if (epoch := each.reference("epochId"))), None)
        number, kept = thing.extension("number"), thing.extension("anchor")
        day, anchor, window = None, None, Window()
        if slot.place is not None and slot.timing is not None:
            offset, target = slot.place
            day = offset + 1 if offset >= 0 else offset
            anchor = self.names.get(target.id) if target else None
            window = Window(self._window(slot.timing, "windowLower"), self._window(slot.timing, "windowUpper"))
        elif thing.extension("optional") is not True:
            message = "no timing says on which day this encounter is, so it became one that happens on an event"
            thing.say(message, "a timing in the main timeline", severity="warning")
        try:
            visit_number = Decimal(str(number)) if number is not None else None
        except InvalidOperation:
            visit_number = None
        return Encounter(
            id=slot.name,
            label=self.texts.of(own, "label", "description", "name", fallback="Visit"),
            epoch=self.names.get(epoch.id) if epoch else None,
            number=visit_number,
            day=day,
            window=window,
            anchor=kept if isinstance(kept, str) else anchor,
            type=_contact(thing),
            optional=day is None or thing.extension("optional") is True,
        )

    def _place(self, timing: Thing, encounter: Thing) -> tuple[int, Thing | None] | None:
        """Days from an instance of another encounter, and that instance; None for the encounter itself, the anchor.

        Timings that lead to another instance of the same encounter, or to one without an encounter, are followed on.
        """
        offset, seen = 0, set[str]()
        step: Thing | None = timing
        while step is not None and step.id not in seen:
            seen.add(step.id)
            kind = word_for(TIMINGS, *step.code("type"))
            if kind == "fixed":
                return offset, None
            length = days(step.text("value"))
            target = step.reference("relativeToScheduledInstanceId")
            if length is None or kind is None or target is None:
                message = f"the timing {step.text('value')[:40]} cannot be followed"
                step.say(message, "a type, an ISO 8601 duration and an instance", severity="warning")
                return None
            if not length[1]:
                step.say(f"{step.text('value')} became {length[0]} whole days", severity="warning", at="value")
            if step.code("relativeToFrom")[0] not in (START_TO_START[0], ""):
                step.say(f"{step.code('relativeToFrom')[1]} was read as from start to start", at="relativeToFrom")
            offset += length[0] if kind == "after" else -length[0]
            if target.text("encounterId") not in ("", encounter.id):
                return offset, target
            step = self.timings.get(target.id)
        return None

    def _window(self, timing: Thing, name: Literal["windowLower", "windowUpper"]) -> int:
        text = timing.text(name)
        length = days(text) if text else (0, True)
        if length is None:
            timing.say(
                f"the window {text[:40]} is no duration and was not taken over", "P3D", severity="warning", at=name
            )
            return 0
        if not length[1]:
            message = f"the window {text} became {abs(length[0])} whole days"
            timing.say(message, "windows in days", severity="warning", at=name)
        return abs(length[0])

    def activities(self, drafts: dict[str, tuple[str, ...]]) -> tuple[Activity, ...]:
        """Activities in order; one that only gathers others is a heading and is left out. ``drafts``: forms by object."""
        ids, found = Ids(), []
        scheduled = {
            activity.id
            for instances in self.by_encounter.values()
            for each in instances
            for activity in _activities_of(each)
        }
        for thing in in_order(self.design.many("activities")):
            children = thing.references("childIds")
            if children and thing.id not in scheduled:
                thing.say(f"a heading over {len(children)} activities; they were taken over, it was not")
                continue
            self.names[thing.id] = made = ids.make(thing.text("name"), thing.text("label"), fallback="ACTIVITY")
            kept: Any = thing.extension("activity")
            own: dict[str, Any] = kept if isinstance(kept, dict) else {}
            minutes, blood = own.get("minutes"), own.get("blood_ml")
            objectives = [each for each in own.get("objectives") or [] if isinstance(each, str)]
            found.append(
                Activity(
                    made,
                    self.texts.of(thing, "label", "description", "name", fallback="Activity"),
                    drafts.get(thing.id, ()),
                    tuple(objectives),
                    minutes if isinstance(minutes, int) else None,
                    Decimal(blood) if isinstance(blood, str) and blood.replace(".", "", 1).isdigit() else None,
                )
            )
        return tuple(found)

    def schedule(self) -> dict[str, tuple[str, ...]]:
        """Activity to encounters, in the order of the encounters; what happens twice in one encounter is done there."""
        found: dict[str, list[str]] = {}
        for slot in self.slots:
            for instance in slot.instances:
                for activity in _activities_of(instance):
                    name = self.names.get(activity.id)
                    if name and slot.name not in found.setdefault(name, []):
                        found[name].append(slot.name)
        return {name: tuple(encounters) for name, encounters in found.items()}


def _activities_of(instance: Thing, depth: int = 0) -> Iterator[Thing]:
    """What is done at an instance, also by the timelines that run within it or within one of its activities."""
    within = instance.references("timelineId")
    for activity in instance.references("activityIds"):
        yield activity
        within += activity.references("timelineId")
    if depth < _DEPTH:
        for timeline in within:
            for each in timeline.many("instances"):
                yield from _activities_of(each, depth + 1)


def _contact(thing: Thing) -> Literal["visit", "phone", "home"]:
    modes = [(each.text("code"), each.text("decode")) for each in thing.many("contactModes")]
    places = [(each.text("code"), each.text("decode")) for each in thing.many("environmentalSettings")]
    if modes and all(word_for({"phone": CONTACTS["phone"]}, *mode) for mode in modes):
        return "phone"
    home = any(word_for({"home": SETTINGS["home"]}, *place) for place in places)
    return "home" if home else "visit"
