"""A classic project through PyCap: what its integration tests do with one, and what comes back."""

from __future__ import annotations

import csv
import io
from typing import Any

import pytest
import requests
import semantic_version

from helmont.core.people.actions import new_secret
from redcap import Project, RedcapError
from tests.redcap.conftest import create_project
from tests.redcap.projects import simple_project
from tests.serving import Site

pytestmark = [pytest.mark.database, pytest.mark.slow]


def lines(text: Any) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


def test_it_is_not_longitudinal_and_has_neither_arms_nor_events(simple: Project) -> None:
    assert not simple.is_longitudinal
    for export in (simple.export_arms, simple.export_events, simple.export_instrument_event_mappings):
        with pytest.raises(RedcapError):
            export()


def test_records_come_out_in_every_form(simple: Project) -> None:
    records = simple.export_records()
    assert [record["record_id"] for record in records] == ["1", "2", "3"]
    assert records[0]["last_name"] == "First"
    assert records[0]["demographics_complete"] == "2"
    assert records[2]["demographics_complete"] == "0"
    assert lines(simple.export_records(format_type="csv")) == records
    assert str(simple.export_records(format_type="xml")).count("<item>") == 3
    assert simple.export_records(fields=["first_name"])[0] == {"record_id": "1", "first_name": "Ada"}
    assert [r["record_id"] for r in simple.export_records(records=["2"])] == ["2"]


def test_labels_stand_in_for_codes(simple: Project) -> None:
    [record] = simple.export_records(records=["1"], raw_or_label="label")
    assert (record["sex"], record["ethnicity"], record["demographics_complete"]) == ("Female", "Unknown", "Complete")
    header = str(simple.export_records(format_type="csv", raw_or_label_headers="label")).splitlines()[0]
    assert header.startswith('"Study ID","First name"')


def test_one_value_a_row(simple: Project) -> None:
    rows = lines(simple.export_records(format_type="csv", record_type="eav"))
    assert len(rows) == 30
    assert {"record": "3", "field_name": "last_name", "value": "Unfinished"} in rows


@pytest.mark.parametrize(
    ("form", "imported", "deleted"),
    [
        ("json", {"count": 3}, 3),
        ("csv", "3", "3"),
        ("xml", '<?xml version="1.0" encoding="UTF-8" ?><count>3</count>', "3"),
    ],
)
def test_records_are_imported_and_deleted(simple: Project, form: Any, imported: Any, deleted: Any) -> None:
    numbers = ["4", "5", "6"]
    rows = [{"record_id": number} for number in numbers]
    assert simple.import_records(rows, return_format_type=form) == imported
    assert simple.import_records(rows, return_content="ids") == numbers
    assert simple.import_records(rows, return_content="nothing") == [{}]
    assert len(simple.export_records()) == 6
    assert simple.delete_records(numbers, return_format_type=form) == deleted
    assert len(simple.export_records()) == 3


def test_what_was_exported_is_imported_again(simple: Project) -> None:
    exported = simple.export_records(format_type="csv")
    assert simple.import_records(exported, import_format="csv") == {"count": 3}
    assert simple.export_records(format_type="csv") == exported
    as_xml = simple.export_records(format_type="xml")
    assert simple.import_records(as_xml, import_format="xml") == {"count": 3}


def test_an_import_that_does_not_fit_changes_nothing(simple: Project) -> None:
    before = simple.export_records()
    wrong = [{"record_id": "1", "comments": "seen"}, {"record_id": "2", "dob": "13 Undecember", "sex": "7"}]
    with pytest.raises(RedcapError) as refusal:
        simple.import_records(wrong)
    message = refusal.value.args[0]["error"]
    assert "record 2, row 2, dob" in message
    assert "record 2, row 2, sex" in message
    with pytest.raises(RedcapError, match="row 1: there is no field “shoe_size”"):
        simple.import_records([{"record_id": "1", "shoe_size": "42"}])
    assert simple.export_records() == before


def test_numbers_are_given_out(simple: Project) -> None:
    following = int(str(simple.generate_next_record_name()))
    [given] = simple.import_records(
        [{"record_id": "new", "first_name": "Bo"}], return_content="auto_ids", force_auto_number=True
    )
    assert given == f"{following},new"
    simple.delete_records([str(following)])


def test_the_version_is_one_that_clients_know(simple: Project) -> None:
    version = simple.export_version()
    assert version is not None
    assert version >= semantic_version.Version("12.0.1")


def test_the_dictionary_is_changed_and_restored(simple: Project) -> None:
    original = simple.export_metadata()
    assert len(original) == 15
    assert simple.import_metadata(original[:14]) == 14
    assert len(simple.export_metadata()) == 14
    assert simple.import_metadata(original) == 15
    text = str(simple.export_metadata("csv"))
    assert text.startswith("field_name,form_name,")
    assert simple.import_metadata(text, import_format="csv") == 15
    assert simple.import_metadata(simple.export_metadata("xml"), import_format="xml") == 15
    assert simple.export_metadata() == original
    bad = [{**original[0]}, {**original[1], "field_type": "telepathy"}]
    with pytest.raises(RedcapError, match="line 2, field “first_name”: there is no field type"):
        simple.import_metadata(bad)
    assert simple.export_metadata() == original


def test_names_of_columns_and_instruments(simple: Project) -> None:
    assert len(simple.export_field_names()) == 16
    assert len(simple.export_field_names(field="first_name")) == 1
    header = str(simple.export_field_names("csv")).splitlines()[0]
    assert header == "original_field_name,choice_value,export_field_name"
    assert simple.export_instruments() == [{"instrument_name": "demographics", "instrument_label": "Demographics"}]


def test_instruments_are_printed(simple: Project) -> None:
    from pypdf import PdfReader

    content, named = simple.export_pdf()
    assert named["name"].endswith(".pdf")
    text = "".join(page.extract_text() for page in PdfReader(io.BytesIO(content)).pages)
    assert "Date of birth" in text
    assert "Female" in text


def test_the_project_says_what_it_is(simple: Project) -> None:
    about: Any = simple.export_project_info()
    assert (about["is_longitudinal"], about["purpose"], about["in_production"]) == (0, 0, 0)
    assert about["project_title"] == "Simple project"


def test_one_user_with_every_right_that_the_owner_has(simple: Project) -> None:
    [user] = simple.export_users()
    assert (user["username"], user["api_export"], user["record_create"], user["lock_records"]) == ("admin", 1, 1, 0)
    assert simple.import_users([{**user, "lock_records": 1}]) == 1
    assert simple.export_users() == [user]


def test_users_are_people_with_an_account(simple: Project) -> None:
    with pytest.raises(RedcapError, match="nobody with an account"):
        simple.import_users([{"username": "nobody@example.org"}])
    assert simple.import_users([{"username": "tom.devos"}]) == 1
    assert {user["username"] for user in simple.export_users()} == {"admin", "tom.devos"}
    mapping = [{"username": "tom.devos", "unique_role_name": "data_manager"}]
    assert simple.import_user_role_assignment(mapping) == 1
    roles = {row["username"]: row["unique_role_name"] for row in simple.export_user_role_assignment()}
    assert roles["tom.devos"] == "data_manager"
    assert simple.delete_users(["tom.devos"]) == 1
    assert [user["username"] for user in simple.export_users()] == ["admin"]


def test_roles_are_those_of_the_house(simple: Project) -> None:
    assert "monitor" in [role["unique_role_name"] for role in simple.export_user_roles()]
    for change in (lambda: simple.import_user_roles([{"role_label": "X"}]), lambda: simple.delete_user_roles(["X"])):
        with pytest.raises(RedcapError, match="Roles are fixed here"):
            change()


def test_groups_are_sites(simple: Project) -> None:
    [group] = simple.export_dags()
    assert (group["data_access_group_name"], group["unique_group_name"]) == ("Test DAG", "test_dag")
    new = [{"data_access_group_name": "New DAG", "unique_group_name": ""}]
    assert simple.import_dags(new, return_format_type="csv") == "1"
    assert len(simple.export_dags()) == 2
    assert simple.delete_dags(["new_dag"]) == 1
    records = simple.export_records(export_data_access_groups=True, fields=["first_name"])
    assert [record["redcap_data_access_group"] for record in records] == ["", "", "test_dag"]
    with pytest.raises(RedcapError, match="takes part"):
        simple.delete_dags(["test_dag"])
    mapping = simple.export_user_dag_assignment()
    assert mapping == [{"username": "admin", "redcap_data_access_group": ""}]
    assert simple.import_user_dag_assignment(mapping, return_format_type="csv") == "1"


def test_the_log_tells_how_the_project_came_about(simple: Project) -> None:
    first = simple.export_logging(log_type="manage")[-1]
    assert first["action"] == "Manage/Design "
    assert first["details"].startswith("Create project")
    created = simple.export_logging(log_type="record_add", record="1")
    assert [row["action"] for row in created] == ["Create record 1"]
    assert "last_name = 'First'" in created[0]["details"]


def test_the_file_repository(simple: Project) -> None:
    assert simple.import_file_into_repository("test.txt", io.BytesIO(b"hello")) == [{}]
    [folder] = simple.create_folder_in_repository(name="New Folder")
    simple.import_file_into_repository("inside.txt", io.BytesIO(b""), folder_id=folder["folder_id"])
    listed = simple.export_file_repository()
    assert [one["name"] for one in listed] == ["New Folder", "test.txt"]
    assert [one["name"] for one in simple.export_file_repository(folder["folder_id"])] == ["inside.txt"]
    number = listed[1]["doc_id"]
    assert simple.export_file_from_repository(number) == (b"hello", {"name": "test.txt", "charset": "UTF-8"})
    assert simple.delete_file_from_repository(number) == [{}]
    assert b"no such file" in simple.export_file_from_repository(number)[0]  # an error, which PyCap does not look for


def test_what_is_not_here_says_so(simple: Project) -> None:
    with pytest.raises(RedcapError, match="no surveys"):
        simple.export_survey_link("1", "demographics")
    with pytest.raises(RedcapError, match="no surveys"):
        simple.export_survey_participant_list("demographics")
    with pytest.raises(RedcapError, match="no such report"):
        simple.export_report("1")


def test_a_stranger_gets_nothing(address: str) -> None:
    with pytest.raises(RedcapError, match="You do not have permissions to use the API"):
        Project(address, "F" * 32).export_records()
    secret, _digest = new_secret()
    answer = requests.post(address, data={"token": secret, "content": "record", "format": "csv"}, timeout=60)
    assert (answer.status_code, answer.text[:6]) == (403, "ERROR:")


@pytest.mark.parametrize("body", [b"\xff\xfe=1", b"token=%ff", b"", b"=&=&=", b"content=record&format=json"])
def test_what_is_no_request_is_answered_and_changes_nothing(address: str, simple: Project, body: bytes) -> None:
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    answer = requests.post(address, data=body, headers=headers, timeout=60)
    assert answer.status_code in (400, 403)
    assert b"rror" in answer.content.lower().replace(b"error", b"rror")
    assert len(simple.export_records()) == 3


def test_a_project_needs_an_administrator_and_a_design_that_fits(address: str, server: Site, super_token: str) -> None:
    def made(token: str, content: str) -> requests.Response:
        about = '[{"project_title": "X", "purpose": 0}]'
        fields = {"token": token, "content": "project", "format": "json", "data": about, "odm": content}
        return requests.post(address, data=fields, timeout=60)

    studies = len(server.get("admin", "/studies"))
    assert made(server.stage.tokens["eva.smit"], simple_project()).status_code == 400
    wrong = made(super_token, simple_project().replace('CodeListOID="ethnicity.choices"', 'CodeListOID="nowhere"'))
    assert (wrong.status_code, "ethnicity”: the choices are missing" in wrong.text) == (400, True)
    bomb = '<!DOCTYPE x [<!ENTITY a "b">]><ODM>&a;</ODM>'
    assert made(super_token, bomb).status_code == 400
    assert len(server.get("admin", "/studies")) == studies


def test_the_ledger_holds_and_agrees_with_the_tables(server: Site, address: str, super_token: str) -> None:
    create_project(address, super_token, "Another", simple_project())
    assert server.server.home.verify()["clean"]
