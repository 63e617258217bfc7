"""The parts of a Define-XML document that stand by themselves: codelists, methods, where clauses, documents, origins."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TypeVar, get_args

from helmont.standards.define.documents import DocumentRef, Leaf, Pages
from helmont.standards.define.model import (
    Codelist,
    Comparator,
    Condition,
    Expression,
    External,
    Method,
    Origin,
    OriginSource,
    OriginType,
    Standard,
    Term,
    WhereClause,
)
from helmont.standards.define.names import CCODE
from helmont.standards.define.xml import Element, described, each, first, get, line_of, text_of, whole
from helmont.study.faults import Fault, one_of

Word = TypeVar("Word", bound=str)


class Parts:
    """Reads elements of one file, and keeps what was not as it should be in ``findings``."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.findings: list[Fault] = []

    def find(self, element: Element, place: str, message: str, accepted: str) -> None:
        self.findings.append(Fault(self.file, line_of(element), place, message, accepted, "warning"))

    def word(self, element: Element, name: str, words: Sequence[Word], default: Word) -> Word:
        """An attribute that is one of these words in any capitals; otherwise the default, with a finding."""
        value = get(element, name) or ""
        for word in words:
            if word.lower() == value.lower():
                return word
        self.find(element, get(element, "OID") or "", f"{name} {value!r} is taken as {default}", one_of(words, value))
        return default

    def standard(self, element: Element) -> Standard:
        return Standard(
            get(element, "OID") or "", get(element, "Name") or "", self.word(element, "Type", ("IG", "CT"), "IG"),
            get(element, "Version") or "", get(element, "Status") or "", get(element, "PublishingSet"),
            get(element, "def:CommentOID"),
        )  # fmt: skip

    def leaf(self, element: Element) -> Leaf:
        title = text_of(first(element, "def:title"))
        return Leaf(get(element, "ID") or "", get(element, "xlink:href") or "", title)

    def documents(self, element: Element | None) -> tuple[DocumentRef, ...]:
        return tuple(
            DocumentRef(get(one, "leafID") or "", tuple(self.pages(page) for page in each(one, "def:PDFPageRef")))
            for one in each(element, "def:DocumentRef")
        )

    def pages(self, element: Element) -> Pages:
        listed = (get(element, "PageRefs") or "").replace(",", " ").split()
        title = get(element, "Title") or ""
        if get(element, "Type") == "NamedDestination":
            return Pages(names=tuple(listed), title=title)
        numbers = tuple(int(page) for page in listed if page.isascii() and page.isdigit() and len(page) < 10)
        if len(numbers) < len(listed):
            self.find(element, "", f"pages {' '.join(listed)!r:.80}", "numbers of pages")
        return Pages(numbers, whole(element, "FirstPage"), whole(element, "LastPage"), title=title)

    def origin(self, element: Element) -> Origin:
        source = get(element, "Source") and self.word(element, "Source", get_args(OriginSource), "Sponsor")
        return Origin(
            self.word(element, "Type", get_args(OriginType), "Other"), source or None, described(element),
            self.documents(element),
        )  # fmt: skip

    def where(self, element: Element) -> WhereClause:
        conditions = (
            Condition(
                get(one, "def:ItemOID") or "",
                self.word(one, "Comparator", get_args(Comparator), "EQ"),
                tuple(text_of(value) for value in each(one, "CheckValue")),
            )
            for one in each(element, "RangeCheck")
        )
        return WhereClause(get(element, "OID") or "", tuple(conditions), get(element, "def:CommentOID"))

    def codelist(self, element: Element) -> Codelist:
        external = first(element, "ExternalCodeList")
        terms = sorted([*each(element, "CodeListItem"), *each(element, "EnumeratedItem")], key=order)
        return Codelist(
            oid=get(element, "OID") or "",
            name=get(element, "Name") or "",
            terms=tuple(self.term(one) for one in terms),
            external=None
            if external is None
            else External(
                get(external, "Dictionary") or "", get(external, "Version") or "", get(external, "ref"),
                get(external, "href"),
            ),
            type=self.word(element, "DataType", ("text", "integer", "float"), "text"),
            ccode=_ccode(element),
            standard=get(element, "def:StandardOID"),
            non_standard=get(element, "def:IsNonStandard") == "Yes",
            comment=get(element, "def:CommentOID"),
            sas_format=get(element, "SASFormatName"),
            description=described(element),
        )  # fmt: skip

    def term(self, element: Element) -> Term:
        decoded = first(element, "Decode") is not None
        return Term(
            code=element.get("CodedValue") or "",
            decode=described(element, "Decode") if decoded else None,
            ccode=_ccode(element),
            extended=get(element, "def:ExtendedValue") == "Yes",
            rank=_number(get(element, "Rank")),
            description=described(element),
        )

    def method(self, element: Element) -> Method:
        return Method(
            oid=get(element, "OID") or "",
            name=get(element, "Name") or "",
            description=described(element),
            type=self.word(element, "Type", ("Computation", "Imputation"), "Computation"),
            expressions=tuple(
                Expression(get(one, "Context") or "", text_of(one)) for one in each(element, "FormalExpression")
            ),
            documents=self.documents(element),
        )


def order(element: Element) -> float:
    """By OrderNumber; those without one come last, as they stand."""
    return whole(element, "OrderNumber") or math.inf


def _ccode(element: Element) -> str | None:
    return next((get(one, "Name") for one in each(element, "Alias") if get(one, "Context") == CCODE), None)


def _number(text: str | None) -> float | None:
    try:
        value = float(text or "")
    except ValueError:
        return None
    return value if math.isfinite(value) else None
