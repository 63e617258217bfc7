"""Which rules of a version have to run on a form that an amendment reached, and which cannot say anything new.

A rule that is written as before, reads items that are read as before, and finds in them the values from before, comes to
what it came to when it last ran. Its finding has been settled then, and is left alone. ``today`` is never the same; visit
and participant are, since of a visit that an amendment gives another name every form that looks at ``visit`` runs all its rules.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from helmont.study.compiled_forms import CompiledForm
from helmont.study.compiling import CompiledStudy
from helmont.study.form_rules import CompiledCheck, CompiledItem, Rule
from helmont.study.names import ROOTS

Names = frozenset[str]
"""Ids of items and of repeating groups in which something changed."""

WHOLE = "*"
"""Among names: the form itself came or went."""
_READ = ("type", "unit", "units", "standard_unit", "decimals", "privilege")
_JUDGED = ("required", "range", "skip", "calculation")


@dataclass(frozen=True, slots=True)
class _Inputs:
    """What a rule reads: names of its own form, and names by other form (None: the form as a whole)."""

    own: Names
    outside: tuple[tuple[str, Names | None], ...]

    def touched(self, own: Names, elsewhere: Mapping[str, Names]) -> bool:
        if not self.own.isdisjoint(own):
            return True
        for form, names in self.outside:
            if (changed := elsewhere.get(form)) and (
                names is None or WHOLE in changed or not names.isdisjoint(changed)
            ):
                return True
        return False


class Reruns:
    """What to run again between two versions; immutable and safe to share between threads."""

    def __init__(self, old: CompiledStudy, new: CompiledStudy) -> None:
        self._old, self._new = old, new
        self._alike = {name: self._items_alike(name) for name in new.forms}
        self._items = {name: self._judgement(name) for name in new.forms}
        self._checks = {name: dict(self._steady_checks(name)) for name in new.forms}
        self._always = {
            name: frozenset(check.check.id for check in form.checks).difference(self._checks[name])
            for name, form in new.forms.items()
        }

    def of(self, form: str, own: Names, elsewhere: Mapping[str, Names]) -> Names | None:
        """Ids of the checks that may say something new of a form whose values changed in ``own``; None: every rule may.

        ``elsewhere`` are the changes in all forms of the participant, by form id.
        """
        items = self._items[form]
        if items is None or items.touched(own, elsewhere):
            return None
        touched = [name for name, inputs in self._checks[form].items() if inputs.touched(own, elsewhere)]
        return self._always[form].union(touched) if touched else self._always[form]

    def _items_alike(self, name: str) -> Names:
        """Items that are read as before, in the same place; and repeating groups of which that holds throughout."""
        old, new = self._old.forms.get(name), self._new.forms[name]
        if old is None or old.form.kind != new.form.kind:
            return frozenset()
        items = {
            each
            for each, compiled in new.items.items()
            if (before := old.items.get(each)) and _as_read(before) == _as_read(compiled)
        }
        groups = {
            group.id
            for group in new.form.groups
            if any(group.id == one.id and group.repeats == one.repeats for one in old.form.groups)
            and {item.id for item in group.items} <= items
        }
        return frozenset(items | groups)

    def _judgement(self, name: str) -> _Inputs | None:
        """What skips, calculations, ranges and required items read; None when any of them is not as before."""
        old, new = self._old.forms.get(name), self._new.forms[name]
        if old is None:
            return None
        rules: list[Rule] = []
        own: set[str] = set()
        for each, compiled in new.items.items():
            before = old.items.get(each)
            if not any(getattr(compiled.item, part) for part in _JUDGED):
                if before and any(getattr(before.item, part) for part in _JUDGED):
                    return None
                continue
            if before is None or each not in self._alike[name]:
                return None
            if any(getattr(before.item, part) != getattr(compiled.item, part) for part in _JUDGED):
                return None
            own.add(each)
            if compiled.repeating:  # it is judged in each row that there is
                own.add(compiled.repeating.id)
            rules += [rule for rule in (compiled.skip, compiled.calculation) if rule]
        return self._inputs(new, own, *rules)

    def _steady_checks(self, name: str) -> Iterator[tuple[str, _Inputs]]:
        """The checks that are written as before and whose inputs are read as before."""
        old, new = self._old.forms.get(name), self._new.forms[name]
        before = {check.check.id: check for check in old.checks} if old else {}
        for check in new.checks:
            was = before.get(check.check.id)
            if was is not None and _as_written(was) == _as_written(check):
                rows = {check.repeating.id} if check.repeating else set()
                inputs = self._inputs(new, {check.check.item} | rows, check.rule)
                if inputs is not None:
                    yield check.check.id, inputs

    def _inputs(self, form: CompiledForm, own: set[str], *rules: Rule) -> _Inputs | None:
        """What the rules read; None when any of it is not read as before, or changes by itself."""
        outside: dict[str, set[str] | None] = {}
        for name in {name for rule in rules for name in rule.names}:
            root, *path = name.split(".")
            if root == "today":
                return None
            if root in ("visit", "participant"):
                continue
            if root not in ROOTS:
                own.add(root)
                continue
            at = 1 if root == "at" else 0
            other, item = path[at], path[at + 1 : at + 2]
            known = outside.setdefault(other, set())
            if known is not None and item:
                known.update(item)
            else:
                outside[other] = None
        if not own <= self._alike[form.id]:
            return None
        for other, names in outside.items():
            if not (self._whole(other) if names is None else names <= self._alike[other]):
                return None
        return _Inputs(
            frozenset(own), tuple((f, None if names is None else frozenset(names)) for f, names in outside.items())
        )

    def _whole(self, name: str) -> bool:
        old = self._old.forms.get(name)
        return (
            old is not None
            and old.items.keys() == self._new.forms[name].items.keys()
            and old.items.keys() <= self._alike[name]
        )


def names_of(keys: Iterable[str]) -> Names:
    """The items and groups that item keys (``ITEM`` or ``GROUP[2].ITEM``) belong to."""
    parts = [key.partition("[") for key in keys]
    return frozenset(name for group, _, rest in parts for name in (group, rest.rpartition(".")[2]) if name)


def _as_read(compiled: CompiledItem) -> tuple[object, ...]:
    group = compiled.repeating
    return (*(getattr(compiled.item, part) for part in _READ), group and (group.id, group.repeats))


def _as_written(check: CompiledCheck) -> tuple[object, ...]:
    return check.check.item, check.check.expression, check.check.severity, check.repeating and check.repeating.id
