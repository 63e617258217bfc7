"""From nodes to the model: every field is read by its annotation, and every fault is kept.

Reading never stops at a fault. What cannot be read is replaced by a blank of its type, so that one run finds everything
that is wrong; a study with errors never leaves this package (:func:`helmont.study.loading.load_study` raises).
"""

from __future__ import annotations

import dataclasses
import re
import types
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from functools import cache
from typing import Annotated, Any, Literal, Union, get_args, get_origin, get_type_hints

from helmont.study.cel import CelSyntaxError
from helmont.study.cel import parse as parse_expression
from helmont.study.datasets.dates import days
from helmont.study.datasets.model import Step
from helmont.study.datasets.steps import STEPS
from helmont.study.datasets.vocabulary import Nothing, Touches
from helmont.study.faults import SEVERITIES, Fault, Severity, one_of
from helmont.study.kinds import Declares, Refers, Written
from helmont.study.nodes import Node
from helmont.study.text import Text
from helmont.study.units import UNITS

ID = re.compile(r"[A-Z][A-Z0-9_]{0,39}")
LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Z][a-z]{3})?(-[A-Z]{2})?")
_NUMBER = re.compile(r"-?\d{1,15}(\.\d{1,15})?")
_PATTERNS = {
    "duration": (
        re.compile(r"P(?=\d|T\d)(\d+Y)?(\d+M)?(\d+W)?(\d+D)?(T(?=\d)(\d+H)?(\d+M)?(\d+S)?)?", re.ASCII),
        "ISO 8601, such as P14D",
    ),
    "language": (LANGUAGE, "a language code such as en, nl or pt-BR"),
    "country": (re.compile(r"[A-Z]{2}"), "an ISO 3166 code such as BE"),
    "media_type": (re.compile(r"[a-z]+/[a-z0-9.+*-]+"), "a media type such as application/pdf"),
}


@cache
def fields_of(kind: type) -> dict[str, tuple[Any, bool]]:
    """The fields of a model class: their annotation, and whether they must be given."""
    hints = get_type_hints(kind, include_extras=True)
    missing = dataclasses.MISSING
    return {
        field.name: (hints[field.name], field.default is missing and field.default_factory is missing)
        for field in dataclasses.fields(kind)
    }


@dataclasses.dataclass(slots=True)
class Reading:
    """What one run over a package found: the faults, where each object was written, and which ids exist."""

    languages: tuple[str, ...]
    faults: list[Fault] = dataclasses.field(default_factory=list)
    written: dict[int, tuple[object, Node, str]] = dataclasses.field(default_factory=dict)
    declared: dict[str, dict[str, Node]] = dataclasses.field(default_factory=dict)
    referred: list[tuple[str, str, Node, str]] = dataclasses.field(default_factory=list)

    def fault(
        self, node: Node, place: str, message: str, accepted: str = "", *, severity: Severity = "error", line: int = 0
    ) -> None:
        self.faults.append(Fault(node.file, line or node.line, place, message, accepted, severity))

    def fault_in(
        self, thing: object, field: str, message: str, accepted: str = "", *, severity: Severity = "error"
    ) -> None:
        """Report a fault in a field of an object that was read."""
        _, node, place = self.written.get(id(thing), (thing, Node(), ""))
        entries = node.entries or {}
        self.fault(entries.get(field, node), _under(place, field), message, accepted, severity=severity)

    def read(self, node: Node, kind: Any, place: str) -> Any:
        """The value of ``node`` as ``kind``, an annotation of the model."""
        return _reader(kind)(self, node, place)

    def check_references(self) -> None:
        """Report every reference to an id that nothing declares."""
        for kind, name, node, place in self.referred:
            known = self.declared.get(kind, {})
            if name not in known:
                self.fault(node, place, f"{name} is not the id of any {kind}", one_of(list(known), name))


Reader = Callable[[Reading, Node, str], Any]


def _under(place: str, key: str) -> str:
    return f"{place}.{key}" if place else key


@cache
def _reader(kind: Any) -> Reader:
    """The function that reads one annotation."""
    origin, arguments = get_origin(kind), get_args(kind)
    if origin is Annotated:
        return _annotated(arguments[1])
    if origin in (Union, types.UnionType):
        (inner,) = (argument for argument in arguments if argument is not type(None))
        return _reader(inner)
    if origin is Literal:
        return _choice(tuple(map(str, arguments)))
    if origin is tuple:
        return _sequence(arguments[0])
    if origin is not None and issubclass(origin, Mapping):
        return _mapping(*arguments)
    if kind is Step:
        return _step
    if kind is object:
        return _anything
    if dataclasses.is_dataclass(kind) and kind is not Text:
        return _object(kind)  # type: ignore[arg-type]  # a class, not an instance: annotations hold classes
    return {str: _text, int: _integer, Decimal: _decimal, float: _decimal, bool: _boolean, Text: _translated}[kind]


def _scalar(reading: Reading, node: Node, place: str, wanted: str) -> str | None:
    if node.text is None:
        reading.fault(node, place, f"expected {wanted}, found {node.shape}", wanted)
    return node.text


def _text(reading: Reading, node: Node, place: str) -> str:
    text = _scalar(reading, node, place, "a text")
    if text is not None and not text.strip():
        reading.fault(node, place, "the text is empty", "a text, or leave the key out")
    return (text or "").strip()


def _integer(reading: Reading, node: Node, place: str) -> int:
    text = _scalar(reading, node, place, "a whole number")
    if text is not None and not re.fullmatch(r"[+-]?[0-9]{1,9}", text):
        reading.fault(node, place, f"{_short(text)} is not a whole number", "a whole number such as 3")
        return 0
    return int(text or 0)


def _decimal(reading: Reading, node: Node, place: str) -> Decimal:
    text = _scalar(reading, node, place, "a number")
    if text is not None and not (_NUMBER.fullmatch(text) and text.isascii()):
        reading.fault(node, place, f"{_short(text)} is not a number", "a number such as 36.5")
        return Decimal(0)
    return Decimal(text or 0)


def _boolean(reading: Reading, node: Node, place: str) -> bool:
    text = _scalar(reading, node, place, "true or false")
    if text is not None and text.lower() not in ("true", "false"):
        reading.fault(node, place, f"{_short(text)} is neither true nor false", "true or false")
    return (text or "").lower() == "true"


EVERY_LANGUAGE = "all"
"""Stands for the languages where a text is the same in each: names and terms as they are submitted."""


def _translated(reading: Reading, node: Node, place: str) -> Text:
    source = reading.languages[0]
    if node.entries is None:
        text = _text(reading, node, place)
        found = {source: text}
    elif set(node.entries) == {EVERY_LANGUAGE}:
        found = dict.fromkeys(reading.languages, _text(reading, node.entries[EVERY_LANGUAGE], place))
    else:
        found = {code: _text(reading, entry, _under(place, code)) for code, entry in node.entries.items()}
        for code in found:
            if code not in reading.languages:
                line = node.key_lines.get(code, 0)
                known = one_of(reading.languages, code)
                reading.fault(node, place, f"{_short(code)} is not a language of the study", known, line=line)
        if source not in found:
            reading.fault(node, place, f"the text in the source language ({source}) is missing", f"{source}: ...")
    absent = [code for code in reading.languages if code not in found and code != source]
    if absent:
        reading.fault(node, place, f"not translated into {', '.join(absent)}", severity="warning")
    return Text({code: found[code] for code in reading.languages if code in found})


_EXPONENT = re.compile(r"[+-]?\d{1,15}(\.\d{1,15})?([eE][+-]?\d{1,2})?", re.ASCII)


def _anything(reading: Reading, node: Node, place: str) -> object:
    """Whatever is written: a mapping, a list, true or false, a number, a text, or nothing."""
    if node.entries is not None:
        return {name: _anything(reading, entry, _under(place, name)) for name, entry in node.entries.items()}
    if node.children is not None:
        return tuple(_anything(reading, child, place) for child in node.children)
    text = node.text
    if text is None or text in ("true", "false"):
        return None if text is None else text == "true"
    if re.fullmatch(r"[+-]?[0-9]{1,15}", text):
        return int(text)
    return Decimal(text) if _EXPONENT.fullmatch(text) else text


def _choice(choices: tuple[str, ...]) -> Reader:
    def read(reading: Reading, node: Node, place: str) -> str:
        text = _scalar(reading, node, place, one_of(choices))
        if text is not None and text not in choices:
            reading.fault(node, place, f"{_short(text)} is not accepted here", one_of(choices, text))
        return text if text in choices else choices[0]

    return read


def _step(reading: Reading, node: Node, place: str) -> Step:
    """A step of a data set: a mapping with one key, the word of the vocabulary, and under it what the word takes."""
    entries = node.entries or {}
    if len(entries) != 1:
        reading.fault(node, place, f"expected one step, found {node.shape}", "one key, such as derive_var_seq: {...}")
        return Step("", Nothing())
    ((name, given),) = entries.items()
    if name not in STEPS:
        reading.fault(node, place, f"{_short(name)} is not a step", one_of(list(STEPS), name))
        return Step("", Nothing())
    if given.shape == "nothing":
        given = Node(given.file, node.key_lines.get(name, node.line), entries={})
    step = Step(name, reading.read(given, STEPS[name].arguments, _under(place, name)))
    reading.written[id(step)] = (step, given, _under(place, name))
    return step


def _annotated(mark: Declares | Refers | Written | Touches) -> Reader:
    def read(reading: Reading, node: Node, place: str) -> str:
        text = _text(reading, node, place)
        if not text:
            return text
        match mark:
            case Declares(kind):
                if not ID.fullmatch(text):
                    reading.fault(
                        node, place, f"{_short(text)} is not an id", "capitals, digits and _, at most 40: VS_READ"
                    )
                elif kind:
                    _declare(reading, node, place, kind, text)
            case Refers(kind):
                reading.referred.append((kind, text, node, place))
            case Written(language):
                _check_written(reading, node, place, language, text)
            case Touches("dataset"):
                reading.referred.append(("dataset", text, node, place))
            case Touches("codelist"):
                reading.referred.append(("codelist", text, node, place))
        return text

    return read


def _declare(reading: Reading, node: Node, place: str, kind: str, text: str) -> None:
    first = reading.declared.setdefault(kind, {}).setdefault(text, node)
    if first is not node:
        reading.fault(
            node, place, f"the {kind} {text} is already declared in {first.file}:{first.line}", "an id of its own"
        )


def _check_written(reading: Reading, node: Node, place: str, language: str, text: str) -> None:
    match language:
        case "cel":
            try:
                parse_expression(text)
            except CelSyntaxError as error:
                reading.fault(node, place, f"not an expression: {error.message} (column {error.column})")
        case "regex":
            try:
                re.compile(text)
            except (re.error, RecursionError, OverflowError) as error:
                reading.fault(node, place, f"not a regular expression: {error}")
        case "ucum":
            if text not in UNITS:
                reading.fault(node, place, f"{_short(text)} is not a unit Helmont knows", one_of(list(UNITS), text))
        case "date":
            if days(text) is None or len(text) != len("2026-11-22"):
                reading.fault(node, place, f"{_short(text)} is not a date", "ISO 8601, such as 2026-11-22")
        case _:
            pattern, accepted = _PATTERNS[language]
            if not pattern.fullmatch(text):
                reading.fault(node, place, f"{_short(text)} is not a {language.replace('_', ' ')}", accepted)


def _sequence(inner: Any) -> Reader:
    def read(reading: Reading, node: Node, place: str) -> tuple[Any, ...]:
        if node.children is None:
            reading.fault(
                node, place, f"expected a list, found {node.shape}", "a list: [...] or lines that start with -"
            )
            return ()
        return tuple(
            reading.read(child, inner, f"{place}[{_name(child) or number}]")
            for number, child in enumerate(node.children, 1)
        )

    return read


def _name(node: Node) -> str:
    """The id (or code) an entry of a list gives itself, to name it in faults."""
    entries = node.entries or {}
    named = entries.get("id") or entries.get("code")
    return _short(named.text) if named and named.text else ""


def _mapping(key_kind: Any, value_kind: Any) -> Reader:
    def read(reading: Reading, node: Node, place: str) -> dict[str, Any]:
        if node.entries is None:
            reading.fault(node, place, f"expected a mapping, found {node.shape}", "key: value")
            return {}
        result = {}
        for key, value in node.entries.items():
            key_node = Node(node.file, node.key_lines.get(key, node.line), key)
            result[reading.read(key_node, key_kind, place)] = reading.read(value, value_kind, _under(place, key))
        return result

    return read


def _object(kind: type) -> Reader:
    def read(reading: Reading, node: Node, place: str) -> Any:
        known = fields_of(kind)
        entries = node.entries
        if entries is None:
            reading.fault(node, place, f"expected a mapping, found {node.shape}", f"the keys {', '.join(known)}")
            entries = {}
        for key in entries.keys() - known.keys():
            line = node.key_lines.get(key, 0)
            reading.fault(
                node, place, f"{_short(key)} is not a key of {_words(kind)}", one_of(list(known), key), line=line
            )
        values: dict[str, Any] = {}
        for name, (annotation, required) in known.items():
            entry = entries.get(name)
            if entry is not None:
                values[name] = reading.read(entry, annotation, place if name == "id" else _under(place, name))
            elif required:
                values[name] = _blank(annotation)
                if node.entries is not None:
                    reading.fault(node, place, f"{name} is missing", f"{_words(kind)} needs {name}")
        thing = kind(**values)
        reading.written[id(thing)] = (thing, node, place)
        return thing

    return read


def _blank(kind: Any) -> Any:
    """A harmless value of a type, for a field that could not be read."""
    silent = Reading(("en",))
    return _reader(kind)(silent, Node(), "")


def _words(kind: type) -> str:
    return "an " + kind.__name__.lower() if kind.__name__[0] in "AEIOU" else "a " + kind.__name__.lower()


def _short(text: str) -> str:
    return text if len(text) <= 60 else text[:57] + "..."


def faults_in_order(faults: Sequence[Fault]) -> list[Fault]:
    """Errors before warnings before notes, each by file and line, none twice (an aliased node is read where it is used)."""
    return sorted(
        set(faults),
        key=lambda fault: (SEVERITIES.index(fault.severity), fault.file, fault.line, fault.place, fault.message),
    )
