"""The pages of locks and of the checklist: what they show, what they do, and what they keep from whom."""

from __future__ import annotations

import re

from helmont.edc.models import Form, LedgerCheck, Lock
from tests import cast

STUDY = f"/studies/{cast.STUDY}"
LOCKS, CHECKLIST = f"{STUDY}/locks", f"{STUDY}/checklist"
FORM = f"{STUDY}/participants/{cast.PARTICIPANT}/BASELINE/VS"
HISTORY = f"{STUDY}/participants/{cast.PARTICIPANT}/LOG/AE/1/history?item=AETERM"


def content(handle: str, address: str) -> str:
    return cast.sign_in(handle).get(address).content.decode()


def put(verb: str, *rows: str, by: str = "data.manager", **more: str) -> str:
    body = {"row": rows, "verb": verb, "reason": "interim analysis", "sure": "1", "site": ""} | more
    return cast.sign_in(by).post(LOCKS, body, follow=True).content.decode()


def test_a_step_is_shown_with_what_it_would_hold_before_it_is_done() -> None:
    manager = cast.sign_in("data.manager")
    page = manager.post(LOCKS, {"row": [f"site/{cast.SITE}", "site/702"], "verb": "freeze"}).content.decode()
    assert "Freeze: 2 places" in page
    assert "3 forms, among them 0 drafts; 2 open queries" in page  # the two on hidden items are not counted
    assert not Lock.objects.exists()
    again = manager.post(LOCKS, {"row": [f"site/{cast.SITE}"], "verb": "freeze", "sure": "1", "reason": " "})
    assert (again.status_code, Lock.objects.exists()) == (422, False)


def test_a_frozen_site_says_so_where_somebody_looks() -> None:
    assert "Freeze: 1 place changed" in put("freeze", f"site/{cast.SITE}")
    assert "interim analysis" in content("monitor", LOCKS)
    form = content("coordinator", FORM)
    assert "Site 701 is frozen." in form
    assert "By Data Manager" in form
    assert "interim analysis" in form
    assert "data-save" not in form
    assert "Site 701 is frozen." in content("coordinator", f"{STUDY}/participants/{cast.PARTICIPANT}/")
    put("open", f"site/{cast.SITE}")
    assert "data-save" in content("coordinator", FORM)


def test_participants_of_a_site_are_locked_one_by_one_and_refusals_are_told() -> None:
    page = put("lock", f"participant/{cast.PARTICIPANT}", site=cast.SITE)
    assert "Not everything is settled here: 0 drafts, 4 open queries" in page
    put("freeze", f"participant/{cast.PARTICIPANT}", site=cast.SITE)
    assert Lock.objects.get().key == f"{cast.STUDY}/locks/participant/{cast.PARTICIPANT}"
    assert content("monitor", f"{LOCKS}?site={cast.SITE}").count('data-status="frozen"') == 1
    assert cast.sign_in("data.manager").get(f"{LOCKS}?site=799").status_code == 404


def test_one_item_is_frozen_and_opened_from_its_history() -> None:
    where, item = f"{STUDY}/participants/{cast.PARTICIPANT}/do/items/LOG/AE/1", {"item": "AETERM"}
    assert "Freeze this item" in content("data.manager", HISTORY)
    assert "Freeze this item" not in content("coordinator", HISTORY)
    manager = cast.sign_in("data.manager")
    manager.post(where, item | {"verb": "freeze", "reason": "coded"})
    assert Form.objects.get(key=cast.AE).held["AETERM"]["state"] == "frozen"
    line = content("nurse", f"{STUDY}/participants/{cast.PARTICIPANT}/LOG/AE/1")
    assert "Frozen by Data Manager" in line
    assert 'name="AETERM"' not in line
    assert "Say why it is opened again." in manager.post(where, item | {"verb": "open"}, follow=True).content.decode()
    manager.post(where, item | {"verb": "open", "reason": "recoded"})
    assert Form.objects.get(key=cast.AE).held == {}


def counts(handle: str) -> dict[str, str]:
    page = content(handle, CHECKLIST)
    return dict(re.findall(r'/(?:checklist/)?(\w+)">([\d,]+)<span class="visually-hidden">', page))


def test_the_checklist_counts_what_a_person_may_see_and_says_that_there_is_more() -> None:
    blinded, unblinded = counts("data.manager"), counts("unblinded.monitor")
    assert (blinded["queries"], unblinded["queries"]) == ("2", "4")
    assert "and what you may not see" in content("data.manager", CHECKLIST)
    assert cast.ALLOCATION not in content("data.manager", f"{CHECKLIST}/signatures")
    assert "Vital" in content("data.manager", f"{CHECKLIST}/signatures")
    assert cast.sign_in("data.manager").get(f"{CHECKLIST}/weather").status_code == 404


def test_the_study_is_frozen_looked_through_and_locked_with_its_waivers() -> None:
    manager = cast.sign_in("study.manager")
    put("freeze", "study/", by="study.manager")
    page = manager.get(CHECKLIST).content.decode()
    lines = re.findall(r'name="(waive-\w+)"', page)
    assert "waive-queries" in lines
    refused = manager.post(CHECKLIST, {"reason": "final"})
    assert refused.status_code == 422
    assert "The checklist is not done" in refused.content.decode()
    LedgerCheck.objects.create(study=cast.STUDY, size=10**6, faults=0, time="")
    waive = dict.fromkeys(lines, "a demonstration")
    assert manager.post(CHECKLIST, {"reason": "final"} | waive).status_code == 302
    page = manager.get(CHECKLIST).content.decode()
    assert "The study is locked." in page
    assert "a demonstration" in page
    assert Lock.objects.get(level="study").state == "locked"
