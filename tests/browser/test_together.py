"""Several people at once: merging, choosing, and pages that follow what others save."""

import time

import pytest
from playwright.sync_api import expect

from tests.browser.clinic import Clinic
from tests.browser.conftest import Enter
from tests.browser.forms import DIASTOLIC, PULSE, SUPINE, SYSTOLIC, VITAL_SIGNS, FormPage, address, participant
from tests.browser.people import COORDINATOR, MONITOR, NURSE, STUDY, word

WITHIN = 2_000  # milliseconds from the answer of a save to what another browser shows


@pytest.mark.database
def test_two_people_on_one_form_lose_nothing(enter: Enter, clinic: Clinic) -> None:
    key = participant(clinic, "01-701-9301", "BASELINE") + "/VS"
    first = FormPage(enter(COORDINATOR, address(key)), COORDINATOR)
    second = FormPage(enter(NURSE, address(key)), NURSE)

    # Different items: both hold, and the one who is typing is told.
    second.answer(f"{SUPINE}: {DIASTOLIC}").fill("78")
    first.answer(f"{SUPINE}: {SYSTOLIC}").fill("128")
    first.save("Save as draft")
    first.is_saved()
    expect(second.notices).to_contain_text(second.says("{} changed this form in the meantime."))
    expect(second.notices).to_contain_text("Sofie Claes")
    second.save("Save as draft")
    second.is_saved()
    assert first.values(clinic, key) == {"VS_READ[1].SYSBP": "128", "VS_READ[1].DIABP": "78"}
    expect(second.answer(f"{SUPINE}: {SYSTOLIC}")).to_have_value("128")
    expect(first.notices).to_contain_text("Nora Visser")
    first.button("Show the changes").click()
    expect(first.answer(f"{SUPINE}: {DIASTOLIC}")).to_have_value("78")

    # The same item: whoever saves last sees both values and chooses.
    for form, pulse in ((first, "64"), (second, "66")):
        form.answer(f"{SUPINE}: {PULSE}").fill(pulse)
    first.save("Save as draft")
    first.is_saved()
    second.save("Save as draft")
    choice = second.page.get_by_role("dialog")
    expect(choice).to_contain_text(f"{SUPINE}: {PULSE}")
    expect(choice.get_by_role("radio", name=second.says("Theirs"))).to_be_visible()
    expect(choice).to_contain_text("64")
    choice.get_by_role("radio", name=second.says("Yours")).check()
    choice.get_by_role("button", name=second.word("Save"), exact=True).click()
    second.is_saved()
    assert first.values(clinic, key)["VS_READ[1].PULSE"] == "66"
    history = clinic.get(COORDINATOR, f"/forms/{key}/history", item="VS_READ[1].PULSE")
    assert "64" in str(history), "the value that gave way stays in the record"


def test_who_keeps_the_value_of_the_other_gives_up_their_own(enter: Enter, clinic: Clinic) -> None:
    key = participant(clinic, "01-701-9302", "BASELINE") + "/VS"
    form = FormPage(enter(NURSE, address(key)), NURSE)
    form.answer(f"{SUPINE}: {PULSE}").fill("66")
    clinic.save(COORDINATOR, key, {"VS_READ[1].PULSE": "64"}, complete=False)
    form.save("Save as draft")
    choice = form.page.get_by_role("dialog")
    choice.get_by_role("radio", name=form.says("Theirs")).check()
    choice.get_by_role("button", name=form.word("Save"), exact=True).click()
    expect(form.answer(f"{SUPINE}: {PULSE}")).to_have_value("64")
    again = FormPage(form.page.context.new_page(), NURSE)
    again.page.goto(address(key))
    expect(again.answer(f"{SUPINE}: {PULSE}")).to_have_value("64")
    assert form.values(clinic, key) == {"VS_READ[1].PULSE": "64"}


def test_a_save_reaches_the_pages_that_others_have_open_without_a_reload(enter: Enter, clinic: Clinic) -> None:
    key = participant(clinic, "01-701-9303", "BASELINE") + "/VS"
    matrix = enter(MONITOR, f"/studies/{STUDY}/casebooks?q=01-701-9303")
    home = enter(MONITOR, f"/studies/{STUDY}/")
    for page in (matrix, home):
        expect(page.locator("[data-live-state]")).to_have_attribute("data-state", "open")
    cell = matrix.get_by_role("row").filter(has_text="01-701-9303").get_by_role("link").filter(has_text="Baseline")
    before = cell.inner_html()
    latest = home.locator("#activity ~ .timeline li").first
    assert "9303" not in latest.inner_text() or word(MONITOR, "Vital signs") not in latest.inner_text()
    clinic.save(COORDINATOR, key, VITAL_SIGNS)
    saved = time.monotonic()
    expect(home.locator("#activity ~ .timeline li").first).to_contain_text("Vital signs", timeout=WITHIN)
    expect(cell).not_to_have_class("", timeout=WITHIN)
    matrix.wait_for_function(
        "before => [...document.querySelectorAll('#matrix a')].every(link => link.innerHTML !== before)",
        arg=before,
        timeout=WITHIN,
    )
    assert (time.monotonic() - saved) * 1000 < WITHIN
