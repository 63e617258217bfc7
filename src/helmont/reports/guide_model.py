"""What a reviewer's guide is made from: the study, its datasets, what the checks found and where a result differs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from helmont.standards.define.model import Define

GuideKind = Literal["cSDRG", "ADRG"]


@dataclass(frozen=True, slots=True)
class GuideDataset:
    """A dataset; ``rows`` and ``participants`` are counted in the data, ``note`` is what a reviewer should know of it."""

    name: str
    label: str
    class_name: str
    structure: str
    keys: tuple[str, ...] = ()
    rows: int | None = None
    participants: int | None = None
    note: str = ""


@dataclass(frozen=True, slots=True)
class Finding:
    """A conformance rule that data or metadata break: how often, and why it stands."""

    rule: str
    dataset: str
    severity: str
    message: str
    count: int
    explanation: str = ""


@dataclass(frozen=True, slots=True)
class Difference:
    """A result that differs from another's, such as a published table or an independent programming."""

    reference: str
    what: str
    ours: str
    theirs: str
    reason: str = ""


@dataclass(frozen=True, slots=True)
class GuideProgram:
    """A program of the package and what it makes."""

    name: str
    makes: str
    purpose: str = ""


@dataclass(frozen=True, slots=True)
class Guide:
    """A guide to tabulations (``cSDRG``) or analysis data (``ADRG``).

    ``texts`` are what people write, by the id of the section (see ``guide_contents.SECTIONS``); a section without its
    text says what belongs there, visibly.
    """

    kind: GuideKind
    study: str
    title: str
    protocol: str
    date: str
    sponsor: str = ""
    standards: tuple[tuple[str, str, str], ...] = ()
    """Name, version, what for."""
    acronyms: tuple[tuple[str, str], ...] = ()
    datasets: tuple[GuideDataset, ...] = ()
    findings: tuple[Finding, ...] = ()
    differences: tuple[Difference, ...] = ()
    programs: tuple[GuideProgram, ...] = ()
    checks: str = ""
    """What checked the data: name and version of the rules."""
    texts: Mapping[str, str] = field(default_factory=dict)
    language: str = "en"


def standards_of(define: Define) -> tuple[tuple[str, str, str], ...]:
    """The standards and dictionaries that a Define-XML document names."""
    used = [
        (one.name, one.version, f"terminology ({one.publishing_set})" if one.type == "CT" else "implementation guide")
        for one in define.standards
    ]
    dictionaries = [
        (one.external.dictionary, one.external.version, "dictionary") for one in define.codelists if one.external
    ]
    return (*used, ("Define-XML", "2.1", "data definitions"), *dict.fromkeys(dictionaries))


def datasets_of(define: Define, counts: Mapping[str, tuple[int, int]] | None = None) -> tuple[GuideDataset, ...]:
    """The datasets of a Define-XML document; ``counts`` are rows and participants by the name of the dataset."""
    notes = {one.oid: one.text for one in define.comments}
    found = []
    for one in define.datasets:
        rows, participants = (counts or {}).get(one.name, (None, None))
        keys = tuple(key.item.name for key in one.key_variables())
        note = notes.get(one.comment or "", "")
        found.append(GuideDataset(one.name, one.label, one.class_name, one.structure, keys, rows, participants, note))
    return tuple(found)
