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

from helmont.study.cel import parse as parse_expression
from helmont.study.checking import calculation_order
from helmont.study.clients import describe_form
from helmont.study.environments import value_reader
from helmont.study.form_rules import CompiledCheck, CompiledItem, Environment, FormRules, Rule, key_of, limits_of
from helmont.study.model import Check, Codelist, Form, Group, Item
from helmont.study.names import ROOTS, Scope
from helmont.study.outcomes import REQUIRED, Context, Data, Finding, ItemFault, Outcome, automatic_finding
from helmont.study.units import unit
from helmont.study.values import Value, ValueFault, value_parser

_ROW = re.compile(r"([A-Z][A-Z0-9_]*)\[([1-9][0-9]*)\]\.([A-Z][A-Z0-9_]*)")


@dataclass(frozen=True, slots=True)
class Dependency:
    """A form that reads another: under which reference (``at.BASELINE.VS``), in which checks and rules of items.

    ``values`` names the items and groups that it reads there; None when it reads the form as a whole.
    """

    form: str
    reference: str
    checks: tuple[str, ...]
    items: tuple[str, ...]
    values: frozenset[str] | None

    @property
    def reads(self) -> str:
        """The id of the form that is read."""
        return self.reference.rsplit(".", 1)[1]

    @property
    def encounter(self) -> str | None:
        """The only encounter at which the form is read, if the reference names one."""
        root, *path = self.reference.split(".")
        return path[0] if root == "at" else None


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
        self._scope, self._languages = scope, tuple(languages)
        self._repeating = {group.id: group for group in form.groups if group.repeats is not None}
        self.items: dict[str, CompiledItem] = {}
        for group in form.groups:
            for item in group.items:
                self.items[item.id] = self._compile_item(item, group if group.repeats is not None else None)
        self.checks = tuple(self._compile_check(check) for check in checks)
        self._places: dict[str, tuple[CompiledItem, int]] = dict(self._all_places())
        self.dependencies = self._dependencies()
        self.needs: frozenset[str] = frozenset(dependency.reference for dependency in self.dependencies)
        self._rules = FormRules(
            calculations=[self.items[name] for name in calculation_order(form)],
            items=list(self.items.values()),
            checks=self.checks,
            places=self._places,
            outside={dependency.reference: dependency.values for dependency in self.dependencies},
            languages=self._languages,
            siblings=siblings,
        )

    def _compile_item(self, item: Item, repeating: Group | None) -> CompiledItem:
        return CompiledItem(
            item=item,
            repeating=repeating,
            parse=value_parser(item, self.codelists.get(item.codelist or "")),
            read=value_reader(item),
            skip=self._rule(item.skip, repeating),
            calculation=self._rule(item.calculation, repeating),
            limits=None if item.range is None else limits_of(item.range),
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
        return Rule(expression, expression.compile(), any(name.split(".")[0] in own for name in names), names)

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
            Dependency(
                self.id,
                reference,
                tuple(checks.get(reference, ())),
                tuple(items.get(reference, ())),
                self._items_read(reference),
            )
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
                places += [(key_of(self.items[item.id], row), (self.items[item.id], row)) for item in group.items]
        return places

    @property
    def calculated_ids(self) -> tuple[str, ...]:
        """Ids of the calculated items in the order to calculate them."""
        return tuple(compiled.item.id for compiled in self._rules.calculations)

    # Names and labels

    def item_keys(self) -> tuple[str, ...]:
        """Every key the form's data can have, in form order, rows up to the maximum included."""
        return tuple(self._places)

    def __contains__(self, key: object) -> bool:
        return key in self._places

    def place(self, key: str) -> tuple[CompiledItem, int]:
        """The item of a key with its rules, and its row (0 outside repeating groups); ``KeyError`` when there is none."""
        return self._places[key]

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
        """Values for expressions (``FormRules.environment``)."""
        return self._rules.environment(data, only)

    def evaluate(self, data: Data, context: Context) -> Outcome:
        """What the form's rules say of ``data`` (``FormRules.evaluate``)."""
        return self._rules.evaluate(data, context)

    def run(self, checks: frozenset[str], data: Data, context: Context) -> list[Finding]:
        """What the named checks find in ``data``, whose calculated values are taken as they are stored."""
        return self._rules.run(checks, data, context)

    def answers(self, check: str, data: Data, context: Context) -> list[tuple[str, bool | None]]:
        """What one check says at each place where it runs (``FormRules.answers``)."""
        return self._rules.answers(check, data, context)

    def required_finding(self, key: str) -> Finding:
        """The finding to raise on a key of ``Outcome.missing`` when the form is completed."""
        return automatic_finding(REQUIRED, key, self._languages)
