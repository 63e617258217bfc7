"""What must hold between endpoints of devices and items of forms: those that results fill (``record`` of ``sensors.yaml``),
and those that endpoints are computed with (``settings``)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING

from helmont.study.faults import one_of
from helmont.study.units import UNITS, unit

if TYPE_CHECKING:
    from helmont.signals.endpoints.definition import EndpointDefinition
    from helmont.signals.endpoints.reading import Sensors
    from helmont.signals.endpoints.recorded import Daily, Recorded
    from helmont.study.model import Form, Group, Item, Study

NUMBERS = ("integer", "decimal")
Fault = tuple[str, str, str]
"""Where, within ``sensors.yaml``; what is wrong; what would be accepted."""


def encounters_with(study: Study, form: str) -> list[str]:
    """The encounters of the protocol at which a form is expected, in their order."""
    protocol = study.protocol
    activities = {activity.id for activity in protocol.activities if form in activity.forms}
    planned = {one for activity in activities for one in protocol.schedule.get(activity, ())}
    return [encounter.id for encounter in protocol.encounters if encounter.id in planned]


def device_item_faults(study: Study, sensors: Sensors) -> Iterator[Fault]:
    """Forms, encounters, groups and items that are not there or cannot hold the result; what two entries claim."""
    forms = {form.id: form for form in study.forms}
    yield from _setting_faults(forms, sensors)
    units = {definition.key: definition.unit for definition in sensors.endpoints}
    hidden = {definition.key: privilege_of(definition, sensors) for definition in sensors.endpoints}
    claimed: dict[tuple[str, str, str], int] = {}
    windows: dict[tuple[str, str], tuple[int, int]] = {}
    for number, entry in enumerate(sensors.record):
        place = f"record[{number}]"
        form = forms.get(entry.form)
        if form is None:
            yield f"{place}.form", f"{entry.form} is not a form", one_of(list(forms), entry.form)
            continue
        yield from _form_faults(form, place)
        there = encounters_with(study, form.id)
        yield from _encounter_faults(study, entry, there, place)
        yield from _item_faults(form, entry, units, place)
        yield from _privilege_faults(form, entry, hidden, place)
        for encounter in entry.encounters or there:
            filled = [*entry.items, *(entry.daily.items if entry.daily else ())]
            for item in filled:
                if claimed.setdefault((encounter, form.id, item), number) != number:
                    yield place, f"{item} of {encounter} is filled by another entry as well", "each item once"
            for key in entry.endpoints:
                if windows.setdefault((encounter, key), (entry.first, entry.last)) != (entry.first, entry.last):
                    found = f"{key} has another window at {encounter} in another entry"
                    yield f"{place}.days", found, "one window for an endpoint at an encounter"


def _setting_faults(forms: Mapping[str, Form], sensors: Sensors) -> Iterator[Fault]:
    """Items that give settings of endpoints: there once at a visit, for everybody to see, a number in a unit that fits."""
    from helmont.signals.endpoints.personal import items_of

    for number, definition in enumerate(sensors.endpoints):
        for name, asked in items_of(definition).items():
            place = f"endpoints[{number}].settings.{name}"
            form = forms.get(asked.form)
            if form is None or form.kind == "log":
                visits = [each.id for each in forms.values() if each.kind == "visit"]
                yield f"{place}.form", f"{asked.form} is not a form of a visit", one_of(visits, asked.form)
                continue
            single = {item.id: item for group in form.groups if group.repeats is None for item in group.items}
            item = single.get(asked.item)
            if item is None or item.type not in NUMBERS:
                numbers = [each.id for each in single.values() if each.type in NUMBERS]
                found = f"{asked.item} is not a number that {form.id} has once"
                yield f"{place}.item", found, one_of(numbers, asked.item) if numbers else "a form with such an item"
            elif item.privilege:
                yield f"{place}.item", f"{item.id} is under a privilege, what is computed of it is not", "another item"
            elif wrong := _other_dimension(item.units or (item.unit or "1",), asked.unit):
                yield (
                    f"{place}.item",
                    f"{item.id} has {wrong}",
                    f"a unit that becomes {asked.unit}, such as {asked.unit}",
                )


def _other_dimension(units: Iterable[str], wanted: str) -> str:
    """The first of the units that cannot be converted into the one wanted; empty when all can."""
    dimension = unit(wanted).dimension
    return next((each for each in units if each not in UNITS or UNITS[each].dimension != dimension), "")


def _form_faults(form: Form, place: str) -> Iterator[Fault]:
    if form.kind == "log":
        yield f"{place}.form", f"{form.id} is a log, which lies at no encounter", "a form of an encounter"
    elif form.entry == "double":
        yield f"{place}.form", f"{form.id} is typed from paper by two people", "a form with entry: single"


def _encounter_faults(study: Study, entry: Recorded, there: list[str], place: str) -> Iterator[Fault]:
    known = [encounter.id for encounter in study.protocol.encounters]
    for number, encounter in enumerate(entry.encounters):
        where = f"{place}.encounters[{number}]"
        if encounter not in known:
            yield where, f"{encounter} is not an encounter", one_of(known, encounter)
        elif encounter not in there:
            yield where, f"{encounter} does not have the form {entry.form}", one_of(there)
    unscheduled = study.protocol.unscheduled
    if not there and not (unscheduled and entry.form in unscheduled.forms):
        yield f"{place}.form", f"no encounter has the form {entry.form}", "a form of an activity that is scheduled"


def _item_faults(form: Form, entry: Recorded, units: Mapping[str, str], place: str) -> Iterator[Fault]:
    single = {item.id: item for group in form.groups if group.repeats is None for item in group.items}
    elsewhere = {item.id: group.id for group in form.groups if group.repeats for item in group.items}
    for item, key in entry.items.items():
        where = f"{place}.items.{item}"
        if item in elsewhere:
            yield where, f"{item} is in rows of {elsewhere[item]}", "an item that there is once, or daily"
        else:
            yield from _number_faults(form.id, single, item, units[key], where)
    if entry.daily is not None:
        yield from _daily_faults(form, entry, entry.daily, units, f"{place}.daily")


def privilege_of(definition: EndpointDefinition, sensors: Sensors) -> str:
    """The privilege of a channel that the endpoint may be computed from; empty when there is none."""
    channels = [
        channel.name
        for channel in sensors.channels
        if (definition.channel in (None, channel.name)) and channel.kind in definition.kinds
    ]
    return next((sensors.privileges[name] for name in channels if name in sensors.privileges), "")


def _privilege_faults(form: Form, entry: Recorded, hidden: Mapping[str, str], place: str) -> Iterator[Fault]:
    """Items that would show what a channel's privilege hides."""
    items = {item.id: item for item in form.items()}
    filled = [(f"{place}.items.{item}", item, key) for item, key in entry.items.items()]
    if entry.daily is not None:
        filled += [(f"{place}.daily.items.{item}", item, key) for item, key in entry.daily.items.items()]
    for where, item, key in filled:
        if hidden[key] and item in items and items[item].privilege != hidden[key]:
            found = f"the channel of {key} is under a privilege, {item} is not"
            yield where, found, f"privilege: {hidden[key]}, on the item"


def _daily_faults(form: Form, entry: Recorded, daily: Daily, units: Mapping[str, str], place: str) -> Iterator[Fault]:
    groups: dict[str, Group] = {group.id: group for group in form.groups if group.repeats is not None}
    group = groups.get(daily.group)
    if group is None:
        accepted = one_of(list(groups), daily.group) if groups else "a group with repeats"
        yield f"{place}.group", f"{daily.group} is not a repeating group of {form.id}", accepted
        return
    items = {item.id: item for item in group.items}
    if group.repeats is not None and group.repeats.max < entry.days:
        found = f"the window has {entry.days} days and {group.id} at most {group.repeats.max} rows"
        yield f"{place}.group", found, f"repeats: {{max: {entry.days}}}, or fewer days"
    if daily.date not in items or items[daily.date].type != "date":
        dates = [item.id for item in group.items if item.type == "date"]
        accepted = one_of(dates) if dates else "an item of type date"
        yield f"{place}.date", f"{daily.date} is not a date of {group.id}", accepted
    for item, key in daily.items.items():
        yield from _number_faults(f"{form.id}.{group.id}", items, item, units[key], f"{place}.items.{item}")


def _number_faults(owner: str, items: Mapping[str, Item], name: str, wanted: str, place: str) -> Iterator[Fault]:
    """Faults of an item that is to hold numbers of a unit."""
    item = items.get(name)
    if item is None:
        yield place, f"{name} is not an item of {owner}", one_of(list(items), name)
        return
    if item.type not in NUMBERS:
        yield place, f"{name} is of type {item.type}", "an item of type integer or decimal"
        return
    if wanted not in (item.units or (item.unit or "1",)):
        found = ", ".join(item.units) or item.unit or "no unit"
        yield place, f"{name} has {found}, the endpoint {wanted}", f"unit: '{wanted}'"
