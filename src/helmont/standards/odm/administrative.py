"""The part of an ODM file that no study defines: the dates of visits, the standing of participants, flags.

ODM has no place for the date of a study event, so it is collected as in every EDC: on a form. Flags on annotations say what ODM
has no attribute for: whether a form is complete or locked, why a value is missing, what a query is about.
"""

from __future__ import annotations

from collections.abc import Iterable

from helmont.standards.odm.items import write_unit_codelists
from helmont.standards.odm.names import CHECKS, FLAG_TYPES, FLAG_VALUES, PARTICIPANT_FORM, VISIT_FORM, Version
from helmont.standards.odm.xml import Element, add, add_texts
from helmont.study.model import Study
from helmont.study.outcomes import RANGE, REQUIRED, SKIPPED

FORMS: dict[str, tuple[str, str, tuple[tuple[str, str, str, str], ...]]] = {
    VISIT_FORM: (
        "IG.visit",
        "Visit",
        (
            ("IT.visit.date", "Date of the visit", "date", "SVSTDTC"),
            ("IT.visit.ended", "Last day of the visit", "date", "SVENDTC"),
            ("IT.visit.status", "Whether it took place", "text", "SVOCCUR"),
            ("IT.visit.reason", "Reason", "text", "SVUPDES"),
        ),
    ),
    PARTICIPANT_FORM: (
        "IG.participant",
        "Participant",
        (
            ("IT.participant.status", "Status in the trial", "text", "DSDECOD"),
            ("IT.participant.screened", "Screened on", "date", ""),
        ),
    ),
}
"""Form OID: its item group's OID, its name and its items (OID, question, data type, SDTM variable)."""
STATUS_LISTS = {
    "IT.visit.status": ("CL.visit.status", ("begun", "missed", "planned")),
    "IT.participant.status": (
        "CL.participant.status",
        ("screening", "screen_failed", "enrolled", "completed", "withdrawn"),
    ),
}
TYPES = ("status", "lock", "reviewed", "verified", "null", "query", "check", "note", "comment")
VALUES = (
    "draft", "complete", "not_done", "removed", "open", "frozen", "locked", "data", "medical", "yes", "no",
    "unknown", "redacted", "answered", "closed", "cancelled", "raised", "asked_again", "corrected", "form", "remark",
)  # fmt: skip


def write_forms(metadata: Element, version: Version) -> None:
    for oid, (group, name, _items) in FORMS.items():
        if version == "1.3.2":
            form = add(metadata, "FormDef", OID=oid, Name=name, Repeating="No")
        else:
            form = add(metadata, "ItemGroupDef", OID=oid, Name=name, Repeating="No", Type="Form")
        add(form, "ItemGroupRef", ItemGroupOID=group, OrderNumber="1", Mandatory="No")


def write_groups(metadata: Element, version: Version) -> None:
    for oid, name, items in FORMS.values():
        kind = "Section" if version == "2.0" else None
        group = add(metadata, "ItemGroupDef", OID=oid, Name=name, Repeating="No", Type=kind)
        for number, (item, _question, _type, _variable) in enumerate(items, 1):
            add(group, "ItemRef", ItemOID=item, OrderNumber=str(number), Mandatory="No")


def write_items(metadata: Element, language: str, version: Version) -> None:
    for _group, _name, items in FORMS.values():
        for oid, question, kind, variable in items:
            definition = add(metadata, "ItemDef", OID=oid, Name=question, DataType=kind)
            add_texts(definition, "Question", {language: question}, version)
            if oid in STATUS_LISTS:
                add(definition, "CodeListRef", CodeListOID=STATUS_LISTS[oid][0])
            if variable:
                add(definition, "Alias", Context="SDTM", Name=f"{variable[:2]}.{variable}")


def write_codelists(metadata: Element, study: Study, version: Version) -> None:
    for oid, codes in STATUS_LISTS.values():
        _enumerated(metadata, oid, codes, version)
    _enumerated(metadata, FLAG_TYPES, TYPES, version)
    _enumerated(metadata, FLAG_VALUES, VALUES, version)
    _enumerated(metadata, CHECKS, [REQUIRED, RANGE, SKIPPED, *(check.id for check in study.checks)], version)
    if version == "2.0":
        write_unit_codelists(metadata, study)


def _enumerated(metadata: Element, oid: str, codes: Iterable[str], version: Version) -> None:
    codelist = add(metadata, "CodeList", OID=oid, Name=oid, DataType="text")
    for code in dict.fromkeys(codes):
        add(codelist, "EnumeratedItem" if version == "1.3.2" else "CodeListItem", CodedValue=code)


def is_administrative(oid: str) -> bool:
    """Whether a form, an event or a code list of this OID belongs to the exchange and not to the study."""
    return oid in FORMS or oid in {lists[0] for lists in STATUS_LISTS.values()} | {FLAG_TYPES, FLAG_VALUES, CHECKS}
