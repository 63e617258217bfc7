"""The audit trail as it is read: labels, values, reasons, proofs; filters; what is masked."""

from __future__ import annotations

import re

import pytest
from django.utils import translation

from helmont.core.actions import Action
from helmont.core.writer import perform
from helmont.edc.actions.entry import SaveForm
from helmont.web.audit.words import ACTIONS, value_title
from tests import cast

STUDY = f"/studies/{cast.STUDY}"
TRAIL = f"{STUDY}/participants/{cast.PARTICIPANT}/audit"


def trail(handle: str, query: str = "", path: str = TRAIL) -> str:
    answer = cast.sign_in(handle).get(f"{path}?{query}")
    assert answer.status_code == 200
    return answer.content.decode()


def entries(page: str) -> list[int]:
    return [int(number) for number in re.findall(rf'href="{STUDY}/ledger/entries/(\d+)"', page)]


def test_a_correction_reads_as_label_old_new_and_reason() -> None:
    perform(SaveForm(cast.VS, {"SYSBP": "131"}, complete=True, reason="Typing error"), cast.actor("coordinator"))
    page = trail("monitor")
    label = cast.definition().forms[[f.id for f in cast.definition().forms].index("VS")]
    name = next(item.label.get("en")[0] for item in label.items() if item.id == "SYSBP")
    assert re.search(rf"{name} <del>80[^<]*</del>.*?<ins>131[^<]*</ins>", page, re.DOTALL)
    assert '<p class="reason">Typing error</p>' in page
    assert "Site coordinator" in page


def test_entries_are_newest_first_and_each_leads_to_its_proof() -> None:
    found = entries(trail("monitor"))
    assert found == sorted(found, reverse=True)
    assert len(found) > 5


def test_filters_by_person_action_form_and_period() -> None:
    everything = set(entries(trail("monitor")))
    by_nurse = set(entries(trail("monitor", "person=nurse")))
    assert by_nurse
    assert by_nurse < everything
    assert set(entries(trail("monitor", "action=participants.screen"))) < everything
    assert set(entries(trail("monitor", f"form=form:{cast.VS}"))) < everything
    assert entries(trail("monitor", "until=2000-01-01")) == []
    assert set(entries(trail("monitor", "since=not-a-date"))) == everything


def test_the_study_s_trail_is_limited_to_ones_places() -> None:
    where = f"{STUDY}/audit"
    assert cast.PARTICIPANT in trail("monitor", path=where)
    assert cast.OTHER_PARTICIPANT in trail("monitor", path=where)
    assert cast.OTHER_PARTICIPANT not in trail("coordinator", path=where)
    assert cast.sign_in("sponsor").get(where).status_code == 403


def test_every_action_on_a_study_s_record_has_words() -> None:
    def actions(base: type) -> set[str]:
        own = {base.name} if "name" in vars(base) else set()  # type: ignore[attr-defined]  # every action has a name
        return own.union(*(actions(child) for child in base.__subclasses__()))

    rooms = {name for name in actions(Action) if name.startswith(("edc.", "participants.", "studies."))}
    assert len(rooms) > 12
    assert rooms <= ACTIONS.keys()


@pytest.mark.parametrize(
    ("name", "value", "shown"),
    [
        ("valid", False, "nein"),
        ("signed", "broken", "durch eine Änderung ungültig"),
        ("method", "password+totp", "Passwort + Authenticator-App"),
        ("status", "withdrawn", "Ausgeschieden"),
        ("date", "2026-11-22", "22. Nov. 2026"),
        ("opened", "2026-11-22T09:30:00.123456Z", "22. Nov. 2026, 09:30 UTC"),
        ("text", "2026-11-22", "2026-11-22"),
    ],
)
def test_columns_are_read_in_words_and_free_text_as_it_was_written(name: str, value: object, shown: str) -> None:
    with translation.override("de"):
        assert value_title(name, value) == shown
