"""A verification plan while somebody writes it: the plan itself travels with the page, and one rule at a time is open."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

import orjson
from django.forms import CharField, ChoiceField, Form, IntegerField, MultipleChoiceField, Select, TextInput
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from helmont.studies.models import Site
from helmont.study.compiling import CompiledStudy
from helmont.study.faults import Fault
from helmont.study.model import Item, Study
from helmont.study.text import Text
from helmont.study.verification import Participants, VerificationPlan, VerificationRule
from helmont.study.verification_plans import plan_from_document, plan_to_document
from helmont.web.verification.words import EXTENTS, RISKS, Words

WHO = (
    ("everybody", gettext_lazy("Everybody")),
    ("first", gettext_lazy("The first of each site")),
    ("every", gettext_lazy("Every n-th of each site")),
    ("sample", gettext_lazy("A sample, in percent")),
)
_CHOSEN = ("forms", "items", "encounters", "sites", "countries", "risk")


def written(plan: VerificationPlan) -> str:
    """The plan as the page carries it."""
    return orjson.dumps(plan_to_document(plan), option=orjson.OPT_SORT_KEYS).decode()


def digest(plan: VerificationPlan) -> str:
    """By which a page that was shown an effect says of which plan."""
    return sha256(written(plan).encode()).hexdigest()


def read(text: str, study: Study) -> tuple[VerificationPlan, list[Fault]] | None:
    """What ``written`` wrote, with what is wrong with it (a rule may name what the study no longer has)."""
    try:
        document = orjson.loads(text)
    except orjson.JSONDecodeError:
        return None
    return plan_from_document(document, study) if isinstance(document, dict) else None


def moved(plan: VerificationPlan, place: int, by: int) -> VerificationPlan:
    """The plan with one rule earlier (``by`` -1) or later (1); a rule at the end stays there."""
    rules = list(plan.rules)
    if 0 <= place < len(rules) and 0 <= place + by < len(rules):
        rules.insert(place + by, rules.pop(place))
    return dataclasses.replace(plan, rules=tuple(rules))


def without(plan: VerificationPlan, place: int) -> VerificationPlan:
    return dataclasses.replace(plan, rules=tuple(rule for n, rule in enumerate(plan.rules) if n != place))


def with_rule(plan: VerificationPlan, place: int, rule: VerificationRule) -> VerificationPlan:
    """The plan with this rule in the place of another, or added at the end."""
    rules = [*plan.rules]
    rules[place : place + 1] = [rule]
    return dataclasses.replace(plan, rules=tuple(rules))


def new_rule(plan: VerificationPlan) -> VerificationRule:
    """A rule about everything, under an id that is free."""
    taken = {rule.id for rule in plan.rules}
    number = next(n for n in range(1, len(taken) + 2) if f"RULE_{n}" not in taken)
    return VerificationRule(f"RULE_{number}", "all")


@dataclass(frozen=True)
class FormChoice:
    """A form that a rule may name, whole or by single items: (``FORM.ITEM``, label, critical, ticked)."""

    id: str
    title: str
    ticked: bool
    items: list[tuple[str, str, bool, bool]]

    @property
    def chosen(self) -> int:
        return sum(ticked for *_rest, ticked in self.items)


class RuleForm(Form):
    """One rule. The choices are the study's, and what the rule named already."""

    label = CharField(label=gettext_lazy("Name"), max_length=120, widget=TextInput(attrs={"class": "input"}))
    require = ChoiceField(
        label=gettext_lazy("Requires"), choices=EXTENTS.items(), widget=Select(attrs={"class": "select"})
    )
    forms = MultipleChoiceField(required=False)
    items = MultipleChoiceField(required=False)
    encounters = MultipleChoiceField(required=False)
    countries = MultipleChoiceField(required=False)
    sites = MultipleChoiceField(required=False)
    risk = MultipleChoiceField(required=False, choices=RISKS.items())
    who = ChoiceField(label=gettext_lazy("Participants"), choices=WHO, widget=Select(attrs={"class": "select"}))
    number = IntegerField(
        label=gettext_lazy("How many"),
        required=False,
        min_value=1,
        max_value=100_000,
        widget=TextInput(attrs={"class": "input width-5", "inputmode": "numeric"}),
        help_text=gettext_lazy("The first 3, every 5th, or 20 percent"),
    )
    seed = CharField(
        label=gettext_lazy("Seed of the sample"),
        required=False,
        max_length=60,
        widget=TextInput(attrs={"class": "input width-20"}),
        help_text=gettext_lazy("Any word; whoever knows it can draw the same sample again"),
    )

    def __init__(self, rule: VerificationRule, words: Words, sites: Sequence[Site], data: Any = None) -> None:
        self.rule, self.words, self.study = rule, words, words.study
        super().__init__(data, initial=_initial(rule, words.language), prefix="rule")
        self._offer("forms", [(id, words.form(id)) for id in self.study.forms])
        self._offer("items", [(name, words.item(name)) for name in _sources(self.study)])
        self._offer("encounters", [(id, words.visit(id)) for id in self.study.encounters])
        self._offer("countries", [(code, code) for code in sorted({site.country for site in sites})])
        self._offer("sites", [(site.number, f"{site.number} {site.name}") for site in sites])

    def _offer(self, name: str, known: list[tuple[str, str]]) -> None:
        there = {value for value, _label in known}
        gone = [(value, _("%s (no longer in the study)") % value) for value in self.initial[name] if value not in there]
        self.fields[name].choices = [*known, *gone]  # type: ignore[attr-defined]  # a MultipleChoiceField

    def clean(self) -> dict[str, Any]:
        given: dict[str, Any] = super().clean() or {}
        if given.get("forms") and given.get("items"):
            self.add_error("items", _("A rule names whole forms or single items, not both: make two rules of it."))
        who, number = given.get("who"), given.get("number")
        if who != "everybody" and number is None and "number" not in self.errors:
            self.add_error("number", _("Say how many, for example 3."))
        if who == "sample" and (number or 0) > 100:
            self.add_error("number", _("A share is 1 to 100 percent."))
        if who == "sample" and not given.get("seed"):
            self.add_error("seed", _("A sample is drawn with a seed, for example %s.") % self.study.study.id.lower())
        return given

    def made(self) -> VerificationRule:
        """The rule as it was filled in; the form is valid."""
        given = self.cleaned_data
        who = None if given["who"] == "everybody" else Participants(**{given["who"]: given["number"]})
        if who and given["who"] == "sample":
            who = dataclasses.replace(who, seed=given["seed"])
        chosen: dict[str, Any] = {name: tuple(given[name]) for name in _CHOSEN}
        label = self._label(given["label"])
        return dataclasses.replace(self.rule, label=label, require=given["require"], participants=who, **chosen)

    def _label(self, text: str) -> Text:
        """The name in the page's language beside those in others; where the study does not speak it, the source's."""
        known = dict(self.rule.label.by_language) if self.rule.label else {}
        if self.rule.label and self.rule.label.get(self.words.language)[0] == text:
            return self.rule.label
        languages = self.study.study.languages
        language = self.words.language if self.words.language in languages else languages[0]
        return Text({languages[0]: text} | known | {language: text})

    def choices(self, name: str) -> list[tuple[str, str, bool]]:
        """(value, label, whether it is ticked) of a choice of many."""
        ticked = set(self[name].value() or ())
        return [(value, label, value in ticked) for value, label in self.fields[name].choices]  # type: ignore[attr-defined]  # a MultipleChoiceField

    def visits(self) -> list[tuple[str, str, bool]]:
        return self.choices("encounters")

    def nations(self) -> list[tuple[str, str, bool]]:
        return self.choices("countries")

    def places(self) -> list[tuple[str, str, bool]]:
        return self.choices("sites")

    def risks(self) -> list[tuple[str, str, bool]]:
        return self.choices("risk")

    @property
    def tree(self) -> list[FormChoice]:
        """The forms with their items; what the study no longer has stands under its own name."""
        critical = {name for name, item in _sources(self.study).items() if item.verify}
        by_form: dict[str, list[tuple[str, str, bool, bool]]] = {}
        for name, label, ticked in self.choices("items"):
            form = name.partition(".")[0]
            short = label.removesuffix(f" ({self.words.form(form)})")
            by_form.setdefault(form, []).append((name, short, name in critical, ticked))
        named = {value: (label, ticked) for value, label, ticked in self.choices("forms")}
        return [
            FormChoice(form, *named.get(form, (form, False)), by_form.get(form, []))
            for form in dict.fromkeys([*named, *by_form])
        ]


def _sources(study: CompiledStudy) -> dict[str, Item]:
    """``FORM.ITEM`` -> the items that have a source, or are verified although they are calculated."""
    return {
        f"{id}.{item.id}": item
        for id, form in study.forms.items()
        for item in form.form.items()
        if item.type != "calculated" or item.verify
    }


def _initial(rule: VerificationRule, language: str) -> dict[str, Any]:
    found: dict[str, Any] = {name: list(getattr(rule, name)) for name in _CHOSEN}
    if inside := [name for name in rule.items if name.partition(".")[0] in rule.forms]:
        found |= {"items": inside, "forms": []}  # a rule that names both is about the items that lie in the forms
    found |= {"label": rule.label.get(language)[0] if rule.label else "", "require": rule.require, "who": "everybody"}
    if who := rule.participants:
        found["who"] = next(name for name in ("first", "every", "sample") if getattr(who, name) is not None)
        found |= {"number": getattr(who, found["who"]), "seed": who.seed}
    return found
