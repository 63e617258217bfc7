"""Names in ODM: namespaces, versions, and how the ids of a study become OIDs and back.

An OID of ours is a prefix that says what is named and the id: ``SE.BASELINE``, ``F.VS``, ``IG.VS.VS_READ``, ``IT.VS.SYSBP``,
``CL.NY``, ``MU.mm[Hg]``. Ids are capitals, so a name in small letters after the prefix is one of the exchange itself:
``F.visit`` holds the dates of a visit, ``F.participant`` the standing of a participant.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection
from typing import Any, Literal

Version = Literal["1.3.2", "2.0"]
NAMESPACES: dict[Version, str] = {
    "1.3.2": "http://www.cdisc.org/ns/odm/v1.3",
    "2.0": "http://www.cdisc.org/ns/odm/v2.0",
}
XML_LANG = "{http://www.w3.org/XML/1998/namespace}lang"
CONTEXT = "helmont"
"""Context of the Alias that holds what ODM has no place for, as JSON."""
LOG_EVENT, UNSCHEDULED_EVENT, PARTICIPANT_EVENT = "SE.LOG", "SE.UNSCHEDULED", "SE.participant"
VISIT_FORM, PARTICIPANT_FORM = "F.visit", "F.participant"
FLAG_TYPES, FLAG_VALUES, CHECKS = "CL.flag", "CL.flagvalue", "CL.check"
_PREFIXES = re.compile(
    r"(?:SE|EVT|F|FO|FORM|IG|IGD|IT|I|ITM|CL|MU|ST|OID|MDV|ODM|CD|COND|MT|SITE|LOC)[.:_-](?=.)", re.IGNORECASE
)
_OUTSIDE = re.compile(r"[^A-Z0-9_]+")


def namespaces(version: Version) -> Any:
    """The default namespace of a version, as lxml wants it (its stubs know no None)."""
    return {None: NAMESPACES[version]}


def event_oid(encounter: str) -> str:
    return f"SE.{encounter}"


def form_oid(form: str) -> str:
    return f"F.{form}"


def group_oid(form: str, group: str) -> str:
    return f"IG.{form}.{group}"


def item_oid(form: str, item: str) -> str:
    return f"IT.{form}.{item}"


def codelist_oid(codelist: str) -> str:
    return f"CL.{codelist}"


def unit_oid(code: str) -> str:
    return f"MU.{code}"


def version_oid(version: str) -> str:
    """OID of a MetaDataVersion: ``MDV.1.0``."""
    return f"MDV.{version}"


def bare(oid: str) -> str:
    """An OID without the prefix that says what it names, in either habit: ``SE.BASELINE``, ``I_VS_SYSBP``."""
    return _PREFIXES.sub("", oid, count=1) if _PREFIXES.match(oid) else oid


def id_of(oid: str, *without: str) -> str:
    """The study id that an OID becomes: capitals, digits and ``_``, at most 40 characters.

    ``without`` names what may stand before it (the form of an item): ``I.VS.SYSBP`` in VS is SYSBP. The same OID always
    becomes the same id, so that data and definition that come in two files still meet.
    """
    text = _folded(bare(oid))
    for prefix in without:
        rest = text.removeprefix(f"{prefix}_")
        text = rest if rest and rest != text else text
    if not text or not text[0].isalpha():
        text = f"X_{text}" if text else "X"
    return text[:40].rstrip("_") or "X"


def _folded(text: str) -> str:
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().upper()
    return _OUTSIDE.sub("_", plain).strip("_")


def unique(wanted: str, taken: Collection[str]) -> str:
    """``wanted``, or with the first number that nobody has: ``AGE_2``."""
    if wanted not in taken:
        return wanted
    return next(name for number in range(2, len(taken) + 3) if (name := f"{wanted[:36]}_{number}") not in taken)
