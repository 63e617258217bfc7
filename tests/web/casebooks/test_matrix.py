"""The casebook matrix and one casebook: what stands there, and what may be done."""

from __future__ import annotations

import re

import pytest
from django.template.loader import render_to_string
from django.test import Client

from helmont.edc.models import Form
from helmont.participants.models import Encounter, Participant
from helmont.web.casebooks.matrix import Rows
from tests import cast

STUDY = f"/studies/{cast.STUDY}"
PERSON = f"{STUDY}/participants/{cast.PARTICIPANT}"


def content(handle: str, path: str) -> str:
    answer = cast.sign_in(handle).get(path)
    assert answer.status_code == 200, answer.status_code
    return answer.content.decode()


def squeezed(html: str) -> str:
    return re.sub(r">\s+<", "><", html).strip()


@pytest.mark.parametrize("queries", [0, 1, 3])
def test_a_cell_is_the_same_markup_as_the_design_s_part(queries: int) -> None:
    part = {"status": "due", "url": "/x", "name": "701-001, Baseline", "queries": queries}
    drawn = Rows([])._cell("due", "/x", "701-001, Baseline", queries)
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
        cast.sign_in(handle).post(f"{PERSON}/do/forms", {"step": "review", "visit": "BASELINE"})
        assert kind in Form.objects.get(key=form).reviewed


def test_status_moves_along_the_workflow_and_no_other_way(coordinator: Client) -> None:
    assert coordinator.post(f"{PERSON}/do/status", {"transition": "enrol"}).status_code == 302
    assert Participant.objects.get(key=f"{cast.STUDY}/{cast.PARTICIPANT}").status == "enrolled"
    assert coordinator.post(f"{PERSON}/do/status", {"transition": "enrol"}).status_code == 422
    assert coordinator.post(f"{PERSON}/do/status", {"transition": "vanish"}).status_code == 404


def test_one_step_over_many_forms_counts_what_was_done_and_why_not() -> None:
    monitor = cast.sign_in("monitor")
    monitor.post(f"{PERSON}/do/forms", {"step": "verify", "visit": ["BASELINE"]})
    assert Form.objects.get(key=cast.VS).verified
    manager = cast.sign_in("data.manager")
    manager.post(f"{PERSON}/do/forms", {"step": "freeze", "visit": ["BASELINE", "LOG"]})
    assert Form.objects.get(key=cast.AE).lock == "frozen"
    assert Form.objects.get(key=cast.VS).lock != "frozen"  # it has open queries
    told = manager.get(f"{PERSON}/").content.decode()
    assert "There are open queries on this form" in told


@pytest.mark.parametrize("where", ["do/status?transition=enrol", "do/begin/BASELINE", "do/miss/BASELINE", "do/forms"])
@pytest.mark.parametrize("handle", ["elsewhere", cast.OUTSIDER])
def test_nothing_is_done_to_a_participant_elsewhere(handle: str, where: str) -> None:
    step = {"step": "freeze", "date": "2026-01-01", "reason": "x", "transition": "enrol"}
    assert cast.sign_in(handle).post(f"{PERSON}/{where}", step).status_code == 404
