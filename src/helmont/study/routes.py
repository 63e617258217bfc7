"""Where each value of one version of a study goes in another, and what has no place there.

A value stays where it is when the other version has the same item in the same form; it moves where ``amendment.yaml``
says so. It fits when the item reads it, unit and all: a number read in another unit of the same dimension is converted
(UCUM), and nothing is guessed. What has no place, or does not fit, is *homeless*: kept with the reason, for people to decide.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple

from helmont.study.amendment import Place, place
from helmont.study.compiled_forms import CompiledForm
from helmont.study.compiling import CompiledStudy
from helmont.study.fitting import Misfit, fit, reads_alike
from helmont.study.form_rules import CompiledItem, key_of
from helmont.study.outcomes import Data
from helmont.study.reruns import Reruns
from helmont.study.values import Value, ValueFault

_RULED = ("type", "range", "skip", "calculation", "standard_unit", "units", "unit", "decimals")
NO_ITEM = "the version has no such item"
NO_ROW = "the version has no such row"
TAKEN = "another value has taken the place"


class Carried(NamedTuple):
    """A value with where it was and the place it goes to; ``converted`` when it is written differently there."""

    source: str
    key: str
    form: str
    to: str
    value: Value
    converted: bool = False


class Homeless(NamedTuple):
    """A value that has no place, and why: ``why.message_id % why.params``."""

    key: str
    value: Value
    why: ValueFault


@dataclass(frozen=True, slots=True)
class _Target:
    form: str
    item: str
    row: int = 0


class Routes:
    """The ways from the forms of ``old`` to those of ``new``; immutable and safe to share between threads.

    ``thorough`` has every rule of every form run, also those that cannot say anything new.
    """

    def __init__(self, old: CompiledStudy, new: CompiledStudy, *, thorough: bool = False) -> None:
        self.old, self.new, self.thorough = old, new, thorough
        self.rules = Reruns(old, new)
        self._items: dict[tuple[str, str, int], _Target] = {}
        self._forms: dict[str, str] = {}
        amendment = new.study.amendment
        for move in amendment.moves if amendment else ():
            was, now = place(move.was), place(move.now)
            if was and now and _same_kind(old, new, was.form, now.form):
                self._declare(was, now)
        self.visits: Mapping[str, str] = {
            each.was: each.now
            for each in (amendment.encounters if amendment else ())
            if each.was in old.encounters and each.now in new.encounters
        }
        self.visits_before: Mapping[str, str] = {now: was for was, now in self.visits.items()}
        self.terms: Mapping[str, Mapping[str, str]] = _terms(new)
        self._targets = {
            (form, key): self._find(form, key) for form in old.forms for key in old.forms[form].item_keys()
        }
        self._as_is = {place for place, to in self._targets.items() if to is not None and self._alike(place, to)}
        self._plain: dict[str, dict[str, tuple[str, str]]] = {form: {} for form in old.forms}
        for (form, key), to in self._targets.items():
            if to is not None and (form, key) in self._as_is:
                self._plain[form][key] = to
        self._stays = {form: self._all_stay(form) for form in old.forms}

        self._goals = {form: self._all_goals(form) for form in old.forms}
        self._rests = {form for form in old.forms if form in new.forms and _rules(old, form) == _rules(new, form)}
        reached = {to for form in old.forms for key in old.forms[form].item_keys() if (to := self.target(form, key))}
        self._asked = {form: self._new_keys(form, reached) for form in new.forms}
        read = {each.reads for form in new.forms.values() for each in form.dependencies}
        planned = {form for encounter in new.encounters for form in new.expected_forms(encounter)}
        self.looked_for = [
            form
            for form in new.forms
            if form in read or form in planned - old.forms.keys() or not self.stays_and_rests(form)
        ]
        """The forms that are looked for where there may be none: by rules, or to begin them."""

    def _declare(self, was: Place, now: Place) -> None:
        if was.item:
            self._items[was.form, was.item, was.row] = _Target(now.form, now.item, now.row)
        else:
            self._forms[was.form] = now.form

    def lives(self, form: str) -> bool:
        """Whether the new version has this form, of the same kind."""
        return _same_kind(self.old, self.new, form, form)

    def leads_anywhere(self, form: str) -> bool:
        """Whether any item of an old form has a place in the new version."""
        return bool(self._goals[form])

    def stays(self, form: str) -> bool:
        """Whether every value of this form stays exactly where and as it is."""
        return self._stays[form]

    def reruns(self, form: str) -> bool:
        """Whether the rules of a form of the new version say anything else than before."""
        return form not in self._rests

    def stays_and_rests(self, form: str) -> bool:
        """Whether forms of this kind are left alone altogether; so are those that the old version does not know."""
        return form not in self.old.forms or (self._stays[form] and form in self._rests)

    def asked(self, form: str) -> tuple[str, ...]:
        """The item keys of a form of the new version that the old one did not ask, calculated ones left out."""
        return self._asked[form]

    def targets(self, form: str) -> tuple[str, ...]:
        """The forms that values of an old form go to, itself included, in the new version's order."""
        return self._goals[form]

    def target(self, form: str, key: str) -> tuple[str, str] | None:
        """Form and item key that an item key of an old form becomes; None when it has no place."""
        return self._targets.get((form, key))

    def _find(self, form: str, key: str) -> tuple[str, str] | None:
        compiled, row = self.old.forms[form].place(key)
        found = self._route(form, compiled.item.id, row)
        if found is None:
            return None
        item = self.new.forms[found.form].items[found.item]
        to_row = found.row or row or 1
        if item.repeating is None:
            return None if row > 1 and not self._named(form, compiled.item.id, row) else (found.form, found.item)
        if item.repeating.repeats is None or to_row > item.repeating.repeats.max:
            return None
        return found.form, key_of(item, to_row)

    def _named(self, form: str, item: str, row: int) -> bool:
        return (form, item, row) in self._items

    def _route(self, form: str, item: str, row: int) -> _Target | None:
        for declared in ((form, item, row), (form, item, 0)):
            if declared in self._items:
                return self._items[declared]
        for name in (form, self._forms.get(form, "")):
            if (
                name in self.new.forms
                and item in self.new.forms[name].items
                and _same_kind(self.old, self.new, form, name)
            ):
                return _Target(name, item)
        return None

    def _all_goals(self, form: str) -> tuple[str, ...]:
        found = {to[0] for key in self.old.forms[form].item_keys() if (to := self.target(form, key))}
        return tuple(name for name in self.new.forms if name in found)

    def _new_keys(self, form: str, reached: set[tuple[str, str]]) -> tuple[str, ...]:
        new = self.new.forms[form]
        return tuple(k for k in new.item_keys() if (form, k) not in reached and new.place(k)[0].calculation is None)

    def _all_stay(self, form: str) -> bool:
        places = [(form, key) for key in self.old.forms[form].item_keys()]
        return all(self._targets[place] == place and place in self._as_is for place in places)

    def _alike(self, was: tuple[str, str], now: tuple[str, str]) -> bool:
        """Whether every value of one place is one of the other, as it is written."""
        old, new = self._at(self.old, was), self._at(self.new, now)
        lists = self.old.codelists.get(old.item.codelist or ""), self.new.codelists.get(new.item.codelist or "")
        return reads_alike(old.item, new.item, *lists)

    @staticmethod
    def _at(study: CompiledStudy, place: tuple[str, str]) -> CompiledItem:
        return study.forms[place[0]].place(place[1])[0]

    def carry(self, form: str, data: Data, today: date) -> Iterator[Carried | Homeless]:
        """What becomes of each value of an old form, in the order of ``data``."""
        old, plain = self.old.forms[form], self._plain[form]
        for key, value in data.items():
            if key in plain:
                yield Carried(form, key, *plain[key], value)
                continue
            to = self._targets.get((form, key))
            if to is None:
                yield Homeless(key, value, Misfit(self._why_nowhere(form, key)))
                continue
            source, goal = old.place(key)[0], self._at(self.new, to)
            terms = self.terms.get(goal.item.codelist or "", {})
            try:
                fitted = fit(source.item, goal, value, terms, today)
            except ValueFault as why:
                yield Homeless(key, value, why)
            else:
                yield Carried(form, key, *to, fitted, converted=fitted != value)

    def _why_nowhere(self, form: str, key: str) -> str:
        old = self.old.forms[form]
        if key not in old:
            return NO_ITEM
        compiled, row = old.place(key)
        return NO_ITEM if self._route(form, compiled.item.id, row) is None else NO_ROW


def place_all(
    forms: Mapping[str, Data], routes: Routes, today: date
) -> tuple[dict[str, dict[str, Carried]], dict[str, list[Homeless]]]:
    """Where the values of forms that lie together (of one visit, or one line) go: by new form and item key.

    A value that stays in its place comes before one that moves there; the one that came too late is homeless.
    """
    placed: dict[str, dict[str, Carried]] = defaultdict(dict)
    homeless: dict[str, list[Homeless]] = defaultdict(list)
    carried: list[Carried] = []
    for form, data in forms.items():
        for one in routes.carry(form, data, today):
            if isinstance(one, Homeless):
                homeless[form].append(one)
            else:
                carried.append(one)
    moving = []
    for one in carried:
        if one.to == one.key and one.form == one.source:
            placed[one.form][one.to] = one
        else:
            moving.append(one)
    for one in moving:
        if one.to in placed[one.form]:
            homeless[one.source].append(Homeless(one.key, forms[one.source][one.key], Misfit(TAKEN)))
        else:
            placed[one.form][one.to] = one
    return dict(placed), dict(homeless)


def _same_kind(old: CompiledStudy, new: CompiledStudy, source: str, target: str) -> bool:
    first: CompiledForm | None = old.forms.get(source)
    second: CompiledForm | None = new.forms.get(target)
    return first is not None and second is not None and first.form.kind == second.form.kind


def _rules(study: CompiledStudy, name: str) -> tuple[Any, ...]:
    """Everything of a form that its findings and calculations follow from, texts left out."""
    form = study.forms[name]
    items = [
        (key, *(getattr(form.place(key)[0].item, part) for part in _RULED), form.place(key)[0].item.required)
        for key in form.item_keys()
    ]
    checks = [(each.check.id, each.check.item, each.check.expression, each.check.severity) for each in form.checks]
    return (
        form.form.kind,
        [(group.id, group.repeats.min if group.repeats else 0) for group in form.form.groups],
        items,
        checks,
    )


def _terms(new: CompiledStudy) -> dict[str, dict[str, str]]:
    found: dict[str, dict[str, str]] = defaultdict(dict)
    for term in new.study.amendment.terms if new.study.amendment else ():
        found[term.codelist][term.was] = term.now
    return dict(found)


def values(placed: Mapping[str, Carried]) -> dict[str, Any]:
    """The data of a form, as carried."""
    return {key: one.value for key, one in placed.items()}
