"""ARS JSON as a reporting event, with findings."""

from __future__ import annotations

from typing import Any, Literal, get_args, get_origin

from helmont.standards.ars.fields import Attribute, attributes
from helmont.standards.ars.model import ReportingEvent
from helmont.standards.located_json import lines_of, parse_json
from helmont.study.faults import Fault, one_of

MAX_BYTES = 200_000_000


def read_ars(data: bytes, file: str = "ars.json") -> tuple[ReportingEvent | None, list[Fault]]:
    """The reporting event, or None when the document is none, and everything that is wrong with it by line.

    What cannot be read is left out with its finding; keys that the model does not have are warned about.
    """
    findings: list[Fault] = []
    if len(data) > MAX_BYTES:
        return None, [Fault(file, 0, "", f"the file is {len(data)} bytes", f"at most {MAX_BYTES}")]
    value = parse_json(data, file, findings)
    if findings:
        return None, findings
    reader = _Reader(file, data.decode("utf-8-sig"))
    event = reader.thing(ReportingEvent, value, "")
    return event, reader.findings


class _Reader:
    def __init__(self, file: str, text: str) -> None:
        self.file, self.findings = file, list[Fault]()
        self._text, self._lines = text, dict[str, int]()

    def fault(self, place: str, message: str, accepted: str = "", *, warning: bool = False) -> None:
        if not self._lines:
            self._lines = lines_of(self._text)
        line = self._lines.get(place, 0)
        self.findings.append(Fault(self.file, line, place, message, accepted, "warning" if warning else "error"))

    def thing(self, kind: Any, value: Any, place: str) -> Any:
        """An object of the model; None when it is no object or lacks what is required."""
        if not isinstance(value, dict):
            self.fault(place, f"expected an object, found {_shape(value)}", "{...}")
            return None
        known = {each.key: each for each in attributes(kind)}
        for key in value.keys() - known.keys():
            message = f"{key[:60]} is not an attribute of {kind.__name__}"
            self.fault(f"{place}/{_pointer(key)}", message, one_of(list(known), key), warning=True)
        found = {}
        for each in known.values():
            if value.get(each.key) is None:
                if each.required:
                    self.fault(place, f"{each.key} is missing", f"{kind.__name__} needs {each.key}")
                    return None
                continue
            read = self.attribute(each, value[each.key], f"{place}/{each.key}")
            if read is None and each.required:
                return None
            if read is not None:
                found[each.name] = read
        return kind(**found)

    def attribute(self, each: Attribute, value: Any, place: str) -> Any:
        if not each.many:
            return self.value(each.kind, value, place)
        if not isinstance(value, list):
            self.fault(place, f"expected a list, found {_shape(value)}", "[...]")
            return None
        read = (self.value(each.kind, one, f"{place}/{number}") for number, one in enumerate(value))
        return tuple(one for one in read if one is not None)

    def value(self, kind: Any, value: Any, place: str) -> Any:
        if get_origin(kind) is Literal:
            if value not in get_args(kind):
                self.fault(place, f"{str(value)[:60]} is not accepted here", one_of(list(map(str, get_args(kind)))))
                return None
            return value
        if kind in (str, int, bool):
            if type(value) is not kind:
                self.fault(place, f"expected {_WORDS[kind]}, found {_shape(value)}", _WORDS[kind])
                return None
            return value
        return self.thing(kind, value, place)


_WORDS = {str: "a text", int: "a whole number", bool: "true or false"}


def _shape(value: Any) -> str:
    match value:
        case None:
            return "nothing"
        case bool():
            return "true or false"
        case str():
            return "a text"
        case list():
            return "a list"
        case dict():
            return "an object"
        case _:
            return "a number"


def _pointer(key: str) -> str:
    return key.replace("~", "~0").replace("/", "~1")
