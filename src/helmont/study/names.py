"""What a name in an expression stands for.

A name is resolved once, when the study is checked or compiled, so that at run time nothing can be misspelt.

    SYSBP                       an item of the form, in a repeating group of the same row     kind "item"
    VS_READ                     the rows of a repeating group of the form                      kind "group"
    here.DM[.AGE]               another form at the same encounter                             kind "form"
    at.BASELINE.VS[.WEIGHT]     a form at a named encounter                                    kind "form"
    previous.VS[.WEIGHT]        the nearest earlier encounter                                  kind "form"
    log.AE                      the lines of a log                                             kind "form"
    visit.id  participant.site  today                                                          kind "context"
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from helmont.study.faults import one_of
from helmont.study.model import Form, Group, Item, Study

CONTEXT_NAMES: Mapping[str, tuple[str, ...]] = {
    "visit": ("id", "date", "number"),
    "participant": ("id", "site", "status"),
    "today": (),
}
ROOTS = ("here", "at", "previous", "log")


class UnknownName(ValueError):
    """A name that stands for nothing; ``accepted`` says what would be."""

    def __init__(self, message: str, accepted: str) -> None:
        super().__init__(message)
        self.message, self.accepted = message, accepted


@dataclass(frozen=True, slots=True)
class Name:
    """A resolved name: its kind, the reference it needs outside the form (``at.BASELINE.VS``), its item or group."""

    kind: Literal["item", "group", "form", "context"]
    reference: str = ""
    form: str = ""
    item: str = ""


@dataclass(frozen=True, slots=True)
class Scope:
    """Which names the items of one form (or none, for eligibility) can use."""

    forms: Mapping[str, Form]
    encounters: frozenset[str]
    logs: frozenset[str]
    form: Form | None = None

    def resolve(self, dotted: str, row_of: Group | None = None) -> Name:
        """What ``dotted`` stands for, seen from a row of ``row_of``; ``UnknownName`` when nothing."""
        first, *rest = dotted.split(".")
        if first in CONTEXT_NAMES:
            known = CONTEXT_NAMES[first]
            if (rest and rest[0] not in known) or (known and not rest):
                raise UnknownName(f"{dotted} is not known", one_of([f"{first}.{name}" for name in known], dotted))
            return Name("context")
        if first in ROOTS:
            return self._other_form(first, rest, dotted)
        return self._own_item(first, row_of)

    def _own_item(self, name: str, row_of: Group | None) -> Name:
        if self.form is None:
            raise UnknownName(f"{name} belongs to no form here", "write at.ENCOUNTER.FORM.ITEM or log.FORM")
        for group in self.form.groups:
            if group.repeats is not None and name == group.id:
                return Name("group", item=name)
            if any(item.id == name for item in group.items):
                if group.repeats is not None and group is not row_of:
                    raise UnknownName(
                        f"{name} is in the repeating group {group.id} and has no row here",
                        f"write {group.id}.all(r, r.{name} ...) or {group.id}.exists(r, ...)",
                    )
                return Name("item", item=name)
        known = [item.id for item in self.form.items()]
        raise UnknownName(f"{name} is not an item of {self.form.id}", one_of([*known, *CONTEXT_NAMES, *ROOTS], name))

    def _other_form(self, root: str, rest: list[str], dotted: str) -> Name:
        places = 2 if root == "at" else 1
        if len(rest) < places:
            raise UnknownName(f"{dotted} is not complete", f"write {root}.{'ENCOUNTER.' * (places - 1)}FORM.ITEM")
        if root == "at" and rest[0] not in self.encounters:
            raise UnknownName(f"{rest[0]} is not an encounter", one_of(sorted(self.encounters), rest[0]))
        form_id, below = rest[places - 1], rest[places:]
        known = sorted(self.logs if root == "log" else self.forms.keys() - self.logs)
        if form_id not in known:
            kind = "a log" if root == "log" else "a form that visits have"
            raise UnknownName(f"{form_id} is not {kind}", one_of(known, form_id))
        reference = ".".join([root, *rest[:places]])
        if not below:
            return Name("form", reference, form_id)
        if root == "log":
            raise UnknownName(f"{dotted}: a log has many lines", f"write {reference}.exists(line, line.{below[0]} ...)")
        form = self.forms[form_id]
        names = dict(_visible(form))
        if below[0] not in names:
            raise UnknownName(f"{below[0]} is not an item of {form_id}", one_of(list(names), below[0]))
        return Name("form", reference, form_id, below[0])


def _visible(form: Form) -> Iterator[tuple[str, Item | Group]]:
    """The names another form can use of this one: its single items and its repeating groups."""
    for group in form.groups:
        if group.repeats is not None:
            yield group.id, group
        else:
            yield from ((item.id, item) for item in group.items)


def scope_of(study: Study, form: Form | None) -> Scope:
    """The names that expressions of ``form`` (or of the protocol, without one) can use."""
    encounters = frozenset(encounter.id for encounter in study.protocol.encounters)
    logs = frozenset(form.id for form in study.forms if form.kind == "log")
    return Scope({form.id: form for form in study.forms}, encounters, logs, form)
