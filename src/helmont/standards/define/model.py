"""A Define-XML document. Nested: datasets, their variables, items and value-level items. By OID: codelists, methods, comments,
where clauses, standards and documents, since several things refer to them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from helmont.standards.define.analyses import Display
from helmont.standards.define.documents import DocumentRef, Leaf

DataType = Literal[
    "text", "integer", "float", "date", "time", "datetime", "partialDate", "partialTime", "partialDatetime",
    "incompleteDate", "incompleteTime", "incompleteDatetime", "durationDatetime", "intervalDatetime",
]  # fmt: skip
OriginType = Literal["Collected", "Derived", "Assigned", "Protocol", "Predecessor", "Not Available", "Other"]
OriginSource = Literal["Investigator", "Subject", "Sponsor", "Vendor"]
Comparator = Literal["EQ", "NE", "LT", "LE", "GT", "GE", "IN", "NOTIN"]


@dataclass(frozen=True, slots=True)
class Standard:
    """An implementation guide (``IG``) or a version of controlled terminology (``CT``, with its ``publishing_set``)."""

    oid: str
    name: str
    type: Literal["IG", "CT"]
    version: str
    status: str = "Final"
    publishing_set: str | None = None
    comment: str | None = None


@dataclass(frozen=True, slots=True)
class Alias:
    context: str
    name: str


@dataclass(frozen=True, slots=True)
class Origin:
    """Where values come from; of a predecessor, ``description`` names it: ``DM.AGE``."""

    type: OriginType
    source: OriginSource | None = None
    description: str = ""
    documents: tuple[DocumentRef, ...] = ()


@dataclass(frozen=True, slots=True)
class Condition:
    """What the value of an item (by OID) has to be. ``IN`` and ``NOTIN`` take several values, the others one."""

    item: str
    comparator: Comparator
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class WhereClause:
    """Rows on which every condition holds; ``comment`` says how datasets are joined when there are several."""

    oid: str
    conditions: tuple[Condition, ...]
    comment: str | None = None


@dataclass(frozen=True, slots=True)
class Item:
    """What a variable, or a variable on some rows, holds.

    ``length`` in characters, for text, integer and float; ``significant_digits`` are the decimals of a float; ``format``
    is the display format (``DATE9.``, ``8.1``). ``values`` says what holds on which rows.
    """

    oid: str
    name: str
    type: DataType
    label: str = ""
    length: int | None = None
    significant_digits: int | None = None
    format: str | None = None
    codelist: str | None = None
    origins: tuple[Origin, ...] = ()
    comment: str | None = None
    values: ValueList | None = None
    sas_name: str | None = None


@dataclass(frozen=True, slots=True)
class Value:
    """An item on the rows of its where clauses (by OID; any of them)."""

    item: Item
    where: tuple[str, ...]
    mandatory: bool = False
    method: str | None = None
    no_data: bool = False


@dataclass(frozen=True, slots=True)
class ValueList:
    oid: str
    values: tuple[Value, ...]
    description: str = ""


@dataclass(frozen=True, slots=True)
class Variable:
    """An item in a dataset; ``key`` is its place among the keys, from 1. ``role`` is SDTM's (Identifier, Topic, Timing)."""

    item: Item
    mandatory: bool = False
    key: int | None = None
    method: str | None = None
    role: str | None = None
    role_codelist: str | None = None
    non_standard: bool = False
    no_data: bool = False


@dataclass(frozen=True, slots=True)
class SubClass:
    name: str
    parent: str | None = None


@dataclass(frozen=True, slots=True)
class Dataset:
    """A dataset. ``class_name`` as in CDISC terminology (``FINDINGS``, ``BASIC DATA STRUCTURE``); ``structure`` says what
    a row is; ``leaf`` is its file. Of a split or supplemental dataset, ``aliases`` give the name of the parent domain
    (context ``DomainDescription``)."""

    oid: str
    name: str
    label: str
    class_name: str
    structure: str
    variables: tuple[Variable, ...]
    purpose: Literal["Tabulation", "Analysis"] = "Tabulation"
    repeating: bool = True
    reference: bool = False
    domain: str | None = None
    subclasses: tuple[SubClass, ...] = ()
    leaf: Leaf | None = None
    standard: str | None = None
    non_standard: bool = False
    no_data: bool = False
    comment: str | None = None
    aliases: tuple[Alias, ...] = ()

    def key_variables(self) -> tuple[Variable, ...]:
        """Its key variables, in their order."""
        return tuple(sorted((one for one in self.variables if one.key is not None), key=lambda one: one.key or 0))


@dataclass(frozen=True, slots=True)
class Term:
    """``ccode`` is the NCI code; a term that the sponsor adds to a list of CDISC is ``extended``."""

    code: str
    decode: str | None = None
    ccode: str | None = None
    extended: bool = False
    rank: float | None = None
    description: str = ""


@dataclass(frozen=True, slots=True)
class External:
    """A dictionary kept outside: ``MedDRA``, ``27.0``."""

    dictionary: str
    version: str
    ref: str | None = None
    href: str | None = None


@dataclass(frozen=True, slots=True)
class Codelist:
    """Terms, all with a decode or all without, or an ``external`` dictionary."""

    oid: str
    name: str
    terms: tuple[Term, ...] = ()
    external: External | None = None
    type: Literal["text", "integer", "float"] = "text"
    ccode: str | None = None
    standard: str | None = None
    non_standard: bool = False
    comment: str | None = None
    sas_format: str | None = None
    description: str = ""


@dataclass(frozen=True, slots=True)
class Expression:
    """A method in a language that a machine reads; ``context`` names the language and its version."""

    context: str
    text: str


@dataclass(frozen=True, slots=True)
class Method:
    oid: str
    name: str
    description: str
    type: Literal["Computation", "Imputation"] = "Computation"
    expressions: tuple[Expression, ...] = ()
    documents: tuple[DocumentRef, ...] = ()


@dataclass(frozen=True, slots=True)
class Comment:
    oid: str
    text: str
    documents: tuple[DocumentRef, ...] = ()


@dataclass(frozen=True, slots=True)
class Define:
    """The whole document. ``created`` is ISO 8601; ``version`` is the OID of the MetaDataVersion."""

    file: str
    created: str
    study: str
    study_name: str
    study_description: str
    protocol: str
    version: str
    version_name: str
    standards: tuple[Standard, ...]
    datasets: tuple[Dataset, ...]
    where_clauses: tuple[WhereClause, ...] = ()
    codelists: tuple[Codelist, ...] = ()
    methods: tuple[Method, ...] = ()
    comments: tuple[Comment, ...] = ()
    leaves: tuple[Leaf, ...] = ()
    annotated_crf: tuple[DocumentRef, ...] = ()
    supplemental: tuple[DocumentRef, ...] = ()
    displays: tuple[Display, ...] = ()
    version_description: str = ""
    comment: str | None = None
    context: Literal["Submission", "Other"] = "Submission"
    originator: str | None = None
    source_system: str | None = None
    source_version: str | None = None
    language: str = "en"

    def variables(self) -> Iterator[tuple[Dataset, Variable]]:
        return ((dataset, variable) for dataset in self.datasets for variable in dataset.variables)

    def items(self) -> Iterator[Item]:
        """Every item, those of value lists after their variable; one that is shared comes again."""
        for _, variable in self.variables():
            yield variable.item
            if variable.item.values is not None:
                yield from (value.item for value in variable.item.values.values)
