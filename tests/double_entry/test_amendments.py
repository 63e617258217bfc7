"""What two people are copying goes along when an amendment calls a visit, a form or an item otherwise."""

from __future__ import annotations

import dataclasses
from itertools import count
from pathlib import Path

import pytest

from helmont.amendments.models import Migration
from helmont.core.errors import Refused
from helmont.core.people.assignments import AssignRole
from helmont.core.people.queries import forget_actors
from helmont.core.writer import perform
from helmont.double_entry.actions.lines import WithdrawLine
from helmont.double_entry.actions.transcribing import Transcribe
from helmont.double_entry.models import Transcription
from helmont.edc.actions.entry import SaveForm
from helmont.edc.models import Form
from helmont.study.model import Study
from tests import cast
from tests.amendments.kit import amended, carried_out, is_clean
from tests.cast import actor
from tests.double_entry.kit import LOG, ON_PAPER, PAPER, VS, WHO, build, copy_line, page

pytestmark = [pytest.mark.database, pytest.mark.slow]
# A pressure that is in no page by chance, as a shorter number may be (in a token, a time, a hash).
SEEN = "73171"
READ = {"VSDTC": "2026-01-12", "SYSBP": "120", "DIABP": SEEN}
VERSIONS = count()
NOW = VS.replace("BASELINE", "DAY_1")


@pytest.fixture(autouse=True)
def _paper(_cast_built: None) -> None:
    build()
    perform(AssignRole("study.manager", "study_manager", PAPER), cast.HELMONT)
    forget_actors()


def version(
    folder: Path, edits: list[tuple[str, str, str]], amendment: str, double: tuple[str, ...] = ON_PAPER
) -> Study:
    # Compiled versions are kept by their names: each test has one of its own.
    named = f"2.{next(VERSIONS)}"
    study = amended(folder / "package", edits, f"amends: ['1.0']\n{amendment}", base=cast.PACKAGE, version=named)
    forms = (dataclasses.replace(form, entry="double" if form.id in double else "single") for form in study.forms)
    return dataclasses.replace(study, id=PAPER, forms=tuple(forms), labs=None)


def carry_out(study: Study) -> None:
    carried_out(study, by=actor("study.manager"))
    [done] = Migration.objects.filter(study=PAPER)
    assert (done.status, done.held) == ("done", {})
    assert is_clean(PAPER)


def entry(key: str, number: int) -> Transcription:
    return Transcription.objects.get(key=f"{key}#{number}")


def test_an_entry_follows_a_renamed_visit_and_is_completed_there(tmp_path: Path) -> None:
    perform(Transcribe(VS, READ, complete=True), actor("coordinator"))
    carry_out(version(tmp_path, [("protocol.yaml", "BASELINE", "DAY_1")], "encounters: [{was: BASELINE, now: DAY_1}]"))
    assert (entry(VS, 1).status, entry(VS, 1).moved) == ("moved", f"{NOW}#1")
    assert (entry(NOW, 1).status, entry(NOW, 1).data) == ("done", READ)
    for path in (f"/participants/{WHO}/DAY_1/VS", f"/participants/{WHO}/audit", "/double-entry"):
        assert SEEN not in page("nurse", path), path
    assert "Second entry" in page("nurse", f"/participants/{WHO}/DAY_1/VS")
    perform(Transcribe(NOW, READ, complete=True), actor("nurse"))
    assert Form.objects.get(key=NOW).data["DIABP"] == SEEN
    assert SEEN in page("nurse", f"/participants/{WHO}/audit"), "settled where it is now, settled where it was"


def test_a_value_follows_its_item_and_what_has_no_place_is_set_aside(tmp_path: Path) -> None:
    perform(Transcribe(VS, READ, complete=True), actor("coordinator"))
    form = (cast.PACKAGE / "forms/vs.yaml").read_text(encoding="utf-8")
    diastolic = next(line for line in form.splitlines(keepends=True) if "id: DIABP" in line)
    edits = [
        ("forms/vs.yaml", diastolic, ""),
        ("forms/vs.yaml", "(SYSBP + 2 * DIABP) / 3", "SYSBP / 3"),
        ("checks/checks.yaml", "SYSBP > DIABP", "SYSBP > 90"),
        ("forms/vs.yaml", "VSDTC", "TAKEN"),
        ("labs.yaml", "VSDTC", "TAKEN"),
    ]
    carry_out(version(tmp_path, edits, "moves: [{was: VS.VSDTC, now: VS.TAKEN}]"))
    row = entry(VS, 1)
    assert (row.status, row.data, row.aside) == ("done", {"TAKEN": "2026-01-12", "SYSBP": "120"}, {"DIABP": SEEN})
    perform(Transcribe(VS, {"TAKEN": "2026-01-12", "SYSBP": "120"}, complete=True), actor("nurse"))
    assert Form.objects.get(key=VS).status == "complete"


def test_lines_that_join_another_log_are_given_numbers_of_its_own(tmp_path: Path) -> None:
    for event in ("Vertigo", "Rash", "Gout"):
        copy_line("coordinator", AETERM=event)
    copy_line("nurse", "2", AETERM="Rash")
    perform(WithdrawLine(f"{LOG}/3", why="a double"), actor("coordinator"))
    edits = [
        ("protocol.yaml", "logs: [AE]", "logs: [EVENT]"),
        ("forms/ae.yaml", "id: AE\n", "id: EVENT\n"),
        ("labs.yaml", "AE.", "EVENT."),
    ]
    carry_out(version(tmp_path, edits, "moves: [{was: AE, now: EVENT}]", ("VS", "EVENT")))
    where = LOG.replace("/AE", "/EVENT")
    assert Form.objects.get(key=f"{where}/2").data == {"AETERM": "Rash"}
    assert entry(f"{where}/1", 1).data == {"AETERM": "Vertigo"}
    perform(Transcribe(f"{where}/1", {"AETERM": "Vertigo"}, complete=True), actor("nurse"))
    assert Form.objects.get(key=f"{where}/1").status == "complete"
    begun = perform(Transcribe(f"{where}/new", {"AETERM": "Cough"}), actor("nurse")).result
    assert begun["key"] == f"{where}/3"
    with pytest.raises(Exception, match="another number"):
        perform(SaveForm(f"{where}/3", {"AETERM": "Cough"}), cast.IMPORT)


def test_what_was_begun_twice_goes_on_so_when_the_form_is_entered_once(tmp_path: Path) -> None:
    copy_line("coordinator", AETERM="Vertigo", AESER="N")
    carry_out(version(tmp_path, [], "", double=("VS",)))
    with pytest.raises(Refused, match="Line 1 was begun from paper"):
        perform(SaveForm(f"{LOG}/1", {"AETERM": "Rash"}), actor("nurse"))
    perform(SaveForm(f"{LOG}/2", {"AETERM": "Rash", "AESER": "N"}, complete=True), actor("nurse"))
    assert not Form.objects.filter(key=f"{LOG}/1").exists()
    copy_line("nurse", "1", AETERM="Vertigo", AESER="N")
    assert Form.objects.get(key=f"{LOG}/1").data == {"AETERM": "Vertigo", "AESER": "N"}
    with pytest.raises(Refused, match="entered once"):
        copy_line("nurse", AETERM="Cough", AESER="N")
    assert is_clean(PAPER)
