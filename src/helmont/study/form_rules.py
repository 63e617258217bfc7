"""The rules of a form, ready to run on its values: what they see, and what they say.

They run on every save, and again on each form whose rules look at the one that was saved, so that everything that
follows from the definition alone is made once.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from math import inf
from typing import Any, Protocol

from helmont.study.cel import Expression, Program
from helmont.study.environments import Reader, calculated_value
from helmont.study.model import Check, Group, Item, Range
from helmont.study.outcomes import SKIPPED, Context, Data, Finding, Outcome, automatic_finding, range_finding
from helmont.study.values import Parser

NUMBERS = frozenset((int, float))

Environment = dict[str, Any]
Reading = tuple[str, str, int, Reader]
"""How one key is read: the item, its repeating group ("" for none), the row in it (0 for none), and the reader."""


@dataclass(frozen=True, slots=True)
class Rule:
    """A compiled expression; ``by_row`` when it reads items of the repeating group it stands in."""

    expression: Expression
    program: Program
    by_row: bool
    names: frozenset[str]


@dataclass(frozen=True, slots=True)
class CompiledItem:
    """An item, how its values are parsed and read, and its rules; ``limits`` are the least and the most expected."""

    item: Item
    repeating: Group | None
    parse: Parser
    read: Reader
    skip: Rule | None
    calculation: Rule | None
    limits: tuple[float, float] | None


@dataclass(frozen=True, slots=True)
class CompiledCheck:
    check: Check
    rule: Rule
    repeating: Group | None


class Readable(Protocol):
    """A form whose values expressions can read."""

    def environment(self, data: Data, only: frozenset[str] | None = None) -> Environment: ...


class FormRules:
    """The rules of one form; immutable but for what it remembers of their shape.

    ``outside`` names what the rules read in other forms, and of each which items and groups (None: all of it).
    """

    def __init__(
        self,
        calculations: Sequence[CompiledItem],
        items: Sequence[CompiledItem],
        checks: Sequence[CompiledCheck],
        places: Mapping[str, tuple[CompiledItem, int]],
        outside: Mapping[str, frozenset[str] | None],
        languages: Sequence[str],
        siblings: Mapping[str, Readable],
    ) -> None:
        self.calculations, self.items, self.checks = tuple(calculations), tuple(items), tuple(checks)
        self._outside, self._languages, self._siblings = tuple(outside.items()), languages, siblings
        self._groups = {each.repeating.id: each.repeating for each in items if each.repeating}
        self._readings = {key: _reading(compiled, row) for key, (compiled, row) in places.items()}
        self._examined = tuple(each for each in items if each.skip or each.item.required or each.limits)
        self._chosen: dict[frozenset[str], dict[str, Reading]] = {}
        self._selections: dict[frozenset[str], tuple[list[CompiledCheck], frozenset[str]]] = {}

    # What the rules see

    def environment(self, data: Data, only: frozenset[str] | None = None) -> Environment:
        """Values for expressions: items by id, repeating groups as lists of rows; keys without an item are left out.

        ``only`` names the items and groups that are wanted.
        """
        return self._read(data, self._readings if only is None else self._readings_of(only))

    def _readings_of(self, only: frozenset[str]) -> dict[str, Reading]:
        chosen = self._chosen.get(only)
        if chosen is None:
            chosen = {key: each for key, each in self._readings.items() if each[0] in only or each[1] in only}
            self._chosen[only] = chosen
        return chosen

    def _read(self, data: Data, readings: Mapping[str, Reading]) -> Environment:
        names: Environment = {}
        rows: dict[str, dict[int, Environment]] = {}
        keys: Iterable[str] = readings if len(readings) < len(data) else data
        for key in keys:
            reading, value = readings.get(key), data.get(key)
            if reading is None or value is None:
                continue
            item, group, row, read = reading
            known = read(value)
            if known is None:
                continue
            if row:
                rows.setdefault(group, {}).setdefault(row, {})[item] = known
            else:
                names[item] = known
        for group_id, each in self._groups.items():
            found = rows.get(group_id, {})
            count = max(max(found, default=0), each.repeats.min if each.repeats else 0)
            names[group_id] = [found.get(row, {}) for row in range(1, count + 1)]
        return names

    def _look_around(self, names: Environment, context: Context) -> None:
        """Add what lies outside the form: the visit, the participant, today, and other forms."""
        names["visit"], names["participant"], names["today"] = context.visit, context.participant, context.today
        for reference, only in self._outside:
            add_reference(names, reference, context, self._siblings, only)

    # What they say

    def evaluate(self, data: Data, context: Context) -> Outcome:
        """What the rules say of ``data``; values in ``data`` of calculated items are ignored and calculated anew.

        ``CelTypeError`` when an expression compares things that have no common meaning, which checking a study
        prevents.
        """
        names = self.environment(data)
        for compiled in self.calculations:
            for _, own in _places(compiled.item.id, compiled.repeating, names):
                own.pop(compiled.item.id, None)
        self._look_around(names, context)
        outcome = Outcome()
        self._calculate(names, outcome)
        self._examine(data, names, outcome)
        for check in self.checks:
            self._run_check(check, names, outcome)
        return outcome

    def run(self, checks: frozenset[str], data: Data, context: Context) -> list[Finding]:
        """What the named checks find in ``data``, whose calculated values are taken as they are stored."""
        if checks not in self._selections:
            chosen = [check for check in self.checks if check.check.id in checks]
            names_read = frozenset(name.split(".")[0] for check in chosen for name in check.rule.names)
            self._selections[checks] = chosen, names_read
        chosen, names_read = self._selections[checks]
        names = self.environment(data, names_read)
        self._look_around(names, context)
        outcome = Outcome()
        for check in chosen:
            self._run_check(check, names, outcome)
        return outcome.check_findings

    def answers(self, check: str, data: Data, context: Context) -> list[tuple[str, bool | None]]:
        """What one check says at each place where it runs; None where it cannot tell.

        What ``data`` does not hold of the calculated items is calculated.
        """
        names = self.environment(data)
        self._look_around(names, context)
        self._calculate(names, Outcome(), given=data)
        compiled = next(each for each in self.checks if each.check.id == check)
        found = []
        for key, own in _places(compiled.check.item, compiled.repeating, names):
            answer = compiled.rule.program({**names, **own} if compiled.repeating else names)
            found.append((key, answer if isinstance(answer, bool) else None))
        return found

    def _calculate(self, names: Environment, outcome: Outcome, given: Collection[str] = ()) -> None:
        for compiled in self.calculations:
            if compiled.calculation is None:
                continue
            for key, own in _places(compiled.item.id, compiled.repeating, names):
                if key in given:
                    continue
                seen = {**names, **own} if compiled.repeating else names
                skipped = compiled.skip is not None and compiled.skip.program(seen) is True
                value = (
                    None if skipped else calculated_value(compiled.calculation.program(seen), compiled.item.decimals)
                )
                outcome.calculated[key] = value
                if value is not None:
                    own[compiled.item.id] = compiled.read(value)

    def _examine(self, data: Data, names: Environment, outcome: Outcome) -> None:
        """Skips, required items and soft ranges, in form order."""
        answers: dict[str, bool] = {}  # of skips that several items share
        for compiled in self._examined:
            item, skip, limits = compiled.item, compiled.skip, compiled.limits
            for key, own in _places(item.id, compiled.repeating, names):
                if skip is not None and _skips(skip, names, own, answers):
                    outcome.skipped.add(key)
                    if compiled.calculation is None and data.get(key) is not None:
                        outcome.check_findings.append(automatic_finding(SKIPPED, key, self._languages))
                    continue
                if item.required and data.get(key) is None:
                    outcome.missing.append(key)
                if limits is not None:
                    number: Any = own.get(item.id)
                    if type(number) in NUMBERS and not limits[0] <= number <= limits[1]:
                        self._note_range(compiled, key, data, outcome)

    def _note_range(self, compiled: CompiledItem, key: str, data: Data, outcome: Outcome) -> None:
        value = outcome.calculated.get(key) if compiled.calculation else data.get(key)
        if value is None or compiled.item.range is None:
            return
        standard = compiled.item.standard_unit or compiled.item.unit or next(iter(compiled.item.units), None)
        outcome.range_findings.append(range_finding(key, value, compiled.item.range, standard, self._languages))

    def _run_check(self, compiled: CompiledCheck, names: Environment, outcome: Outcome) -> None:
        check, program = compiled.check, compiled.rule.program
        for key, own in _places(check.item, compiled.repeating, names):
            if program({**names, **own} if compiled.repeating else names) is False:
                message = {code: check.message.get(code)[0] for code in self._languages}
                outcome.check_findings.append(Finding(check.id, key, message, check.severity))


def limits_of(expected: Range) -> tuple[float, float]:
    """The least and the most, infinite where there is none."""
    return (
        -inf if expected.min is None else float(expected.min),
        inf if expected.max is None else float(expected.max),
    )


def key_of(compiled: CompiledItem, row: int) -> str:
    """The key of the item in row ``row`` of its repeating group; its id where it has none."""
    return f"{compiled.repeating.id}[{row}].{compiled.item.id}" if compiled.repeating else compiled.item.id


def _reading(compiled: CompiledItem, row: int) -> Reading:
    return compiled.item.id, compiled.repeating.id if compiled.repeating else "", row, compiled.read


def _skips(skip: Rule, names: Environment, own: Environment, answers: dict[str, bool]) -> bool:
    if skip.by_row:
        return skip.program({**names, **own}) is True
    text = skip.expression.text
    answer = answers.get(text)
    if answer is None:
        answer = answers[text] = skip.program(names) is True
    return answer


def _places(item: str, group: Group | None, names: Environment) -> Sequence[tuple[str, Environment]]:
    """Key and own values of each place where a rule of ``item`` runs: the form, or the rows of its repeating group."""
    if group is None:
        return ((item, names),)
    return [(f"{group.id}[{row}].{item}", own) for row, own in enumerate(names[group.id], start=1)]


@lru_cache(maxsize=4096)
def _split(reference: str) -> tuple[tuple[str, ...], str]:
    *path, form_id = reference.split(".")
    return tuple(path), form_id


def add_reference(
    names: Environment,
    reference: str,
    context: Context,
    forms: Mapping[str, Readable],
    only: frozenset[str] | None = None,
) -> None:
    """Give expressions what ``context`` has under ``reference``; without it, whatever they read of it is unknown.

    ``only`` names the items and groups that they read, when they do not read everything.
    """
    given = context.forms.get(reference)
    if given is None:
        return
    path, form_id = _split(reference)
    form = forms[form_id]
    place = names
    for part in path:
        place = place.setdefault(part, {})
    if type(given) is dict or isinstance(given, Mapping):
        place[form_id] = _known_environment(form, given, context, only)
    elif path[0] == "log":
        place[form_id] = [_known_environment(form, line, context, only) for line in given]
    else:
        merged: Environment = {}
        for earlier in given:
            merged = {**_known_environment(form, earlier, context, only), **merged}
        place[form_id] = merged


def _known_environment(form: Readable, data: Data, context: Context, only: frozenset[str] | None) -> Environment:
    """The environment of another form's data, made once for as long as the context's ``environments`` live."""
    known = context.environments.get((id(data), only))
    if known is None or known[0] is not data:
        known = context.environments[id(data), only] = (data, form.environment(data, only))
    return known[1]
