"""The items of two versions: what stays, what moves to another form or group, what is asked anew, what has no place."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from typing import Any, NamedTuple

from helmont.study.amendment import Move, place
from helmont.study.comparing.changes import Change, Consequence
from helmont.study.comparing.written import texts, written
from helmont.study.model import Form, Group, Item, Study
from helmont.study.text import Text

_READS = frozenset(
    {"type", "unit", "units", "hard_range", "length", "decimals", "partial", "codelist", "file", "future"}
)
_RULES = frozenset({"range", "skip", "calculation", "standard_unit"})
_MODULE = {"verify": "verification", "sdtm": "datasets"}


class _At(NamedTuple):
    """An item where it stands."""

    form: Form
    group: Group
    item: Item

    @property
    def path(self) -> str:
        return f"{self.form.id}.{self.item.id}"


def compare_items(old: Study, new: Study) -> Iterator[Change]:
    """The changes of items, in the new version's order, those that are gone at the end."""
    before, after = _items(old), _items(new)
    pairs = dict(_pairs(new, before, after))
    came_from = {now: was for was, now in pairs.items()}
    for path, here in after.items():
        was = came_from.get(path)
        if was is None:
            yield Change("items", path, "added", "", "", _described(here), _asks(here.item), here.item.label)
        else:
            yield from _compare(before[was], here)
    for path, there in before.items():
        if path not in pairs:
            grave: Consequence = "none" if there.item.type == "calculated" else "destructive"
            yield Change("items", path, "removed", "", _described(there), "", grave, there.item.label)


def _asks(item: Item) -> Consequence:
    return "reruns" if item.type == "calculated" else "asks_anew"


def _compare(was: _At, now: _At) -> Iterator[Change]:
    label = now.item.label
    if was.path != now.path:
        yield Change("items", now.path, "moved", "", was.path, now.path, "none", label)
    elif was.group.id != now.group.id:
        repeats = (was.group.repeats is None) != (now.group.repeats is None)
        grave: Consequence = "destructive" if repeats and now.group.repeats is None else "none"
        yield Change("items", now.path, "moved", "group", was.group.id, now.group.id, grave, label)
    for field in dataclasses.fields(Item):
        old, new = getattr(was.item, field.name), getattr(now.item, field.name)
        if old == new or field.name == "id":
            continue
        before, after = (
            texts(old, new) if isinstance(old, Text) and isinstance(new, Text) else (written(old), written(new))
        )
        module = _MODULE.get(field.name, "items")
        consequence = _consequence(field.name, old, new)
        yield Change(module, now.path, "changed", field.name, before, after, consequence, label)


def _consequence(key: str, old: Any, new: Any) -> Consequence:
    if key in _READS:
        wider = key in ("length", "decimals") and (new is None or (old is not None and new >= old))
        return "none" if wider or (key == "hard_range" and new is None) or (key == "future" and new) else "may_not_fit"
    if key == "required":
        return "asks_anew" if new else "reruns"
    return "reruns" if key in _RULES else "none"


def _described(at: _At) -> str:
    unit = at.item.unit or ", ".join(at.item.units)
    return " ".join(part for part in (at.item.type, at.item.codelist or "", unit) if part)


def _items(study: Study) -> dict[str, _At]:
    found = (_At(form, group, item) for form in study.forms for group in form.groups for item in group.items)
    return {at.path: at for at in found}


def _pairs(new: Study, before: dict[str, _At], after: dict[str, _At]) -> Iterator[tuple[str, str]]:
    """Path before -> path after: as declared, and by the same form and id otherwise."""
    forms: dict[str, str] = {}
    declared: dict[str, str] = {}
    for move in new.amendment.moves if new.amendment else ():
        was, now = place(move.was), place(move.now)
        if was and now and was.item:
            declared.setdefault(f"{was.form}.{was.item}", f"{now.form}.{now.item}")
        elif was and now:
            forms[was.form] = now.form
    for path, at in before.items():
        moved = f"{forms[at.form.id]}.{at.item.id}" if at.form.id in forms else ""
        target = next((to for to in (declared.get(path, ""), path, moved) if to in after), None)
        if target:
            yield path, target


def suggestions(old: Study, new: Study) -> tuple[Move, ...]:
    """Moves that look meant: an item that is gone, and a new one elsewhere with the same id or the same SDTM target."""
    before, after = _items(old), _items(new)
    pairs = dict(_pairs(new, before, after))
    arrived = [at for path, at in after.items() if path not in pairs.values()]
    found = []
    for path, at in before.items():
        if path in pairs:
            continue
        alike = [
            one
            for one in arrived
            if one.item.type == at.item.type
            and (one.item.id == at.item.id or (one.item.sdtm is not None and one.item.sdtm == at.item.sdtm))
        ]
        if len(alike) == 1:
            found.append(Move(path, alike[0].path))
    return tuple(found)
