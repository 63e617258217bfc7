"""A visit at the site, from screening to an answered query, as the coordinator does it in Dutch."""

import re

import pytest
from playwright.sync_api import Page, expect

from helmont.demo.cast import PASSWORD
from tests.browser.clinic import Clinic
from tests.browser.conftest import Enter
from tests.browser.forms import (
    AT_ONCE,
    DIASTOLIC,
    LATER,
    PULSE,
    SUPINE,
    SYSTOLIC,
    VITAL_SIGNS,
    FormPage,
    address,
    participant,
)
from tests.browser.people import COORDINATOR, STUDY, word

NUMBER = "01-701-9101"


def dutch(text: str) -> str:
    return word(COORDINATOR, text)


def tab_to(page: Page, control: str) -> None:
    """Press Tab until the control with that id has the focus, as somebody without a mouse does."""
    for _step in range(80):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.id") == control:
            return
    raise AssertionError(f"Tab does not reach {control}")


@pytest.mark.database
def test_a_coordinator_signs_in_screens_a_participant_and_begins_a_visit(enter: Enter) -> None:
    page = enter("", "/", locale="nl")
    page.get_by_role("textbox", name=dutch("Login")).or_(page.locator("#id_login")).first.fill(COORDINATOR)
    page.locator("#id_password").fill(PASSWORD)
    page.get_by_role("button", name=dutch("Sign in"), exact=True).click()
    expect(page.locator("html")).to_have_attribute("lang", "nl")
    page.get_by_role("link", name=STUDY).first.click()
    page.goto(f"/studies/{STUDY}/casebooks")
    page.get_by_role("link", name=dutch("Screen a participant")).click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label(dutch("Participant number")).fill("701")
    dialog.get_by_label(dutch("Screened on")).fill("2026-01-05")
    dialog.get_by_role("button", name=dutch("Enter screening")).click()
    expect(dialog.locator(".error")).to_contain_text("01-701-1015")
    dialog.get_by_label(dutch("Participant number")).fill(NUMBER)
    dialog.get_by_role("button", name=dutch("Enter screening")).click()
    expect(page.get_by_role("heading", level=1)).to_contain_text(NUMBER)
    page.get_by_role("link", name=re.compile(f"{dutch('Begin')} ?:? Screening 1")).click()
    dialog.get_by_label(dutch("Date of the visit")).fill("2026-01-05")
    dialog.get_by_role("button", name=dutch("Save the date")).click()
    expect(dialog).to_have_count(0)
    expect(page.locator("#messages")).to_contain_text(dutch("The visit was recorded."))
    page.get_by_role("link", name="Vitale functies, Screening 1").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Vitale functies")


@pytest.mark.database
def test_vital_signs_are_entered_by_keyboard_and_a_query_is_settled_by_correcting_the_value(
    enter: Enter, clinic: Clinic
) -> None:
    key = participant(clinic, "01-701-9102", "BASELINE") + "/VS"
    form = FormPage(enter(COORDINATOR, address(key)), COORDINATOR)
    page = form.page
    tab_to(page, "VS_READ-1-SYSBP")
    for value in ("80", "85", "70", "130", "80", "72", "128", "80", "74"):
        page.keyboard.type(value)
        page.keyboard.press("Enter")
    expect(form.answer(f"{LATER}: {PULSE}")).to_have_value("74")
    warning = "De systolische druk hoort hoger te zijn dan de diastolische."
    expect(form.said("VS_READ[1].SYSBP")).to_contain_text(warning)
    assert form.values(clinic, key) == {}, "the check fires before anything is saved"
    page.keyboard.press("Control+Enter")
    query = form.said("VS_READ[1].SYSBP").locator(".query").filter(has_text=warning)
    expect(query).to_be_visible()
    expect(form.heading).to_contain_text(dutch("Complete"))

    page.keyboard.press("Alt+q")
    expect(query.locator("summary")).to_be_focused()
    page.keyboard.press("Enter")
    query.get_by_label(dutch("Your answer")).fill("Nagekeken in het dossier.")
    query.get_by_role("button", name=dutch("Send answer")).click()
    expect(query).to_have_attribute("data-status", "answered")
    expect(query).to_contain_text("Nagekeken in het dossier.")

    form.answer(f"{SUPINE}: {SYSTOLIC}").fill("131")
    page.keyboard.press("Control+s")
    form.give("Overschrijffout")
    form.is_saved()
    expect(query).not_to_be_visible()
    drawer = form.history("VS_READ[1].SYSBP")
    expect(drawer.locator("li[data-status=changed]")).to_contain_text("Overschrijffout")
    expect(drawer.locator("li[data-status=changed] del")).to_have_text("80 mmHg")
    expect(drawer.locator("li[data-status=changed] ins")).to_have_text("131 mmHg")
    form.close()
    settled = form.said("VS_READ[1].SYSBP").locator("details.settled")
    settled.locator("> summary").click()
    expect(settled.locator(".query").filter(has_text=warning)).to_have_attribute("data-status", "closed")
    expect(form.answer(f"{AT_ONCE}: {DIASTOLIC}")).to_have_value("80")
    assert form.values(clinic, key) == VITAL_SIGNS | {
        "VS_READ[1].SYSBP": "131",
        "VS_READ[1].DIABP": "85",
        "VS_READ[2].PULSE": "72",
        "VS_READ[3].SYSBP": "128",
        "VS_READ[3].PULSE": "74",
    }
