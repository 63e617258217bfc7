"""The drawer beside an item, and the API, name what a device's value was computed from."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from helmont.core.ledger.models import Entry
from helmont.core.people.assignments import AssignRole
from helmont.core.people.queries import forget_actors
from helmont.core.writer import perform
from helmont.edc.actions.review import LockForm
from helmont.participants.actions import BeginEncounter
from helmont.web.devices import results
from helmont.web.entry import measured
from tests import cast
from tests.sensors.worn import (
    HER,
    IMPORT,
    MAX,
    TRIAL,
    WORN,
    beats,
    begin_trial,
    computed,
    data,
    do,
    entered,
    entry,
    wear,
)

pytestmark = pytest.mark.database
DRAWER = f"/studies/{TRIAL}/participants/701-001/WEEK_2/WORN/history?item=HRMEAN"
PROVENANCE = f"/api/v1/forms/{WORN}/provenance?item="


@pytest.fixture(autouse=True)
def trial(db: None) -> None:  # noqa: ARG001 - makes the database
    begin_trial()
    for handle, role in (("monitor", "monitor"), ("sponsor", "sponsor")):
        perform(AssignRole(handle, role, TRIAL), cast.HELMONT)
    forget_actors()
    secret = wear()
    beats(secret, "b2", "2026-03-29", [81] * 61)
    entered()
    beats(secret, "b1", "2026-03-28", [72] * 61)
    entered()


def page(handle: str = "monitor") -> str:
    answer = cast.sign_in(handle).get(DRAWER)
    assert answer.status_code == 200
    return answer.content.decode()


def test_the_drawer_leads_from_each_value_to_its_batches() -> None:
    text = page()
    assert "Computed from 2 batches of samples" in text
    assert "Computed from 1 batch of samples" in text
    assert "Samples came later: 2 batches, before 1." in text
    assert "76.5 /min" in text
    assert "heart_rate_mean_visit@2" in text
    assert entry().digest in text
    assert "/participants/701-001/sensors?channel=heart&amp;from=1774566000000000&amp;to=1774821600000000" in text
    assert text.count(">b2<") == 2
    assert text.count(">b1<") == 1


def test_the_form_marks_what_a_device_measured() -> None:
    answer = cast.sign_in("monitor").get(DRAWER.partition("/history")[0])
    marked = answer.content.decode().count('title="Measured by a device"')
    assert (
        marked == 3
    )  # two items and a day; the other day changed after completion, and its cell has room for one mark


def test_a_result_that_waits_is_named() -> None:
    assert "It was not entered" not in page()
    do(LockForm(WORN))
    secret = wear(label="W-002", starts="2026-03-29T20:00:00Z")
    beats(secret, "b9", "2026-03-29", [120] * 61, first=22 * 60 + 30)
    entered()
    assert entry().state == "waiting"
    assert "It was not entered" in page()


def test_who_may_not_read_the_audit_trail_finds_no_batches() -> None:
    assert "batches of samples" not in page("sponsor")
    assert cast.sign_in("sponsor").get(PROVENANCE + "HRMEAN").status_code == 404
    assert cast.sign_in("elsewhere").get(DRAWER).status_code == 404


def test_the_api_gives_the_same() -> None:
    client = cast.sign_in("monitor")
    then, now = client.get(PROVENANCE + "HRMEAN").json()
    assert (then["value"], now["value"], now["definition"]) == ("81.0", "76.5", entry().digest)
    assert [each["batch"].rpartition("/")[2] for each in now["batches"]] == ["b1", "b2"]
    assert all(len(each["sha256"]) == 64 and each["sequence"] > 0 for each in now["batches"])
    assert client.get(PROVENANCE + "REMARK").json() == []


def test_data_management_sees_what_waits_and_has_it_entered_at_once() -> None:
    perform(AssignRole("data.manager", "data_manager", TRIAL), cast.HELMONT)
    forget_actors()
    client = cast.sign_in("data.manager")
    place = f"/studies/{TRIAL}/devices/results"
    assert "No result waits" in client.get(place).content.decode()
    do(LockForm(WORN))
    secret = wear(label="W-002", starts="2026-03-29T20:00:00Z")
    beats(secret, "b9", "2026-03-29", [120] * 61, first=22 * 60 + 30)
    computed()
    assert client.post(f"{place}/enter").status_code == 302
    text = client.get(place).content.decode()
    assert "Mean heart rate" in text
    assert "locked" in text
    do(LockForm(WORN, undo=True, reason="Samples came"), MAX)
    assert client.post(f"{place}/enter").status_code == 302
    assert "No result waits" in client.get(place).content.decode()
    assert '"asked":"data.manager"' in str(Entry.objects.filter(log=TRIAL).latest("sequence").body)


def test_what_waits_for_samples_says_until_when(monkeypatch: pytest.MonkeyPatch) -> None:
    perform(AssignRole("data.manager", "data_manager", TRIAL), cast.HELMONT)
    perform(BeginEncounter(TRIAL, "702-001", "WEEK_2", "2026-03-30"), IMPORT)
    forget_actors()
    hers = wear(HER, label="W-003", zone="Europe/Amsterdam")
    beats(hers, "b1", "2026-03-29", [90] * 61)
    computed(participant=HER)
    for module in (results, measured):
        monkeypatch.setattr(module, "now", lambda: datetime(2026, 3, 30, 12, tzinfo=UTC))
    client = cast.sign_in("data.manager")
    said = "To be entered on 31 Mar 2026, 00:00 CEST, or as soon as all samples are there"
    listing = client.get(f"/studies/{TRIAL}/devices/results").content.decode()
    assert listing.count(said) == 1
    assert "3 results" in listing  # two items and a day
    assert "29 Mar 2026" in listing
    assert "90.0" in listing
    drawer = f"/studies/{TRIAL}/participants/702-001/WEEK_2/WORN/history?item="
    assert said in client.get(f"{drawer}HRMEAN").content.decode()
    assert "To be entered" not in client.get(f"{drawer}REMARK").content.decode()
    assert client.post(f"/studies/{TRIAL}/devices/results/enter").status_code == 302
    assert "To be entered" not in client.get(f"/studies/{TRIAL}/devices/results").content.decode()
    assert data(f"{HER}/WEEK_2/WORN")["HRMEAN"] == "90.0"
