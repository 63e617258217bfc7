"""The study definition: frozen objects whose fields are the keys of a study package (docs/study-package.md)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Annotated, Literal

from helmont.study.amendment import Amendment
from helmont.study.analyses.model import ReportingEvent
from helmont.study.datasets.model import Dataset
from helmont.study.kinds import (
    CodelistId,
    CountryCode,
    DateText,
    Declares,
    DictionaryId,
    EncounterId,
    ExpressionText,
    FormId,
    LanguageCode,
    LocalId,
    MediaType,
    PatternText,
    UnitCode,
)
from helmont.study.labs import Labs
from helmont.study.protocol import Protocol
from helmont.study.text import Text
from helmont.study.verification import VerificationPlan

ItemType = Literal[
    "text", "integer", "decimal", "date", "time", "datetime", "codelist", "multiselect", "file", "calculated"
]


@dataclass(frozen=True, slots=True)
class Range:
    """Inclusive limits, in the item's standard unit; at least one is given."""

    min: Decimal | None = None
    max: Decimal | None = None

    def holds(self, value: Decimal) -> bool:
        return (self.min is None or value >= self.min) and (self.max is None or value <= self.max)

    def __str__(self) -> str:
        if self.min is None:
            return f"at most {self.max}"
        return f"at least {self.min}" if self.max is None else f"{self.min} to {self.max}"


@dataclass(frozen=True, slots=True)
class Sdtm:
    """Where a value goes in SDTM: a variable of a domain, on the records for which ``where`` holds."""

    domain: str
    variable: str
    where: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class FileRule:
    types: tuple[MediaType, ...] = ()
    max_mb: int = 10


@dataclass(frozen=True, slots=True)
class Coding:
    """The text is coded with a dictionary of the study; ``beside`` names items of the form that the coder sees with it."""

    dictionary: DictionaryId
    beside: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Item:
    """One question. Which keys apply depends on ``type``; see docs/study-package.md."""

    id: LocalId
    label: Text
    type: ItemType
    hint: Text | None = None
    unit: UnitCode | None = None
    units: tuple[UnitCode, ...] = ()
    standard_unit: UnitCode | None = None
    range: Range | None = None
    hard_range: Range | None = None
    required: bool = False
    length: int | None = None
    decimals: int | None = None
    partial: Literal["day", "month", "year"] | None = None
    future: bool = False
    codelist: CodelistId | None = None
    choose: Literal["radio", "select"] = "radio"
    lines: int = 1
    skip: ExpressionText | None = None
    calculation: ExpressionText | None = None
    sdtm: Sdtm | None = None
    privilege: Literal["allocation", "source"] | None = None
    verify: bool = False
    file: FileRule | None = None
    coding: Coding | None = None


@dataclass(frozen=True, slots=True)
class Repeats:
    """How many rows a repeating group has; ``labels`` name the first rows."""

    max: int
    min: int = 0
    labels: tuple[Text, ...] = ()


@dataclass(frozen=True, slots=True)
class Group:
    id: LocalId
    items: tuple[Item, ...]
    title: Text | None = None
    repeats: Repeats | None = None


@dataclass(frozen=True, slots=True)
class Form:
    """A form; of kind ``log`` each line of the log is one instance, named by ``line_title``.

    A form of ``entry`` ``double`` is filled in on paper and typed by two people, whose differences a third settles.
    """

    id: Annotated[str, Declares("form")]
    title: Text
    groups: tuple[Group, ...]
    kind: Literal["visit", "log"] = "visit"
    entry: Literal["single", "double"] = "single"
    line_title: str | None = None

    def items(self) -> Iterator[Item]:
        return (item for group in self.groups for item in group.items)


@dataclass(frozen=True, slots=True)
class Term:
    code: str
    label: Text
    sdtm: str | None = None


@dataclass(frozen=True, slots=True)
class Codelist:
    id: Annotated[str, Declares("codelist")]
    terms: tuple[Term, ...]
    title: Text | None = None


@dataclass(frozen=True, slots=True)
class CheckTest:
    """Given these values, the check fires, holds, or cannot tell. The values are as people type them.

    ``values`` are those of the check's own form; the others go by the names that expressions use: ``here`` and
    ``previous`` by form, ``at`` by encounter and form, ``log`` the lines of a log (of its own log: the other lines).
    """

    expect: Literal["fires", "holds", "unknown"]
    values: Mapping[str, str] = field(default_factory=dict)
    here: Mapping[FormId, Mapping[str, str]] = field(default_factory=dict)
    at: Mapping[EncounterId, Mapping[FormId, Mapping[str, str]]] = field(default_factory=dict)
    previous: Mapping[FormId, Mapping[str, str]] = field(default_factory=dict)
    log: Mapping[FormId, tuple[Mapping[str, str], ...]] = field(default_factory=dict)
    visit: Mapping[str, str] = field(default_factory=dict)
    participant: Mapping[str, str] = field(default_factory=dict)
    today: str | None = None


@dataclass(frozen=True, slots=True)
class Check:
    """What must hold of a form; when surely false a query is raised on ``item``, or the save is refused."""

    id: Annotated[str, Declares("check")]
    form: FormId
    item: str
    expression: ExpressionText
    message: Text
    severity: Literal["query", "refuse"] = "query"
    tests: tuple[CheckTest, ...] = ()


@dataclass(frozen=True, slots=True)
class StudyDictionary:
    """A coding dictionary that the study uses: its name among those loaded, and the version to begin with."""

    id: Annotated[str, Declares("dictionary")]
    name: str
    version: str
    language: str | None = None


@dataclass(frozen=True, slots=True)
class Identifier:
    """How a registry or the sponsor knows the study, such as ``NCT`` or ``EU CT``."""

    type: str
    value: str


@dataclass(frozen=True, slots=True)
class ParticipantId:
    """What a participant's number looks like: a regular expression for the whole of it, and an example."""

    pattern: PatternText
    hint: str = ""


@dataclass(frozen=True, slots=True)
class Study:
    """A whole study definition; ``languages[0]`` is the source language, ``public_title`` is for everybody to read."""

    id: Annotated[str, Declares("study")]
    version: str
    title: Text
    languages: tuple[LanguageCode, ...]
    protocol: Protocol
    forms: tuple[Form, ...]
    codelists: tuple[Codelist, ...] = ()
    checks: tuple[Check, ...] = ()
    dictionaries: tuple[StudyDictionary, ...] = ()
    sponsor: str | None = None
    phase: str | None = None
    countries: tuple[CountryCode, ...] = ()
    identifiers: tuple[Identifier, ...] = ()
    participant_id: ParticipantId | None = None
    data_cutoff: DateText | None = None
    """The last day whose data count in analyses; time to an event ends on it for whoever is still waited for."""
    verification: VerificationPlan | None = None
    short_title: Text | None = None
    public_title: Text | None = None
    acronym: str | None = None
    amendment: Amendment | None = None
    labs: Labs | None = None
    datasets: tuple[Dataset, ...] = ()
    analyses: ReportingEvent | None = None
    design: Mapping[str, object] | None = None
    """Settings of the trial design, as ``helmont.design`` declares it (``trial_design``)."""
    sensors: Mapping[str, object] | None = None
    """Channels of devices, endpoints computed of them and alerts, as ``sensors.yaml`` declares them (``sensing``)."""
