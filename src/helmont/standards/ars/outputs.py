"""Outputs, their displays, and the lists of contents of the ARS model."""

from __future__ import annotations

from dataclasses import dataclass

from helmont.standards.ars.terms import DocumentReference, ProgrammingCode, Term


@dataclass(frozen=True, slots=True)
class SubSection:
    id: str
    text: str


@dataclass(frozen=True, slots=True)
class OrderedSubSection:
    """A text of a display, or (``sub_section_id``) one that stands elsewhere."""

    order: int
    sub_section: SubSection | None = None
    sub_section_id: str = ""


@dataclass(frozen=True, slots=True)
class DisplaySection:
    section_type: str = ""
    ordered_sub_sections: tuple[OrderedSubSection, ...] = ()


@dataclass(frozen=True, slots=True)
class GlobalDisplaySection:
    section_type: str = ""
    sub_sections: tuple[SubSection, ...] = ()


@dataclass(frozen=True, slots=True)
class Display:
    id: str
    name: str
    version: int | None = None
    label: str = ""
    description: str = ""
    display_title: str = ""
    display_sections: tuple[DisplaySection, ...] = ()


@dataclass(frozen=True, slots=True)
class OrderedDisplay:
    order: int
    display: Display


@dataclass(frozen=True, slots=True)
class OutputFile:
    name: str
    file_type: Term | None = None
    location: str = ""
    label: str = ""
    description: str = ""
    style: str = ""


@dataclass(frozen=True, slots=True)
class Output:
    id: str
    name: str
    displays: tuple[OrderedDisplay, ...]
    version: int | None = None
    label: str = ""
    description: str = ""
    category_ids: tuple[str, ...] = ()
    document_refs: tuple[DocumentReference, ...] = ()
    file_specifications: tuple[OutputFile, ...] = ()
    programming_code: ProgrammingCode | None = None


@dataclass(frozen=True, slots=True)
class ListItem:
    name: str
    level: int
    order: int
    label: str = ""
    description: str = ""
    output_id: str = ""
    analysis_id: str = ""
    sublist: NestedList | None = None


@dataclass(frozen=True, slots=True)
class NestedList:
    list_items: tuple[ListItem, ...] = ()


@dataclass(frozen=True, slots=True)
class ListOfContents:
    name: str
    contents_list: NestedList
    label: str = ""
    description: str = ""
