"""The casebook matrix and one casebook: what stands there, and what may be done."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.template.loader import render_to_string
from django.test import Client
from lxml.html import document_fromstring

from helmont.core.writer import perform
from helmont.edc.actions.entry import SaveForm
from helmont.edc.actions.locks import SetLock
from helmont.edc.actions.review import FreezeForm, VerifyItems
from helmont.edc.models import Form
from helmont.participants.models import Encounter, Participant
from helmont.web.casebooks.matrix import Rows
from tests import cast
from tests.queued import do_what_is_queued

STUDY = f"/studies/{cast.STUDY}"
PERSON = f"{STUDY}/participants/{cast.PARTICIPANT}"
STEP, UNDO = f"{STUDY}/casebooks/do/forms", f"{STUDY}/casebooks/do/undo"
BASELINE, LOG = f"{cast.PARTICIPANT}/BASELINE", f"{cast.PARTICIPANT}/LOG"


def step(handle: str, name: str, *cells: str, sure: str = "", reason: str = "") -> Any:
    """The dialog of a step over the forms of these cells; with ``sure``, what it says once it is confirmed."""
    person = cast.sign_in(handle)
    shown = person.post(STEP, {"step": name, "cell": cells})
    return person.post(STEP, fields(shown, "do/forms") | {"reason": reason}) if sure else shown


def undo(handle: str, body: dict[str, Any]) -> Any:
    return cast.sign_in(handle).post(UNDO, body)


def fields(answer: Any, action: str) -> dict[str, Any]:
    """What a browser would send of the form with this action."""
    forms = document_fromstring(answer.content).forms
    return dict(next(form for form in forms if form.action.endswith(action)).form_values())


def words(answer: Any) -> str:
    return re.sub(r"\s+", " ", re.sub("<[^>]+>", " ", answer.content.decode()))


def content(handle: str, path: str) -> str:
    answer = cast.sign_in(handle).get(path)
    assert answer.status_code == 200, answer.status_code
    return answer.content.decode()


def squeezed(html: str) -> str:
    return re.sub(r">\s+<", "><", html).strip()


@pytest.mark.parametrize("queries", [0, 1, 3])
def test_a_cell_is_the_same_markup_as_the_design_s_part(queries: int) -> None:
    part = {"status": "due", "url": "/x", "name": "701-001, Baseline", "queries": queries}
    asked = {0: "", 1: ", 1 open query", 3: ", 3 open queries"}[queries]
    drawn = Rows([])._cell("due", "/x", f"701-001, Baseline: Due{asked}", str(queries or ""))
    assert squeezed(drawn) == f"<td>{squeezed(render_to_string('web/parts/cell.html', part))}</td>"


def test_every_cell_says_in_words_what_its_glyph_shows() -> None:
    page = content("monitor", f"{STUDY}/casebooks")
    assert re.search(r'<span class="visually-hidden">701-001, [^<]+: [A-Z][a-z ]+, 2 open queries</span>', page)
    assert page.count('class="cell"') == page.count('class="visually-hidden">70')


def test_filters_narrow_by_site_status_and_number() -> None:
    def numbers(query: str) -> list[str]:
        return re.findall(
            r'<tr><th scope="row"><a href="[^"]+">([^<]+)</a>', content("monitor", f"{STUDY}/casebooks?{query}")
        )

    assert numbers("") == ["701-001", "702-001"]
    assert numbers("site=702") == ["702-001"]
    assert numbers("q=701") == ["701-001"]
    assert numbers("status=completed") == []
    assert numbers("page=999") == ["701-001", "702-001"]


def test_the_casebook_names_criteria_and_open_queries() -> None:
    page = content("coordinator", f"{PERSON}/")
    assert "Please check the cuff" in page
    for criterion in cast.definition().protocol.eligibility:
        assert criterion.id in page


def test_controls_are_there_for_those_who_may_use_them() -> None:
    assert "do/begin/" in content("coordinator", f"{PERSON}/")
    assert "do/begin/" not in content("monitor", f"{PERSON}/")
    assert 'value="verify"' in content("monitor", f"{PERSON}/")
    assert 'value="lock"' in content("data.manager", f"{PERSON}/")
    assert "data-sign" in content("investigator", f"{PERSON}/")
    assert "data-sign" not in content("coordinator", f"{PERSON}/")


@pytest.fixture
def coordinator() -> Client:
    return cast.sign_in("coordinator")


def test_screening_offers_ones_own_sites_and_enters_the_participant(coordinator: Client) -> None:
    offered = coordinator.get(f"{STUDY}/casebooks/new").content.decode()
    assert re.findall(r'<option value="(\d+)"', offered) == [cast.SITE]
    answer = coordinator.post(f"{STUDY}/casebooks/new", {"site": "701", "participant": "701-002", "date": "2026-02-01"})
    assert answer["Location"] == f"{STUDY}/participants/701-002/"
    assert Participant.objects.get(key=f"{cast.STUDY}/701-002").screened == "2026-02-01"


def test_a_refused_screening_shows_why_beside_the_field(coordinator: Client) -> None:
    answer = coordinator.post(f"{STUDY}/casebooks/new", {"site": "701", "participant": "701-001", "date": "2026-02-01"})
    assert answer.status_code == 422
    assert "701-001 is in the study already." in answer.content.decode()


def test_a_monitor_does_not_screen() -> None:
    assert cast.sign_in("monitor").get(f"{STUDY}/casebooks/new").status_code == 403


def test_correcting_a_visit_s_date_takes_a_reason(coordinator: Client) -> None:
    where = f"{PERSON}/do/begin/BASELINE"
    assert coordinator.post(where, {"date": "2026-01-13", "reason": ""}).status_code == 422
    assert Encounter.objects.get(key=f"{cast.STUDY}/{cast.PARTICIPANT}/BASELINE").date == "2026-01-12"
    assert coordinator.post(where, {"date": "2026-01-13", "reason": "Misread"}).status_code == 302
    assert Encounter.objects.get(key=f"{cast.STUDY}/{cast.PARTICIPANT}/BASELINE").date == "2026-01-13"


def test_an_unscheduled_visit_is_added(coordinator: Client) -> None:
    assert coordinator.post(f"{PERSON}/do/begin/UNSCHEDULED", {"date": "2026-01-20"}).status_code == 302
    added = Encounter.objects.get(participant=f"{cast.STUDY}/{cast.PARTICIPANT}", oid="UNSCHEDULED")
    assert added.date == "2026-01-20"
    assert f'id="{added.key.rsplit("/", 1)[1]}"' in content("coordinator", f"{PERSON}/")


def test_a_form_that_nobody_planned_can_be_added_to_a_visit_that_has_begun(coordinator: Client) -> None:
    where, added = f"{PERSON}/do/extra/WEEK_2", f"{PERSON}/WEEK_2/RAND"
    assert coordinator.get(where).status_code == 404
    coordinator.post(f"{PERSON}/do/begin/WEEK_2", {"date": "2026-01-26"})
    pharmacist = cast.sign_in("pharmacist")
    offered = pharmacist.get(where).content.decode()
    assert re.findall(rf'href="({PERSON}/WEEK_2/[^"]+)"', offered) == [added]
    assert pharmacist.get(added).status_code == 200
    assert "Every form of the study is at this visit already." in content("coordinator", f"{PERSON}/do/extra/BASELINE")


def test_a_medical_reviewer_gives_the_medical_review() -> None:
    form = f"{cast.STUDY}/{cast.PARTICIPANT}/BASELINE/VS"
    for handle, kind in (("data.manager", "data"), ("medical.reviewer", "medical")):
        step(handle, "review", BASELINE, sure="1")
        assert kind in Form.objects.get(key=form).reviewed


def test_status_moves_along_the_workflow_and_no_other_way(coordinator: Client) -> None:
    assert coordinator.post(f"{PERSON}/do/status", {"transition": "enrol"}).status_code == 302
    assert Participant.objects.get(key=f"{cast.STUDY}/{cast.PARTICIPANT}").status == "enrolled"
    assert coordinator.post(f"{PERSON}/do/status", {"transition": "enrol"}).status_code == 422
    assert coordinator.post(f"{PERSON}/do/status", {"transition": "vanish"}).status_code == 404


def test_a_step_over_many_forms_says_beforehand_what_it_would_do_and_what_not() -> None:
    page = words(step("data.manager", "freeze", BASELINE, LOG))
    assert "1 form will change, of 1 participant" in page
    assert "2 forms stay as they are" in page
    assert "There are open queries on this form; settle them first." in page
    assert not Form.objects.exclude(lock__in=("", "open")).exists()
    page = words(step("data.manager", "freeze", BASELINE, LOG, sure="1"))
    assert "1 form changed." in page
    assert Form.objects.get(key=cast.AE).lock == "frozen"
    assert Form.objects.get(key=cast.VS).lock != "frozen"


def test_a_step_is_undone_where_nothing_happened_since() -> None:
    before = Form.objects.get(key=cast.VS)
    done = step("monitor", "verify", BASELINE, sure="1")
    assert set(Form.objects.get(key=cast.VS).verified) > set(before.verified)
    changed = fields(done, "do/undo")
    perform(VerifyItems(cast.VS, ("DIABP",), verified=False), cast.actor("monitor"))
    assert "changed in the meantime" in words(undo("monitor", changed))
    assert "SYSBP" in Form.objects.get(key=cast.VS).verified
    changed = fields(step("monitor", "verify", BASELINE, sure="1"), "do/undo")
    undo("monitor", changed)
    assert set(Form.objects.get(key=cast.VS).verified) == {"SYSBP"}  # only what this step had verified


def test_undoing_a_lock_leaves_frozen_what_was_frozen() -> None:
    step("data.manager", "freeze", LOG, sure="1")
    done = step("data.manager", "lock", LOG, sure="1")
    assert Form.objects.get(key=cast.AE).lock == "locked"
    assert "do/undo" not in done.content.decode()  # who locks does not unlock
    changed = {"step": "lock", "targets": f'[["{cast.AE}",{Form.objects.get(key=cast.AE).revision},"frozen"]]'}
    undo("study.manager", changed)
    assert Form.objects.get(key=cast.AE).lock == "frozen"


def test_a_step_over_very_many_forms_is_a_job_that_only_who_took_it_follows(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("helmont.web.casebooks.bulk.MANY", 0)
    begun = step("data.manager", "freeze", LOG, sure="1")
    assert begun.status_code == 302
    manager = cast.sign_in("data.manager")
    assert "waiting to start" in manager.get(begun["Location"]).content.decode()
    assert cast.sign_in("monitor").get(begun["Location"]).status_code == 404
    assert Form.objects.get(key=cast.AE).lock != "frozen"
    do_what_is_queued()
    done = manager.get(begun["Location"])
    assert "1 form changed." in words(done)
    assert Form.objects.get(key=cast.AE).lock == "frozen"
    undoing = undo("data.manager", fields(done, "do/undo"))
    do_what_is_queued()
    assert "1 form changed." in words(manager.get(undoing["Location"]))
    assert Form.objects.get(key=cast.AE).lock == "open"
    assert manager.get(f"{STEP}/nothing").status_code == 404


def test_unlocking_many_takes_a_reason_and_shows_the_same_again() -> None:
    step("data.manager", "lock", LOG, sure="1")
    asked = step("study.manager", "unlock", LOG)
    refused = cast.sign_in("study.manager").post(STEP, fields(asked, "do/forms"))
    assert refused.status_code == 422
    assert "Say why this changes." in refused.content.decode()
    step("study.manager", "unlock", LOG, sure="1", reason="a late correction")
    assert Form.objects.get(key=cast.AE).lock == "open"


def test_rows_and_columns_are_ticked_without_scripts_too_and_a_form_narrows_them() -> None:
    manager = cast.sign_in("data.manager")

    def counted(**ticked: str) -> str:
        page = words(manager.post(STEP, {"step": "review", "shown": cast.PARTICIPANT} | ticked))
        return next(iter(re.findall(r"(\d+) forms? will change", page)), "0")

    assert counted(row=cast.PARTICIPANT) == "3"
    assert counted(column="BASELINE") == "2"
    assert counted(column="LOG") == "1"
    assert counted(row=cast.PARTICIPANT, form="VS") == "1"
    assert counted(cell=f"{BASELINE}/RAND") == "1"
    assert counted(cell="999-999/BASELINE") == "0"


def test_the_matrix_shows_verification_and_locks() -> None:
    assert re.search(
        r">701-001, [^<:]+: Due, \d+ values? to verify<", content("monitor", f"{STUDY}/casebooks?view=verification")
    )
    step("monitor", "verify", BASELINE, sure="1")
    assert re.search(r">701-001, [^<:]+: Verified<", content("monitor", f"{STUDY}/casebooks?view=verification"))
    perform(SaveForm(cast.AE.replace("/1", "/2"), {"AETERM": "Rash", "AESER": "N"}, complete=True), cast.actor("nurse"))
    step("data.manager", "freeze", f"{cast.PARTICIPANT}/LOG/AE", sure="1")
    assert "701-001, Logs: Frozen, 2<" in content("monitor", f"{STUDY}/casebooks?view=locks&form=AE")
    perform(FreezeForm(cast.AE, undo=True, reason="a late correction"), cast.actor("data.manager"))
    assert "701-001, Logs: Partly held (1/2 forms)<" in content("monitor", f"{STUDY}/casebooks?view=locks")
    perform(SetLock(cast.STUDY, "site", cast.SITE, "frozen", "inspection"), cast.actor("data.manager"))
    page = content("monitor", f"{STUDY}/casebooks?view=locks")
    assert not re.search(r">701-001, [^<:]+: (Unlocked|Partly)", page)


def test_cells_are_ticked_by_those_who_have_something_to_do_with_them() -> None:
    assert f'name="cell" value="{BASELINE}"' in content("data.manager", f"{STUDY}/casebooks?select=1")
    assert 'name="cell"' not in content("coordinator", f"{STUDY}/casebooks?select=1")
    assert f'name="cell" value="{BASELINE}/VS"' in content("monitor", f"{PERSON}/?select=1")


@pytest.mark.parametrize("where", ["do/status?transition=enrol", "do/begin/BASELINE", "do/miss/BASELINE"])
@pytest.mark.parametrize("handle", ["elsewhere", cast.OUTSIDER])
def test_nothing_is_done_to_a_participant_elsewhere(handle: str, where: str) -> None:
    step = {"step": "freeze", "date": "2026-01-01", "reason": "x", "transition": "enrol"}
    assert cast.sign_in(handle).post(f"{PERSON}/{where}", step).status_code == 404
