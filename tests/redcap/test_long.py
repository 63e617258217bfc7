"""A longitudinal project through PyCap: arms, events, what belongs where, and what repeats."""

from __future__ import annotations

import csv
import io
from typing import Any

import pytest

from redcap import Project, RedcapError

pytestmark = [pytest.mark.database, pytest.mark.slow]


def arms(project: Project) -> list[tuple[int, str]]:
    return [(arm["arm_num"], arm["name"]) for arm in project.export_arms()]


def header(text: Any) -> list[str]:
    return next(csv.reader(io.StringIO(text)))


def test_it_is_longitudinal(long: Project) -> None:
    assert long.is_longitudinal
    assert long.def_field == "study_id"
    about: Any = long.export_project_info()
    assert (about["purpose"], about["is_longitudinal"]) == (0, 1)


def test_only_what_was_asked_for_is_exported(long: Project) -> None:
    def complete(**asked: Any) -> list[str]:
        columns = header(long.export_records(format_type="csv", **asked))
        assert columns[:2] == ["study_id", "redcap_event_name"]
        return [column for column in columns if column.endswith("_complete")]

    assert complete(forms=["demographics", "baseline_data"]) == ["demographics_complete", "baseline_data_complete"]
    assert complete(fields=["study_comments"]) == []
    assert complete(forms=["baseline_data"], fields=["study_comments"]) == ["baseline_data_complete"]
    [record] = long.export_records(events=["enrollment_arm_1"])
    assert (record["gym___0"], record["gym___1"], record["height"]) == ("1", "0", "170.5")


def test_labels_of_columns(long: Project) -> None:
    titles = header(long.export_records(format_type="csv", raw_or_label_headers="label"))
    assert titles[:2] == ["Study ID", "Event Name"]
    assert "Days at the gym (choice=Monday)" in titles


def test_users_with_their_address(long: Project) -> None:
    assert "email" in header(long.export_users(format_type="csv"))
    address = "tom.devos@demo.helmont.example"
    assert long.import_users([{"username": address}], return_format_type="csv") == "1"
    assert long.delete_users([address]) == 1


@pytest.mark.parametrize("form", ["xml", "json", "csv"])
def test_what_repeats_goes_out_and_in(long: Project, form: Any) -> None:
    repeating = long.export_repeating_instruments_events(format_type=form)
    assert long.import_repeating_instruments_events(repeating, import_format=form) == 1
    expected = {"event_name": "final_visit_arm_1", "form_name": "visit_blood_workup", "custom_form_label": ""}
    assert long.export_repeating_instruments_events() == [expected]
    with pytest.raises(ValueError, match="unsupported"):
        long.export_repeating_instruments_events(format_type="unsupported")  # type: ignore[arg-type]  # on purpose


def test_repetitions_are_entered_corrected_and_struck(long: Project) -> None:
    def rows() -> list[tuple[int, str]]:
        found = long.export_records(records=["1"], events=["final_visit_arm_1"])
        return [(row["redcap_repeat_instance"], row["vbw1"]) for row in found]

    place = {
        "study_id": "1",
        "redcap_event_name": "final_visit_arm_1",
        "redcap_repeat_instrument": "visit_blood_workup",
    }
    twice = [{**place, "redcap_repeat_instance": n, "vbw1": f"4.{n}"} for n in (1, 2)]
    assert long.import_records(twice) == {"count": 1}
    assert rows() == [(1, "4.1"), (2, "4.2")]
    long.import_records([{**place, "redcap_repeat_instance": 2, "vbw1": "5"}])
    assert rows() == [(1, "4.1"), (2, "5")]
    deleted = long.delete_records(["1"], instrument="visit_blood_workup", event="final_visit_arm_1", repeat_instance=2)
    assert deleted == 1
    assert rows() == [(1, "4.1")]


def test_boxes_that_an_import_does_not_name_stay_as_they_are(long: Project) -> None:
    row = {"study_id": "1", "redcap_event_name": "enrollment_arm_1"}
    long.import_records([{**row, "gym___2": "1"}])
    [record] = long.export_records(events=["enrollment_arm_1"])
    assert [record[f"gym___{n}"] for n in range(3)] == ["1", "0", "1"]
    long.import_records([{**row, "gym___2": "0"}], overwrite="overwrite")
    [record] = long.export_records(events=["enrollment_arm_1"])
    assert [record[f"gym___{n}"] for n in range(3)] == ["1", "0", "0"]


def test_an_instrument_is_filled_in_where_it_belongs(long: Project) -> None:
    with pytest.raises(RedcapError, match="does not belong to event dose_1_arm_1"):
        long.import_records([{"study_id": "1", "redcap_event_name": "dose_1_arm_1", "height": "180"}])
    with pytest.raises(RedcapError, match="there is no event “nowhere_arm_1”"):
        long.import_records([{"study_id": "1", "redcap_event_name": "nowhere_arm_1", "height": "180"}])


def test_dates_in_the_order_of_the_client(long: Project) -> None:
    row = {"study_id": "1", "redcap_event_name": "enrollment_arm_1", "date_enrolled": "02/01/2026"}
    long.import_records([row], date_format="DMY")
    [record] = long.export_records(events=["enrollment_arm_1"], fields=["date_enrolled"])
    assert record["date_enrolled"] == "2026-01-02"


def test_files_are_answers(long: Project) -> None:
    pdf = b"%PDF-1.4 a consent form"
    place = {"record": "1", "field": "document", "event": "enrollment_arm_1"}
    assert long.import_file(file_name="consent.pdf", file_object=io.BytesIO(pdf), **place) == [{}]
    content, named = long.export_file(**place)
    assert (content, named["name"]) == (pdf, "consent.pdf")
    assert long.export_records(fields=["document"], events=["enrollment_arm_1"])[0]["document"] == "consent.pdf"
    long.import_file(file_name="note.txt", file_object=io.BytesIO(b"text"), **place)  # refused; PyCap does not look
    assert long.export_file(**place)[0] == pdf
    assert long.delete_file(**place) == [{}]
    with pytest.raises(RedcapError, match="no file"):
        long.export_file(**place)


def test_instruments_and_their_events(long: Project) -> None:
    assert len(long.export_instruments()) == 9
    assert len(long.export_events()) == 16
    mapping = long.export_instrument_event_mappings()
    assert len(mapping) == 44
    one = [{"arm_num": "1", "unique_event_name": "enrollment_arm_1", "form": "demographics"}]
    assert long.import_instrument_event_mappings(one) == 1
    assert long.export_instrument_event_mappings() == [{**one[0], "arm_num": 1}]
    assert long.import_instrument_event_mappings(mapping) == 44
    assert isinstance(long.export_pdf()[0], bytes)


def test_events_come_and_go(long: Project) -> None:
    assert long.import_events([{"event_name": "XYZ", "arm_num": "2"}]) == 1
    assert len(long.export_events()) == 17
    assert len(long.export_events(arms=["2"])) == 9
    assert long.delete_events(["xyz_arm_2"]) == 1
    assert len(long.export_events()) == 16
    with pytest.raises(RedcapError, match="there is no event"):
        long.delete_events(["xyz_arm_2"])


def test_arms_come_change_and_go(long: Project) -> None:
    assert arms(long) == [(1, "Drug A"), (2, "Drug B")]
    assert long.import_arms([{"arm_num": 3, "name": "Drug C"}]) == 1
    assert len(arms(long)) == 2  # one without an event is not shown
    long.import_events([{"event_name": "new_event", "arm_num": "3"}])
    assert long.import_arms([{"arm_num": 1, "name": "Drug Alpha"}]) == 1
    assert arms(long) == [(1, "Drug Alpha"), (2, "Drug B"), (3, "Drug C")]
    assert long.delete_arms(["3"]) == 1
    events, mapping = long.export_events(), long.export_instrument_event_mappings()
    assert long.import_arms([{"arm_num": 1, "name": "Drug A"}, {"arm_num": 2, "name": "Drug B"}], override=1) == 2
    assert long.import_events(events) == 16
    assert long.import_instrument_event_mappings(mapping) == 44
    assert arms(long) == [(1, "Drug A"), (2, "Drug B")]
    assert long.export_records(events=["enrollment_arm_1"])[0]["height"] == "170.5"
