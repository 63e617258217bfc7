"""USDM documents of others: what becomes of them, what is said of the rest, and what is refused."""

import copy
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from helmont.standards.importing import Imported
from helmont.standards.usdm import read_usdm, write_usdm
from helmont.standards.usdm.durations import days
from helmont.standards.usdm.markup import plain
from helmont.study.loading import load_study

MINIMAL = load_study(Path(__file__).resolve().parents[2] / "study" / "packages" / "minimal")
WRITTEN = write_usdm(MINIMAL)
Json = dict[str, Any]


def code(value: str, decode: str) -> Json:
    code.number = getattr(code, "number", 0) + 1  # type: ignore[attr-defined]
    return {"id": f"C{code.number}", "code": value, "codeSystem": "x", "codeSystemVersion": "1",  # type: ignore[attr-defined]
            "decode": decode, "instanceType": "Code"}  # fmt: skip


def thing(kind: str, identifier: str, /, **attributes: Any) -> Json:
    return {"id": identifier, "name": identifier, **attributes, "instanceType": kind}


def instance(name: str, encounter: str | None, /, *activities: str, **more: Any) -> Json:
    return thing("ScheduledActivityInstance", name, encounterId=encounter, activityIds=list(activities), **more)


def timing(name: str, kind: str, value: str, start: str, target: str, **more: Any) -> Json:
    kinds = {"After": "C201356", "Before": "C201357", "Fixed Reference": "C201358"}
    places = {"relativeFromScheduledInstanceId": start, "relativeToScheduledInstanceId": target}
    return thing("Timing", name, type=code(kinds[kind], kind), value=value, valueLabel=value,
                 relativeToFrom=code("C201355", "Start to Start"), **places, **more)  # fmt: skip


def foreign() -> Json:
    """A small document as another system would write it: hours, a second day, a nested timeline, tags, a concept."""
    visit = {"type": code("C25716", "Visit")}
    main = thing(
        "ScheduleTimeline", "main", mainTimeline=True, entryCondition="consent", entryId="I_SCREEN",
        timings=[
            timing("T1", "Before", "P2W", "I_SCREEN", "I_DOSE", windowLower="PT4H", windowUpper="P1D"),
            timing("T2", "Fixed Reference", "P1D", "I_DOSE", "I_DOSE"),
            timing("T3", "After", "P1M", "I_MONTH", "I_DOSE"),
            timing("T4", "After", "P3D", "I_CALL", "I_MONTH"),
        ],
        instances=[
            instance("I_SCREEN", "E_SCREEN", "A_VITALS"),
            instance("I_DOSE", "E_DOSE", "A_VITALS"),
            instance("I_MONTH", "E_MONTH", "A_INTENSIVE"),
            instance("I_CALL", "E_MONTH", label="Call"),
            instance("I_HOME", None, "A_VITALS"),
        ],
    )  # fmt: skip
    nested = thing("ScheduleTimeline", "nested", mainTimeline=False, entryCondition="dose", entryId="N1",
                   timings=[], instances=[instance("N1", None, "A_BLOOD")])  # fmt: skip
    weight = thing("BiomedicalConcept", "BC1", label="Weight", reference="x", code=alias("WEIGHT"), properties=[
        prop("VSTESTCD", "", ()), prop("VSORRES", "float", ()), prop("VSORRESU", "", ("Kilogram", "Stone")),
        prop("VSPOS", "", ("Sitting", "Standing")),
    ])  # fmt: skip
    design = thing(
        "InterventionalStudyDesign", "design", rationale="r", model=code("C82639", "Parallel Study"),
        arms=[], studyCells=[], epochs=[],
        population=thing("StudyDesignPopulation", "pop", includesHealthySubjects=False, plannedSex=[code("C16576", "Female")]),
        eligibilityCriteria=[thing("EligibilityCriterion", "IN01", category=code("C25532", "Inclusion Criteria"),
                                   identifier="1", criterionItemId="ITEM1")],
        encounters=[thing("Encounter", name, **visit | {"type": code("C25716", "Visit")})
                    for name in ("E_SCREEN", "E_DOSE", "E_MONTH", "E_NEVER")],
        activities=[thing("Activity", "A_HEAD", childIds=["A_VITALS"]),
                    thing("Activity", "A_VITALS", biomedicalConceptIds=["BC1"]),
                    thing("Activity", "A_INTENSIVE", timelineId="nested"), thing("Activity", "A_BLOOD")],
        scheduleTimelines=[main, nested],
    )  # fmt: skip
    version = {
        "id": "V1", "versionIdentifier": "3", "rationale": "r", "titles": [], "studyIdentifiers": [],
        "studyDesigns": [design], "biomedicalConcepts": [weight], "instanceType": "StudyVersion",
        "eligibilityCriterionItems": [thing("EligibilityCriterionItem", "ITEM1", dictionaryId="D1",
            text="<p>At least <usdm:tag name='age'/> years &amp; well</p><ul><li>really</li></ul>")],
        "dictionaries": [thing("SyntaxTemplateDictionary", "D1", parameterMaps=[
            {"id": "P1", "tag": "age", "reference": "<usdm:ref klass='Quantity' id='Q1' attribute='value'/>",
             "instanceType": "ParameterMap"}])],
    }  # fmt: skip
    design["population"]["plannedEnrollmentNumber"] = {"id": "Q1", "value": 18.0, "instanceType": "Quantity"}
    return {"study": thing("Study", "A trial", versions=[version]), "usdmVersion": "4.0.0"}


def alias(decode: str) -> Json:
    coded = code("C1", decode)
    return {"id": f"A{coded['id']}", "standardCode": coded, "instanceType": "AliasCode"}


def prop(name: str, datatype: str, answers: tuple[str, ...]) -> Json:
    codes = [thing("ResponseCode", f"{name}-{each}", isEnabled=True, code=code("C2", each)) for each in answers]
    made = thing("BiomedicalConceptProperty", f"P-{name}", isRequired=True, isEnabled=True, datatype=datatype,
                 responseCodes=codes, code=alias(name))  # fmt: skip
    return made | {"name": name}


def read(document: Json) -> Imported:
    return read_usdm(json.dumps(document, indent=1).encode(), "their.json")


@pytest.fixture(scope="module")
def theirs() -> Imported:
    return read(foreign())


def test_days_windows_and_anchors(theirs: Imported) -> None:
    assert theirs.study
    planned = {
        each.id: (each.day, each.anchor, each.window.before, each.window.after)
        for each in theirs.study.protocol.encounters
    }
    assert planned == {
        "E_SCREEN": (-14, "E_DOSE", 0, 1),
        "E_DOSE": (1, None, 0, 0),
        "E_MONTH": (31, "E_DOSE", 0, 0),
        "I_CALL": (34, "E_DOSE", 0, 0),
        "E_NEVER": (None, None, 0, 0),
    }


def test_activities_within_a_timeline_are_done_at_its_encounter(theirs: Imported) -> None:
    assert theirs.study
    assert theirs.study.protocol.schedule == {
        "A_VITALS": ("E_SCREEN", "E_DOSE"),
        "A_INTENSIVE": ("E_MONTH",),
        "A_BLOOD": ("E_MONTH",),
    }


def test_a_concept_becomes_a_draft_of_a_form(theirs: Imported) -> None:
    assert theirs.study
    (form,) = theirs.study.forms
    weight, position = form.items()
    assert (weight.id, weight.type, weight.unit, weight.required) == ("WEIGHT", "decimal", "kg", True)
    assert weight.sdtm
    assert (weight.sdtm.variable, weight.sdtm.where) == ("VSORRES", {"VSTESTCD": "WEIGHT"})
    assert (position.id, position.type, position.codelist) == ("WEIGHT_POS", "codelist", "VSPOS")


def test_a_criterion_is_read_with_what_its_tags_stand_for(theirs: Imported) -> None:
    assert theirs.study
    assert str(theirs.study.protocol.eligibility[0].text) == "At least 18 years & well\n- really"


@pytest.mark.parametrize(
    ("severity", "message"),
    [
        ("warning", "the window PT4H became 0 whole days"),
        ("warning", "P1M became 30 whole days"),
        ("warning", "became an encounter of its own"),
        ("warning", "an instance without an encounter was not taken over"),
        ("warning", "no timing says on which day this encounter is"),
        ("warning", "there is no official title"),
        ("note", "a heading over 1 activities"),
        ("note", "the unit Stone was not taken over"),
        ("note", "InterventionalStudyDesign.model was not taken over"),
        ("note", "the times of the timeline nested were not taken over"),
    ],
)
def test_what_was_changed_or_left_is_said_with_its_place(theirs: Imported, severity: str, message: str) -> None:
    [finding, *_] = [each for each in theirs.findings if message in each.message]
    assert finding.severity == severity
    assert finding.place.startswith("/study")
    assert finding.line > 1


def test_an_import_written_and_read_again_is_the_same(theirs: Imported) -> None:
    assert theirs.study
    assert read_usdm(write_usdm(theirs.study), "again.json").study == theirs.study


def at(document: Json, *path: str | int) -> Any:
    for step in path:
        document = document[step]  # type: ignore[index]
    return document


DESIGN = ("study", "versions", 0, "studyDesigns", 0)


@pytest.mark.parametrize(
    ("path", "key", "value", "message", "place"),
    [
        ((), "usdmVersion", "9.9", "not known", "/usdmVersion"),
        ((), "study", None, "no study in this document", ""),
        (("study",), "versions", [], "no study version with a design", "/study"),
        (("study",), "versions", {}, "should be a list", "/study/versions"),
        (DESIGN, "encounters", [7], "expected an object", "/encounters/0"),
        ((*DESIGN, "encounters", 0), "name", 7, "expected a text, found a number", "/encounters/0/name"),
        ((*DESIGN, "encounters", 0), "id", "E_DOSE", "is used twice", "/encounters/1/id"),
        ((*DESIGN, "encounters", 0), "id", None, "the object has no id", "/encounters/0"),
        ((*DESIGN, "encounters", 0), "scheduledAtId", "NOPE", "nothing has the id NOPE", "/encounters/0/scheduledAtId"),
        ((*DESIGN, "encounters", 0), "scheduledAtId", "A_BLOOD", "is a Activity", "/encounters/0/scheduledAtId"),
        ((*DESIGN, "encounters", 0), "instanceType", "Visit", "instanceType is", "/encounters/0"),
        ((*DESIGN, "encounters", 0), "type", None, "Encounter needs type", "/encounters/0"),
        (DESIGN, "population", None, "needs population", "/studyDesigns/0"),
    ],
)  # fmt: skip
def test_a_document_that_breaks_the_rules_is_refused(
    path: tuple[str | int, ...], key: str, value: Any, message: str, place: str
) -> None:
    document = foreign()
    at(document, *path)[key] = value
    imported = read(document)
    assert imported.study is None
    assert any(message in each.message and each.place.endswith(place) for each in imported.errors), imported.errors


def test_version_3_is_read_with_a_warning() -> None:
    imported = read(foreign() | {"usdmVersion": "3.0.0"})
    assert imported.study
    assert any("this is USDM 3.0.0" in each.message for each in imported.findings)


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "not JSON"),
        (b"{", "not JSON"),
        (b"\xff\xfe", "not UTF-8"),
        (b'{"a": 1, "a": 2}', "given twice"),
        (b'{"a": NaN}', "not a JSON number"),
        (b'{"a": "\\ud800"}', "lone surrogate"),
        (b"[" * 100_000, "nested too deeply"),
        (b"[" * 500 + b"]" * 500, "nested too deeply"),
        (b"[1]", "no study in this document"),
        (b'{"a": 1' + b"0" * 5000 + b"}", ""),
    ],
)
def test_what_is_no_document_is_one_clear_finding(data: bytes, message: str) -> None:
    imported = read_usdm(data, "f.json")
    assert imported.study is None
    assert message in imported.errors[0].message


VALUES = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False)
    | st.text(max_size=5)
    | st.just([])
    | st.just({})
)
PLACES: list[tuple[str | int, ...]] = []


def walk(value: Any, path: tuple[str | int, ...]) -> None:
    PLACES.append(path)
    pairs = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, entry in pairs:
        walk(entry, (*path, key))


for each in (foreign(), json.loads(WRITTEN)):
    walk(each, ())


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.booleans(), st.lists(st.tuples(st.sampled_from(PLACES), VALUES), min_size=1, max_size=3))
def test_no_change_of_a_document_stops_the_reader(own: bool, changes: list[tuple[tuple[str | int, ...], Any]]) -> None:
    document = json.loads(WRITTEN) if own else foreign()
    for path, value in changes:
        holder: Any = document
        try:
            for step in path[:-1]:
                holder = holder[step]
            if path:
                holder[path[-1]] = copy.deepcopy(value)
        except (KeyError, IndexError, TypeError):
            continue
    imported = read_usdm(json.dumps(document).encode(), "f.json")
    assert imported.study is not None or imported.errors


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.binary(max_size=300))
def test_any_bytes_are_refused_with_a_reason(data: bytes) -> None:
    assert read_usdm(data, "f.json").errors


@pytest.mark.parametrize(
    ("text", "expected"),
    [("P2W", (14, True)), ("P1DT12H", (1, False)), ("-P3D", (-3, True)), ("PT0M", (0, True)), ("P1Y", (365, False)),
     ("P", None), ("3D", None), ("PT", None), ("P99999Y", None), ("P٣D", None)],
)  # fmt: skip
def test_durations(text: str, expected: tuple[int, bool] | None) -> None:
    assert days(text) == expected


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.text(max_size=80))
def test_markup_never_fails(text: str) -> None:
    assert isinstance(plain(text), str)
    assert isinstance(plain(f"<p>{text}"), str)
