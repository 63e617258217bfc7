"""What the page does while one types, in a form of the cast's study: limits, calculations, keys, dates, the same rules."""

from __future__ import annotations

import re
from datetime import date
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from helmont.study.compiling import compile_study
from helmont.study.outcomes import Context
from tests import cast
from tests.browser.clinic import Clinic
from tests.browser.conftest import Enter

CASEBOOK = f"/studies/{cast.STUDY}/participants/{cast.PARTICIPANT}"


@pytest.fixture
def page(enter: Enter) -> Page:
    return open_form(enter, "coordinator", "BASELINE/VS")


def open_form(enter: Enter, handle: str, path: str) -> Page:
    page = enter(handle, f"{CASEBOOK}/{path}")
    page.wait_for_function("document.getElementById('save-state') && document.querySelector('.found')")
    return page


def save(page: Page, reason: str = "Transcription error") -> None:
    page.keyboard.press("Control+s")
    page.fill("#reason-text", reason)
    page.locator("#reason-dialog button[value=ok]").last.click()
    expect(page.locator("#save-state")).to_contain_text("Saved")


def stored(clinic: Clinic, item: str) -> Any:
    return clinic.get("coordinator", f"/forms/{cast.VS}")["values"][item]


def test_a_value_that_is_not_possible_is_said_beside_the_item_and_not_saved(page: Page, clinic: Clinic) -> None:
    before = stored(clinic, "SYSBP")
    page.fill("#SYSBP", "4000")
    page.keyboard.press("Tab")
    expect(page.locator("#found-SYSBP")).to_contain_text("0 to 400")
    expect(page.locator("#SYSBP")).to_have_attribute("aria-invalid", "true")
    page.keyboard.press("Control+Enter")
    expect(page.locator("#notice-errors")).to_be_focused()
    assert stored(clinic, "SYSBP") == before


def test_calculations_follow_the_typing(page: Page) -> None:
    page.fill("#SYSBP", "120")
    page.fill("#DIABP", "90")
    expect(page.locator("#MAP")).to_contain_text("100")


def test_a_line_is_entered_with_the_keyboard_alone(enter: Enter) -> None:
    page = open_form(enter, "nurse", "LOG/AE/new")
    page.focus("#AETERM")
    page.keyboard.type("Nausea")
    page.keyboard.press("Enter")
    page.keyboard.press("2")
    expect(page.locator("#item-AESER input:checked")).to_have_count(1)
    page.keyboard.press("Control+Enter")
    expect(page).to_have_url(re.compile(r"/LOG/AE/\d+$"))
    expect(page.locator("h1")).to_contain_text("Nausea")


def test_not_done_takes_a_reason_and_can_be_undone(page: Page, clinic: Clinic) -> None:
    page.focus("#SYSBP")
    page.keyboard.press("Alt+x")
    page.keyboard.type("cuff broken")
    save(page)
    assert stored(clinic, "SYSBP") == {"not_done": "cuff broken"}
    page.locator("#item-SYSBP .item-notdone button").click()
    page.fill("#SYSBP", "144")
    save(page)
    assert stored(clinic, "SYSBP") == "144"


# As typed, as written in the field, as read aloud beside it; None for what is no date.
DATES: list[tuple[str, list[str] | None]] = [
    ("26 12 2013", ["26 Dec 2013", "26 Dec 2013"]),
    ("dec 2013", ["Dec 2013", "Dec 2013, day unknown"]),
    ("26 déc 2013", ["26 Dec 2013", "26 Dec 2013"]),
    ("2013-12", ["Dec 2013", "Dec 2013, day unknown"]),
    ("un mrt 2013", ["Mar 2013", "Mar 2013, day unknown"]),
    ("un un 2013", ["2013", "2013, month and day unknown"]),
    ("UNK", ["UNK", "Date unknown"]),
    ("31 feb 2013", None),
    ("13 13 2013", None),
    ("yesterday", None),
]


def test_dates_are_read_as_people_write_them(page: Page) -> None:
    found = page.evaluate(
        """async (all) => {
            const dates = await import("/static/helmont/entry/dates.js");
            return all.map((typed) => {
                const read = dates.readDate(typed);
                return read === null ? null : [dates.writeDate(read), dates.describeDate(read)];
            });
        }""",
        [typed for typed, _ in DATES],
    )
    assert dict(zip((typed for typed, _ in DATES), found, strict=True)) == dict(DATES)


DATA: list[dict[str, Any]] = [
    {},
    {"SYSBP": "120", "DIABP": "80"},
    {"SYSBP": "80", "DIABP": "80"},
    {"SYSBP": "300", "DIABP": "85"},
    {"SYSBP": "121", "DIABP": "80", "VSDTC": "2026-01-12"},
    {"SYSBP": {"not_done": "refused"}, "DIABP": "80"},
]


def test_the_browser_finds_what_the_server_finds(page: Page) -> None:
    form = compile_study(cast.definition()).forms["VS"]
    for data in DATA:
        outcome = form.evaluate(data, Context(today=date(2026, 1, 12)))
        required = [("REQUIRED", key) for key in outcome.missing]
        expected = sorted([*required, *((finding.check_id, finding.item_key) for finding in outcome.findings)])
        found: Any = page.evaluate(
            """async (data) => {
                const { run } = await import("/static/helmont/entry/rules.js");
                const outcome = run(new Map(Object.entries(data)));
                return [outcome.findings.map(({ check, key }) => [check, key]), Object.fromEntries(outcome.calculated)];
            }""",
            data,
        )
        assert sorted(map(tuple, found[0])) == expected, data
        assert found[1] == outcome.calculated, data
