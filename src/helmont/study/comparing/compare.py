"""Comparing two studies, part by part.

Objects with an id (forms, encounters, terms …) are matched by it and compared key by key, whatever their class: a part
that the definition gains later is compared as well. Items are matched across forms, as ``amendment.yaml`` declares.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping
from typing import Any

from helmont.study.comparing.changes import Change, Consequence, Difference, Kind
from helmont.study.comparing.items import compare_items, suggestions
from helmont.study.comparing.written import texts, written
from helmont.study.model import Study
from helmont.study.protocol import Protocol
from helmont.study.sensing import by_name
from helmont.study.text import Text

_TIMING = frozenset({"day", "window", "anchor"})
_OWN_PARTS = frozenset({"verification", "design"})


def compare(old: Study, new: Study) -> Difference:
    """Every difference between two versions of one study, each with what it means for data that are there."""
    changes = [
        change
        for field in dataclasses.fields(Study)
        if field.name not in ("version", "amendment")
        for change in _part(field.name, getattr(old, field.name), getattr(new, field.name), new)
    ]
    changes += compare_items(old, new)
    return Difference(new.id, old.version, new.version, tuple(changes), suggestions(old, new))


def _part(name: str, old: Any, new: Any, study: Study) -> Iterator[Change]:
    if name == "protocol":
        names = {each.was: each.now for each in (study.amendment.encounters if study.amendment else ())}
        for was, now in names.items():
            yield Change("schedule", now, "moved", "", was, now)
        old = _renamed(old, names)
        for field in dataclasses.fields(old):
            module = _protocol_module(field.name)
            yield from _compare(module, field.name, getattr(old, field.name), getattr(new, field.name))
    elif name == "forms":
        yield from _compare("forms", "", _without_items(old), _without_items(new))
    elif name == "codelists":
        mapped = {(term.codelist, term.was) for term in (study.amendment.terms if study.amendment else ())}
        for change in _compare("codelists", "", old, new):
            retired = change.kind == "removed" and change.place.count(".") == 1
            if retired and tuple(change.place.split(".")) in mapped:
                to = next(t.now for t in study.amendment.terms if (t.codelist, t.was) == tuple(change.place.split(".")))  # type: ignore[union-attr]  # mapped is empty without one
                yield dataclasses.replace(change, kind="moved", new=to, consequence="none")
            else:
                yield change
    elif name == "checks":
        yield from _compare(name, "", old, new)
    elif name == "sensors":
        yield from _compare(name, "", by_name(old), by_name(new))
    else:
        yield from _compare(name if name in _OWN_PARTS else "study", name, old, new)


def _renamed(protocol: Protocol, names: Mapping[str, str]) -> Protocol:
    """The protocol with its encounters under the names that they have now."""
    if not names:
        return protocol
    encounters = tuple(
        dataclasses.replace(
            each, id=names.get(each.id, each.id), anchor=names.get(each.anchor, each.anchor) if each.anchor else None
        )
        for each in protocol.encounters
    )
    schedule = {
        activity: tuple(names.get(one, one) for one in visits) for activity, visits in protocol.schedule.items()
    }
    return dataclasses.replace(protocol, encounters=encounters, schedule=schedule)


def _protocol_module(name: str) -> str:
    if name in ("encounters", "activities", "schedule", "logs", "unscheduled"):
        return "schedule"
    return "eligibility" if name == "eligibility" else "protocol"


def _without_items(forms: Any) -> tuple[Any, ...]:
    """Forms as their items' frame: groups with their titles and rows; items are compared apart."""
    return tuple(
        dataclasses.replace(form, groups=tuple(dataclasses.replace(group, items=()) for group in form.groups))
        for form in forms
    )


def _compare(module: str, place: str, old: Any, new: Any, label: Text | None = None) -> Iterator[Change]:
    if old == new:
        return
    if _named(old) and _named(new) and (old or new):
        yield from _compare_named(module, place, old, new)
    elif isinstance(old, Mapping) and isinstance(new, Mapping):
        for key in dict.fromkeys([*old, *new]):
            yield from _compare(module, _under(place, key), old.get(key), new.get(key))
    elif dataclasses.is_dataclass(old) and type(old) is type(new) and not isinstance(old, Text):
        name = label or _label(new)
        for field in dataclasses.fields(old):
            before, after = getattr(old, field.name), getattr(new, field.name)
            if before != after:
                yield from _compare_key(module, place, field.name, before, after, name)
    else:
        yield _change(module, place, "", old, new, label)


def _compare_key(module: str, place: str, key: str, old: Any, new: Any, label: Text | None) -> Iterator[Change]:
    if (_named(old) and old) or (_named(new) and new):
        inside = place if key in ("groups", "terms") else _under(place, key)
        yield from _compare_named(module, inside, old, new)
        return
    if module == "schedule" and key in _TIMING:
        module = "windows"
    yield _change(module, place, key, old, new, label)


def _compare_named(module: str, place: str, old: tuple[Any, ...], new: tuple[Any, ...]) -> Iterator[Change]:
    before, after = ({_id(one): one for one in some} for some in (old, new))
    for name in dict.fromkeys([*before, *after]):
        here = name if place in ("", "encounters", "activities") else _under(place, name)
        if name not in after:
            yield _whole(module, here, "removed", before[name])
        elif name not in before:
            yield _whole(module, here, "added", after[name])
        else:
            yield from _compare(module, here, before[name], after[name])
    order = [[name for name in some if name in before and name in after] for some in (before, after)]
    if order[0] != order[1]:
        yield Change(module, place, "moved", "order", ", ".join(order[0]), ", ".join(order[1]))


def _whole(module: str, place: str, kind: Kind, thing: Any) -> Change:
    text = _shown(thing)
    old, new = (text, "") if kind == "removed" else ("", text)
    return Change(module, place, kind, "", old, new, _consequence(module, kind, "", place), _label(thing))


def _change(module: str, place: str, key: str, old: Any, new: Any, label: Text | None) -> Change:
    before, after = texts(old, new) if isinstance(old, Text) and isinstance(new, Text) else (written(old), written(new))
    kind: Kind = "added" if not before else "removed" if not after else "changed"
    return Change(module, place, kind, key, before, after, _consequence(module, kind, key, place, old, new), label)


def _consequence(module: str, kind: Kind, key: str, place: str, old: Any = None, new: Any = None) -> Consequence:
    match module:
        case "forms" if not key and place.count(".") == 0:
            return {"added": "asks_anew", "removed": "destructive"}.get(kind, "none")  # type: ignore[return-value]  # literals
        case "forms" if key == "kind":
            return "destructive"
        case "forms" if key == "repeats" and _fewer(old, new):
            return "destructive"
        case "codelists" if kind == "removed" and not key:
            return "may_not_fit"
        case "schedule" if not key and "." not in place:
            return {"added": "asks_anew", "removed": "destructive"}.get(kind, "none")  # type: ignore[return-value]  # literals
        case "schedule" if place.startswith("schedule.") and set(new or ()) - set(old or ()):
            return "asks_anew"
        case "checks" if key not in ("message",):
            return "reruns"
        case "eligibility" if key not in ("text", "category"):
            return "reruns"
    return "none"


def _fewer(old: Any, new: Any) -> bool:
    """Whether a repeating group holds fewer rows than before; a group that does not repeat holds one."""
    rows = [one.max if one is not None else 1 for one in (old, new)]
    return bool(rows[1] < rows[0])


def _shown(thing: Any) -> str:
    named = [getattr(thing, name, None) for name in ("title", "label", "text", "message", "expression")]
    shown = next((written(Text(dict(list(one.by_language.items())[:1]))) for one in named if isinstance(one, Text)), "")
    expression = getattr(thing, "expression", None)
    return f"{shown} ({expression})" if expression and shown else shown or written(thing)


def _label(thing: Any) -> Text | None:
    found = next((getattr(thing, name, None) for name in ("title", "label", "text") if hasattr(thing, name)), None)
    return found if isinstance(found, Text) else None


def _named(value: Any) -> bool:
    return isinstance(value, tuple) and all(dataclasses.is_dataclass(one) and _id(one) for one in value)


def _id(thing: Any) -> str:
    return str(getattr(thing, "id", "") or getattr(thing, "code", "") or "")


def _under(place: str, name: str) -> str:
    return f"{place}.{name}" if place else name
