"""Two projects as files of REDCap's own kind, written for these tests: a classic one and one with events and arms.

They have the shape that PyCap's integration tests ask for (fifteen fields in one instrument and three records; sixteen
events in two arms, nine instruments, forty-four pairs of them), and none of its content.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from xml.sax.saxutils import quoteattr

HEAD = (
    '<?xml version="1.0" encoding="UTF-8" ?><ODM xmlns="http://www.cdisc.org/ns/odm/v1.3"'
    ' xmlns:redcap="https://projectredcap.org" ODMVersion="1.3.1" FileOID="0" FileType="Snapshot"'
    ' CreationDateTime="2026-11-22T10:00:00" SourceSystem="REDCap">'
)


@dataclass(frozen=True)
class Question:
    name: str
    kind: str
    label: str
    choices: Mapping[str, str] | None = None
    validation: str = ""
    limits: tuple[str, str] | None = None
    calculation: str = ""
    section: str = ""


def _attributes(**given: str) -> str:
    return "".join(f" redcap:{name}={quoteattr(value)}" for name, value in given.items() if value)


def _definition(question: Question) -> str:
    attributes = _attributes(
        Variable=question.name,
        FieldType=question.kind,
        TextValidationType=question.validation,
        Calculation=question.calculation,
        SectionHeader=question.section,
    )
    checks = ""
    if question.limits:
        pairs = zip(("GE", "LE"), question.limits, strict=True)
        checks = "".join(
            f'<RangeCheck Comparator="{sign}" SoftHard="Soft"><CheckValue>{limit}</CheckValue></RangeCheck>'
            for sign, limit in pairs
        )
    codes = f'<CodeListRef CodeListOID="{question.name}.choices"/>' if question.choices else ""
    text = f"<Question><TranslatedText>{question.label}</TranslatedText></Question>"
    if question.kind == "checkbox" and question.choices:
        return "".join(
            f'<ItemDef OID="{question.name}___{code}" DataType="boolean"{attributes}>{text}{codes}</ItemDef>'
            for code in question.choices
        )
    return f'<ItemDef OID="{question.name}" DataType="text"{attributes}>{text}{checks}{codes}</ItemDef>'


def _codes(question: Question) -> str:
    if not question.choices:
        return ""
    boxes = "|".join(f"{code}, {label}" for code, label in question.choices.items())
    mark = _attributes(CheckboxChoices=boxes) if question.kind == "checkbox" else ""
    items = "".join(
        f'<CodeListItem CodedValue="{code}"><Decode><TranslatedText>{label}</TranslatedText></Decode></CodeListItem>'
        for code, label in question.choices.items()
    )
    return f'<CodeList OID="{question.name}.choices" Name="{question.name}" DataType="text"{mark}>{items}</CodeList>'


def _oids(question: Question) -> Iterable[str]:
    if question.kind == "checkbox" and question.choices:
        return [f"{question.name}___{code}" for code in question.choices]
    return [question.name]


def write_project(
    record_field: str,
    forms: Mapping[str, tuple[str, list[Question]]],
    records: Iterable[Mapping[str, Any]],
    events: Mapping[str, tuple[str, int, str, list[str]]] | None = None,
    globals_: str = "",
) -> str:
    """The file. ``events`` is unique name -> (name, arm, the arm's name, instruments)."""
    parts = [HEAD, '<Study OID="Project"><GlobalVariables><StudyName>A project</StudyName>', globals_]
    parts.append(f'</GlobalVariables><MetaDataVersion OID="M" Name="M" redcap:RecordIdField="{record_field}">')
    for name, (label, arm, arm_name, members) in (events or {}).items():
        marks = _attributes(EventName=label, UniqueEventName=name, ArmNum=str(arm), ArmName=arm_name)
        references = "".join(f'<FormRef FormOID="Form.{form}"{_attributes(FormName=form)}/>' for form in members)
        parts.append(
            f'<StudyEventDef OID="Event.{name}" Name="{label}" Repeating="No"{marks}>{references}</StudyEventDef>'
        )
    for form, (label, _questions) in forms.items():
        group = f'<ItemGroupRef ItemGroupOID="{form}.all" Mandatory="No"/>'
        parts.append(f'<FormDef OID="Form.{form}" Name="{label}"{_attributes(FormName=form)}>{group}</FormDef>')
    for form, (_label, questions) in forms.items():
        oids = [oid for question in questions for oid in _oids(question)]
        references = "".join(f'<ItemRef ItemOID="{oid}" Mandatory="No"/>' for oid in [*oids, f"{form}_complete"])
        parts.append(f'<ItemGroupDef OID="{form}.all" Name="{form}" Repeating="No">{references}</ItemGroupDef>')
        parts += [_definition(question) for question in questions]
        parts.append(
            f'<ItemDef OID="{form}_complete" Name="complete" DataType="text"'
            f"{_attributes(Variable=f'{form}_complete', FieldType='select')}/>"
        )
    parts += [_codes(question) for _label, questions in forms.values() for question in questions]
    parts.append('</MetaDataVersion></Study><ClinicalData StudyOID="Project" MetaDataVersionOID="M">')
    parts += [_subject(record) for record in records]
    return "".join([*parts, "</ClinicalData></ODM>"])


def _subject(record: Mapping[str, Any]) -> str:
    """``number``, ``form``, ``values`` and perhaps ``event`` of one record."""
    values = "".join(
        f'<ItemData ItemOID="{name}" Value={quoteattr(value)}/>' for name, value in record["values"].items()
    )
    group = f'<ItemGroupData ItemGroupOID="g" ItemGroupRepeatKey="1">{values}</ItemGroupData>'
    form = f'<FormData FormOID="Form.{record["form"]}" FormRepeatKey="1"{record.get("repeat", "")}>{group}</FormData>'
    if event := record.get("event"):
        mark = _attributes(UniqueEventName=event)
        form = f'<StudyEventData StudyEventOID="Event.{event}" StudyEventRepeatKey="1"{mark}>{form}</StudyEventData>'
    return f'<SubjectData SubjectKey="{record["number"]}">{form}</SubjectData>'


SEX = {"0": "Female", "1": "Male"}
ORIGIN = {"0": "North", "1": "South", "2": "Unknown"}
SIMPLE = [
    Question("record_id", "text", "Study ID"),
    Question("first_name", "text", "First name", section="About the person"),
    Question("last_name", "text", "Last name"),
    Question("address", "textarea", "Address"),
    Question("telephone", "text", "Telephone", validation="phone"),
    Question("email", "text", "E-mail", validation="email"),
    Question("dob", "text", "Date of birth", validation="date_ymd"),
    Question("age", "calc", "Age", calculation="rounddown(datediff([dob],'today','y'))"),
    Question("ethnicity", "radio", "Origin", ORIGIN),
    Question("race", "select", "Group", ORIGIN),
    Question("sex", "radio", "Sex", SEX),
    Question("height", "text", "Height (cm)", validation="float", limits=("130", "215")),
    Question("weight", "text", "Weight (kg)", validation="int", limits=("35", "200")),
    Question("bmi", "calc", "BMI", calculation="round(([weight]*10000)/(([height])^(2)),1)"),
    Question("comments", "textarea", "Comments", section="Comments"),
]


def _person(number: str, **values: str) -> dict[str, Any]:
    return {"number": number, "form": "demographics", "values": {"record_id": number, **values}}


def simple_project() -> str:
    """A classic project: one instrument, three records of which the last is incomplete, one access group."""
    full = {
        "first_name": "Ada",
        "address": "Coupure 1, Gent",
        "telephone": "(415) 555-1212",
        "email": "ada@example.org",
        "dob": "1990-10-13",
        "age": "36",
        "ethnicity": "2",
        "race": "1",
        "sex": "0",
        "height": "170",
        "weight": "70",
        "bmi": "24.2",
        "demographics_complete": "2",
    }
    records = [
        _person("1", last_name="First", **full),
        _person("2", last_name="Second", **full),
        _person(
            "3",
            first_name="Ada",
            last_name="Unfinished",
            redcap_data_access_group="test_dag",
            demographics_complete="0",
        ),
    ]
    group = (
        '<redcap:DataAccessGroupsGroup><redcap:DataAccessGroups group_name="Test DAG"/></redcap:DataAccessGroupsGroup>'
    )
    return write_project("record_id", {"demographics": ("Demographics", SIMPLE)}, records, globals_=group)


def _few(name: str, *more: Question) -> list[Question]:
    return [Question(f"{name}_date", "text", "Date", validation="date_ymd"), *more]


LONG: dict[str, tuple[str, list[Question]]] = {
    "demographics": (
        "Demographics",
        [
            Question("study_id", "text", "Study ID"),
            Question("date_enrolled", "text", "Date enrolled", validation="date_ymd"),
            Question("document", "file", "Document"),
            Question("gym", "checkbox", "Days at the gym", {"0": "Monday", "1": "Tuesday", "2": "Friday"}),
            Question("given_birth", "yesno", "Has given birth"),
            Question("height", "text", "Height", validation="float"),
        ],
    ),
    "contact_info": ("Contact Info", _few("contact", Question("contact_phone", "text", "Telephone"))),
    "baseline_data": ("Baseline Data", _few("baseline", Question("chol_b", "text", "Cholesterol", validation="float"))),
    "visit_lab_data": ("Visit Lab Data", _few("lab", Question("lab_creat", "text", "Creatinine", validation="float"))),
    "patient_morale_questionnaire": ("Morale", _few("morale", Question("pmq1", "select", "Mood", SEX))),
    "visit_blood_workup": ("Blood", _few("blood", Question("vbw1", "text", "Potassium", validation="float"))),
    "visit_observed_behavior": ("Behaviour", _few("behaviour", Question("vob1", "radio", "Calm", SEX))),
    "completion_data": ("Completion", [Question("study_comments", "textarea", "Comments"), *_few("completion")]),
    "completion_project_questionnaire": ("Last questions", _few("last")),
}
START = ["demographics", "contact_info", "baseline_data"]
DOSE = ["patient_morale_questionnaire"]
VISIT = ["visit_lab_data", "patient_morale_questionnaire", "visit_blood_workup", "visit_observed_behavior"]
END = ["completion_data", "completion_project_questionnaire"]
CALL = ["contact_info"]
FIRST_ARM = {
    "enrollment": ("Enrollment", START),
    "dose_1": ("Dose 1", DOSE),
    "visit_1": ("Visit 1", VISIT),
    "dose_2": ("Dose 2", DOSE),
    "visit_2": ("Visit 2", VISIT),
    "dose_3": ("Dose 3", DOSE),
    "visit_3": ("Visit 3", VISIT),
    "final_visit": ("Final visit", [*VISIT[1:], *END]),
}
SECOND_ARM = {
    "enrollment": ("Enrollment", START),
    "deadline_to_opt_ou": ("Deadline to opt out of study", CALL),
    "first_dose": ("First dose", DOSE),
    "first_visit": ("First visit", VISIT),
    "second_dose": ("Second dose", DOSE),
    "second_visit": ("Second visit", VISIT),
    "final_visit": ("Final visit", [*VISIT, *END]),
    "deadline_to_return": ("Deadline to return feedback", CALL),
}


def long_project() -> str:
    """A longitudinal project: two arms of eight events, with an instrument that repeats and one record."""
    events = {
        f"{name}_arm_{arm}": (label, arm, arm_name, forms)
        for arm, arm_name, planned in ((1, "Drug A", FIRST_ARM), (2, "Drug B", SECOND_ARM))
        for name, (label, forms) in planned.items()
    }
    values = {"study_id": "1", "date_enrolled": "2026-01-05", "height": "170.5", "gym___0": "1", "gym___1": "0"}
    record = {"number": "1", "form": "demographics", "event": "enrollment_arm_1", "values": values}
    repeats = _attributes(UniqueEventName="final_visit_arm_1", RepeatInstrument="visit_blood_workup")
    group = f"<redcap:RepeatingInstrumentsAndEvents><redcap:RepeatingInstrument{repeats}/></redcap:RepeatingInstrumentsAndEvents>"
    return write_project("study_id", LONG, [record], events, group)


def example_project() -> str:
    """The project that the examples in PyCap's documentation are about: one event that repeats, two records."""
    questions = [
        Question("record_id", "text", "Record ID"),
        Question("field_1", "yesno", "Field 1"),
        Question("checkbox_field", "checkbox", "Checkbox Field", {"1": "Option 1", "2": "Option 2"}),
        Question("upload_field", "file", "File Upload"),
    ]
    answers = (("1", "1", "0", "1", "2"), ("2", "0", "0", "0", "0"))
    records = [
        {
            "number": number,
            "form": "form_1",
            "event": "event_1_arm_1",
            "values": {
                "record_id": number,
                "field_1": first,
                "checkbox_field___1": one,
                "checkbox_field___2": two,
                "form_1_complete": complete,
            },
        }
        for number, first, one, two, complete in answers
    ]
    events = {"event_1_arm_1": ("Event 1", 1, "Arm 1", ["form_1"]), "event_2_arm_1": ("Event 2", 1, "Arm 1", [])}
    repeats = f"<redcap:RepeatingEvent{_attributes(UniqueEventName='event_1_arm_1')}/>"
    globals_ = f'{repeats}<redcap:DataAccessGroups group_name="Test DAG"/>'
    return write_project("record_id", {"form_1": ("Form 1", questions)}, records, events, globals_)
