"""The order and number of children that ODM's schemas ask for, of the elements Helmont writes, in our own words.

``"a b? c* d+"``: one a, at most one b, any number of c, at least one d.
"""

import re

from lxml import etree

_DESCRIBED = "TranslatedText+"
_BOTH = {
    "Description": _DESCRIBED, "Question": _DESCRIBED, "Decode": _DESCRIBED, "ErrorMessage": _DESCRIBED, "Symbol": _DESCRIBED,
    "CRFCompletionInstructions": _DESCRIBED, "Flag": "FlagValue FlagType?",
    "Signature": "UserRef LocationRef SignatureRef DateTimeStamp", "SignatureDef": "Meaning LegalReason",
    "AuditRecord": "UserRef LocationRef DateTimeStamp ReasonForChange? SourceID?", "Address": "Country? OtherText?",
}  # fmt: skip
SHAPES = {
    "1.3.2": _BOTH | {
        "ODM": "Study* AdminData* ClinicalData*", "Study": "GlobalVariables BasicDefinitions? MetaDataVersion*",
        "GlobalVariables": "StudyName StudyDescription ProtocolName", "BasicDefinitions": "MeasurementUnit*",
        "MeasurementUnit": "Symbol Alias*",
        "MetaDataVersion": "Protocol? StudyEventDef* FormDef* ItemGroupDef* ItemDef* CodeList* ConditionDef* MethodDef*",
        "Protocol": "Description? StudyEventRef* Alias*", "StudyEventDef": "Description? FormRef* Alias*",
        "FormDef": "Description? ItemGroupRef* Alias*", "ItemGroupDef": "Description? ItemRef* Alias*",
        "ItemDef": "Description? Question? MeasurementUnitRef* RangeCheck* CodeListRef? Alias*",
        "RangeCheck": "CheckValue* FormalExpression* MeasurementUnitRef? ErrorMessage?",
        "CodeList": "Description? CodeListItem* EnumeratedItem* Alias*", "CodeListItem": "Decode Alias*",
        "ConditionDef": "Description FormalExpression* Alias*", "MethodDef": "Description FormalExpression* Alias*",
        "AdminData": "User* Location* SignatureDef*", "Location": "MetaDataVersionRef+",
        "User": "LoginName? FullName? Organization? Address* LocationRef*",
        "ClinicalData": "SubjectData*", "SubjectData": "AuditRecord? Signature? SiteRef? Annotation* StudyEventData*",
        "StudyEventData": "AuditRecord? Signature? Annotation* FormData*",
        "FormData": "AuditRecord? Signature? Annotation* ItemGroupData*",
        "ItemGroupData": "AuditRecord? Signature? Annotation* ItemData*",
        "ItemData": "AuditRecord? Signature? MeasurementUnitRef? Annotation*", "Annotation": "Comment? Flag*",
    },
    "2.0": _BOTH | {
        "ODM": "Study* AdminData* ClinicalData*", "Study": "Description? MetaDataVersion+",
        "MetaDataVersion":
            "Protocol? StudyEventGroupDef* StudyEventDef* ItemGroupDef* ItemDef* CodeList* ConditionDef* MethodDef*",
        "Protocol": "StudyEventGroupRef* Alias*", "StudyEventGroupDef": "StudyEventRef+",
        "StudyEventDef": "Description? ItemGroupRef* Alias*", "ItemGroupDef": "Description? ItemGroupRef* ItemRef* Alias*",
        "ItemDef": "Question? CRFCompletionInstructions? RangeCheck* CodeListRef? Alias*",
        "RangeCheck": "CheckValue* FormalExpression* ErrorMessage?", "FormalExpression": "Code",
        "CodeList": "Description? CodeListItem* Alias*", "CodeListItem": "Decode? Alias*",
        "ConditionDef": "Description MethodSignature FormalExpression*",
        "MethodDef": "Description MethodSignature FormalExpression*",
        "AdminData": "User* Organization* Location* SignatureDef*", "User": "UserName? FullName?", "Organization": "Address*",
        "Location": "MetaDataVersionRef+", "ClinicalData": "SubjectData*",
        "SubjectData": "SiteRef? StudyEventData* AuditRecord? Signature? Annotation*",
        "StudyEventData": "ItemGroupData* AuditRecord? Signature? Annotation*",
        "ItemGroupData": "ItemGroupData* ItemData* AuditRecord? Signature? Annotation*",
        "ItemData": "Value* AuditRecord? Signature? Annotation* Query*", "Query": "Value AuditRecord*",
        "Annotation": "Comment? Flag*", "Comment": "TranslatedText+",
    },
}  # fmt: skip


def misplaced(root: etree._Element, version: str) -> list[str]:
    """What stands in the wrong place, is missing or is unknown; empty when all is well."""
    shapes = {name: _pattern(shape) for name, shape in SHAPES[version].items()}
    wrong = []
    for element in root.iter():
        name = etree.QName(element).localname
        found = "".join(f"{etree.QName(child).localname} " for child in element)
        if not (shapes[name] if name in shapes else _pattern("")).fullmatch(found):
            wrong.append(f"{name}: {found[:200]}")
    return wrong


def _pattern(shape: str) -> re.Pattern[str]:
    parts = []
    for part in shape.split():
        name = part.rstrip("?*+")
        parts.append(f"(?:{name} ){part[len(name) :]}")
    return re.compile("".join(parts))
