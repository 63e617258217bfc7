"""Clinical data as a stream of ODM: written subject by subject, so that a file of any size takes little memory."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import IO

from lxml import etree

from helmont.standards.odm.markup import quoted
from helmont.standards.odm.metadata import odm_root, study_element
from helmont.standards.odm.names import NAMESPACES, Version, namespaces, version_oid
from helmont.standards.odm.records import Administration, SubjectRecord
from helmont.standards.odm.subject_xml import SubjectWriter
from helmont.standards.odm.xml import Element, add, children
from helmont.study.model import Study

FLUSH = 1 << 18


@dataclass(frozen=True)
class Head:
    """What the ODM element says. ``as_of`` is the moment of the data (UTC); a transactional file holds every change."""

    file_oid: str
    transactional: bool = False
    as_of: str | None = None
    created: datetime | None = None
    study_oid: str = ""
    granularity: str = "All"
    description: str | None = None


def write_clinical(
    target: IO[bytes],
    head: Head,
    studies: Sequence[Study],
    administration: Administration,
    subjects: Iterable[SubjectRecord],
    version: Version = "1.3.2",
    *,
    metadata: bool = True,
) -> int:
    """Write a whole ODM file; returns the number of SubjectData elements.

    ``studies`` are the versions of the definition that the subjects are under; with ``metadata`` they stand in the file.
    """
    count = 0
    for piece in stream_clinical(head, studies, administration, subjects, version, metadata=metadata):
        target.write(piece.data)
        count = piece.subjects
    return count


@dataclass(frozen=True, slots=True)
class Piece:
    """Some bytes of the file, and how many subjects are in what was given so far."""

    data: bytes
    subjects: int


def stream_clinical(
    head: Head,
    studies: Sequence[Study],
    administration: Administration,
    subjects: Iterable[SubjectRecord],
    version: Version = "1.3.2",
    *,
    metadata: bool = True,
) -> Iterator[Piece]:
    """The same file piece by piece, for a response or a file."""
    root = odm_root(
        version, head.granularity, head.file_oid, created=head.created, as_of=head.as_of,
        file_type="Transactional" if head.transactional else "Snapshot", description=head.description,
    )  # fmt: skip
    study_oid = head.study_oid or studies[0].id
    attributes = {str(name): str(root.get(name)) for name in root.keys()}  # noqa: SIM118  # no dict
    writer = SubjectWriter(version, studies[0].languages[0])
    said = "".join(f' {name}="{quoted(value)}"' for name, value in attributes.items())
    parts = ['<?xml version="1.0" encoding="UTF-8"?>\n', f'<ODM xmlns="{NAMESPACES[version]}"{said}>\n']
    if metadata:
        parts.append(_text(_study(studies, version, study_oid)))
    parts.append(_text(administration_element(administration, studies, study_oid, version)))
    count, length = 0, 0
    for definition, same in groupby(subjects, key=lambda subject: subject.definition):
        oids = f'StudyOID="{quoted(study_oid)}" MetaDataVersionOID="{quoted(version_oid(definition))}"'
        parts.append(f"<ClinicalData {oids}>\n")
        for subject in same:
            text = writer.subject(subject)
            parts += (text, "\n")
            count += 1
            length += len(text)
            if length > FLUSH:
                yield Piece("".join(parts).encode(), count)
                parts, length = [], 0
        parts.append("</ClinicalData>\n")
    parts.append("</ODM>\n")
    yield Piece("".join(parts).encode(), count)


def _text(element: Element) -> str:
    text: str = etree.tostring(element, encoding="unicode", pretty_print=True)
    return text


def _study(studies: Sequence[Study], version: Version, study_oid: str) -> Element:
    """One Study element with a MetaDataVersion for each version of the definition."""
    first, *others = [study_element(study, version, study_oid) for study in studies]
    for other in others:
        known = {unit.get("OID") for unit in first.iter("{*}MeasurementUnit")}
        basics = next(children(first, "BasicDefinitions"), None)
        for unit in list(other.iter("{*}MeasurementUnit")):
            if unit.get("OID") not in known:
                if basics is None:
                    basics = etree.Element(f"{{{NAMESPACES[version]}}}BasicDefinitions")
                    first.insert(1, basics)
                basics.append(unit)
        first.extend(list(children(other, "MetaDataVersion")))
    return first


def administration_element(
    administration: Administration, studies: Sequence[Study], study_oid: str, version: Version
) -> Element:
    """``AdminData``: people, sites and the meanings of signatures."""
    element = etree.Element(f"{{{NAMESPACES[version]}}}AdminData", nsmap=namespaces(version))
    element.set("StudyOID", study_oid)
    for user in administration.users:
        one = add(element, "User", OID=f"USR.{user.handle}", UserType="Other")
        add(one, "LoginName" if version == "1.3.2" else "UserName", user.handle)
        add(one, "FullName", user.name or user.handle)
    for site in administration.locations:
        if version == "1.3.2":
            # A Location has no address: its country and time zone stand with the organisation that works there.
            one = add(element, "User", OID=f"USR.site.{site.number}", UserType="Other")
            add(one, "Organization", site.name or site.number)
            _address(one, site.country, site.timezone)
            add(one, "LocationRef", LocationOID=f"LOC.{site.number}")
        else:
            one = add(
                element,
                "Organization",
                OID=f"ORG.{site.number}",
                Name=site.name or site.number,
                Role="Site",
                Type="Site",
            )
            _address(one, site.country, site.timezone)
    for site in administration.locations:
        kind = (
            {"LocationType": "Site"}
            if version == "1.3.2"
            else {"Role": "Site", "OrganizationOID": f"ORG.{site.number}"}
        )
        one = add(element, "Location", OID=f"LOC.{site.number}", Name=site.name or site.number, **kind)
        for study in studies:
            add(
                one,
                "MetaDataVersionRef",
                StudyOID=study_oid,
                MetaDataVersionOID=version_oid(study.version),
                EffectiveDate="1970-01-01",
            )
    for meaning in administration.meanings:
        one = add(element, "SignatureDef", OID=f"SD.{meaning.name}", Methodology="Electronic")
        add(one, "Meaning", meaning.name)
        add(one, "LegalReason", meaning.statement)
    return element


def _address(parent: Element, country: str, timezone: str) -> None:
    address = add(parent, "Address")
    if country:
        add(address, "Country", country)
    if timezone:
        add(address, "OtherText", timezone)
