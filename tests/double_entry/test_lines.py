"""Lines of a log on paper: numbered as they are begun, picked by their number, doubted, withdrawn, decided."""

from __future__ import annotations

import io
import re
import zipfile
from datetime import UTC, datetime
from urllib.parse import urlencode

import orjson
import pytest

from helmont.core.errors import NotFound, NotPermitted, ReasonRequired, Refused
from helmont.core.ledger import store
from helmont.core.ledger.verify import verify
from helmont.core.people.assignments import AssignRole
from helmont.core.people.queries import forget_actors
from helmont.core.writer import perform
from helmont.double_entry.actions.adjudicating import Adjudicate
from helmont.double_entry.actions.lines import DenyLine, RuleOnLine, WithdrawLine
from helmont.double_entry.actions.transcribing import Transcribe
from helmont.double_entry.models import Transcription
from helmont.double_entry.queries.rates import rates
from helmont.double_entry.queries.waiting import waiting
from helmont.edc.actions.entry import RemoveLine, SaveForm
from helmont.edc.checklist import examine
from helmont.edc.models import Form
from tests import cast
from tests.cast import actor
from tests.double_entry.kit import LOG, PAPER, WHO, build, copy_line, page

pytestmark = [pytest.mark.database]
LIST = f"/participants/{WHO}/LOG/AE"
READ = {"AETERM": "Vertigo", "AESER": "N"}
SECRET = "Zoster ophthalmicus"


@pytest.fixture(autouse=True)
def _paper(_cast_built: None) -> None:
    build()


def standing(line: str) -> list[tuple[int, str, str]]:
    rows = Transcription.objects.filter(form=f"{LOG}/{line}").order_by("number")
    return [(row.number, row.by, row.status) for row in rows]


def deny(handle: str, line: str, reason: str = "the page ends before") -> None:
    perform(DenyLine(f"{LOG}/{line}", reason=reason), actor(handle))


def withdraw(handle: str, line: str, why: str = "read from another participant's page") -> None:
    perform(WithdrawLine(f"{LOG}/{line}", why=why), actor(handle))


def rule(line: str, stands: bool) -> None:
    perform(RuleOnLine(f"{LOG}/{line}", stands=stands, why="it is on the scan"), actor("data.manager"))


def test_two_people_copy_the_same_line_under_one_number() -> None:
    assert copy_line("coordinator", **READ) == "1"
    assert not Form.objects.filter(key=f"{LOG}/1").exists()
    assert copy_line("nurse", "1", **READ) == "1"
    row = Form.objects.get(key=f"{LOG}/1")
    assert (row.status, row.line, row.data) == ("complete", "1", READ)
    assert standing("1") == [(1, "coordinator", "agreed"), (2, "nurse", "agreed")]
    assert verify().clean


def test_a_number_is_given_once_over_lines_saved_begun_and_withdrawn() -> None:
    perform(SaveForm(f"{LOG}/3", READ, complete=True), cast.IMPORT)
    assert copy_line("coordinator", **READ) == "4"
    assert copy_line("nurse", **READ) == "5", "who begins a line does not make the second entry of another by accident"
    withdraw("nurse", "5")
    assert copy_line("investigator", **READ) == "6"
    with pytest.raises(Refused, match="withdrawn"):
        copy_line("coordinator", "5", **READ)
    with pytest.raises(NotFound):
        copy_line("coordinator", "9", **READ)
    with pytest.raises(Refused, match="another number"):
        perform(SaveForm(f"{LOG}/6", READ, complete=True), cast.IMPORT)
    with pytest.raises(Refused, match="two people"):
        perform(SaveForm(f"{LOG}/7", READ), actor("nurse"))


def test_a_line_in_the_record_is_corrected_and_restored_on_its_own_page() -> None:
    copy_line("coordinator", **READ)
    copy_line("nurse", "1", **READ)
    perform(RemoveLine(f"{LOG}/1", reason="a double"), actor("nurse"))
    perform(RemoveLine(f"{LOG}/1", restore=True, reason="no double"), actor("nurse"))
    with pytest.raises(Refused, match="accepted"):
        copy_line("investigator", "1", **READ)
    perform(SaveForm(f"{LOG}/1", {"AESER": "Y"}, complete=True, reason="misread"), actor("nurse"))
    assert Form.objects.get(key=f"{LOG}/1").data["AESER"] == "Y"


def test_a_line_that_nothing_was_typed_in_takes_no_number() -> None:
    answer = perform(Transcribe(f"{LOG}/new", {"AETERM": "", "AESER": None}), actor("nurse")).result
    assert answer["status"] == "blank"
    assert not Transcription.objects.exists()


def test_what_differs_in_a_line_is_decided_by_a_third() -> None:
    copy_line("coordinator", **READ)
    copy_line("nurse", "1", AETERM="Vertigo", AESER="Y")
    perform(Adjudicate(f"{LOG}/1", {"AESER": "Y"}, {"AESER": "ticked"}), actor("data.manager"))
    assert Form.objects.get(key=f"{LOG}/1").data == {"AETERM": "Vertigo", "AESER": "Y"}
    assert [(rate.name, rate.compared, rate.differing) for rate in rates(PAPER)[0]] == [("AE", 2, 1)]


def test_who_entered_a_line_withdraws_it_until_somebody_begins_the_second_entry() -> None:
    for _ in range(2):
        copy_line("coordinator", **READ)
    with pytest.raises(Refused, match="Somebody else"):
        withdraw("nurse", "1")
    with pytest.raises(ReasonRequired):
        withdraw("coordinator", "1", " ")
    withdraw("coordinator", "1")
    assert Transcription.objects.get(form=f"{LOG}/1").withdrawn == "read from another participant's page"
    copy_line("nurse", "2", complete=False, AETERM="Ver")
    with pytest.raises(Refused, match="no longer"):
        withdraw("coordinator", "2")
    with pytest.raises(NotFound):
        perform(WithdrawLine(f"{PAPER}/{WHO}/BASELINE/VS", why="no line"), actor("coordinator"))
    assert verify().clean


def test_the_second_person_does_not_find_the_line_and_it_is_withdrawn() -> None:
    copy_line("coordinator", **READ)
    with pytest.raises(Refused, match="somebody else"):
        deny("coordinator", "1")
    with pytest.raises(ReasonRequired):
        deny("nurse", "1", "")
    deny("nurse", "1")
    with pytest.raises(Refused, match="being decided"):
        copy_line("investigator", "1", **READ)
    with pytest.raises(NotPermitted):
        perform(RuleOnLine(f"{LOG}/1", stands=False, why="so"), actor("investigator"))
    rule("1", stands=False)
    assert [status for _, _, status in standing("1")] == ["withdrawn", "withdrawn"]
    assert not Form.objects.filter(key=f"{LOG}/1").exists()
    assert waiting(actor("data.manager"), PAPER, datetime.now(UTC).date()) == []
    assert copy_line("coordinator", **READ) == "2"
    assert verify().clean


def test_a_line_that_stands_is_copied_after_all() -> None:
    copy_line("coordinator", **READ)
    copy_line("nurse", "1", complete=False, AETERM="Vert")
    deny("nurse", "1")
    rule("1", stands=True)
    assert standing("1")[1][2] == "wanted"
    assert Transcription.objects.get(form=f"{LOG}/1", number=2).data == {"AETERM": "Vert"}, "what was begun is there"
    copy_line("investigator", "1", **READ)
    assert Form.objects.get(key=f"{LOG}/1").data == READ
    assert standing("1") == [(1, "coordinator", "agreed"), (2, "investigator", "agreed")]


def test_the_third_person_decides_the_values_of_a_line_that_the_second_did_not_find() -> None:
    copy_line("coordinator", complete=False, **READ)
    deny("nurse", "1")
    values, reasons = {"AETERM": "Vertigo", "AESER": "Y"}, {"AETERM": "readable", "AESER": "ticked"}
    with pytest.raises(Refused, match="not complete"):
        perform(Adjudicate(f"{LOG}/1", values, reasons), actor("data.manager"))
    copy_line("coordinator", "1")
    perform(Adjudicate(f"{LOG}/1", values, reasons), actor("data.manager"))
    assert Form.objects.get(key=f"{LOG}/1").data == values
    assert rates(PAPER) == ([], []), "nothing was compared"


@pytest.mark.parametrize("stage", ["begun", "complete", "second begun", "not found", "wanted", "withdrawn"])
def test_the_first_entry_is_nowhere_to_be_read_by_others_who_copy(stage: str) -> None:
    copy_line("coordinator", complete=stage != "begun", AETERM=SECRET)
    if stage == "second begun":
        copy_line("nurse", "1", complete=False, AESER="Y")
    if stage in ("not found", "wanted"):
        deny("nurse", "1")
    if stage == "wanted":
        perform(RuleOnLine(f"{LOG}/1", why=f"{SECRET} is on the scan"), actor("data.manager"))
    if stage == "withdrawn":
        withdraw("coordinator", "1", f"{SECRET} was somebody else's")
    last = Transcription.objects.order_by("-revision")[0].revision
    for handle in ("nurse", "investigator"):
        client = cast.sign_in(handle)
        casebook = f"/studies/{PAPER}/participants/{WHO}"
        for path in (
            *(f"/studies/{PAPER}/{name}" for name in ("", "audit", "double-entry", "reports/missing", "listings/")),
            *(f"{casebook}/{name}" for name in ("", "audit", "LOG/AE/", "LOG/AE/1", "LOG/AE/1/history?item=AETERM")),
            *(f"{casebook}/{name}" for name in ("LOG/AE/new", "audit?item=AETERM", f"LOG/AE/?q={SECRET[:6]}")),
            *(f"/studies/{PAPER}/ledger/entries/{sequence}" for sequence in range(last - 3, last + 1)),
            *(f"/api/v1/studies/{PAPER}/ledger/entries/{sequence}" for sequence in range(last - 3, last + 1)),
            *(f"/api/v1/forms/{LOG}/1{part}" for part in ("", "/history")),
            f"/api/v1/studies/{PAPER}/participants/{WHO}/audit",
            f"/studies/{PAPER}/double-entry/{WHO}/LOG/AE/1",
        ):
            assert SECRET.encode() not in client.get(path).content, (handle, path)
    assert SECRET in page("coordinator", f"/participants/{WHO}/audit"), "who entered it sees it"


def test_an_export_of_the_ledger_withholds_what_is_not_settled() -> None:
    copy_line("coordinator", AETERM=SECRET)
    archive = cast.sign_in("data.manager").post(f"/studies/{PAPER}/ledger/export")
    content = b"".join(archive.streaming_content) if archive.streaming else archive.content
    with zipfile.ZipFile(io.BytesIO(content)) as found:
        assert not any(SECRET.encode() in found.read(name) for name in found.namelist())


def test_who_decides_sees_it_only_when_there_is_something_to_decide() -> None:
    copy_line("coordinator", AETERM=SECRET)
    where = f"/double-entry/{WHO}/LOG/AE/1"
    assert SECRET not in page("data.manager", f"/participants/{WHO}/audit")
    page("data.manager", where, status=404)
    deny("nurse", "1")
    assert SECRET in page("data.manager", where)
    assert SECRET in page("data.manager", f"{where}?values")
    page("nurse", where, status=404)


def test_the_log_says_where_each_line_stands() -> None:
    for line in range(1, 6):
        copy_line("coordinator", complete=line > 1, AETERM=f"{SECRET} {line}")
    copy_line("nurse", "3", AETERM="else")
    deny("nurse", "4")
    withdraw("coordinator", "5")
    seen = page("investigator", f"{LIST}/")
    for words in ("First entry begun", "Waits for the second entry", "Entries differ", "In doubt", "Withdrawn"):
        assert words in seen, words
    assert seen.count("Make the second entry") == 2
    assert f"{SECRET} 2" in page("coordinator", f"{LIST}/")
    assert f"/double-entry/{WHO}/LOG/AE/4" in page("data.manager", f"{LIST}/")
    assert "Line 2" in page("investigator", f"{LIST}/?status=copying")
    assert "Second entry" in page("investigator", f"{LIST}/2")
    page("investigator", f"{LIST}/9", status=404)


def test_a_study_is_not_locked_over_lines_that_are_begun() -> None:
    copy_line("coordinator", **READ)
    line = next(line for line in examine(PAPER, datetime.now(UTC).date()) if line.name == "double_entry")
    assert [(one.key, one.text) for one in line.missing] == [(f"{LOG}/1", "waits for the second entry")]


def test_copying_through_the_api_and_deciding_on_the_pages() -> None:
    def send(handle: str, method: str, path: str, **body: object) -> tuple[int, dict[str, object]]:
        client = cast.sign_in(handle)
        answer = client.generic(method, f"/api/v1/transcriptions/{LOG}/{path}", orjson.dumps(body), "application/json")
        return answer.status_code, answer.json()

    status, said = send("coordinator", "PUT", "new", values=READ, complete=True)
    assert (status, said["key"], said["status"]) == (200, f"{LOG}/1", "done")
    assert send("nurse", "POST", "1/absent", reason="the page ends")[0] == 200
    assert send("nurse", "POST", "1/withdraw", reason="no")[0] == 409
    officer, address = cast.sign_in("data.manager"), f"/studies/{PAPER}/double-entry/{WHO}/LOG/AE/1"
    assert officer.post(address, {"line": ""}).status_code == 422
    assert officer.post(address, {"line": "stands"}).status_code == 422
    assert officer.post(address, {"line": "values"}).headers["Location"].endswith("?values")
    given = {f"{name}-{n}": value for n in (0, 1) for name, value in (("choose", "first"), ("reason", "readable"))}
    assert officer.post(f"{address}?values", given).status_code == 302
    assert Form.objects.get(key=f"{LOG}/1").data == READ
    send("coordinator", "PUT", "new", values=READ, complete=True)
    assert send("coordinator", "POST", "2/withdraw", reason="a double")[0] == 200
    send("coordinator", "PUT", "new", values=READ, complete=True)
    send("nurse", "POST", "3/absent", reason="the page ends")
    address = address.replace("AE/1", "AE/3")
    assert officer.post(address, {"line": "withdraw", "why": "it is a smudge"}).status_code == 302
    assert [status for _, _, status in standing("3")] == ["withdrawn", "withdrawn"]


def test_the_privacy_officer_redacts_what_was_copied_as_well() -> None:
    slip = "Rash of Wilhelmina Vandenborre"
    perform(AssignRole("privacy.officer", "privacy_officer", PAPER), cast.HELMONT)
    forget_actors()
    copy_line("coordinator", AETERM=slip, AESER="N")
    copy_line("nurse", "1", AETERM=slip, AESER="Y")
    perform(Adjudicate(f"{LOG}/1", {"AESER": "Y"}, {"AESER": "ticked"}), actor("data.manager"))
    officer, address = cast.sign_in("privacy.officer"), f"/studies/{PAPER}/redactions/new"
    places = [f"form:{LOG}/1", f"transcription:{LOG}/1#1", f"transcription:{LOG}/1#2"]
    shown = officer.get(address, {"record": places[0], "path": "data/AETERM"}).content.decode()
    assert "First entry, Adverse events" in shown
    assert "Second entry, Adverse events" in shown
    for place in places:
        query = urlencode({"record": place, "path": "data/AETERM"})
        seen = re.search(r'name="seen" value="([\d,]+)"', officer.get(f"{address}?{query}").content.decode())
        assert seen is not None, place
        answer = officer.post(f"{address}?{query}", {"seen": seen[1], "reason": "a name was typed"})
        assert answer.status_code == 302
    assert not any(slip in entry.body for entry in store.read_entries(PAPER))
    assert verify().clean
