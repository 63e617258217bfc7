"""References: every OID is there once, leads to something, and everything shared is used (Define-XML 2.1, section 4)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import chain

from helmont.standards.define.analyses import AnalysisResult
from helmont.standards.define.documents import DocumentRef, Leaf
from helmont.standards.define.model import Define, Item
from helmont.study.faults import Fault, Severity, one_of

Use = tuple[str, str]
"""Who refers (an OID), and to which OID."""


def reference_findings(define: Define, file: str) -> Iterator[Fault]:
    yield from _twice(define, file)
    items = {item.oid for item in define.items()}
    leaves = [leaf.id for leaf in all_leaves(define)]
    yield from _lead(file, "codelist", _codelists(define), [one.oid for one in define.codelists])
    yield from _lead(file, "method", _methods(define), [one.oid for one in define.methods])
    yield from _lead(file, "comment", _comments(define), [one.oid for one in define.comments])
    yield from _lead(file, "where clause", _wheres(define), [one.oid for one in define.where_clauses])
    yield from _lead(file, "standard", _standards(define), [one.oid for one in define.standards], unused=False)
    yield from _lead(file, "document", documents_used(define), leaves, unused=False)
    yield from _lead(file, "item", _conditions(define), [*items], unused=False)
    yield from _lead(file, "dataset", _analysed(define), [one.oid for one in define.datasets], unused=False)
    yield from _analysis_variables(define, file, items)


def _twice(define: Define, file: str) -> Iterator[Fault]:
    """An OID that two things have; items may be shared, if they are the same."""
    kinds = (
        ("dataset", define.datasets), ("where clause", define.where_clauses), ("codelist", define.codelists),
        ("method", define.methods), ("comment", define.comments), ("standard", define.standards),
        ("display", define.displays), ("analysis", [one for each in define.displays for one in each.results]),
    )  # fmt: skip
    for kind, things in kinds:
        for oid, number in Counter(one.oid for one in things).items():
            if number > 1:
                yield Fault(file, 0, oid, f"{number} {kind}s have this OID", "every one once")
    for oid, number in Counter(leaf.id for leaf in all_leaves(define)).items():
        if number > 1:
            yield Fault(file, 0, oid, f"{number} documents have this id", "every one once")
    known: dict[str, Item] = {}
    for item in define.items():
        if known.setdefault(item.oid, item) != item:
            yield Fault(file, 0, item.oid, "items that differ have this OID", "every one once")


def _lead(file: str, kind: str, uses: Iterable[Use], known: list[str], *, unused: bool = True) -> Iterator[Fault]:
    used = set()
    for place, oid in uses:
        used.add(oid)
        if oid not in known:
            yield Fault(file, 0, place, f"there is no {kind} {oid!r}", one_of(known, oid))
    if unused:
        for oid in known:
            if oid not in used:
                yield Fault(file, 0, oid, f"nothing refers to this {kind}", f"a {kind} in use", "warning")


def all_leaves(define: Define) -> Iterator[Leaf]:
    """The documents and the datasets' files."""
    return chain(define.leaves, (one.leaf for one in define.datasets if one.leaf is not None))


def _codelists(define: Define) -> Iterator[Use]:
    for item in define.items():
        if item.codelist:
            yield item.oid, item.codelist
    for dataset, variable in define.variables():
        if variable.role_codelist:
            yield f"{dataset.oid} {variable.item.oid}", variable.role_codelist


def _methods(define: Define) -> Iterator[Use]:
    for _, variable in define.variables():
        if variable.method:
            yield variable.item.oid, variable.method
        for value in variable.item.values.values if variable.item.values else ():
            if value.method:
                yield value.item.oid, value.method


def _comments(define: Define) -> Iterator[Use]:
    said = [(define.version, define.comment)]
    said += [(one.oid, one.comment) for one in define.standards]
    said += [(one.oid, one.comment) for one in define.datasets]
    said += [(one.oid, one.comment) for one in define.codelists]
    said += [(one.oid, one.comment) for one in define.items()]
    said += [(one.oid, one.comment) for one in define.where_clauses]
    said += [(one.oid, one.join_comment) for one in _results(define)]
    return ((place, comment) for place, comment in said if comment)


def _wheres(define: Define) -> Iterator[Use]:
    for item in define.items():
        for value in item.values.values if item.values else ():
            yield from ((value.item.oid, where) for where in value.where)
    for result in _results(define):
        yield from ((result.oid, dataset.where) for dataset in result.datasets if dataset.where)


def _standards(define: Define) -> Iterator[Use]:
    said = [(one.oid, one.standard) for one in define.datasets]
    said += [(one.oid, one.standard) for one in define.codelists]
    return ((place, standard) for place, standard in said if standard)


def documents_used(define: Define) -> Iterator[Use]:
    """Who refers to which document."""
    said: list[tuple[str, Iterable[DocumentRef]]] = [
        (define.version, define.annotated_crf),
        (define.version, define.supplemental),
    ]
    said += [(item.oid, origin.documents) for item in define.items() for origin in item.origins]
    said += [(one.oid, one.documents) for one in define.methods]
    said += [(one.oid, one.documents) for one in define.comments]
    said += [(one.oid, one.documents) for one in define.displays]
    said += [(one.oid, one.documents) for one in _results(define)]
    said += [(one.oid, one.program.documents) for one in _results(define) if one.program]
    return ((place, document.leaf) for place, documents in said for document in documents)


def _conditions(define: Define) -> Iterator[Use]:
    return ((clause.oid, one.item) for clause in define.where_clauses for one in clause.conditions)


def _results(define: Define) -> Iterator[AnalysisResult]:
    return (result for display in define.displays for result in display.results)


def _analysed(define: Define) -> Iterator[Use]:
    return ((result.oid, one.dataset) for result in _results(define) for one in result.datasets)


def _analysis_variables(define: Define, file: str, items: set[str]) -> Iterator[Fault]:
    """Variables of an analysis are items, and of the dataset they are said to be of; parameters are items."""
    within = {one.oid: {variable.item.oid for variable in one.variables} for one in define.datasets}
    for result in _results(define):
        if result.parameter and result.parameter not in items:
            yield Fault(
                file, 0, result.oid, f"there is no item {result.parameter!r}", one_of([*items], result.parameter)
            )
        for dataset in result.datasets:
            known = within.get(dataset.dataset)
            for oid in dataset.variables if known is not None else ():
                if known is not None and oid not in known:
                    message = f"{dataset.dataset} has no variable {oid!r}"
                    yield Fault(file, 0, result.oid, message, one_of([*known], oid), _severity(oid in items))


def _severity(known: bool) -> Severity:
    return "warning" if known else "error"
