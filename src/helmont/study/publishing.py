"""A study as one JSON document: what is stored for a published version, and what its content hash is taken of.

Absent keys are those that hold their default. Numbers with decimals are texts, so that no reader can round them. The
bytes are canonical (RFC 8785 for this subset: sorted keys, no spaces, UTF-8, integers only), so equal studies have
equal hashes.
"""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping
from decimal import Decimal
from hashlib import sha256
from typing import Any

from helmont.study.datasets.model import Step
from helmont.study.faults import Fault, StudyFaults
from helmont.study.loading import read_study, read_unchecked
from helmont.study.model import Study
from helmont.study.nodes import Node, from_json
from helmont.study.text import Text

FORMAT = "helmont-study-1"


def to_document(study: Study) -> dict[str, Any]:
    """The whole definition as JSON-ready values, with ``format`` naming this layout."""
    return {"format": FORMAT, **to_json(study)}


def from_document(document: Mapping[str, Any]) -> Study:
    """The study of a document, read and checked by the same rules as a package; ``StudyFaults`` says what does not fit."""
    return _usable(*read_study(_root(document), []))


def from_published(document: Mapping[str, Any]) -> Study:
    """The study of a document that was published, hence checked: rules of today may be newer than the study.

    ``StudyFaults`` where this version cannot read it.
    """
    return _usable(*read_unchecked(_root(document)))


def _root(document: Mapping[str, Any]) -> Node:
    rest = dict(document)
    found = rest.pop("format", None)
    if found != FORMAT:
        raise StudyFaults([Fault("document", 0, "format", f"{found} is not a format of this version", FORMAT)])
    return from_json(rest, "document")


def _usable(study: Study, faults: list[Fault]) -> Study:
    if any(fault.severity == "error" for fault in faults):
        raise StudyFaults(faults)
    return study


def canonical_json(study: Study) -> bytes:
    """The bytes of the document, the same for equal studies."""
    text = json.dumps(to_document(study), sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
    return text.encode()


def content_hash(study: Study) -> str:
    """SHA-256 of the canonical JSON, in hexadecimal."""
    return sha256(canonical_json(study)).hexdigest()


def to_json(value: Any) -> Any:
    """Any object of the model as JSON-ready values; a field that holds its default is absent."""
    match value:
        case Text():
            return dict(value.by_language)
        case Decimal():
            return str(value)
        case tuple():
            return [to_json(entry) for entry in value]
        case Mapping():
            return {key: to_json(entry) for key, entry in value.items()}
        case bool() | int() | str() | None:
            return value
        case Step():
            return {value.name: to_json(value.arguments)}
    return {
        field.name: to_json(getattr(value, field.name))
        for field in dataclasses.fields(value)
        if not is_default(field, getattr(value, field.name))
    }


def is_default(field: dataclasses.Field[Any], value: object) -> bool:
    """Whether a field of the model holds its default, and is left out of what is written."""
    factory = field.default_factory
    return bool(value == (factory() if factory is not dataclasses.MISSING else field.default))
