"""A study as the readable YAML of a package: the reverse of :mod:`helmont.study.loading`.

What is written loads as an equal study. Order is kept: the files of a folder are read by name, so forms get a number
before their name only where the order of their names would not be that of the study.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from itertools import groupby
from pathlib import Path
from typing import Any, TypeVar

import yaml

from helmont.study.datasets.model import Dataset, Step
from helmont.study.faults import Fault, StudyFaults
from helmont.study.model import Check, Form, Study
from helmont.study.nodes import MAX_BYTES
from helmont.study.publishing import is_default
from helmont.study.reading import ID
from helmont.study.text import Text

_WIDTH = 140
"""A list or mapping goes on one line when the line stays within this many characters."""
_BREAKS = frozenset("\r\x85\u2028\u2029")
_LAST = (
    "variables",
    "steps",
    "groups",
    "items",
    "terms",
    "encounters",
    "unscheduled",
    "activities",
    "schedule",
    "logs",
    "eligibility",
)
"""Keys that are written after what is short, in this order, so that a reader meets the name of a thing before its parts."""
_Named = TypeVar("_Named", Form, Dataset)
_FILES = ("verification", "labs", "amendment", "design", "sensors")
"""Parts with a file of their own, where the study has them."""
_PARTS = ("protocol", "forms", "codelists", "checks", "datasets", "analyses", *_FILES)


def package_files(study: Study) -> dict[str, str]:
    """The files of the study's package by path, such as ``forms/vs.yaml``; ``StudyFaults`` when it has no such form.

    Only what differs from its default is written. Texts must be as :mod:`helmont.study.reading` gives them: not empty
    and without white space around them.
    """
    faults = [
        Fault(part, 0, "", f"{thing.id!r} cannot name a file", "an id: capitals, digits and _, at most 40")
        for part, things in (("forms", study.forms), ("checks", study.checks))
        for thing in things
        if not ID.fullmatch(thing.form if isinstance(thing, Check) else thing.id)
    ]
    if faults:
        raise StudyFaults(faults)
    files = {"study.yaml": _yaml({key: value for key, value in _fields(study) if key not in _PARTS})}
    files["protocol.yaml"] = _yaml(dict(_fields(study.protocol))) if list(_fields(study.protocol)) else "{}\n"
    files |= {f"{part}.yaml": _yaml(_entries(thing)) for part in _FILES if (thing := getattr(study, part, None))}
    files |= {f"forms/{name}": _yaml(dict(_fields(form))) for name, form in _named(study.forms)}
    if study.codelists:
        files["codelists/codelists.yaml"] = _yaml(study.codelists)
    files |= {f"datasets/{name}": _yaml(dict(_fields(dataset))) for name, dataset in _named(study.datasets)}
    if study.analyses is not None:
        files["analyses/analyses.yaml"] = _yaml(dict(_fields(study.analyses)))
    files |= {f"checks/{name}": _yaml(checks) for name, checks in _by_form(study.checks)}
    faults = [
        Fault(name, 0, "", f"the file would be {len(text.encode())} bytes", f"at most {MAX_BYTES} bytes")
        for name, text in files.items()
        if len(text.encode()) > MAX_BYTES
    ]
    if faults:
        raise StudyFaults(faults)
    return files


def write_package(study: Study, folder: Path | str) -> tuple[str, ...]:
    """Write the package into a new or empty folder, and say which files; ``StudyFaults`` when the folder holds anything."""
    folder = Path(folder)
    files = package_files(study)
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise StudyFaults([Fault(str(folder), 0, "", "there is something here already", "a new or an empty folder")])
    (folder / "forms").mkdir(parents=True, exist_ok=True)
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8", newline="\n")
    return tuple(files)


def _named(forms: Sequence[_Named]) -> list[tuple[str, _Named]]:
    """Each form (or data set) with the name of its file; names sort in their order."""
    names = [f"{form.id.lower()}.yaml" for form in forms]
    if names != sorted(names):
        digits = len(str(len(names)))
        names = [f"{number:0{digits}}_{name}" for number, name in enumerate(names, 1)]
    return list(zip(names, forms, strict=True))


def _by_form(checks: Sequence[Check]) -> list[tuple[str, list[Check]]]:
    """The checks in a file for each form, or in one file where that would change their order."""
    files = [(f"{form.lower()}.yaml", list(own)) for form, own in groupby(checks, key=lambda check: check.form)]
    names = [name for name, _ in files]
    if names == sorted(set(names)):
        return files
    return [("checks.yaml", list(checks))]


def _fields(thing: Any) -> Iterable[tuple[str, Any]]:
    for field in sorted(dataclasses.fields(thing), key=_place):
        value = getattr(thing, field.name)
        if not is_default(field, value):
            yield field.name, value


def _entries(thing: Any) -> dict[str, Any]:
    return dict(thing) if isinstance(thing, Mapping) else dict(_fields(thing))


def _place(field: dataclasses.Field[Any]) -> int:
    return _LAST.index(field.name) + 1 if field.name in _LAST else 0


class _Dumper(yaml.SafeDumper):
    """Lists are indented under their key, as people write them."""

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:
        super().increase_indent(flow, False)


def _yaml(content: object) -> str:
    node = _node(content)
    node.flow_style = False
    return yaml.serialize(node, Dumper=_Dumper, width=1_000_000, allow_unicode=True)


def _node(value: Any, indent: int = 0) -> Any:
    """The YAML of a value, laid out for a reader: short things on one line, long texts on lines of their own."""
    match value:
        case Text():
            return _mapping(value.by_language, indent)
        case str():
            return _scalar(value)
        case bool():
            return yaml.ScalarNode("tag:yaml.org,2002:bool", "true" if value else "false")
        case int() | Decimal():
            text = format(value, "f") if isinstance(value, Decimal) else str(value)
            return yaml.ScalarNode(_plain_tag(text), text)
        case Mapping():
            return _mapping(value, indent)
        case None:
            return yaml.ScalarNode("tag:yaml.org,2002:null", "null")
        case tuple() | list():
            children = [_node(child, indent + 2) for child in value]
            node = yaml.SequenceNode("tag:yaml.org,2002:seq", children)
            node.flow_style = _fits(children, indent) and not any(isinstance(c, yaml.MappingNode) for c in children)
            return node
        case Step():
            return _mapping({value.name: dict(_fields(value.arguments))}, indent)
    return _mapping(dict(_fields(value)), indent)


def _mapping(entries: Mapping[str, Any], indent: int) -> Any:
    pairs = [(_scalar(key), _node(entry, indent + 2)) for key, entry in entries.items()]
    node = yaml.MappingNode("tag:yaml.org,2002:map", pairs)
    node.flow_style = _fits([part for pair in pairs for part in pair], indent)
    return node


def _fits(parts: Sequence[Any], indent: int) -> bool:
    """Whether the parts are single lines and leave room for each other on one."""
    if any(not (getattr(part, "flow_style", True) and getattr(part, "style", None) != "|") for part in parts):
        return False
    return indent + _length(parts) <= _WIDTH


def _length(parts: Sequence[Any]) -> int:
    total = 4
    for part in parts:
        if isinstance(part, yaml.ScalarNode):
            total += len(part.value) + 3
        elif isinstance(part, yaml.MappingNode):
            total += _length([child for pair in part.value for child in pair])
        else:
            total += _length(part.value)
    return total


def _scalar(text: str) -> Any:
    style = None
    if _BREAKS & set(text):  # YAML reads each of these as a line feed unless it is written as an escape
        style = '"'
    elif "\n" in text:
        style = "|"
    return yaml.ScalarNode("tag:yaml.org,2002:str", text, style=style)


def _plain_tag(text: str) -> str:
    """The tag under which a number is written without quotes."""
    return "tag:yaml.org,2002:float" if "." in text else "tag:yaml.org,2002:int"
