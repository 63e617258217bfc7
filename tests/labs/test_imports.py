"""Result files: the dry run says what would happen, the import does that and nothing else."""

from __future__ import annotations

from typing import Any

import pytest

from helmont.core.ledger import store
from helmont.edc.models import Form
from helmont.labs.importing import drafted, keep_draft, planned_of, read_results, take_in
from helmont.labs.models import Draft, LabImport
from tests.labs.kit import CLEO, DANA, HER, HIM, STUDY, form, planned, results

pytestmark = pytest.mark.database

HEAD = "SUBJ,VISIT,DATE,TEST,RESULT,UNIT,STATUS,FAST\n"
FILE = (
    HEAD
    + f"""\
{HIM},WEEK_2,2026-02-02T08:30,ALT,34,IU/L,F,Y
{HIM},3,2026-02-02T08:30,1975-2,<0.2,mg/dL,F,
{HER},,2026-02-02,GLUC,90,mg/dL,F,
{HER},3,2026-02-02,ALP,,U/L,X,
999-999,3,2026-02-02,ALT,34,U/L,F,
{HIM},9,2026-02-02,ALT,34,U/L,F,
{HIM},3,2026-02-02,UNKNOWN,34,U/L,F,
{HIM},3,2026-02-02,ALP,34,,F,
{HER},3,2026-02-02,ALT,34,kg,F,
{HER},3,2026-02-02,ALT,99,U/L,P,
"""
)
MESSAGE = (
    "MSH|^~\\&|LAB|L|EDC|S|20260202||ORU^R01|1|P|2.5.1\rPID|1||701-001||Doe^Jane\r"
    "OBR|1|||CHEM|||20260202083000||||||3\rOBX|1|NM|1742-6^ALT^LN||34|U/L|7-40|N|||F\r"
)


def kinds(text: str, **rest: Any) -> list[str]:
    return [line.kind for line in planned(text, **rest)[1].lines]


def test_the_dry_run_says_for_each_line_what_would_happen_and_writes_nothing() -> None:
    before = store.log_size(STUDY)
    _file, found = planned(FILE)
    assert [(line.line, line.kind) for line in found.lines] == [
        (2, "created"), (3, "created"), (4, "created"), (5, "created"), (6, "refused"), (7, "refused"), (8, "refused"),
        (9, "refused"), (10, "refused"), (11, "waiting"),
    ]  # fmt: skip
    assert found.counts == {"created": 4, "waiting": 1, "refused": 5}
    assert [line.new for line in found.lines[:3]] == ["34 U/L", "0.2 mg/dL", "5.0 mmol/L"]
    assert all(line.message for line in found.lines if line.kind in ("refused", "waiting"))
    assert store.log_size(STUDY) == before
    assert not Form.objects.filter(form="LB").exists()


def test_the_import_saves_the_forms_and_says_so() -> None:
    file, found = planned(FILE)
    assert take_in(STUDY, file, found, DANA, {"channel": "web"}) == found.counts
    assert form() == {
        "LBDAT": "2026-02-02", "LBTIM": "08:30", "LBFAST": "Y", "ALT": "34", "BILI": "0.2", "BILI_COMP": "LT"
    }  # fmt: skip
    assert form(who=HER)["GLUC"] == "5.0"
    assert form(who=HER)["ALP"] == {"not_done": "No result from the laboratory"}
    said = LabImport.objects.get()
    assert (said.by, said.sha256, said.counts) == (DANA.handle, file.sha256, found.counts)
    assert [each["line"] for each in said.findings.values()] == [6, 7, 8, 9, 10, 11]
    assert kinds(FILE)[:4] == ["unchanged"] * 4  # a second time there is nothing left to do


def test_a_corrected_result_changes_the_form_with_its_reason() -> None:
    results(ALT="30")
    line = HEAD + f"{HIM},WEEK_2,2026-02-02,ALT,34,U/L,C,\n"
    file, found = planned(line)
    assert [(one.kind, one.old, one.new) for one in found.lines] == [("changed", "30 U/L", "34 U/L")]
    take_in(STUDY, file, found, DANA, {"channel": "web"})
    entries = [entry.content for entry in store.read_entries(STUDY)]
    saved = next(entry for entry in reversed(entries) if entry["action"] == "labs.file_results")
    assert saved["reason"] == "Laboratory file lab.csv, line 2"
    assert saved["source"]["file"] == file.sha256


def test_what_somebody_changed_meanwhile_is_not_overwritten() -> None:
    file, found = planned(HEAD + f"{HIM},WEEK_2,2026-02-02,ALT,34,U/L,F,\n")
    results(ALT="30")
    assert take_in(STUDY, file, found, DANA, {"channel": "web"}).get("failed") == 1
    assert form()["ALT"] == "30"


def test_a_save_that_would_be_refused_is_refused_beforehand() -> None:
    text = HEAD + f"{HIM},WEEK_2,2026-02-02,ALT,9000,U/L,F,\n{HIM},WEEK_2,2026-02-02,ALP,90,U/L,F,\n"
    assert kinds(text) == ["refused", "refused"]  # the form is saved as a whole


def test_contradicting_lines_are_refused() -> None:
    text = HEAD + f"{HIM},WEEK_2,2026-02-02,ALT,34,U/L,F,\n{HIM},WEEK_2,2026-02-03,ALP,90,U/L,F,\n"
    assert kinds(text) == ["created", "refused"]


def test_results_under_a_privilege_need_it() -> None:
    assert kinds(HEAD + f"{HIM},WEEK_2,2026-02-02,XDRUG,3,ug/L,F,\n") == ["refused"]


def test_whose_place_it_is_not_imports_nothing() -> None:
    assert kinds(FILE, by=CLEO)[:4] == ["refused"] * 4


def test_an_hl7_message_goes_the_same_way() -> None:
    file, found = planned(MESSAGE, name="lab.hl7")
    assert (file.format, [line.kind for line in found.lines]) == ("HL7", ["created"])
    take_in(STUDY, file, found, DANA, {"channel": "web"})
    assert form()["ALT"] == "34"
    said = LabImport.objects.get()
    assert [each["place"] for each in said.findings.values()] == ["PID[1]-5"]
    assert "Doe" not in repr(said.findings)


def test_a_draft_keeps_what_was_read_and_nothing_more() -> None:
    draft = keep_draft(STUDY, read_results(STUDY, MESSAGE.encode(), "lab.hl7"), DANA)
    kept = Draft.objects.get(token=draft.token)
    assert "Doe" not in repr(kept.results) + repr(kept.faults)
    assert [line.kind for line in planned_of(kept, DANA).lines] == ["created"]
    assert drafted(kept).results[0].participant == HIM


@pytest.mark.parametrize("data", [b"", b"\xff\xfe", b"MSH", b"MSH|^~\\&|\rEVN", b"A,B\n1,2\n", HEAD.encode() + b'"'])
def test_a_malformed_file_gives_a_finding_and_changes_nothing(data: bytes) -> None:
    before = store.log_size(STUDY)
    file = read_results(STUDY, data, "lab.csv")
    assert [fault for fault in file.faults if fault.severity == "error"]
    assert not file.results
    assert store.log_size(STUDY) == before
