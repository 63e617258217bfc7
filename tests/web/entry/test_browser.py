"""Typing, in a real browser against a real server: rules, saving, conflicts, lost connections, queries, keys."""

from __future__ import annotations

import re
from datetime import date
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from helmont.study.compiling import compile_study
from helmont.study.outcomes import Context
from tests import cast
from tests.web.entry.conftest import Desk

pytestmark = [pytest.mark.browser, pytest.mark.slow]
SAVED = "#save-state"


def give_reason(page: Page, text: str = "Transcription error") -> None:
    page.fill("#reason-text", text)
    page.locator("#reason-dialog button[value=ok]").last.click()


def save(page: Page, reason: str = "Transcription error") -> None:
    page.keyboard.press("Control+s")
    give_reason(page, reason)
    expect(page.locator(SAVED)).to_contain_text("Saved")


STORED = """async (item) => {
    const copy = new DOMParser().parseFromString(await (await fetch(location.href)).text(), "text/html");
    return JSON.parse(copy.getElementById("entry-data").textContent).data[item];
}"""


def stored(page: Page, item: str) -> Any:
    return page.evaluate(STORED, item)


def test_a_value_that_is_not_possible_is_said_beside_the_item_and_not_saved(desk: Desk):
    page = desk.sign_in("coordinator")
    desk.open(page, "BASELINE/VS")
    before = stored(page, "SYSBP")
    page.fill("#SYSBP", "4000")
    page.keyboard.press("Tab")
    expect(page.locator("#found-SYSBP")).to_contain_text("0 to 400")
    expect(page.locator("#SYSBP")).to_have_attribute("aria-invalid", "true")
    page.keyboard.press("Control+Enter")
    expect(page.locator("#notice-errors")).to_be_focused()
    assert stored(page, "SYSBP") == before
    page.evaluate("localStorage.clear()")


def test_calculations_follow_the_typing(desk: Desk):
    page = desk.sign_in("coordinator")
    desk.open(page, "BASELINE/VS")
    page.fill("#SYSBP", "120")
    page.fill("#DIABP", "90")
    expect(page.locator("#MAP")).to_contain_text("100")


def test_what_was_typed_survives_a_reload_and_is_saved_then(desk: Desk):
    page = desk.sign_in("coordinator")
    desk.open(page, "BASELINE/VS")
    page.on("dialog", lambda dialog: dialog.accept())
    page.fill("#SYSBP", "141")
    page.reload()
    expect(page.locator("#SYSBP")).to_have_value("141")
    expect(page.locator("#notice-restored")).to_contain_text("Systolic")
    page.locator("#notice-restored button").first.click()
    give_reason(page)
    expect(page.locator(SAVED)).to_contain_text("Saved")
    assert stored(page, "SYSBP") == "141"
    assert page.evaluate("Object.keys(localStorage).filter(key => key.startsWith('helmont.outbox')).length") == 0


def test_a_lost_connection_is_said_and_the_save_follows_when_it_is_back(desk: Desk):
    page = desk.sign_in("coordinator")
    desk.open(page, "BASELINE/VS")
    page.context.set_offline(True)
    page.fill("#SYSBP", "142")
    page.keyboard.press("Control+s")
    give_reason(page)
    expect(page.locator(SAVED)).to_contain_text("kept on this device")
    page.context.set_offline(False)
    expect(page.locator(SAVED)).to_contain_text("Saved", timeout=10_000)
    assert stored(page, "SYSBP") == "142"


def test_two_people_changing_one_answer_choose_and_their_other_answers_merge(desk: Desk):
    first, second = desk.sign_in("coordinator"), desk.sign_in("nurse")
    for page in (first, second):
        desk.open(page, "BASELINE/VS")
    second.fill("#SYSBP", "152")
    second.fill("#VSDTC", "11 jan 2026")
    first.fill("#SYSBP", "151")
    first.fill("#DIABP", "81")
    save(first)
    second.keyboard.press("Control+s")
    give_reason(second)
    expect(second.locator("#conflict-items")).to_contain_text("151")
    second.locator("#conflict-items input[value=theirs]").check()
    second.locator("#conflict-dialog button[value=ok]").click()
    expect(second.locator(SAVED)).to_contain_text("Saved")
    expect(second.locator("#SYSBP")).to_have_value("151")
    assert [stored(second, item) for item in ("SYSBP", "DIABP", "VSDTC")] == ["151", "81", "2026-01-11"]


def test_what_others_save_is_announced_and_never_overwrites_typing(desk: Desk):
    first, second = desk.sign_in("coordinator"), desk.sign_in("nurse")
    for page in (first, second):
        desk.open(page, "BASELINE/VS")
    second.fill("#DIABP", "77")
    first.fill("#SYSBP", "161")
    save(first)
    expect(second.locator("#notice-elsewhere")).to_contain_text("Coordinator", timeout=10_000)
    second.locator("#notice-elsewhere button").click()
    expect(second.locator("#SYSBP")).to_have_value("161")
    expect(second.locator("#DIABP")).to_have_value("77")


def test_a_session_that_ended_keeps_the_answers_and_offers_to_sign_in(desk: Desk):
    page = desk.sign_in("coordinator")
    desk.open(page, "BASELINE/VS")
    page.fill("#SYSBP", "143")
    page.context.clear_cookies(name="sessionid")
    page.keyboard.press("Control+s")
    give_reason(page)
    link = page.locator("#notice-session a")
    expect(link).to_have_attribute("target", "_blank")
    expect(page.locator("#SYSBP")).to_have_value("143")


def test_a_line_is_entered_with_the_keyboard_alone(desk: Desk):
    page = desk.sign_in("nurse")
    desk.open(page, "LOG/AE/new")
    page.focus("#AETERM")
    page.keyboard.type("Nausea")
    page.keyboard.press("Enter")
    page.keyboard.press("2")
    expect(page.locator("#item-AESER input:checked")).to_have_count(1)
    page.keyboard.press("Control+Enter")
    page.wait_for_url(re.compile(r"/LOG/AE/\d+$"))
    expect(page.locator("h1")).to_contain_text("Nausea")


def test_not_done_takes_a_reason_and_can_be_undone(desk: Desk):
    page = desk.sign_in("coordinator")
    desk.open(page, "BASELINE/VS")
    page.focus("#SYSBP")
    page.keyboard.press("Alt+x")
    page.keyboard.type("cuff broken")
    save(page)
    assert stored(page, "SYSBP") == {"not_done": "cuff broken"}
    page.locator("#item-SYSBP .item-notdone button").click()
    page.fill("#SYSBP", "144")
    save(page)
    assert stored(page, "SYSBP") == "144"


def test_a_question_is_asked_in_the_drawer_and_answered_below_the_item(desk: Desk):
    monitor, site = desk.sign_in("monitor"), desk.sign_in("coordinator")
    desk.open(monitor, "BASELINE/VS")
    monitor.locator("#standing-VSDTC [data-history]").click()
    monitor.fill("#say-text", "Is this the right day?")
    monitor.locator("[data-say=query]").click()
    expect(monitor.locator("#threads-VSDTC")).to_contain_text("Is this the right day?")
    desk.open(site, "BASELINE/VS")
    site.locator("#threads-VSDTC summary").first.click()
    site.locator("#threads-VSDTC textarea").first.fill("It is.")
    site.locator("#threads-VSDTC [data-query-verb=answer]").first.click()
    expect(site.locator("#threads-VSDTC")).to_contain_text("It is.")


def test_a_monitor_verifies_an_item_with_one_click(desk: Desk):
    page = desk.sign_in("monitor")
    desk.open(page, "BASELINE/VS")
    page.locator("[data-verify=DIABP]").check()
    expect(page.locator("#standing-DIABP [data-status=verified]")).to_have_count(1)


@pytest.mark.parametrize(
    ("typed", "written", "reading"),
    [
        ("26 12 2013", "26 Dec 2013", ""),
        ("dec 2013", "Dec 2013", "Dec 2013, day unknown"),
        ("26 déc 2013", "26 Dec 2013", ""),
        ("2013-12", "Dec 2013", "Dec 2013, day unknown"),
        ("un mrt 2013", "Mar 2013", "Mar 2013, day unknown"),
        ("un un 2013", "2013", "2013, month and day unknown"),
        ("UNK", "UNK", "Date unknown"),
        ("31 feb 2013", None, None),
        ("13 13 2013", None, None),
        ("yesterday", None, None),
    ],
)
def test_dates_are_read_as_people_write_them(desk: Desk, typed: str, written: str | None, reading: str | None):
    page = desk.sign_in("coordinator")
    desk.open(page, "BASELINE/VS")
    found: Any = page.evaluate(
        """async (typed) => {
            const dates = await import("/static/helmont/entry/dates.js");
            const read = dates.readDate(typed);
            return read === null ? null : [dates.writeDate(read), dates.describeDate(read)];
        }""",
        typed,
    )
    assert found == (None if written is None else [written, reading or written])


DATA = [
    {},
    {"SYSBP": "120", "DIABP": "80"},
    {"SYSBP": "80", "DIABP": "80"},
    {"SYSBP": "300", "DIABP": "85"},
    {"SYSBP": "121", "DIABP": "80", "VSDTC": "2026-01-12"},
    {"SYSBP": {"not_done": "refused"}, "DIABP": "80"},
]


def test_the_browser_finds_what_the_server_finds(desk: Desk):
    page = desk.sign_in("coordinator")
    desk.open(page, "BASELINE/VS")
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


@pytest.mark.parametrize("path", ["BASELINE/VS", "LOG/AE/", "LOG/AE/1", "LOG/AE/new", "BASELINE/VS/history?item=SYSBP"])
@pytest.mark.parametrize("handle", ["coordinator", "monitor"])
def test_everybody_can_use_the_page(desk: Desk, handle: str, path: str):
    page = desk.sign_in(handle)
    page.goto(f"{desk.server}/studies/{cast.STUDY}/participants/{cast.PARTICIPANT}/{path}")
    found = Axe().run(page).response["violations"]
    assert [(rule["id"], [node["html"] for node in rule["nodes"]]) for rule in found] == []


def test_the_page_fits_a_phone(desk: Desk):
    page = desk.sign_in("coordinator")
    page.set_viewport_size({"width": 390, "height": 800})
    desk.open(page, "BASELINE/VS")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
