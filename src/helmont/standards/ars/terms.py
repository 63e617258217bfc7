"""Terms, documents and code that classes of the ARS model refer to."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Term:
    """A controlled term, or a sponsor's own that ``sponsor_term_id`` names."""

    controlled_term: str = ""
    sponsor_term_id: str = ""


@dataclass(frozen=True, slots=True)
class PageRef:
    ref_type: str
    page_numbers: tuple[int, ...] = ()
    page_names: tuple[str, ...] = ()
    first_page: int | None = None
    last_page: int | None = None
    label: str = ""


@dataclass(frozen=True, slots=True)
class DocumentReference:
    reference_document_id: str
    page_refs: tuple[PageRef, ...] = ()


@dataclass(frozen=True, slots=True)
class CodeParameter:
    name: str
    value: tuple[str, ...] = ()
    value_source: str = ""
    label: str = ""
    description: str = ""


@dataclass(frozen=True, slots=True)
class ProgrammingCode:
    context: str
    code: str = ""
    document_ref: DocumentReference | None = None
    parameters: tuple[CodeParameter, ...] = ()
