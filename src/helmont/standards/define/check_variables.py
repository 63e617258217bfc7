"""What variables and value-level items have to say (Define-XML 2.1, sections 5.3.9 to 5.3.13)."""

from __future__ import annotations

import re
from collections.abc import Iterator

from helmont.standards.define.documents import DocumentRef, Pages
from helmont.standards.define.model import Dataset, Define, Item, Variable
from helmont.study.faults import Fault

MAX_LABEL = 40
_NAME = re.compile(r"[A-Z_][A-Z0-9_]{0,7}")
_PREDECESSOR = re.compile(r"[A-Z][A-Z0-9]{0,7}\.[A-Z][A-Z0-9_]{0,7}")
COLLECTED_BY = ("Investigator", "Subject", "Vendor")


def variable_findings(define: Define, dataset: Dataset, file: str) -> Iterator[Fault]:
    for variable in dataset.variables:
        item = variable.item
        if not _NAME.fullmatch(item.name):
            yield Fault(file, 0, item.oid, f"name {item.name!r}", "1 to 8 capitals, digits and _, a letter first")
        if not 0 < len(item.label) <= MAX_LABEL:
            yield Fault(file, 0, item.oid, f"label {item.label!r}", f"1 to {MAX_LABEL} characters")
        yield from _size(item, file)
        yield from _values(variable, file)
        if variable.no_data and item.comment is None and not item.origins:
            yield Fault(file, 0, item.oid, "no data, and no comment says why", "a comment")
        if not (item.values is not None and all(value.item.origins for value in item.values.values)):
            yield from _origins(define, item, variable.method, file, optional=variable.no_data)


def _size(item: Item, file: str) -> Iterator[Fault]:
    if item.type in ("text", "integer", "float"):
        if item.length is None:
            yield Fault(file, 0, item.oid, f"no length, and the type is {item.type}", "1 or more characters")
    elif item.length is not None:
        yield Fault(file, 0, item.oid, f"a length, and the type is {item.type}", "no length", "warning")
    if item.type == "float" and item.significant_digits is None:
        yield Fault(file, 0, item.oid, "a float without significant digits", "the number of decimals")
    if item.significant_digits is not None and item.type != "float":
        yield Fault(file, 0, item.oid, f"significant digits, and the type is {item.type}", "none, or type float")


def _values(variable: Variable, file: str) -> Iterator[Fault]:
    listed = variable.item.values
    if listed is None:
        return
    if not listed.values:
        yield Fault(file, 0, listed.oid, "the value list is empty", "at least one item")
    seen: set[tuple[str, ...]] = set()
    for value in listed.values:
        if not value.where:
            yield Fault(file, 0, value.item.oid, "no where clause", "the rows on which it holds")
        elif value.where in seen:
            yield Fault(file, 0, value.item.oid, "another item has the same where clause", "every one once")
        seen.add(value.where)
        if variable.item.length is not None and (value.item.length or 0) > variable.item.length:
            message = f"length {value.item.length}, longer than {variable.item.length} of {variable.item.oid}"
            yield Fault(file, 0, value.item.oid, message, "at most the length of its variable")
        yield from _size(value.item, file)
        for origin in value.item.origins:
            if origin.type == "Derived" and not (value.method or variable.method):
                yield Fault(file, 0, value.item.oid, "derived without a method", "the OID of a method")


def _origins(define: Define, item: Item, method: str | None, file: str, *, optional: bool) -> Iterator[Fault]:
    if not item.origins and not optional:
        yield Fault(
            file, 0, item.oid, "no origin", "Collected, Derived, Assigned, Protocol, Predecessor or Not Available"
        )
    for origin in item.origins:
        if origin.type == "Derived" and method is None and not _methods_of_values(item):
            yield Fault(file, 0, item.oid, "derived without a method", "the OID of a method")
        if origin.type == "Predecessor" and not _PREDECESSOR.search(origin.description):
            message = f"a predecessor {origin.description!r}"
            yield Fault(file, 0, item.oid, message, "dataset and variable, such as DM.AGE")
        if origin.type == "Collected":
            yield from _collected(define, item, file)
        yield from _pages(item, origin.documents, file)


def _methods_of_values(item: Item) -> bool:
    return item.values is not None and all(value.method for value in item.values.values)


def _collected(define: Define, item: Item, file: str) -> Iterator[Fault]:
    for origin in item.origins:
        if origin.type == "Collected" and origin.source not in COLLECTED_BY:
            yield Fault(
                file, 0, item.oid, f"collected by {origin.source}", "Investigator, Subject or Vendor", "warning"
            )
        if origin.type == "Collected" and origin.source in ("Investigator", "Subject") and not origin.documents:
            yield Fault(file, 0, item.oid, "collected, and no page of the annotated CRF", "its pages", "warning")
        if origin.type == "Collected" and origin.documents and not define.annotated_crf:
            yield Fault(file, 0, item.oid, "the document has no annotated CRF", "its leaf")


def _pages(item: Item, documents: tuple[DocumentRef, ...], file: str) -> Iterator[Fault]:
    for pages in (page for document in documents for page in document.pages):
        if not _sound(pages):
            yield Fault(file, 0, item.oid, "pages that are none", "numbers from 1, a range, or named destinations")


def _sound(pages: Pages) -> bool:
    ranged = pages.first is not None and pages.last is not None and 1 <= pages.first <= pages.last
    listed = bool(pages.pages) and min(pages.pages) >= 1
    return ranged or listed or bool(pages.names)
