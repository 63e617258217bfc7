"""The pages of verification: what is due to whom and why, verifying what was seen, changing the plan after its effect."""

from __future__ import annotations

import re
from typing import Any

import orjson
from lxml.html import document_fromstring

from helmont.core.writer import perform
from helmont.edc.actions.entry import SaveForm
from helmont.edc.models import Form, VerificationPlan
from tests import cast

DUE, PLAN = f"/studies/{cast.STUDY}/verification", f"/studies/{cast.STUDY}/verification/plan"
EDIT = f"{PLAN}/edit"
EVERYTHING = "default: all\n"


def content(handle: str, address: str = DUE) -> str:
    return cast.sign_in(handle).get(address).content.decode()


def rows(handle: str, query: str = "") -> list[str]:
    """The forms that can be ticked, each with the revision shown."""
    return re.findall(r'name="row" value="([^"]+)"', content(handle, f"{DUE}?{query}"))


def change(text: str, **more: str) -> int:
    """The plan is pasted, its effect is looked at, and it is put in force."""
    manager = cast.sign_in("study.manager")
    shown = manager.post(EDIT, fields(manager.get(EDIT)) | {"yaml": text, "do": "yaml"})
    seen = manager.post(EDIT, fields(shown) | {"do": "preview"})
    return manager.post(
        EDIT, fields(seen) | {"reason": "a signal from central monitoring", "do": "save"} | more
    ).status_code


def fields(answer: Any) -> dict[str, Any]:
    """What a browser would send back of the page's draft, as it stands."""
    draft = document_fromstring(answer.content).get_element_by_id("draft")
    return {name: value for name, value in draft.form_values() if name}  # type: ignore[attr-defined]  # a form


def post(handle: str, answer: Any, do: str, **more: Any) -> Any:
    """Press the button of that name on the page that was answered."""
    return cast.sign_in(handle).post(EDIT, fields(answer) | more | {"do": do})


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
    begun = manager.get(EDIT)
    shown = post("study.manager", begun, "preview", default="all")
    effect = re.sub(r"\s+", " ", re.sub("<[^>]+>", " ", shown.content.decode()))
    assert re.search(r"Become due \d+ on \d+ forms No longer due 0 on 0 forms", effect)
    assert not VerificationPlan.objects.exists()
    assert post("study.manager", shown, "save", reason=" ").status_code == 422
    assert post("study.manager", shown, "save", reason="why", default="none").status_code == 422  # not what was shown
    assert not VerificationPlan.objects.exists()
    assert post("study.manager", shown, "save", reason="a signal from central monitoring").status_code == 302
    assert post("study.manager", shown, "save", reason="why").status_code == 422  # seen: an earlier version
    page = manager.get(PLAN).content.decode()
    assert "a signal from central monitoring" in page
    assert "Version 1, in force" in page
    assert "<del>Critical items</del>" in page
    assert "<ins>Every value</ins>" in page
    assert "no longer in force" in manager.get(f"{PLAN}?version=0").content.decode()
    assert manager.get(f"{PLAN}?version=2").status_code == 404
    assert manager.get(f"{PLAN}/file").content == b"default: all\n"


def test_rules_are_made_from_the_study_s_own_forms_and_put_in_order() -> None:
    page = cast.sign_in("study.manager").get(EDIT)
    page = post("study.manager", page, "add")
    page = post(
        "study.manager", page, "take", **{"rule-label": "Pressures", "rule-items": ["VS.SYSBP"], "rule-who": "first"}
    )
    assert page.status_code == 422
    assert "Say how many" in page.content.decode()
    page = post("study.manager", page, "add", **{"rule-number": "2"})  # another button takes the open rule first
    page = post(
        "study.manager", page, "up:1", **{"rule-label": "Events", "rule-forms": ["AE"], "rule-require": "critical"}
    )
    draft = orjson.loads(fields(page)["draft"])
    assert [(rule["id"], rule["label"]) for rule in draft["rules"]] == [
        ("RULE_2", {"en": "Events"}),
        ("RULE_1", {"en": "Pressures"}),
    ]
    page = post("study.manager", page, "open:1")
    assert fields(page)["rule-label"] == "Pressures"
    page = post("study.manager", page, "take", **{"rule-forms": ["VS"]})
    assert "whole forms or single items" in page.content.decode()
    page = post("study.manager", page, "cancel")
    page = post("study.manager", page, "remove:0", **{"risk-702": "high"})
    draft = orjson.loads(fields(page)["draft"])
    assert draft["rules"][0]["items"] == ["VS.SYSBP"]
    assert draft["rules"][0]["participants"] == {"first": 2}
    assert draft["site_risk"] == {"702": "high"}
    assert not VerificationPlan.objects.exists()


def test_a_rule_about_what_the_study_no_longer_has_is_not_widened_by_looking_at_it() -> None:
    page = cast.sign_in("study.manager").get(EDIT)
    gone = {"rules": [{"id": "GONE", "label": {"en": "Gone"}, "require": "all", "forms": ["VX"]}]}
    page = post("study.manager", page, "open:0", draft=orjson.dumps(gone).decode())
    assert "VX (no longer in the study)" in page.content.decode()
    page = post("study.manager", page, "take")
    assert orjson.loads(fields(page)["draft"])["rules"][0]["forms"] == ["VX"]


def test_what_a_page_carries_is_checked_like_anything_that_comes_from_outside() -> None:
    page = cast.sign_in("study.manager").get(EDIT)
    for draft in ("", "[", "[]", '{"rules": 3}', '{"rules": [{"id": "A"}]}', '{"default": "most"}'):
        answer = post("study.manager", page, "preview", draft=draft)
        assert answer.status_code in (200, 422), draft
        assert post("study.manager", page, "save", draft=draft, reason="why").status_code == 422
    assert not VerificationPlan.objects.exists()


def test_a_plan_that_is_none_is_refused_by_line_and_nothing_typed_is_lost() -> None:
    text = "default: all\nrules:\n  - {id: A, require: all, forms: [VX]}\n"
    answer = post("study.manager", cast.sign_in("study.manager").get(EDIT), "yaml", yaml=text)
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
        "Every 3. participant of each site",
    ):
        assert words in page


def test_the_form_page_marks_what_the_plan_requires() -> None:
    address = f"/studies/{cast.STUDY}/participants/{cast.PARTICIPANT}/BASELINE/VS"
    assert change("default: none\n") == 302
    assert "data-body='{\"verified\": true}'" not in content("monitor", address)
    assert change("default: none\nrules:\n  - {id: A, require: all, items: [VS.DIABP]}\n") == 302
    assert "Verify the 1 item that is due" in content("monitor", address)
