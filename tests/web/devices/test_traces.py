"""The page of a participant's samples: what it shows to whom, and the data of its pictures."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from helmont.core.projections.runner import catch_up
from helmont.sensors.models import EndpointResult
from helmont.signals.errors import SignalError
from tests.cast import OTHER_PARTICIPANT, PARTICIPANT, STUDY, sign_in
from tests.sensors.kit import WEARER, assign, register
from tests.sensors.sending import glucose, moment, moving, send, still, wrist

pytestmark = pytest.mark.database

PAGE = f"/studies/{STUDY}/participants/{PARTICIPANT}/sensors"
NINE = moment("2026-01-12T09:00:00Z") // 1000
HOUR = 3_600_000_000


def sent() -> str:
    """Two hours of a wrist, one of them on a table, glucose each five minutes, and a channel that tells the arm."""
    register()
    _assignment, secret = assign()
    wrist(secret, "b1", "2026-01-12T09:00:00Z", moving(20))
    wrist(secret, "b2", "2026-01-12T09:30:00Z", still(10))
    begin = datetime.fromisoformat("2026-01-12T09:00:00+00:00")
    times = [(begin + timedelta(minutes=5 * step)).isoformat() for step in range(12)]
    glucose(secret, "g1", times, [5.0 + step / 10 for step in range(12)])
    send(secret, "pulse", "p1", {"times": [times[0]], "values": [71]})
    catch_up("sensor streams")
    return secret


def get(handle: str, path: str, **options: Any) -> Any:
    return sign_in(handle).get(path, **options)


def data(handle: str, **asked: Any) -> Any:
    return get(handle, f"{PAGE}/trace", data=asked, headers={"Accept": "application/json"})


def result(label: str, value: float | None, reason: str = "", channel: str = "wrist", **more: Any) -> None:
    start = moment(f"{label}T00:00:00+01:00") // 1000
    EndpointResult.objects.create(
        key=f"{WEARER}#{more.get('endpoint', 'enmo_mean')}@1#day#{label}",
        study=STUDY,
        participant=WEARER,
        **{
            "endpoint": "enmo_mean",
            "version": 1,
            "digest": "",
            "window": "day",
            "label": label,
            "unit": "m[g]",
            **more,
        },
        start=start,
        end=start + 24 * HOUR,
        value=value,
        evaluable=not reason,
        reason=reason,
        wear=600.0,
        channel=channel,
        final=True,
        batches=2,
        computed="2026-01-14T00:00:00Z",
    )


def test_a_picture_has_its_level_bands_and_gaps() -> None:
    sent()
    answer = data("coordinator", channel="wrist", **{"from": NINE, "to": NINE + HOUR}).json()
    assert (answer["level"], answer["level_text"], answer["seconds"]) == ("5 s", "means of 5 s", 5.0)
    assert [axis["name"] for axis in answer["axes"]] == ["x", "y", "z"]
    assert len(answer["times"]) == len(answer["axes"][0]["mean"]) == len(answer["extra"]["enmo"]) == 360
    low, mean, high = (answer["axes"][2][name][0] for name in ("low", "mean", "high"))
    assert low < mean < high
    assert answer["gaps"] == [[NINE + HOUR // 3, NINE + HOUR // 2], [NINE + HOUR * 2 // 3, NINE + HOUR]]
    second = data("coordinator", channel="wrist", **{"from": NINE, "to": NINE + 1_000_000}).json()
    assert (second["level"], len(second["times"]), second["axes"][0]["low"]) == ("raw", 50, None)
    assert second["times"][1] - second["times"][0] == 20_000


def test_the_page_shows_what_came_and_the_values_in_a_table() -> None:
    sent()
    page = get("coordinator", f"{PAGE}?from={NINE}&to={NINE + HOUR}&values=cgm").content.decode()
    assert "Europe/Brussels" in page
    assert page.count("data-chart=") == 3  # movement, acceleration, glucose
    assert "12 Jan 2026, 10:05:00.000 CET" in page
    assert "5.1" in page
    assert "W-001 was given out" in page
    assert "Baseline" in page  # the visit is marked
    assert "71" not in get("coordinator", f"{PAGE}/today").content.decode()


def test_other_pages_lead_to_it() -> None:
    sent()
    for page in (f"participants/{PARTICIPANT}/", "devices", "devices/W-001"):
        assert f'href="{PAGE}"' in get("coordinator", f"/studies/{STUDY}/{page}").content.decode()
    assert PAGE not in get("coordinator", f"/studies/{STUDY}/participants/{PARTICIPANT}/BASELINE/VS").content.decode()


@pytest.mark.parametrize("rest", ["", "/today", "/endpoints", "/trace?channel=wrist"])
def test_another_site_finds_nothing(rest: str) -> None:
    sent()
    assert get("elsewhere", f"{PAGE}{rest}").status_code == 404
    assert get("outsider", f"{PAGE}{rest}").status_code == 404
    assert get("coordinator", f"{PAGE}{rest}").status_code == 200


def test_a_channel_that_tells_the_arm_is_hidden_from_the_blinded() -> None:
    sent()
    result("2026-01-12", 71.0, channel="pulse", endpoint="heart_rate_mean", unit="/min")
    span = {"from": NINE, "to": NINE + HOUR}
    assert data("coordinator", channel="pulse", **span).status_code == 404
    assert data("unblinded.statistician", channel="pulse", **span).json()["axes"][0]["mean"] == [71.0]
    for handle, seen in (("coordinator", False), ("unblinded.statistician", True)):
        page = get(handle, PAGE, data=span).content.decode()
        assert ("pulse" in page) is seen
        assert (">71<" in page) is seen


def test_endpoints_stand_day_by_day_with_the_reason_why_one_does_not_count() -> None:
    sent()
    result("2026-01-12", 31.25)
    result("2026-01-13", 4.5, "too_little_wear")
    page = get("coordinator", f"{PAGE}/endpoints?from={NINE}&to={NINE + 30 * HOUR}").content.decode()
    assert "Mean acceleration (ENMO)" in page
    assert ">31.2<" in page
    assert "too little usable data" in page
    assert "1 of 2 evaluable" in page
    assert f'data-from="{moment("2026-01-13T00:00:00+01:00") // 1000}"' in page
    later = get("coordinator", f"{PAGE}/endpoints?from={NINE + 40 * HOUR}&to={NINE + 50 * HOUR}").content.decode()
    assert "has been computed yet" in later


@pytest.mark.parametrize(
    "span", [{"from": "9", "to": "8"}, {"from": "x", "to": "8"}, {"from": "0", "to": str(500 * 24 * HOUR)}]
)
def test_a_time_that_is_none_is_refused(span: dict[str, str]) -> None:
    sent()
    assert data("coordinator", channel="wrist", **span).status_code == 422


def test_damaged_samples_are_told_of(monkeypatch: pytest.MonkeyPatch) -> None:
    sent()

    def damaged(*_asked: object) -> None:
        raise SignalError("segment 1, byte 512", "another checksum", "the samples as they were kept")

    for name in ("live", "trace"):
        monkeypatch.setattr(f"helmont.sensors.queries.traces.{name}", damaged)
    assert data("coordinator", channel="wrist").status_code == 422
    page = get("coordinator", PAGE, headers={"Accept": "text/html"})
    assert page.status_code == 422
    assert "segment 1, byte 512" in page.content.decode()


def test_somebody_without_samples_is_told_what_to_do() -> None:
    page = get("elsewhere", f"/studies/{STUDY}/participants/{OTHER_PARTICIPANT}/sensors").content.decode()
    assert "Give the participant a device" in page
    assert "uPlot" not in page
