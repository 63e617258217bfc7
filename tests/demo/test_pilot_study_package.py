"""The study package of the demonstration trial says what the protocol and the annotated case report form say."""

from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from datetime import date

from helmont.demo.pilot.annotations import FOLDER, pilot_study
from helmont.demo.pilot.source import number_text, rows
from helmont.study.compiling import compile_study
from helmont.study.loading import check_folder
from helmont.study.outcomes import Context, Data
from helmont.study.text import Text


def test_the_package_has_no_fault_and_no_warning() -> None:
    assert check_folder(FOLDER) == []


def test_every_text_is_written_in_all_four_languages() -> None:
    study = pilot_study()
    texts = list(_texts(study))
    assert len(texts) > 600
    for text in texts:
        assert set(text.by_language) == set(study.languages)
        assert all(text.by_language.values())


def _texts(thing: object) -> Iterator[Text]:
    if isinstance(thing, Text):
        yield thing
    elif isinstance(thing, tuple):
        for part in thing:
            yield from _texts(part)
    elif is_dataclass(thing):
        for field in fields(thing):
            yield from _texts(getattr(thing, field.name))


def test_the_encounters_are_those_of_the_trial_design() -> None:
    published = {number_text(row["VISITNUM"]): row["VISITDY"] for row in rows("tv")}
    visit = next(codelist for codelist in pilot_study().codelists if codelist.id == "ENCOUNTER")
    numbers = {term.code: term.sdtm for term in visit.terms}
    encounters = pilot_study().protocol.encounters
    assert [numbers[encounter.id] for encounter in encounters] == list(published)
    for encounter in encounters:
        if encounter.day is not None:
            assert encounter.day == published[numbers[encounter.id] or ""]


def test_the_four_telephone_visits_are_telephone_visits() -> None:
    by_phone = [encounter.id for encounter in pilot_study().protocol.encounters if encounter.type == "phone"]
    assert by_phone == ["WEEK_10", "WEEK_14", "WEEK_18", "WEEK_22"]


def test_the_criteria_are_those_of_the_trial_design() -> None:
    published = [(row["IETESTCD"], row["IECAT"].lower()) for row in rows("ti")]
    assert [(criterion.id, criterion.category) for criterion in pilot_study().protocol.eligibility] == published


def test_the_arms_and_elements_are_those_of_the_trial_design() -> None:
    assert {element.id for element in pilot_study().protocol.elements} == {row["ETCD"] for row in rows("te")}
    assert {arm.id for arm in pilot_study().protocol.arms} == {row["ARMCD"].upper() for row in rows("ta")}


def test_whatever_gives_the_allocation_away_needs_the_allocation_privilege() -> None:
    privileged = {
        (form.id, item.id) for form in pilot_study().forms for item in form.items() if item.privilege == "allocation"
    }
    assert privileged == {("RAND", "ARMCD"), ("EX", "EXTRT"), ("EX", "EXDOSE")}


def test_a_systolic_pressure_below_the_diastolic_raises_a_query_on_its_row() -> None:
    form = compile_study(pilot_study()).forms["VS"]
    data = {"VS_READ[1].SYSBP": "120", "VS_READ[1].DIABP": "80", "VS_READ[2].SYSBP": "80", "VS_READ[2].DIABP": "90"}
    outcome = form.evaluate(data, Context(today=date(2013, 1, 1)))
    assert [finding.item_key for finding in outcome.findings if finding.check_id == "VS_SYS_DIA"] == [
        "VS_READ[2].SYSBP"
    ]


def test_an_event_that_ends_before_it_starts_is_refused() -> None:
    form = compile_study(pilot_study()).forms["AE"]
    outcome = form.evaluate({"AESTDAT": "2013-02-10", "AEENDAT": "2013-02-09"}, Context(today=date(2013, 3, 1)))
    assert [finding.check_id for finding in outcome.refused] == ["AE_END_START"]


def test_weight_is_compared_across_units_and_visits() -> None:
    form = compile_study(pilot_study()).forms["VS"]
    earlier: Data = {"WEIGHT": {"value": "176.0", "unit": "[lb_av]"}}  # 79.8 kg
    for kilograms, fires in (("80.0", False), ("70.0", True)):
        context = Context(today=date(2013, 1, 1), forms={"previous.VS": [earlier]}, visit={"id": "WEEK_4"})
        outcome = form.evaluate({"WEIGHT": {"value": kilograms, "unit": "kg"}}, context)
        assert ("VS_WEIGHT_CHANGE" in {finding.check_id for finding in outcome.findings}) is fires


def test_npi_ratings_are_asked_only_when_the_behaviour_is_present() -> None:
    form = compile_study(pilot_study()).forms["QSNI"]
    absent = form.evaluate({"NPITM01": "ABSENT"}, Context(today=date(2013, 1, 1)))
    present = form.evaluate({"NPITM01": "PRESENT", "NPITM01F": "4", "NPITM01V": "3"}, Context(today=date(2013, 1, 1)))
    assert {"NPITM01F", "NPITM01V", "NPITM01D"} <= absent.skipped
    assert (absent.calculated["NPITM01S"], present.calculated["NPITM01S"]) == ("0", "12")
