"""A USDM document whose structure was checked: classes, types, required attributes, ids and references.

``examine`` reads the JSON and reports everything that does not fit the classes of USDM 4.0. Whatever reads further (the
mapping) works on :class:`Thing`, which is safe to ask for any attribute: wrong types were errors and stopped before.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from helmont.standards.located_json import lines_of, parse_json
from helmont.standards.usdm.classes import ABSTRACT, CLASSES, Attribute
from helmont.study.faults import Fault, Severity

EXTENSION = "urn:helmont:usdm:"
"""Extension attributes of ours begin so; the rest names a field, and ``valueString`` is its value in JSON."""
_PYTHON = {"text": (str,), "boolean": (bool,), "number": (int, float), "integer": (int,), "date": (str,)}
_COMMON = {"id", "instanceType", "extensionAttributes"}
_MAX_FINDINGS = 500


@dataclass
class Document:
    """The checked JSON: findings so far, where each id is, and the line of each pointer."""

    file: str
    root: Any
    text: str
    findings: list[Fault] = field(default_factory=list)
    by_id: dict[str, tuple[dict[str, Any], str]] = field(default_factory=dict)
    _lines: dict[str, int] | None = None

    def line(self, pointer: str) -> int:
        if self._lines is None:
            self._lines = lines_of(self.text)
        return self._lines.get(pointer, 0)

    def add(self, pointer: str, message: str, accepted: str = "", *, severity: Severity = "error") -> None:
        if len(self.findings) < _MAX_FINDINGS:
            self.findings.append(Fault(self.file, self.line(pointer), pointer, message, accepted, severity))

    @property
    def usable(self) -> bool:
        return not any(finding.severity == "error" for finding in self.findings)


@dataclass(frozen=True, slots=True)
class Thing:
    """One object of the document and its JSON pointer. An attribute that is absent is empty."""

    document: Document
    value: Mapping[str, Any]
    pointer: str

    @property
    def id(self) -> str:
        return str(self.value.get("id") or "")

    @property
    def kind(self) -> str:
        return str(self.value.get("instanceType") or "")

    def text(self, *names: str) -> str:
        """The first of these attributes that is a text with something in it, without white space around it."""
        texts = (self.value.get(name) for name in names)
        return next((text.strip() for text in texts if isinstance(text, str) and text.strip()), "")

    def one(self, name: str) -> Thing | None:
        value = self.value.get(name)
        return Thing(self.document, value, f"{self.pointer}/{name}") if isinstance(value, dict) else None

    def many(self, name: str) -> list[Thing]:
        values = self.value.get(name)
        if not isinstance(values, list):
            return []
        pairs = enumerate(values)
        return [Thing(self.document, v, f"{self.pointer}/{name}/{n}") for n, v in pairs if isinstance(v, dict)]

    def references(self, name: str) -> list[Thing]:
        """The objects whose ids an attribute holds; those that are nowhere were reported and are left out."""
        value = self.value.get(name)
        ids = value if isinstance(value, list) else [value]
        found = (self.document.by_id.get(each) for each in ids if isinstance(each, str))
        return [Thing(self.document, *each) for each in found if each is not None]

    def reference(self, name: str) -> Thing | None:
        return next(iter(self.references(name)), None)

    def code(self, name: str) -> tuple[str, str]:
        """Code and decode of an attribute that is a Code or an AliasCode; empty texts when there is none."""
        thing = self.one(name)
        thing = (thing.one("standardCode") or thing) if thing else None
        return (thing.text("code"), thing.text("decode")) if thing else ("", "")

    def extension(self, name: str) -> Any:
        """The value of an extension attribute of ours; None when there is none."""
        for each in self.many("extensionAttributes"):
            if each.text("url") == EXTENSION + name:
                try:
                    return json.loads(each.text("valueString"))
                except (ValueError, RecursionError):
                    self.document.add(each.pointer, f"{EXTENSION}{name} is not JSON", severity="warning")
        return None

    def say(self, message: str, accepted: str = "", *, severity: Severity = "note", at: str = "") -> None:
        """Add a finding about this thing, or about one of its attributes."""
        self.document.add(f"{self.pointer}/{at}" if at else self.pointer, message, accepted, severity=severity)


def examine(data: bytes, file: str) -> Document:
    """The document of ``data``; its findings hold an error when it cannot be read further."""
    findings: list[Fault] = []
    root = parse_json(data, file, findings)
    text = data.decode("utf-8-sig", "replace")
    document = Document(file, root, text, findings)
    if findings:
        return document
    if not isinstance(root, dict) or not isinstance(root.get("study"), dict):
        document.add("", "there is no study in this document", 'an object with "study" and "usdmVersion" (USDM 4.0)')
        return document
    version = root.get("usdmVersion")
    if not isinstance(version, str) or not version.startswith(("4.", "3.")):
        document.add("/usdmVersion", f"USDM version {json.dumps(version)[:40]} is not known", "4.0")
    elif version.startswith("3."):
        message = f"this is USDM {version}; it is read as 4.0, and what 4.0 names otherwise is not found"
        document.add("/usdmVersion", message, "4.0", severity="warning")
    references: list[tuple[str, str, Attribute]] = []
    _check(document, root, "", "Wrapper", references)
    for identifier, pointer, attribute in references:
        _check_reference(document, identifier, pointer, attribute)
    return document


def _check(
    document: Document, value: dict[str, Any], pointer: str, name: str, references: list[tuple[str, str, Attribute]]
) -> None:
    """Hold one object, and all below it, to its class."""
    known = CLASSES[name]
    if name != "Wrapper":
        _register(document, value, pointer)
    for key in value.keys() - known.keys() - (_COMMON if name != "Wrapper" else set()):
        document.add(f"{pointer}/{key}", f"{key[:60]} is not an attribute of {name}; it is not read", severity="note")
    for extension in _listed(document, value, pointer, "extensionAttributes"):
        _check(document, extension[0], extension[1], "ExtensionAttribute", references)
    for key, attribute in known.items():
        given = value.get(key)
        if given is None or given == []:
            if attribute.required and not attribute.many:
                severity: Severity = "error" if attribute.kind in ("object", "reference") else "warning"
                document.add(pointer, f"{name} needs {key}", severity=severity)
            continue
        place = f"{pointer}/{key}"
        if attribute.many != isinstance(given, list):
            shape = "a list" if attribute.many else "one value"
            document.add(place, f"{key} of {name} should be {shape}", shape)
            continue
        for number, entry in enumerate(given if attribute.many else [given]):
            spot = f"{place}/{number}" if attribute.many else place
            _check_value(document, entry, spot, attribute, references)


def _listed(document: Document, value: dict[str, Any], pointer: str, key: str) -> list[tuple[dict[str, Any], str]]:
    given = value.get(key) or []
    if not isinstance(given, list) or not all(isinstance(entry, dict) for entry in given):
        document.add(f"{pointer}/{key}", f"{key} should be a list of objects", "a list of objects")
        return []
    return [(entry, f"{pointer}/{key}/{number}") for number, entry in enumerate(given)]


def _check_value(
    document: Document, value: Any, pointer: str, attribute: Attribute, references: list[tuple[str, str, Attribute]]
) -> None:
    if attribute.kind == "object":
        if not isinstance(value, dict):
            wanted = " or ".join(attribute.classes)
            document.add(pointer, f"expected an object, found {_shape(value)}", wanted)
            return
        name = value.get("instanceType")
        if name not in attribute.classes:
            alone = attribute.classes[0] if len(attribute.classes) == 1 else None
            severity: Severity = "warning" if name is None and alone else "error"
            message = f"instanceType is {json.dumps(name)[:60]}"
            document.add(pointer, message, " or ".join(attribute.classes), severity=severity)
            if name is not None or alone is None:
                return
            name = alone
        _check(document, value, pointer, str(name), references)
    elif attribute.kind == "reference":
        if not isinstance(value, str):
            document.add(pointer, f"expected the id of an object, found {_shape(value)}", "a text")
        elif value:
            references.append((value, pointer, attribute))
    elif not isinstance(value, _PYTHON[attribute.kind]) or (
        isinstance(value, bool) and attribute.kind in ("number", "integer")
    ):
        document.add(pointer, f"expected a {attribute.kind}, found {_shape(value)}", f"a {attribute.kind}")


def _register(document: Document, value: dict[str, Any], pointer: str) -> None:
    identifier = value.get("id")
    if identifier is None and value.get("instanceType") == "Study":
        return
    if not isinstance(identifier, str) or not identifier:
        document.add(pointer, "the object has no id", "a text that no other object has")
    elif identifier in document.by_id:
        other = document.by_id[identifier][1]
        document.add(f"{pointer}/id", f"the id {identifier[:60]} is used twice", f"it is also at {other}")
    else:
        document.by_id[identifier] = (value, pointer)


def _check_reference(document: Document, identifier: str, pointer: str, attribute: Attribute) -> None:
    found = document.by_id.get(identifier)
    wanted = " or ".join(attribute.classes)
    if found is None:
        document.add(pointer, f"nothing has the id {identifier[:60]}", f"the id of a {wanted}")
        return
    accepted = frozenset().union(*(ABSTRACT.get(name, frozenset({name})) for name in attribute.classes))
    if found[0].get("instanceType", next(iter(accepted))) not in accepted:
        document.add(pointer, f"{identifier[:60]} is a {found[0].get('instanceType')}", f"the id of a {wanted}")


def _shape(value: object) -> str:
    names = {dict: "an object", list: "a list", str: "a text", bool: "a boolean", type(None): "null"}
    return names.get(type(value), "a number")
