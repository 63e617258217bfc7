"""The pages of verification: what is due to whom and why, verifying what was seen, changing the plan after its effect."""

from __future__ import annotations

import re

from helmont.core.writer import perform
from helmont.edc.actions.entry import SaveForm
from helmont.edc.models import Form, VerificationPlan
from tests import cast

DUE, PLAN = f"/studies/{cast.STUDY}/verification", f"/studies/{cast.STUDY}/verification/plan"
EVERYTHING = "default: all\n"


def content(handle: str, address: str = DUE) -> str:
    return cast.sign_in(handle).get(address).content.decode()


def rows(handle: str, query: str = "") -> list[str]:
    """The forms that can be ticked, each with the revision shown."""
    return re.findall(r'name="row" value="([^"]+)"', content(handle, f"{DUE}?{query}"))


def change(text: str, **more: str) -> int:
    body = {"plan": text, "reason": "a signal from central monitoring", "action": "save", "seen": "0"} | more
    return cast.sign_in("study.manager").post(PLAN, body).status_code


def test_what_is_due_names_the_values_and_hides_what_a_person_may_not_see() -> None:
    assert change(EVERYTHING) == 302
    monitor, unblinded = content("monitor"), content("unblinded.monitor")
    assert cast.ALLOCATION not in monitor
    assert cast.ALLOCATION in unblinded
    assert cast.CONFIDENCE not in content("sponsor")
    assert {row.rsplit("@", 1)[0] for row in rows("monitor")} >= {cast.VS, cast.AE}
    assert rows("coordinator") == []


def test_a_form_is_verified_as_it_was_seen_or_not_at_all() -> None:
    change(EVERYTHING)
    row = next(row for row in rows("monitor", "form=VS") if row.startswith(cast.VS))
    values = {"SYSBP": "121"}
    perform(SaveForm(cast.VS, values, reason="misread"), cast.actor("coordinator"))
    page = cast.sign_in("monitor").post(DUE, {"row": row}, follow=True).content.decode()
    assert "The form changed in the meantime" in page
    assert Form.objects.get(key=cast.VS).verified == {}
    row = next(row for row in rows("monitor", "form=VS") if row.startswith(cast.VS))
    cast.sign_in("monitor").post(DUE, {"row": row})
    assert "SYSBP" in Form.objects.get(key=cast.VS).verified
    assert rows("monitor", "form=VS") == []


def test_a_value_that_changed_since_says_from_what_and_by_whom() -> None:
    change(EVERYTHING)
    cast.sign_in("monitor").post(DUE, {"row": rows("monitor", "form=VS")})
    perform(SaveForm(cast.VS, {"SYSBP": "121"}, reason="misread"), cast.actor("coordinator"))
    page = content("monitor", f"{DUE}?why=changed")
    assert re.search(r"<strong>121[^<]*</strong>", page)
    assert re.search(r"was 80[^;]* when it was verified; changed by Coordinator", page)
    assert rows("monitor", "why=changed&site=702") == []


def test_a_plan_shows_its_effect_before_it_holds_and_keeps_its_history() -> None:
    manager = cast.sign_in("study.manager")
    shown = manager.post(PLAN, {"plan": EVERYTHING, "reason": "", "action": "preview"}).content.decode()
    assert "What this plan would make due" in shown
    assert not VerificationPlan.objects.exists()
    assert change(EVERYTHING, reason=" ") == 422
    assert change(EVERYTHING) == 302
    assert change(EVERYTHING) == 422  # seen: an earlier version
    page = manager.get(PLAN).content.decode()
    assert "a signal from central monitoring" in page
    assert "Version 1, in force" in page
    assert "Every value" in page


def test_a_plan_that_is_none_is_refused_by_line_and_nothing_typed_is_lost() -> None:
    text = "default: all\nrules:\n  - {id: A, require: all, forms: [VX]}\n"
    answer = cast.sign_in("study.manager").post(PLAN, {"plan": text, "reason": "why", "action": "save", "seen": "0"})
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "Line 3:" in page
    assert "VX is not the id of any form" in page
    assert "forms: [VX]" in page
    assert not VerificationPlan.objects.exists()


def test_rules_are_read_in_words() -> None:
    change(
        "default: none\nsite_risk: {'701': high}\nrules:\n"
        "  - {id: A, label: Vital signs first, require: all, forms: [VS], participants: {first: 2}}\n"
        "  - {id: B, require: critical, risk: [high], participants: {sample: 20, seed: zx}}\n"
        "  - {id: C, require: none, items: [VS.SYSBP], encounters: [BASELINE], participants: {every: 3}}\n"
    )
    page = content("inspector", PLAN)
    for words in (
        "Vital signs first",
        "The first 2 of each site",
        "A sample of 20%",
        "risk high",
        "Every 3. of each site",
    ):
        assert words in page


def test_the_form_page_marks_what_the_plan_requires() -> None:
    address = f"/studies/{cast.STUDY}/participants/{cast.PARTICIPANT}/BASELINE/VS"
    assert change("default: none\n") == 302
    assert "data-body='{\"verified\": true}'" not in content("monitor", address)
    assert change("default: none\nrules:\n  - {id: A, require: all, items: [VS.DIABP]}\n", seen="1") == 302
    assert "Verify the 1 item that is due" in content("monitor", address)
