"""A REDCap project as the XML file that REDCap exports: ODM 1.3.1 with members of its own (``redcap:``).

The file holds the design and, where it was exported with data, the records. Tokens, logs and people are not in it.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from helmont.projects.design import COLUMNS, Design, DesignFault, read_dictionary

ODM = "{http://www.cdisc.org/ns/odm/v1.3}"
REDCAP = "{https://projectredcap.org}"
FIELD_TYPES = {"textarea": "notes", "select": "dropdown"}
VALIDATIONS = {"int": "integer", "float": "number"}
COPIED = {
    "FieldNote": "field_note",
    "TextValidationType": "text_validation_type_or_show_slider_number",
    "SectionHeader": "section_header",
    "Identifier": "identifier",
    "BranchingLogic": "branching_logic",
    "RequiredField": "required_field",
    "CustomAlignment": "custom_alignment",
    "QuestionNumber": "question_number",
    "MatrixGroupName": "matrix_group_name",
    "MatrixRanking": "matrix_ranking",
    "FieldAnnotation": "field_annotation",
}
MOST_ROWS = 200_000


def read_design(root: Any, title: str) -> Design:
    """The design in the file; raises ``DesignFault``."""
    version = next(root.iter(f"{ODM}MetaDataVersion"), None)
    if root.tag != f"{ODM}ODM" or version is None:
        raise DesignFault("this is not a project of REDCap: no MetaDataVersion of ODM 1.3 is in it")
    labels = {
        _name(form): form.get("Name", "") for form in version.iterfind(f"{ODM}FormDef") if form.get(f"{REDCAP}FormName")
    }
    fields, forms = read_dictionary(_lines(version))
    events: dict[str, dict[str, Any]] = {}
    arms: dict[int, str] = {}
    mapping: list[tuple[str, str]] = []
    for event in version.iterfind(f"{ODM}StudyEventDef"):
        name, arm = event.get(f"{REDCAP}UniqueEventName", ""), _arm(event)
        arms[arm] = event.get(f"{REDCAP}ArmName", f"Arm {arm}")
        custom = event.get(f"{REDCAP}CustomEventLabel", "")
        events[name] = {
            "event_name": event.get(f"{REDCAP}EventName", name),
            "arm_num": arm,
            "custom_event_label": custom,
        }
        mapping += [(name, _name(form)) for form in event.iterfind(f"{ODM}FormRef")]
    record_field = version.get(f"{REDCAP}RecordIdField") or next(iter(fields))
    if record_field not in fields:
        raise DesignFault(f"the record's field “{record_field}” is not in the data dictionary")
    return Design(
        title=title,
        record_field=record_field,
        fields=fields,
        forms={name: labels.get(name) or label for name, label in forms.items()},
        arms=arms or {1: "Arm 1"},
        events=events,
        mapping=[pair for pair in mapping if pair[1] in forms],
        repeating=dict(_repeating(root)),
        longitudinal=bool(events),
    )


def group_names(root: Any) -> list[str]:
    """The names of the project's data access groups."""
    return [group.get("group_name", "") for group in root.iter(f"{REDCAP}DataAccessGroups")]


def read_records(root: Any, record_field: str) -> list[dict[str, str]]:
    """The records in the file as flat rows, one for each event and repetition; raises ``DesignFault``."""
    rows: list[dict[str, str]] = []
    for subject in root.iter(f"{ODM}SubjectData"):
        for place, form in _forms(subject):
            row = {record_field: subject.get("SubjectKey", ""), **place}
            for item in form.iter(f"{ODM}ItemData"):
                row[item.get("ItemOID", "")] = item.get("Value", "")
            rows.append(row)
            if len(rows) > MOST_ROWS:
                raise DesignFault(f"the file has more than {MOST_ROWS} forms; import the records in parts")
    return rows


def _forms(subject: Any) -> Iterator[tuple[dict[str, str], Any]]:
    for event in subject.iterfind(f"{ODM}StudyEventData"):
        place = {"redcap_event_name": event.get(f"{REDCAP}UniqueEventName", "")}
        for form in event.iterfind(f"{ODM}FormData"):
            yield place | _repeat(form), form
    for form in subject.iterfind(f"{ODM}FormData"):
        yield _repeat(form), form


def _repeat(form: Any) -> dict[str, str]:
    instrument = form.get(f"{REDCAP}RepeatInstrument") or ""
    if not instrument:
        return {}
    return {"redcap_repeat_instrument": instrument, "redcap_repeat_instance": form.get("FormRepeatKey", "1")}


def _repeating(root: Any) -> Iterator[tuple[tuple[str, str], str]]:
    for event in root.iter(f"{REDCAP}RepeatingEvent"):
        yield (event.get(f"{REDCAP}UniqueEventName", ""), ""), ""
    for form in root.iter(f"{REDCAP}RepeatingInstrument"):
        place = form.get(f"{REDCAP}UniqueEventName", ""), form.get(f"{REDCAP}RepeatInstrument", "")
        yield place, form.get(f"{REDCAP}CustomLabel", "")


def _lines(version: Any) -> Iterator[dict[str, str]]:
    """The lines of the data dictionary, in the order of the forms."""
    definitions = {item.get("OID", ""): item for item in version.iterfind(f"{ODM}ItemDef")}
    groups = {group.get("OID", ""): group for group in version.iterfind(f"{ODM}ItemGroupDef")}
    lists = {codes.get("OID", ""): codes for codes in version.iterfind(f"{ODM}CodeList")}
    seen: set[str] = set()
    for form in version.iterfind(f"{ODM}FormDef"):
        for group in form.iterfind(f"{ODM}ItemGroupRef"):
            for reference in groups.get(group.get("ItemGroupOID", ""), ()):
                item = definitions.get(reference.get("ItemOID", ""))
                if item is None or not item.get(f"{REDCAP}FieldType"):
                    continue  # a timestamp or the access group: no line of the dictionary
                line = _line(item, _name(form), lists)
                if line["field_name"] not in seen and line["field_name"] != f"{_name(form)}_complete":
                    seen.add(line["field_name"])
                    yield line


def _line(item: Any, form: str, lists: dict[str, Any]) -> dict[str, str]:
    line = dict.fromkeys(COLUMNS, "")
    kind = item.get(f"{REDCAP}FieldType", "text")
    line["field_name"], line["form_name"] = item.get(f"{REDCAP}Variable", ""), form
    line["field_type"] = FIELD_TYPES.get(kind, kind)
    line["field_label"] = _text(item.find(f"{ODM}Question"))
    for name, column in COPIED.items():
        line[column] = item.get(f"{REDCAP}{name}", "")
    validation = "text_validation_type_or_show_slider_number"
    line[validation] = VALIDATIONS.get(line[validation], line[validation])
    for check in item.iterfind(f"{ODM}RangeCheck"):
        end = {"GE": "text_validation_min", "LE": "text_validation_max"}.get(check.get("Comparator", ""))
        if end:
            line[end] = (check.findtext(f"{ODM}CheckValue") or "").strip()
    if kind == "calc":
        line["select_choices_or_calculations"] = item.get(f"{REDCAP}Calculation", "")
    elif kind in ("radio", "select", "checkbox"):
        line["select_choices_or_calculations"] = _choices(item, lists)
    return line


def _choices(item: Any, lists: dict[str, Any]) -> str:
    reference = item.find(f"{ODM}CodeListRef")
    codes = lists.get(reference.get("CodeListOID", "")) if reference is not None else None
    if codes is None:
        return ""
    if boxes := codes.get(f"{REDCAP}CheckboxChoices"):
        return " | ".join(part.strip() for part in boxes.split("|"))
    pairs = ((code.get("CodedValue", ""), _text(code)) for code in codes.iterfind(f"{ODM}CodeListItem"))
    return " | ".join(f"{code}, {label}" for code, label in pairs)


def _text(element: Any) -> str:
    if element is None:
        return ""
    return " ".join(text.strip() for part in element.iter(f"{ODM}TranslatedText") for text in part.itertext()).strip()


def _name(form: Any) -> str:
    return str(form.get(f"{REDCAP}FormName", ""))


def _arm(event: Any) -> int:
    number = event.get(f"{REDCAP}ArmNum", "1")
    if not number.isdecimal() or not 0 < int(number) < 1000:
        raise DesignFault(f"event “{event.get('OID')}”: “{number[:20]}” is not an arm's number (1 to 999)")
    return int(number)
