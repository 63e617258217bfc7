"""Monitor and data manager: verification against the source, and queries from asking to closing."""

import re

from playwright.sync_api import expect

from tests.browser.clinic import Clinic
from tests.browser.conftest import Enter
from tests.browser.forms import SUPINE, SYSTOLIC, VITAL_SIGNS, FormPage, address, participant
from tests.browser.people import COORDINATOR, DATA_MANAGER, MONITOR, STUDY, word

VERIFIED_ITEMS = 6  # systolic and diastolic pressure, in three positions: what the study asks to verify


def test_a_later_change_takes_the_verification_from_that_item_alone(enter: Enter, clinic: Clinic) -> None:
    key = participant(clinic, "01-701-9201", "BASELINE") + "/VS"
    clinic.save(COORDINATOR, key, VITAL_SIGNS)
    monitor = FormPage(enter(MONITOR, address(key)), MONITOR)
    expect(monitor.page.locator("[data-verify][data-due]")).to_have_count(VERIFIED_ITEMS)
    monitor.page.get_by_role("button", name=re.compile(rf"{VERIFIED_ITEMS} items")).click()
    expect(monitor.page.locator("[data-verify]:checked")).to_have_count(VERIFIED_ITEMS)

    coordinator = FormPage(enter(COORDINATOR, address(key)), COORDINATOR)
    coordinator.answer(f"{SUPINE}: {SYSTOLIC}").fill("134")
    coordinator.save(reason="Overschrijffout")
    coordinator.is_saved()

    expect(monitor.notices).to_contain_text("Sofie Claes changed this form in the meantime.")
    monitor.button("Show the changes").click()
    systolic = monitor.page.get_by_role("checkbox", name="Verified: Supine, after 5 minutes: Systolic blood pressure")
    expect(systolic).not_to_be_checked()
    expect(monitor.page.locator("[data-verify]:checked")).to_have_count(VERIFIED_ITEMS - 1)
    expect(monitor.item("VS_READ[1].SYSBP")).to_contain_text("134")
    drawer = monitor.history("VS_READ[1].SYSBP")
    expect(drawer.get_by_text("Verification ended")).to_be_visible()
    monitor.close()
    systolic.check()
    expect(monitor.page.locator("[data-verify]:checked")).to_have_count(VERIFIED_ITEMS)


def test_a_query_goes_from_the_form_to_the_worklist_to_the_site_and_is_closed_in_bulk(
    enter: Enter, clinic: Clinic
) -> None:
    key = participant(clinic, "01-701-9202", "BASELINE") + "/VS"
    clinic.save(COORDINATOR, key, VITAL_SIGNS)
    asking = FormPage(enter(DATA_MANAGER, address(key)), DATA_MANAGER)
    for row, question in ((1, "Left or right arm?"), (2, "Seated before?")):
        drawer = asking.history(f"VS_READ[{row}].SYSBP")
        drawer.get_by_label("Ask or remark").fill(question)
        drawer.get_by_role("button", name="Raise query").click()
        expect(asking.said(f"VS_READ[{row}].SYSBP")).to_contain_text(question)
        expect(asking.page.locator("dialog[open]")).to_have_count(0)

    work = enter(COORDINATOR, f"/studies/{STUDY}/queries")
    query = work.get_by_role("row").filter(has_text="Left or right arm?")
    expect(query).to_contain_text("01-701-9202")
    query.get_by_role("link", name="Systolische bloeddruk").click()
    work.wait_for_load_state()  # the page listens only once its modules have run
    answering = FormPage(work, COORDINATOR)
    for row_number, answer in ((1, "Rechterarm."), (2, "Vijf minuten.")):
        thread = answering.said(f"VS_READ[{row_number}].SYSBP").locator(".query")
        thread.locator("summary").click()
        thread.get_by_label(answering.word("Your answer")).fill(answer)
        thread.get_by_role("button", name=answering.word("Send answer")).click()
        expect(thread).to_have_attribute("data-status", "answered")

    closing = enter(DATA_MANAGER, f"/studies/{STUDY}/queries?status=answered&q=01-701-9202")
    rows = closing.locator("tbody tr").filter(has_text="01-701-9202")
    expect(rows).to_have_count(2)
    for number in range(2):
        rows.nth(number).get_by_role("checkbox").check()
    closing.get_by_role("button", name="Close queries").click()
    expect(closing.locator("#messages")).to_contain_text("2")
    asking.page.reload()
    expect(asking.page.locator(".threads > .query")).to_have_count(0)
    expect(asking.page.locator("details.settled")).to_have_count(2)
    assert word(DATA_MANAGER, "Closed") in asking.page.locator("details.settled").first.inner_html()


def test_forms_are_frozen_from_the_matrix_with_the_keyboard_and_opened_again(enter: Enter, clinic: Clinic) -> None:
    key = participant(clinic, "01-701-9203", "BASELINE") + "/VS"
    clinic.save(COORDINATOR, key, VITAL_SIGNS)
    page = enter(DATA_MANAGER, f"/studies/{STUDY}/casebooks?view=locks&select=1&q=01-701-9203")
    row = page.get_by_role("checkbox", name=re.compile("01-701-9203$"))
    cell = page.get_by_role("checkbox", name=re.compile("01-701-9203, Baseline: Unlocked"))
    cell.focus()
    page.keyboard.press("Space")
    expect(page.locator("[data-selected-count]")).to_have_text("1")
    expect(row).to_be_checked()  # the only cell of the row
    page.get_by_role("button", name=re.compile("^Freeze")).focus()
    page.keyboard.press("Enter")
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("1 form will change, of 1 participant.")
    dialog.get_by_role("button", name="Freeze").press("Enter")
    expect(dialog).to_contain_text("1 form changed.")
    dialog.get_by_role("button", name="Undo").press("Enter")
    expect(dialog.get_by_role("heading", name="Unfreeze")).to_be_visible()
    dialog.get_by_role("link", name="Done").press("Enter")
    expect(cell).to_be_visible()


def test_a_rule_of_the_verification_plan_is_made_and_moved_without_a_mouse(enter: Enter) -> None:
    page = enter("eva.smit", f"/studies/{STUDY}/verification/plan/edit")
    for name in ("Critical at the start", "Vital signs of the first two"):
        page.get_by_role("button", name="Add a rule").press("Enter")
        expect(page.get_by_label("Name")).to_be_focused()
        page.keyboard.type(name)
        page.keyboard.press("Enter")
        expect(page.get_by_role("button", name=f"Edit {name}")).to_be_focused()
    earlier = page.get_by_role("button", name="Earlier: Vital signs of the first two")
    earlier.press("Enter")
    expect(page.locator(".rules > li").first).to_contain_text("Vital signs of the first two")
    expect(earlier).to_be_focused()  # focus goes with the rule
    page.get_by_role("button", name="Edit Vital signs of the first two").press("Enter")
    page.get_by_label("Participants").select_option("first")
    page.get_by_label("How many").fill("2")
    page.get_by_role("checkbox", name="Vital signs", exact=True).check()
    expect(page.get_by_role("status").filter(has_text="In words:")).to_contain_text("the first 2 of each site")
    page.get_by_role("button", name="Show the effect").press("Enter")
    expect(page.get_by_role("heading", name="What this plan would do")).to_be_focused()
