"""A question to a design, as data: it can be asked again, and written as the Python expression or command that asks it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import reduce
from typing import Any

from helmont.design import Declared, DesignError, Trend
from helmont.design.results import Plain, plain

METHODS = frozenset(
    {
        "allocate", "bounds", "characteristics", "coherence", "conditional_power", "decision_table",
        "desirability_table", "diagnose", "effective_size", "exact", "fixed_events", "fixed_power",
        "fixed_size", "followup_table", "generate", "interval", "lambda_d", "lambda_e", "mean",
        "next", "pathways", "plan", "power", "prior", "sample_size", "seal", "sensitivity",
        "simulate", "stages",
    }
)  # fmt: skip
"""What may be asked: a file from elsewhere names methods, and no other is called."""

_SLOW = {"simulate", "diagnose", "prior", "characteristics"}
_COMMANDS = {
    "decision_table": "table",
    "bounds": "table",
    "exact": "exact",
    "simulate": "simulate",
    "pathways": "pathways",
}


@dataclass(frozen=True)
class Step:
    """One method with its arguments, or (``arguments`` None) one property."""

    method: str
    arguments: Mapping[str, Any] | None = field(default_factory=dict)


@dataclass(frozen=True)
class Question:
    """Steps from a design to an answer; the last is taken with each of ``each``, where there are any.

    ``name`` says what the answer is, ``of`` which design is asked where it is not the one of the section.
    """

    name: str
    steps: tuple[Step, ...]
    each: tuple[str, tuple[Any, ...]] | None = None
    of: Declared | None = None
    otherwise: Question | None = None
    """What is asked where the design cannot answer."""

    @property
    def slow(self) -> bool:
        """Whether it may take longer than a page should wait for it: simulations, quadratures, enumerations of many outcomes."""
        return self.otherwise is not None or any(step.method in _SLOW for step in self.steps)

    def answered(self, design: Declared) -> Answered:
        """Ask it. Raises ``DesignError`` where neither it nor what is asked otherwise has an answer."""
        try:
            return Answered(self, self._ask(self.of or design))
        except DesignError:
            if self.otherwise is None:
                raise
            return self.otherwise.answered(design)

    def _ask(self, design: Declared) -> Plain:
        *before, last = self.steps
        at = reduce(_stepped, before, design)
        if self.each is None:
            return plain(_result(_stepped(at, last)))
        name, values = self.each
        given = last.arguments or {}
        return [plain(_result(_stepped(at, Step(last.method, {**given, name: value})))) for value in values]

    def to_dict(self) -> dict[str, Plain]:
        """As JSON has it; ``from_dict`` reads it."""
        found: dict[str, Plain] = {
            "name": self.name,
            "steps": [
                {"method": step.method, "arguments": None if step.arguments is None else _plain(step.arguments)}
                for step in self.steps
            ],
        }
        if self.each is not None:
            found["each"] = {self.each[0]: _plain(self.each[1])}
        if self.of is not None:
            found["of"] = self.of.to_dict()
        return found

    @classmethod
    def from_dict(cls, content: Mapping[str, Any]) -> Question:
        """Raises ``DesignError`` for a method that is not asked, or another shape."""
        try:
            each = None if "each" not in content else next(iter(_declared(content["each"]).items()))
            steps = tuple(
                Step(step["method"], None if step["arguments"] is None else _declared(step["arguments"]))
                for step in content["steps"]
            )
            of = Declared.from_dict(content["of"]) if "of" in content else None
            return cls(str(content["name"]), steps, each, of)
        except (KeyError, TypeError, AttributeError, StopIteration):
            raise DesignError("question", content, "a name and steps, each with a method and arguments") from None

    def python(self) -> str:
        """The expression that asks it, where ``design`` is the design."""
        subject = "design" if self.of is None else _python(self.of)
        *before, last = self.steps
        for step in before:
            subject += _call(step)
        if self.each is None:
            return subject + _call(last)
        name, values = self.each
        inside = [f"{key}={_python(value)}" for key, value in (last.arguments or {}).items()] + [f"{name}={name}"]
        return f"[{subject}.{last.method}({', '.join(inside)}) for {name} in {_python(values)}]"

    def command(self, file: str) -> str | None:
        """The command that prints the answer, for a design in ``file``; None where there is none."""
        [step, *more] = self.steps
        if more or self.each is not None or self.of is not None or step.method not in _COMMANDS:
            return None
        given = dict(step.arguments or {})
        options = []
        if (truth := truth_of(given)) is not None:
            options.append(f'--truth "{truth}"' if ";" in truth else f"--truth {truth}")
        options += [f"--{name} {given.pop(name)}" for name in ("cohorts", "trials", "seed") if name in given]
        if given:
            return None
        return " ".join(["helmont design", _COMMANDS[step.method], file, *options, "--json"])


def truth_of(given: dict[str, Any]) -> str | None:
    """The true rates among the arguments, which are taken from them, as ``--truth`` takes them: rows with semicolons between."""
    if isinstance(given.get("trend"), Trend) and given["trend"].shape == "linear":
        drift = given.pop("trend")
        return f"{truth_of(given)};{drift.amount!r},{drift.over!r}"
    for names in (("toxicity", "efficacy"), ("truth", "efficacy"), ("truth",), ("rates",)):
        if all(isinstance(given.get(name), tuple) for name in names):
            rows = [given.pop(name) for name in names]
            if len(rows) == 1 and rows[0] and isinstance(rows[0][0], tuple):
                rows = list(rows[0])
            return ";".join(",".join(f"{rate!r}" for rate in row) for row in rows)
    return repr(given.pop("truth")) if isinstance(given.get("truth"), (int, float)) else None


@dataclass(frozen=True)
class Answered:
    """A question with its answer as plain values."""

    question: Question
    answer: Plain

    def to_dict(self) -> dict[str, Plain]:
        return {**self.question.to_dict(), "answer": self.answer}


def _stepped(subject: Any, step: Step) -> Any:
    if step.method not in METHODS or not hasattr(subject, step.method):
        raise DesignError("method", step.method, f"one that {type(subject).__name__} answers")
    found = getattr(subject, step.method)
    try:
        return found if step.arguments is None else found(**step.arguments)
    except TypeError as fault:  # arguments of another shape, from a file
        raise DesignError(step.method, dict(step.arguments or {}), f"given arguments that it takes ({fault})") from None


def _result(found: Any) -> Any:
    return found.to_dict() if hasattr(found, "to_dict") else found


def _plain(value: Any) -> Plain:
    if isinstance(value, Declared):
        return value.to_dict()
    if isinstance(value, Mapping):
        return {str(key): _plain(each) for key, each in value.items()}
    return [_plain(each) for each in value] if isinstance(value, (tuple, list)) else plain(value)


def _declared(value: Any) -> Any:
    if isinstance(value, Mapping):
        if isinstance(value.get("design"), str):
            return Declared.from_dict(value)
        return {key: _declared(each) for key, each in value.items()}
    return tuple(_declared(each) for each in value) if isinstance(value, (list, tuple)) else value


def _call(step: Step) -> str:
    if step.arguments is None:
        return f".{step.method}"
    return f".{step.method}({', '.join(f'{name}={_python(value)}' for name, value in step.arguments.items())})"


def _python(value: Any) -> str:
    if isinstance(value, Declared):
        settings = {name: each for name, each in value.__dict__.items() if name in value.__dataclass_fields__}
        return f"{value.kind}({', '.join(f'{name}={_python(each)}' for name, each in settings.items())})"
    if isinstance(value, tuple):
        return f"({', '.join(map(_python, value))}{',' if len(value) == 1 else ''})"
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{key!r}: {_python(each)}" for key, each in value.items()) + "}"
    return json.dumps(value, ensure_ascii=False) if isinstance(value, str) else repr(value)
