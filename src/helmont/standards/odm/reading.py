"""An ODM file's metadata as a study definition.

The definitions become the document of a study package (``helmont.study.publishing``), each part with its line in the
file, and are read and checked by the same rules as a package: what is wrong is found with file and line. What ODM says and
Helmont does not hold is noted; nothing is left out in silence.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from io import BytesIO
from itertools import islice
from pathlib import Path
from typing import IO, Any

from lxml import etree

from helmont.standards.importing import Imported, finish, refused
from helmont.standards.odm.definitions import Definitions
from helmont.standards.odm.document import study_document
from helmont.standards.odm.languages import language_code
from helmont.standards.odm.names import NAMESPACES, XML_LANG, Version
from helmont.standards.odm.overlay import Lined
from helmont.standards.odm.vocabulary import Strangers
from helmont.standards.odm.xml import Element, child, children, content, line_of, local, version_of, walk
from helmont.study.faults import Fault, StudyFaults
from helmont.study.loading import read_study
from helmont.study.model import Study
from helmont.study.nodes import Node

_NOT_TAKEN = {
    "Include": "definitions of another file are not taken over",
    "ArchiveLayout": "page layouts are not taken over",
    "Presentation": "presentations are not taken over",
    "ImputationMethod": "imputation methods are not taken over",
    "WorkflowDef": "workflows are not taken over; the order of events is",
    "ValueListDef": "value lists are not taken over",
    "WhereClauseDef": "where clauses are not taken over",
    "StudyTimings": "timing constraints are not taken over; say windows in protocol.yaml",
    "StudyStructure": "arms and epochs are not taken over",
    "StudyObjectives": "objectives are not taken over",
    "StudyEstimands": "estimands are not taken over",
    "InclusionExclusionCriteria": "eligibility criteria are not taken over",
    "ReferenceData": "reference data are not taken over",
    "Association": "associations are not taken over",
    "Origin": "origins are not taken over",
    "Coding": "codings are not taken over",
}


_FURTHER = 10_000
_ACCEPTED = f"ODM 1.3.2 or 2.0, in the namespace {NAMESPACES['1.3.2']} or {NAMESPACES['2.0']}"


@dataclass(frozen=True)
class Metadata:
    """What a file defines. ``study`` is None when a fault is an error; ``oids`` maps its data's OIDs to the study's ids."""

    study: Study | None
    faults: list[Fault]
    version: Version | None = None
    oids: Oids | None = None


@dataclass
class Oids:
    """Events, forms, groups and items of a file by their OIDs, as ids of the study; empty where an OID stays unknown."""

    events: dict[str, str] = field(default_factory=dict)
    forms: dict[str, str] = field(default_factory=dict)
    groups: dict[tuple[str, str], str] = field(default_factory=dict)
    items: dict[tuple[str, str, str], str] = field(default_factory=dict)


def read_metadata(source: Path | IO[bytes], file: str = "") -> Metadata:
    """The study that an ODM file (1.3.2 or 2.0) defines, with everything that is wrong or was not taken over.

    Never raises for what is in the file. Clinical data are passed over.
    """
    name = file or (source.name if isinstance(source, Path) else "odm.xml")
    faults: list[Fault] = []
    try:
        version, study, others = _find_study(source, name, faults)
    except StudyFaults as error:
        return Metadata(None, [*error.faults])
    if study is None:
        faults.append(Fault(name, 0, "", "the file defines no study", "ODM with a Study that has a MetaDataVersion"))
        return Metadata(None, faults, version)
    metadata = list(children(study, "MetaDataVersion"))[-1]
    for other in [*others, *list(children(study, "MetaDataVersion"))[:-1]]:
        place = other.get("OID", "")
        faults.append(Fault(name, line_of(other), place, f"this {local(other)} is not taken over", "", "note"))
    definitions = Definitions.of(study, metadata, version or "1.3.2", name, _source_language(metadata))
    document = study_document(definitions, study)
    _name_what_is_left(metadata, definitions)
    faults += Strangers(version or "1.3.2", name).within(study)
    faults += _unnamed(study, version, name)
    faults += definitions.faults
    made, found = read_study(_node(document.root, name, line_of(study)), faults)
    oids = Oids(
        {element.get("OID", ""): keys["id"] for element, keys in document.events},
        {element.get("OID", ""): keys["id"] for element, keys in document.forms},
        definitions.groups,
        definitions.items,
    )
    usable = not any(fault.severity == "error" for fault in found)
    return Metadata(made if usable else None, found, version, oids)


def read_odm(data: bytes, file: str) -> Imported:
    """The metadata of an ODM file, for ``helmont study import``."""
    found = read_metadata(BytesIO(data), file)
    return finish(found.study, found.faults, file) if found.study else refused(found.faults)


def _find_study(
    source: Path | IO[bytes], name: str, faults: list[Fault]
) -> tuple[Version | None, Element | None, list[Element]]:
    """The first study that has metadata; clinical data are let go of as they are read."""
    version: Version | None = None
    found: Element | None = None
    others: list[Element] = []
    first = True
    events = walk(source, {"Study", "SubjectData", "ItemGroupData"}, name)
    for event, element in events:
        if first:
            version, first = version_of(element), False
            if local(element) == "MetaDataVersion":
                return version or "2.0", _fragment(source, element, name, faults), []
            if version is None or local(element) != "ODM":
                for _ in islice(events, _FURTHER):  # what is wrong may be the XML itself
                    pass
                raise StudyFaults([Fault(name, line_of(element), local(element), "this is not ODM", _ACCEPTED)])
        elif event == "end" and local(element) == "Study":
            if found is None and child(element, "MetaDataVersion") is not None:
                found = element
            else:
                others.append(element)
        elif event == "end":
            element.clear()
    return version, found, others


def _fragment(source: Path | IO[bytes], root: Element, name: str, faults: list[Fault]) -> Element:
    """A MetaDataVersion that stands alone, as the examples of ODM 2.0 do, in a study made for it."""
    if not isinstance(source, Path):
        source.seek(0)
    whole = [one for event, one in walk(source, {"MetaDataVersion"}, name) if event == "end"][-1]
    faults.append(Fault(name, line_of(root), "", "a MetaDataVersion without a study", "ODM with a Study", "warning"))
    study = etree.Element("Study", OID=whole.get("OID", "STUDY"))
    study.append(whole)
    return study


def _source_language(metadata: Element) -> str:
    """The language that most texts are in."""
    counts: dict[str, int] = {}
    for one in metadata.iter("{*}TranslatedText"):
        language = language_code(one.get(XML_LANG))
        if language:
            counts[language] = counts.get(language, 0) + 1
    return max(counts, key=lambda code: counts[code]) if counts else "en"


def _name_what_is_left(metadata: Element, definitions: Definitions) -> None:
    """A warning for each kind of element that was passed over, at the first of its kind."""
    counts: dict[str, tuple[Element, int]] = {}
    for element in metadata.iter():
        if local(element) in _NOT_TAKEN:
            first, count = counts.get(local(element), (element, 0))
            counts[local(element)] = (first, count + 1)
    for name, (first, count) in counts.items():
        definitions.note(first, name, f"{_NOT_TAKEN[name]} ({count})")


def _unnamed(study: Element, version: Version | None, file: str) -> Iterator[Fault]:
    """An error when the study lacks the name that ODM requires of it."""
    names = study if version == "2.0" else child(study, "GlobalVariables")
    named = (
        study.get("StudyName") if version == "2.0" else content(child(study if names is None else names, "StudyName"))
    )
    if not named and local(study.getroottree().getroot()) == "ODM":
        where = study if names is None else names
        accepted = 'Study StudyName="..."' if version == "2.0" else "GlobalVariables with StudyName"
        yield Fault(
            file, line_of(where), study.get("OID", ""), "the study has no StudyName, which ODM requires", accepted
        )


def _node(value: Any, file: str, line: int) -> Node:
    """The document as the tree that packages are read from; each definition keeps its line."""
    line = value.line or line if isinstance(value, Lined) else line
    match value:
        case Mapping():
            return Node(file, line, entries={str(key): _node(inner, file, line) for key, inner in value.items()})
        case list() | tuple():
            return Node(file, line, children=[_node(inner, file, line) for inner in value])
        case None:
            return Node(file, line)
        case bool():
            return Node(file, line, text="true" if value else "false")
        case _:
            return Node(file, line, text=str(value))
