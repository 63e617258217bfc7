"""What a casebook on paper is made of: text alone, as ``casebook.typ`` lays it out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True)
class Answers:
    """One group of a form. Without ``columns`` each row is question, answer and standing."""

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True)
class PaperForm:
    title: str
    lede: str
    groups: tuple[Answers, ...]
    remarks: tuple[str, ...]


@dataclass(frozen=True)
class Section:
    """A visit, or a log."""

    title: str
    lede: str
    forms: tuple[PaperForm, ...]


@dataclass(frozen=True)
class Change:
    """One entry of the audit trail."""

    sequence: str
    time: str
    who: str
    what: str
    changes: tuple[str, ...]
    reason: str


@dataclass(frozen=True)
class Paper:
    """The whole casebook; ``as_json`` of it is what ``casebook.typ`` lays out."""

    title: str
    lede: str
    language: str
    study: str
    number: str
    made: str
    explanation: str
    particulars: tuple[tuple[str, str], ...]
    sections: tuple[Section, ...]
    signatures: tuple[tuple[str, ...], ...]
    trail: tuple[Change, ...]
    words: Mapping[str, Any]

    def as_json(self) -> dict[str, Any]:
        return asdict(self)
