"""The tests that edit checks bring along: each gives values, and says whether the check fires on them.

    outcomes = run_tests(compile_study(study))     # every test with what its check said
    faults = failing_tests(study)                  # the tests that did not come out as expected

Values are read as if somebody typed them into the forms, so that a test cannot rest on a value nobody can enter.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

from helmont.study.cel import CelTypeError
from helmont.study.compiled_forms import CompiledForm
from helmont.study.compiling import CompiledStudy, compile_study
from helmont.study.faults import one_of
from helmont.study.model import Check, CheckTest, Item, Study
from helmont.study.names import CONTEXT_NAMES
from helmont.study.outcomes import Context, Data
from helmont.study.partial_dates import PartialDate
from helmont.study.values import Value

Answer = Literal["fires", "holds", "unknown"]
NOT_DONE = "not done"
FAR = date(9999, 12, 31)
"""Today, where a test does not say: so late that no date lies in the future."""


class Unusable(ValueError):
    """A test cannot be run; ``accepted`` says what would do."""

    def __init__(self, message: str, accepted: str = "") -> None:
        super().__init__(message)
        self.message, self.accepted = message, accepted


@dataclass(frozen=True, slots=True)
class Tried:
    """A test and what its check said; ``answer`` is None when it could not be run, for the reason in ``message``."""

    check: Check
    test: CheckTest
    answer: Answer | None
    message: str = ""
    accepted: str = ""

    @property
    def passed(self) -> bool:
        return self.answer == self.test.expect


def run_tests(study: CompiledStudy) -> list[Tried]:
    """Every test of every check, in the order of the package."""
    return [_run(study, check, test) for check in study.study.checks for test in check.tests]


def failing_tests(study: Study) -> Iterator[tuple[CheckTest, str, str]]:
    """Each test that does not come out as it says, what is wrong, and what would be accepted."""
    if not any(check.tests for check in study.checks):
        return
    for outcome in run_tests(compile_study(study)):
        if not outcome.passed:
            name = outcome.check.id
            said = outcome.message or f"{name} {_words(outcome.answer)} on these values"
            yield outcome.test, said, outcome.accepted or f"values on which it {_words(outcome.test.expect)}"


def untested(study: Study) -> list[str]:
    """Ids of the checks without a test that fires, or without one that does not."""
    incomplete = []
    for check in study.checks:
        expected = {test.expect for test in check.tests}
        if "fires" not in expected or expected == {"fires"}:
            incomplete.append(check.id)
    return incomplete


def answer(study: CompiledStudy, check: Check, test: CheckTest) -> Answer:
    """What ``check`` says of a test's values; raises ``Unusable`` when they cannot be entered.

    A check of an item in a repeating group fires when it does so for any row.
    """
    form = study.forms[check.form]
    today = _date("today", test.today) if test.today else FAR
    context = Context(
        today=today,
        forms=_around(study, test, today),
        visit=_named("visit", test.visit),
        participant=_named("participant", test.participant),
    )
    try:
        said = {each for _, each in form.answers(check.id, _data(form, test.values, today), context)}
    except CelTypeError as error:
        raise Unusable(f"the expression cannot be worked out: {error.message}") from error
    return "fires" if False in said else "holds" if True in said else "unknown"


def _run(study: CompiledStudy, check: Check, test: CheckTest) -> Tried:
    try:
        return Tried(check, test, answer(study, check, test))
    except Unusable as reason:
        return Tried(check, test, None, reason.message, reason.accepted)


def _around(study: CompiledStudy, test: CheckTest, today: date) -> dict[str, Any]:
    """The data of other forms, by the reference under which rules look at them."""
    forms: dict[str, Any] = {}
    for name, values in test.here.items():
        forms[f"here.{name}"] = _data(study.forms[name], values, today)
    for encounter, there in test.at.items():
        for name, values in there.items():
            forms[f"at.{encounter}.{name}"] = _data(study.forms[name], values, today)
    for name, values in test.previous.items():
        forms[f"previous.{name}"] = [_data(study.forms[name], values, today)]
    for name, lines in test.log.items():
        forms[f"log.{name}"] = [_data(study.forms[name], line, today) for line in lines]
    return forms


def _data(form: CompiledForm, typed: Mapping[str, str], today: date) -> Data:
    """Stored values of what was typed. An item of a repeating group that is named without its row is in the first."""
    raw: dict[str, object] = {}
    stored: dict[str, Value] = {}
    for name, text in typed.items():
        compiled = form.items.get(name)
        key = f"{compiled.repeating.id}[1].{name}" if compiled and compiled.repeating else name
        try:
            item = form.item(key)
        except KeyError:
            raise Unusable(f"{name} is not an item of {form.id}", one_of(list(form.items), name)) from None
        if item.type == "calculated":
            stored[key] = text
        else:
            raw[key] = _as_entered(item, text)
    values, faults = form.parse(raw, today)
    if faults:
        first = faults[0]
        raise Unusable(f"{form.id}.{first.item_key}: {first.fault.message}", first.fault.accepted)
    return {**stored, **{key: value for key, value in values.items() if value is not None}}


def _as_entered(item: Item, text: str) -> object:
    if text == NOT_DONE:
        return {"not_done": text}
    if item.units:
        number, _, unit = text.partition(" ")
        return {"value": number, "unit": unit or item.standard_unit or item.units[0]}
    if item.type == "multiselect":
        return [code.strip() for code in text.split(",")]
    if item.type == "file":
        kind = item.file.types[0] if item.file and item.file.types else "application/pdf"
        return {"file": "0" * 64, "name": text, "size": 1, "type": kind}
    return text


def _named(root: str, given: Mapping[str, str]) -> dict[str, object]:
    """The values of ``visit.…`` or ``participant.…``."""
    known = CONTEXT_NAMES[root]
    values: dict[str, object] = dict(given)
    for name in given:
        if name not in known:
            raise Unusable(f"{root}.{name} is not known to expressions", one_of(known, name))
    if root == "visit" and "date" in given:
        _date("visit.date", given["date"])
        values["date"] = PartialDate.parse(given["date"])
    if root == "visit" and "number" in given:
        try:
            values["number"] = float(given["number"])
        except ValueError:
            raise Unusable(f"visit.number: {given['number']} is not a number", "a number such as 3") from None
    return values


def _date(name: str, text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise Unusable(f"{name}: {text} is not a date", "a date such as 2026-01-31") from None


def _words(said: Answer | None) -> str:
    return {"fires": "fires", "holds": "does not fire", "unknown": "cannot tell", None: "could not be run"}[said]
