"""The ODM that clients of Rave Web Services read: 1.3, with the ``mdsol`` members that rwslib knows.

Written without an XML declaration, since its clients parse text.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

from lxml import etree

from helmont.api.rws.call import study_oid
from helmont.standards.odm.xml import Element, add

ODM = "http://www.cdisc.org/ns/odm/v1.3"
MDSOL = "{http://www.mdsol.com/ns/odm/metadata}"
XLINK = "{http://www.w3.org/1999/xlink}"
NAMES: Any = {None: ODM, "mdsol": MDSOL[1:-1], "xlink": XLINK[1:-1]}


def document(granularity: str = "", kind: str = "Snapshot") -> Element:
    root = etree.Element(f"{{{ODM}}}ODM", nsmap=NAMES)
    attributes = {
        "FileType": kind,
        "FileOID": str(uuid4()),
        "CreationDateTime": datetime.now(UTC).isoformat(timespec="seconds"),
        "ODMVersion": "1.3",
    }
    for name, value in {**attributes, **({"Granularity": granularity} if granularity else {})}.items():
        root.set(name, value)
    return root


def text(root: Element) -> bytes:
    return etree.tostring(root, encoding="utf-8", xml_declaration=False)


def add_study(root: Element, study: str, title: str, oid: str = "") -> Element:
    element = add(root, "Study", OID=oid or study_oid(study))
    names = add(element, "GlobalVariables")
    add(names, "StudyName", study)
    add(names, "StudyDescription", title)
    add(names, "ProtocolName", study)
    return element


def clinical(root: Element, study: str, version: str) -> Element:
    return add(root, "ClinicalData", StudyOID=study_oid(study), MetaDataVersionOID=version)


def mark(element: Element, **attributes: str) -> None:
    """Set attributes in the ``mdsol`` namespace."""
    for name, value in attributes.items():
        element.set(f"{MDSOL}{name}", value)


def response(successful: bool, inbound: str, **attributes: str) -> bytes:
    """A ``Response``, in which the outcome of a request is told."""
    root = etree.Element("Response")
    said = {"ReferenceNumber": str(uuid4()), "InboundODMFileOID": inbound, **attributes}
    root.set("IsTransactionSuccessful", "1" if successful else "0")
    for name, value in said.items():
        root.set(name, value)
    return etree.tostring(root, encoding="utf-8", xml_declaration=False)
