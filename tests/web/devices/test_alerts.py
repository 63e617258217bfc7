"""The page of alerts: what waits, who was written to, and that somebody has seen it."""

from __future__ import annotations

from datetime import UTC, datetime
from urllib.parse import quote, urlencode

import pytest

from helmont.sensors.actions.devices import AssignDevice
from helmont.sensors.alert_models import DeviceAlert, DeviceAlertSeen
from helmont.sensors.alerting import look
from helmont.sensors.secrets import new_secret
from tests.cast import OTHER_PARTICIPANT, PARTICIPANT, STUDY, sign_in
from tests.sensors.kit import BEGIN, assign, do, register

pytestmark = pytest.mark.database
PAGE = f"/studies/{STUDY}/devices/alerts"


@pytest.fixture
def alert() -> DeviceAlert:
    """A device that is silent since a day after it was given out, about which the site was written to."""
    register()
    assign()
    look(STUDY, datetime.now(UTC))
    return DeviceAlert.objects.get()


def text(handle: str, path: str = PAGE) -> str:
    answer = sign_in(handle).get(path)
    assert answer.status_code == 200
    found: str = answer.content.decode()
    return found


def test_an_alert_that_waits_says_what_since_when_and_who_was_written_to(alert: DeviceAlert) -> None:
    page = text("coordinator")
    for said in ("1 waits to be seen, of 1", PARTICIPANT, "Nothing received", "W-001", "Goes on", "Written to"):
        assert said in page
    assert f"{PAGE}/acknowledge?alert={quote(alert.key)}" in page
    assert "Acknowledge" not in text("monitor")
    assert PARTICIPANT not in text("elsewhere")
    assert "count-badge" in text("coordinator", f"/studies/{STUDY}/devices")


def test_whoever_acknowledges_says_what_follows_and_it_is_kept(alert: DeviceAlert) -> None:
    place = f"{PAGE}/acknowledge?alert={quote(alert.key)}"
    client = sign_in("nurse")
    assert "is required" in client.post(place, {"note": ""}).content.decode()
    assert client.post(place, {"note": "Charger was broken; sent another"}).status_code == 302
    assert DeviceAlertSeen.objects.get(key=alert.key).by == "nurse"
    assert "Nothing waits" in text("coordinator")
    everything = text("coordinator", f"{PAGE}?all=1")
    assert "Charger was broken; sent another" in everything
    assert "Nurse" in everything


def test_several_are_acknowledged_at_once_and_all_or_none(alert: DeviceAlert) -> None:
    register("W-002")
    digest = new_secret()[1]
    there = AssignDevice(f"{STUDY}/{OTHER_PARTICIPANT}", "W-002", BEGIN, "Europe/Amsterdam", digest=digest)
    do(there, "elsewhere")
    look(STUDY, datetime.now(UTC))
    keys = [each.key for each in DeviceAlert.objects.order_by("key")]
    assert len(keys) == 2
    place = f"{PAGE}/acknowledge?" + urlencode({"alert": keys}, doseq=True)
    client = sign_in("data.manager")
    assert "Acknowledge 2 alerts" in client.get(place).content.decode()
    assert client.post(f"{place}&alert=unknown", {"note": "Battery changed"}).status_code == 404
    assert sign_in("coordinator").post(place, {"note": "Battery changed"}).status_code == 404
    assert not DeviceAlertSeen.objects.exists()
    assert client.post(f"{PAGE}/acknowledge?alert={quote(alert.key)}", {"note": "Charger sent"}).status_code == 302
    assert client.post(place, {"note": "Battery changed"}).status_code == 302
    notes = dict(DeviceAlertSeen.objects.values_list("key", "note"))
    assert (notes.pop(alert.key), *notes.values()) == ("Charger sent", "Battery changed")
