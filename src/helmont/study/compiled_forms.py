"""A form made ready to run: parsing what was entered, and evaluating its rules on what is stored.

Everything that follows from the definition alone (parsers, compiled expressions, the order of calculations, all item
keys) is made once, since ``parse`` and ``evaluate`` run on every save.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from helmont.study.cel import Expression
from helmont.study.cel import parse as parse_expression
from helmont.study.checking import calculation_order
from helmont.study.clients import describe_form
from helmont.study.environments import Reader, calculated_value, value_reader
from helmont.study.model import Check, Codelist, Form, Group, Item
from helmont.study.names import ROOTS, Scope
from helmont.study.outcomes import (
    REQUIRED,
    SKIPPED,
    Context,
    Data,
    Finding,
    ItemFault,
    Outcome,
    automatic_finding,
    range_finding,
)
from helmont.study.units import unit
from helmont.study.values import Parser, Value, ValueFault, value_parser

Environment = dict[str, Any]
_ROW = re.compile(r"([A-Z][A-Z0-9_]*)\[([1-9][0-9]*)\]\.([A-Z][A-Z0-9_]*)")


@dataclass(frozen=True, slots=True)
class Rule:
    """A compiled expression; ``by_row`` when it reads items of the repeating group it stands in."""

    expression: Expression
    by_row: bool
    names: frozenset[str]


@dataclass(frozen=True, slots=True)
class CompiledItem:
    item: Item
    repeating: Group | None
    parse: Parser
    read: Reader
    skip: Rule | None
    calculation: Rule | None
    least: float | None
    most: float | None
    limited: bool


@dataclass(frozen=True, slots=True)
class CompiledCheck:
    check: Check
    rule: Rule
    repeating: Group | None


@dataclass(frozen=True, slots=True)
class Dependency:
    """A form that reads another: under which reference (``at.BASELINE.VS``), in which checks and rules of items."""

    form: str
    reference: str
    checks: tuple[str, ...]
    items: tuple[str, ...]

    @property
    def reads(self) -> str:
        """The id of the form that is read."""
        return self.reference.rsplit(".", 1)[1]


class CompiledForm:
    """One form of a compiled study; immutable and safe to share between threads."""

    def __init__(
        self,
        form: Form,
        checks: Sequence[Check],
        scope: Scope,
        codelists: Mapping[str, Codelist],
        languages: Sequence[str],
        siblings: Mapping[str, CompiledForm],
    ) -> None:
        self.form = form
        self.id = form.id
        self.codelists = codelists
        self._scope, self._languages, self._siblings = scope, tuple(languages), siblings
        self._repeating = {group.id: group for group in form.groups if group.repeats is not None}
        self.items: dict[str, CompiledItem] = {}
        for group in form.groups:
            for item in group.items:
                self.items[item.id] = self._compile_item(item, group if group.repeats is not None else None)
        self.checks = tuple(self._compile_check(check) for check in checks)
        self._calculations = tuple(self.items[name] for name in calculation_order(form))
        self._places: dict[str, tuple[CompiledItem, int]] = dict(self._all_places())
        self.dependencies = self._dependencies()
        self.needs: frozenset[str] = frozenset(dependency.reference for dependency in self.dependencies)
        self._read_of = {reference: self._items_read(reference) for reference in self.needs}

    def _compile_item(self, item: Item, repeating: Group | None) -> CompiledItem:
        limits = item.range
        return CompiledItem(
            item=item,
            repeating=repeating,
            parse=value_parser(item, self.codelists.get(item.codelist or "")),
            read=value_reader(item),
            skip=self._rule(item.skip, repeating),
            calculation=self._rule(item.calculation, repeating),
            least=float(limits.min) if limits and limits.min is not None else None,
            most=float(limits.max) if limits and limits.max is not None else None,
            limited=limits is not None,
        )

    def _compile_check(self, check: Check) -> CompiledCheck:
        repeating = self.items[check.item].repeating
        rule = self._rule(check.expression, repeating)
        assert rule is not None  # a check has an expression
        return CompiledCheck(check, rule, repeating)

    def _rule(self, text: str | None, repeating: Group | None) -> Rule | None:
        if text is None:
            return None
        expression = parse_expression(text)
        own = {item.id for item in repeating.items} if repeating else set()
        names = expression.names
        return Rule(expression, any(name.split(".")[0] in own for name in names), names)

    def _dependencies(self) -> tuple[Dependency, ...]:
        """What the rules read outside this form, one entry a reference."""
        checks: dict[str, list[str]] = {}
        items: dict[str, list[str]] = {}
        for compiled in self.items.values():
            for rule in (compiled.skip, compiled.calculation):
                for reference in self._references(rule):
                    items.setdefault(reference, []).append(compiled.item.id)
        for check in self.checks:
            for reference in self._references(check.rule):
                checks.setdefault(reference, []).append(check.check.id)
        return tuple(
            Dependency(self.id, reference, tuple(checks.get(reference, ())), tuple(items.get(reference, ())))
            for reference in sorted(checks.keys() | items.keys())
        )

    def _items_read(self, reference: str) -> frozenset[str] | None:
        """Names of items and groups that the rules read under a reference; ``None`` when they read it as a whole."""
        rules = [rule for item in self.items.values() for rule in (item.skip, item.calculation) if rule]
        names = {name for rule in (*rules, *(check.rule for check in self.checks)) for name in rule.names}
        if reference in names:
            return None
        start = reference + "."
        return frozenset(name[len(start) :].split(".")[0] for name in names if name.startswith(start))

    def _references(self, rule: Rule | None) -> set[str]:
        outside = (name for name in (rule.names if rule else ()) if name.split(".")[0] in ROOTS)
        return {self._scope.resolve(name).reference for name in outside}

    def _all_places(self) -> list[tuple[str, tuple[CompiledItem, int]]]:
        places: list[tuple[str, tuple[CompiledItem, int]]] = []
        for group in self.form.groups:
            rows = range(1, group.repeats.max + 1) if group.repeats else (0,)
            for row in rows:
                places += [(_key(self.items[item.id], row), (self.items[item.id], row)) for item in group.items]
        return places

    @property
    def calculated_ids(self) -> tuple[str, ...]:
        """Ids of the calculated items in the order to calculate them."""
        return tuple(compiled.item.id for compiled in self._calculations)

    # Names and labels

    def item_keys(self) -> tuple[str, ...]:
        """Every key the form's data can have, in form order, rows up to the maximum included."""
        return tuple(self._places)

    def item(self, key: str) -> Item:
        """The item of a key; ``KeyError`` when there is none."""
        return self._places[key][0].item

    def label(self, key: str, language: str) -> str:
        """The item's label, after the name of its row: ``Standing 1 min: Systolic``."""
        compiled, row = self._places[key]
        label = compiled.item.label.get(language)[0]
        return f"{self.row_label(compiled.repeating, row, language)}: {label}" if compiled.repeating else label

    @staticmethod
    def row_label(group: Group, row: int, language: str) -> str:
        """The name of row ``row`` (from 1) of a repeating group; its number when it has no name."""
        labels = group.repeats.labels if group.repeats else ()
        return labels[row - 1].get(language)[0] if row <= len(labels) else str(row)

    def display(self, key: str, value: Value | None, language: str) -> str:
        """A stored value as a person reads it: codes by their label, numbers with their unit; "" when empty."""
        item = self.item(key)
        match value:
            case None:
                return ""
            case {"not_done": reason}:
                return str(reason)
            case {"redacted": True}:
                return "[redacted]"
            case {"file": _, "name": name}:
                return str(name)
            case {"value": number, "unit": code}:
                return f"{number} {unit(str(code)).label}"
            case list():
                return ", ".join(self._term(item, code, language) for code in value)
        if item.codelist:
            return self._term(item, str(value), language)
        return f"{value} {unit(item.unit).label}".rstrip() if item.unit else str(value)

    def _term(self, item: Item, code: str, language: str) -> str:
        terms = self.codelists[item.codelist or ""].terms
        return next((term.label.get(language)[0] for term in terms if term.code == code), code)

    def line_title(self, data: Data, language: str) -> str:
        """How this line of a log is named in lists; the form's title when its line has no name yet."""
        template = self.form.line_title or ""
        named = re.sub(
            r"\{([A-Z0-9_]+)\}", lambda found: self.display(found[1], data.get(found[1]), language), template
        )
        return named.strip() or self.form.title.get(language)[0]

    def to_client(self, language: str) -> dict[str, Any]:
        """The form for the browser in one language, with its rules as trees (see ``clients.describe_form``)."""
        return describe_form(self, language)

    # Running

    def parse(self, raw: Mapping[str, object], today: date) -> tuple[dict[str, Value | None], list[ItemFault]]:
        """Canonical values of what was entered, by item key (``None`` = emptied), and every fault.

        A calculated item is left out whatever was entered for it: it is calculated here.
        """
        values: dict[str, Value | None] = {}
        faults: list[ItemFault] = []
        for key, entered in raw.items():
            place = self._places.get(key)
            if place is None:
                faults.append(ItemFault(key, self._unknown_key(key)))
            elif place[0].calculation is None:
                try:
                    values[key] = place[0].parse(entered, today)
                except ValueFault as fault:
                    faults.append(ItemFault(key, fault))
        return values, faults

    def _unknown_key(self, key: str) -> ValueFault:
        found = _ROW.fullmatch(key)
        group = self._repeating.get(found[1]) if found else None
        if found and group and group.repeats and any(item.id == found[3] for item in group.items):
            most = group.repeats.max
            return ValueFault(
                "%(group)s has no row %(row)s", "rows 1 to %(most)s", group=group.id, row=found[2], most=most
            )
        example = next(iter(self._places), "")
        return ValueFault("%(key)s is not an item of %(form)s", "an item such as %(example)s",
                          key=key[:60], form=self.id, example=example)  # fmt: skip

    def environment(self, data: Data, only: frozenset[str] | None = None) -> Environment:
        """Values for expressions: items by id, repeating groups as lists of rows; keys without an item are left out.

        ``only`` names the items and groups that are wanted.
        """
        names: Environment = {}
        rows: dict[str, dict[int, Environment]] = {group_id: {} for group_id in self._repeating}
        for key, value in data.items():
            place = self._places.get(key)
            if place is None or value is None:
                continue
            compiled, row = place
            if only is not None and compiled.item.id not in only and getattr(compiled.repeating, "id", "") not in only:
                continue
            known = compiled.read(value)
            if known is None:
                continue
            if compiled.repeating is None:
                names[compiled.item.id] = known
            else:
                rows[compiled.repeating.id].setdefault(row, {})[compiled.item.id] = known
        for group_id, found in rows.items():
            repeats = self._repeating[group_id].repeats
            last = max(found, default=0)
            count = max(last, repeats.min if repeats else 0)
            names[group_id] = [found.get(row, {}) for row in range(1, count + 1)]
        return names

    def evaluate(self, data: Data, context: Context) -> Outcome:
        """What the form's rules say of ``data``; values in ``data`` of calculated items are ignored and calculated
        anew.

        ``CelTypeError`` when an expression compares things that have no common meaning, which checking a study
        prevents.
        """
        names = self.environment(data)
        for compiled in self._calculations:
            for row in _rows(compiled.repeating, names):
                (names[compiled.repeating.id][row - 1] if compiled.repeating else names).pop(compiled.item.id, None)
        self._look_around(names, context)
        outcome = Outcome()
        self._calculate(names, outcome)
        self._examine_items(data, names, outcome)
        for check in self.checks:
            self._run_check(check, names, outcome)
        return outcome

    def run(self, checks: frozenset[str], data: Data, context: Context) -> list[Finding]:
        """What the named checks find in ``data``, whose calculated values are taken as they are stored."""
        chosen = [check for check in self.checks if check.check.id in checks]
        names = self.environment(data, frozenset(name.split(".")[0] for check in chosen for name in check.rule.names))
        self._look_around(names, context)
        outcome = Outcome()
        for check in chosen:
            self._run_check(check, names, outcome)
        return outcome.check_findings

    def _look_around(self, names: Environment, context: Context) -> None:
        """Add what lies outside the form: the visit, the participant, today, and other forms."""
        names["visit"], names["participant"], names["today"] = context.visit, context.participant, context.today
        for reference in self.needs:
            add_reference(names, reference, context, self._siblings, self._read_of[reference])

    def _calculate(self, names: Environment, outcome: Outcome) -> None:
        for compiled in self._calculations:
            rule = compiled.calculation
            if rule is None:
                continue
            program = rule.expression.compile()
            for row in _rows(compiled.repeating, names):
                own = names[compiled.repeating.id][row - 1] if compiled.repeating else names
                seen = {**names, **own} if compiled.repeating else names
                skipped = compiled.skip is not None and compiled.skip.expression.compile()(seen) is True
                value = None if skipped else calculated_value(program(seen), compiled.item.decimals)
                outcome.calculated[_key(compiled, row)] = value
                if value is not None:
                    own[compiled.item.id] = compiled.read(value)

    def _examine_items(self, data: Data, names: Environment, outcome: Outcome) -> None:
        """Skips, required items and soft ranges, in form order."""
        answers: dict[str, bool] = {}
        for compiled in self.items.values():
            item, skip = compiled.item, compiled.skip
            for row in _rows(compiled.repeating, names):
                own = names[compiled.repeating.id][row - 1] if compiled.repeating else names
                key = f"{compiled.repeating.id}[{row}].{item.id}" if compiled.repeating else item.id
                if skip is not None:
                    if skip.by_row:
                        skipped = skip.expression.compile()({**names, **own}) is True
                    else:
                        text = item.skip or ""
                        skipped = answers[text] if text in answers else skip.expression.compile()(names) is True
                        answers[text] = skipped
                    if skipped:
                        outcome.skipped.add(key)
                        if compiled.calculation is None and data.get(key) is not None:
                            outcome.check_findings.append(automatic_finding(SKIPPED, key, self._languages))
                        continue
                if item.required and data.get(key) is None:
                    outcome.missing.append(key)
                if compiled.limited:
                    self._examine_range(compiled, key, own.get(item.id), data, outcome)

    def _examine_range(self, compiled: CompiledItem, key: str, number: object, data: Data, outcome: Outcome) -> None:
        if not isinstance(number, int | float):
            return
        too_low = compiled.least is not None and number < compiled.least
        too_high = compiled.most is not None and number > compiled.most
        value = outcome.calculated.get(key) if compiled.calculation else data.get(key)
        if (too_low or too_high) and value is not None and compiled.item.range is not None:
            standard = compiled.item.standard_unit or compiled.item.unit or next(iter(compiled.item.units), None)
            outcome.range_findings.append(range_finding(key, value, compiled.item.range, standard, self._languages))

    def _run_check(self, compiled: CompiledCheck, names: Environment, outcome: Outcome) -> None:
        check, program = compiled.check, compiled.rule.expression.compile()
        for row in _rows(compiled.repeating, names):
            seen = {**names, **names[compiled.repeating.id][row - 1]} if compiled.repeating else names
            if program(seen) is False:
                key = f"{compiled.repeating.id}[{row}].{check.item}" if compiled.repeating else check.item
                message = {code: check.message.get(code)[0] for code in self._languages}
                outcome.check_findings.append(Finding(check.id, key, message, check.severity))

    def required_finding(self, key: str) -> Finding:
        """The finding to raise on a key of ``Outcome.missing`` when the form is completed."""
        return automatic_finding(REQUIRED, key, self._languages)


def add_reference(
    names: Environment,
    reference: str,
    context: Context,
    forms: Mapping[str, CompiledForm],
    only: frozenset[str] | None = None,
) -> None:
    """Give expressions what ``context`` has under ``reference``; without it, whatever they read of it is unknown.

    ``only`` names the items and groups that they read, when they do not read everything.
    """
    *path, form_id = reference.split(".")
    given = context.forms.get(reference)
    if given is None:
        return
    form = forms[form_id]
    place = names
    for part in path:
        place = place.setdefault(part, {})
    if isinstance(given, Mapping):
        place[form_id] = _known_environment(form, given, context, only)
    elif path[0] == "log":
        place[form_id] = [_known_environment(form, line, context, only) for line in given]
    else:
        merged: Environment = {}
        for earlier in given:
            merged = {**_known_environment(form, earlier, context, only), **merged}
        place[form_id] = merged


def _known_environment(form: CompiledForm, data: Data, context: Context, only: frozenset[str] | None) -> Environment:
    """The environment of another form's data, made once for as long as the context's ``environments`` live."""
    known = context.environments.get((id(data), only))
    if known is None or known[0] is not data:
        known = context.environments[id(data), only] = (data, form.environment(data, only))
    return known[1]


def _rows(group: Group | None, names: Environment) -> Sequence[int]:
    """The rows a rule runs for: those there are of its repeating group, or the form as a whole (0)."""
    return (0,) if group is None else range(1, len(names[group.id]) + 1)


def _key(compiled: CompiledItem, row: int) -> str:
    return f"{compiled.repeating.id}[{row}].{compiled.item.id}" if compiled.repeating else compiled.item.id
