"""Analysis Results Metadata 1.0: which analyses stand behind a table or figure. Written and read."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from helmont.standards.define.analyses import AnalysisDataset, AnalysisResult, Display, Program
from helmont.standards.define.documents import DocumentRef
from helmont.standards.define.xml import Element, add, describe, described, each, first, get, text_of

AddDocuments = Callable[[Element, Iterable[DocumentRef]], None]
ReadDocuments = Callable[[Element | None], tuple[DocumentRef, ...]]


def add_displays(version: Element, displays: Iterable[Display], language: str, documents: AddDocuments) -> None:
    holder = add(version, "arm:AnalysisResultDisplays")
    for display in displays:
        one = add(holder, "arm:ResultDisplay", {"OID": display.oid, "Name": display.name})
        describe(one, display.description, language)
        documents(one, display.documents)
        for result in display.results:
            _add_result(one, result, language, documents)


def _add_result(display: Element, result: AnalysisResult, language: str, documents: AddDocuments) -> None:
    said = {
        "OID": result.oid, "ParameterOID": result.parameter, "AnalysisReason": result.reason,
        "AnalysisPurpose": result.purpose,
    }  # fmt: skip
    holder = add(display, "arm:AnalysisResult", said)
    describe(holder, result.description, language)
    datasets = add(holder, "arm:AnalysisDatasets", {"def:CommentOID": result.join_comment})
    for dataset in result.datasets:
        one = add(datasets, "arm:AnalysisDataset", {"ItemGroupOID": dataset.dataset})
        if dataset.where:
            add(one, "def:WhereClauseRef", {"WhereClauseOID": dataset.where})
        for item in dataset.variables:
            add(one, "arm:AnalysisVariable", {"ItemOID": item})
    if result.documentation:
        documentation = add(holder, "arm:Documentation")
        describe(documentation, result.documentation, language)
        documents(documentation, result.documents)
    if (program := result.program) is not None:
        code = add(holder, "arm:ProgrammingCode", {"Context": program.context})
        if program.code:
            add(code, "arm:Code", text=program.code)
        documents(code, program.documents)


def read_displays(version: Element, documents: ReadDocuments) -> Iterator[Display]:
    for one in each(first(version, "arm:AnalysisResultDisplays"), "arm:ResultDisplay"):
        results = tuple(_read_result(result, documents) for result in each(one, "arm:AnalysisResult"))
        yield Display(get(one, "OID") or "", get(one, "Name") or "", described(one), results, documents(one))


def _read_result(element: Element, documents: ReadDocuments) -> AnalysisResult:
    datasets, documentation = first(element, "arm:AnalysisDatasets"), first(element, "arm:Documentation")
    code = first(element, "arm:ProgrammingCode")
    return AnalysisResult(
        oid=get(element, "OID") or "",
        description=described(element),
        reason=get(element, "AnalysisReason") or "",
        purpose=get(element, "AnalysisPurpose") or "",
        datasets=tuple(_read_dataset(one) for one in each(datasets, "arm:AnalysisDataset")),
        parameter=get(element, "ParameterOID"),
        join_comment=None if datasets is None else get(datasets, "def:CommentOID"),
        documentation=described(documentation),
        documents=documents(documentation),
        program=None
        if code is None
        else Program(get(code, "Context") or "", text_of(first(code, "arm:Code")), documents(code)),
    )


def _read_dataset(element: Element) -> AnalysisDataset:
    where = first(element, "def:WhereClauseRef")
    return AnalysisDataset(
        dataset=get(element, "ItemGroupOID") or "",
        where=None if where is None else get(where, "WhereClauseOID"),
        variables=tuple(get(one, "ItemOID") or "" for one in each(element, "arm:AnalysisVariable")),
    )
