"""Stored values as rows of columns: text as it stands in the record, and a number where it is one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from typing import Any, NamedTuple

from helmont.core.records import Row
from helmont.study.compiled_forms import CompiledForm
from helmont.study.compiling import CompiledStudy
from helmont.study.environments import Reader, value_reader

NOT_DONE = "(not done) "
NUMERIC = frozenset({"integer", "decimal", "calculated"})


class Place(NamedTuple):
    """What an item key means: the item's id, its repeating group and row in it ("" and 0 for none), how it is read."""

    item: str
    group: str
    row: int
    read: Reader | None


@lru_cache(maxsize=1024)
def places(form: CompiledForm) -> Mapping[str, Place]:
    """Every item key of a form."""
    found = {}
    for key in form.item_keys():
        item = form.item(key)
        group, _, rest = key.rpartition(".")[0].partition("[")
        read = value_reader(item) if item.type in NUMERIC else None
        found[key] = Place(item.id, group, int(rest[:-1]) if rest else 0, read)
    return found


def item_rows(row: Row, study: CompiledStudy) -> Iterator[tuple[Any, ...]]:
    """The values of a form as rows of ``layout.ITEM``, its key before them.

    Those of items that its version of the study does not have are left out.
    """
    form = study.forms.get(row["form"])
    if form is None:
        return
    known, verified = places(form), row["verified"]
    for key, value in row["data"].items():
        place = known.get(key)
        if place is None or value is None:
            continue
        number = place.read(value) if place.read else None
        yield (
            row["key"], place.group, place.row, place.item, key, text_of(value),
            float(number) if isinstance(number, int | float) else None, key in verified,
        )  # fmt: skip


def text_of(value: Any) -> str:
    """A stored value as one text: codes of a multi-select with commas, a number with the unit that was chosen."""
    match value:
        case str():
            return value
        case {"value": number, "unit": unit}:
            return f"{number} {unit}"
        case {"not_done": reason}:
            return f"{NOT_DONE}{reason}"
        case {"file": _, "name": name}:
            return str(name)
        case {"redacted": True}:
            return "[redacted]"
        case list():
            return ",".join(map(str, value))
    return str(value)


def groups_of(studies: Iterable[CompiledStudy]) -> dict[tuple[str, str], dict[str, bool]]:
    """The items of each form and repeating group ("" for the single ones), over every version; whether they are numbers."""
    found: dict[tuple[str, str], dict[str, bool]] = {}
    for study in studies:
        for form in study.forms.values():
            found.setdefault((form.id, ""), {})
            for group in form.form.groups:
                name = group.id if group.repeats else ""
                items = found.setdefault((form.id, name), {})
                for item in group.items:
                    items[item.id] = items.get(item.id, False) or item.type in NUMERIC
    return found
