"""Samples of a participant: zoomed from months to a second, marked where nothing was worn, and current as batches come."""

from __future__ import annotations

import json
import re
import urllib.request
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Page, expect

from tests import cast
from tests.browser.clinic import Clinic
from tests.browser.conftest import Enter
from tests.staging import SECRET

PAGE = f"/studies/{cast.STUDY}/participants/{cast.OTHER_PARTICIPANT}/sensors"
RATE, MINUTES = 50, 60 * 50
BEGIN = datetime(2026, 3, 2, 8, tzinfo=UTC)
LEVELS = {
    "6 months": "1 h",
    "Month": "1 min",
    "Week": "1 min",
    "Day": "1 min",
    "Hour": "5 s",
    "Minute": "raw",
    "Second": "raw",
}


def put(clinic: Clinic, channel: str, batch: str, **body: Any) -> None:
    request = urllib.request.Request(
        f"{clinic.site.url}/samples/v1/{channel}/{batch}",
        method="PUT",
        data=json.dumps(body).encode(),
        headers={"Authorization": f"Bearer {SECRET}", "Content-Type": "application/json"},
    )
    with urllib.request.urlopen(request, timeout=60) as answer:
        assert json.load(answer)["batch"] == batch


def wrist(clinic: Clinic, batch: str, start: datetime, counts: Sequence[Sequence[int]]) -> None:
    put(clinic, "wrist", batch, start=start.isoformat(), rate=RATE, counts=counts)


def moving(minutes: int) -> list[list[int]]:
    swing = np.random.default_rng(7).normal(0, 30, (minutes * MINUTES, 3))
    swing[:, 2] += 256
    counts: list[list[int]] = swing.astype(int).tolist()
    return counts


@pytest.fixture(scope="module")
def sent(clinic: Clinic) -> None:
    """A reading in January; in March a wrist for 40 minutes, then two hours on a table, and 20 minutes again."""
    put(clinic, "cgm", "c0", times=["2026-01-12T10:00:00Z"], values=[6.5], unit="mmol/L")
    wrist(clinic, "b1", BEGIN, moving(40))
    wrist(clinic, "b2", BEGIN + timedelta(minutes=40), [[0, 0, 256]] * (120 * MINUTES))
    wrist(clinic, "b3", BEGIN + timedelta(minutes=160), moving(20))
    put(
        clinic,
        "cgm",
        "c1",
        times=[(BEGIN + timedelta(minutes=5 * n)).isoformat() for n in range(36)],
        values=[7.1] * 36,
        unit="mmol/L",
    )


def settled(page: Page) -> None:
    expect(page.locator("[data-charts]")).to_have_attribute("aria-busy", "false")


def span(page: Page) -> float:
    """Seconds that are shown, by the address."""
    start, end = re.findall(r"(?:from|to)=(\d+)", page.url)
    return (int(end) - int(start)) / 1e6


@pytest.mark.usefixtures("sent")
def test_one_zooms_from_six_months_to_a_second(enter: Enter) -> None:
    page = enter("elsewhere", PAGE)
    settled(page)
    expect(page.locator("canvas")).to_have_count(3)
    movement = page.locator("[data-chart]").first
    for name, level in LEVELS.items():
        page.get_by_role("link", name=name, exact=True).click()
        expect(page.get_by_role("link", name=name, exact=True)).to_have_attribute("aria-current", "true")
        expect(page.locator("[data-charts]")).to_have_attribute("data-level", re.compile(f"^{level}"))
        settled(page)
    assert span(page) == pytest.approx(1)
    expect(movement).to_be_hidden()  # samples have no ENMO
    expect(page.locator("[data-chart]").nth(1).locator("[data-level]")).to_have_text("every sample")
    page.get_by_role("button", name="All").click()
    settled(page)
    assert span(page) > 45 * 86400
    expect(movement).to_be_visible()


@pytest.mark.usefixtures("sent")
def test_time_not_worn_is_marked_and_a_drag_zooms_into_it(enter: Enter) -> None:
    start, end = (int(moment.timestamp()) * 1_000_000 for moment in (BEGIN, BEGIN + timedelta(hours=3)))
    page = enter("elsewhere", f"{PAGE}?from={start}&to={end}")
    settled(page)
    movement = page.locator("[data-chart]").first
    expect(movement).to_have_attribute("data-nonwear", "1")
    expect(movement).to_have_attribute("data-gaps", "0")
    box = movement.locator(".u-over").bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + box["width"] * 0.5, box["y"] + 40)
    expect(movement.locator("[data-values]")).to_contain_text("Not worn")
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] * 0.6, box["y"] + 40, steps=4)
    page.mouse.up()
    expect(page.locator("[data-charts]")).to_have_attribute("data-level", re.compile("^5 s"))
    settled(page)
    assert span(page) == pytest.approx(0.1 * 3 * 3600, rel=0.05)


@pytest.mark.usefixtures("sent")
def test_the_keyboard_reads_moves_and_zooms(enter: Enter) -> None:
    start, end = (int(moment.timestamp()) * 1_000_000 for moment in (BEGIN, BEGIN + timedelta(minutes=30)))
    page = enter("elsewhere", f"{PAGE}?from={start}&to={end}")
    settled(page)
    glucose = page.locator("[data-chart]").nth(2)
    glucose.locator("[data-plot]").focus()
    page.keyboard.press("ArrowRight")
    expect(glucose.locator("[data-values]")).to_contain_text("2 Mar 2026, 09:00:0")  # in Amsterdam
    expect(glucose.locator("[data-values]")).to_contain_text("7.1")
    page.keyboard.press("+")
    expect(page).to_have_url(re.compile("from="))
    settled(page)
    assert span(page) == pytest.approx(900)
    before = page.url
    page.keyboard.press("PageDown")
    expect(page).not_to_have_url(before)
    assert span(page) == pytest.approx(900)


@pytest.mark.usefixtures("sent")
def test_the_page_follows_a_batch_that_comes(enter: Enter, clinic: Clinic) -> None:
    page = enter("elsewhere", PAGE)
    settled(page)
    expect(page.locator("[data-live-word]")).to_be_visible()
    expect(page.locator("#today")).not_to_contain_text("9.9")
    put(clinic, "cgm", "c2", times=[(BEGIN + timedelta(hours=4)).isoformat()], values=[9.9], unit="mmol/L")
    expect(page.locator("#today")).to_contain_text("9.9")
    expect(page.locator("[data-time]")).to_contain_text("2 Mar 2026, 13:")
    settled(page)
