"""Devices and sites compared on a page."""

from __future__ import annotations

from typing import Any

import pytest

from tests.cast import STUDY, sign_in
from tests.web.devices.test_traces import sent

pytestmark = pytest.mark.database

PAGE = f"/studies/{STUDY}/devices/overview"


def get(handle: str, **asked: Any) -> Any:
    return sign_in(handle).get(PAGE, data=asked)


def test_sites_and_devices_stand_with_their_figures() -> None:
    sent()
    page = get("data.manager", days=28, sort="-received").content.decode()
    assert "Ghent" in page
    assert "W-001" in page
    assert 'aria-sort="descending"' in page
    assert "sort=received" in page  # once more turns it round
    assert "the last 28 days" in page


def test_a_site_sees_its_own_devices_only() -> None:
    sent()
    assert "W-001" in get("coordinator").content.decode()
    elsewhere = get("elsewhere")
    assert elsewhere.status_code == 200
    assert "W-001" not in elsewhere.content.decode()
    assert get("privacy.officer").status_code == 404


@pytest.mark.parametrize("asked", [{"days": "0"}, {"days": "x"}, {"sort": "-secret"}, {"site": "999"}])
def test_what_nobody_offers_is_as_nothing_said(asked: dict[str, str]) -> None:
    sent()
    assert get("data.manager", **asked).status_code == 200
