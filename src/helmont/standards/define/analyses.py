"""Analyses as ARM 1.0 describes them: displays (tables, figures), their results, and what these were made from."""

from __future__ import annotations

from dataclasses import dataclass

from helmont.standards.define.documents import DocumentRef


@dataclass(frozen=True, slots=True)
class AnalysisDataset:
    """A dataset of an analysis (by OID), the rows of it, and the variables that were analysed (by the OIDs of their items)."""

    dataset: str
    where: str | None = None
    variables: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Program:
    """The code of an analysis, or the documents that hold it; ``context`` names the language and version."""

    context: str
    code: str = ""
    documents: tuple[DocumentRef, ...] = ()


@dataclass(frozen=True, slots=True)
class AnalysisResult:
    """``reason`` and ``purpose`` as in ARM 1.0 section 4.3: ``SPECIFIED IN SAP``, ``PRIMARY OUTCOME MEASURE``."""

    oid: str
    description: str
    reason: str
    purpose: str
    datasets: tuple[AnalysisDataset, ...]
    parameter: str | None = None
    join_comment: str | None = None
    documentation: str = ""
    documents: tuple[DocumentRef, ...] = ()
    program: Program | None = None


@dataclass(frozen=True, slots=True)
class Display:
    """A table or figure of the report and the analyses it shows."""

    oid: str
    name: str
    description: str
    results: tuple[AnalysisResult, ...]
    documents: tuple[DocumentRef, ...] = ()
