"""Answers of every kind: dates known in part, files, lines of a log, and what was not done, not held or not planned."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.clinic import Clinic
from tests.browser.conftest import Enter
from tests.browser.forms import AT_ONCE, SUPINE, SYSTOLIC, FormPage, address, participant
from tests.browser.people import COORDINATOR, OTHER_COORDINATOR, STUDY, word

PDF = b"%PDF-1.7\n1 0 obj <<>> endobj\ntrailer <<>>\n%%EOF\n"
PROGRAM = b"MZ\x90\x00\x03\x00\x00\x00 not a document"


def casebook(number: str) -> str:
    return f"/studies/{STUDY}/participants/{number}/"


def fill_dialog(page: Page, button: str, **answers: str) -> None:
    dialog = page.get_by_role("dialog")
    for name, text in answers.items():
        dialog.locator(f"[name={name}]").fill(text)
    dialog.get_by_role("button", name=word(COORDINATOR, button)).click()
    expect(page.locator("dialog[open]")).to_have_count(0)


@pytest.mark.parametrize(
    ("language", "label", "typed", "shown", "stored"),
    [
        ("nl", "Begindatum", "maart 2025", "mrt 2025", "2025-03"),
        ("nl", "Begindatum", "5/3/2025", "5 mrt 2025", "2025-03-05"),
        ("fr", "Date de début", "févr. 2025", "févr 2025", "2025-02"),
        ("fr", "Date de début", "un août 2025", "août 2025", "2025-08"),
    ],
)
def test_a_date_known_in_part_is_read_as_it_is_typed(
    enter: Enter, clinic: Clinic, language: str, label: str, typed: str, shown: str, stored: str
) -> None:
    number = {
        "2025-03": "01-704-9501",
        "2025-03-05": "01-704-9502",
        "2025-02": "01-704-9503",
        "2025-08": "01-704-9504",
    }[stored]
    clinic.post(OTHER_COORDINATOR, "/participants", study=STUDY, site="704", participant=number, date="2026-01-05")
    page = enter(OTHER_COORDINATOR, casebook(number) + "LOG/AE/new")
    form = FormPage(page, OTHER_COORDINATOR)
    page.locator("details.menu").filter(has=page.locator("[name=language]")).locator("summary").click()
    page.locator(f"button[name=language][value={language}]").click()
    expect(page.locator("html")).to_have_attribute("lang", language)
    form.answer(label).fill(typed)
    form.answer(label).press("Tab")
    expect(form.answer(label)).to_have_value(shown)
    page.keyboard.press("Control+s")
    expect(page).to_have_url(re.compile(r"/LOG/AE/1$"))
    assert form.values(clinic, f"{STUDY}/{number}/LOG/AE/1") == {"AESTDAT": stored}


def test_a_date_that_is_less_known_than_the_study_allows_is_refused_beside_its_field(
    enter: Enter, clinic: Clinic
) -> None:
    participant(clinic, "01-701-9601")
    form = FormPage(enter(COORDINATOR, casebook("01-701-9601") + "LOG/AE/new"), COORDINATOR)
    form.answer("Beoordelingsdatum").fill("maart 2025")
    form.answer("Beoordelingsdatum").press("Tab")
    expect(form.said("AEDAT").locator(".error")).to_contain_text(form.word("day, month and year are needed"))
    expect(form.answer("Beoordelingsdatum")).to_have_attribute("aria-invalid", "true")
    expect(form.answer("Beoordelingsdatum")).to_have_value("maart 2025")


def test_a_document_is_kept_and_a_program_with_the_name_of_one_is_refused(enter: Enter, clinic: Clinic) -> None:
    clinic.post(COORDINATOR, "/participants", study="MINIMAL", site="701", participant="01-001", date="2026-01-05")
    clinic.post(COORDINATOR, "/participants/MINIMAL/01-001/encounters", encounter="SCREENING_1", date="2026-01-05")
    key = "MINIMAL/01-001/SCREENING_1/DM"
    form = FormPage(enter(COORDINATOR, address(key)), COORDINATOR)
    chooser = form.page.locator("[data-item=CONSENT] input[type=file]")
    chooser.set_input_files({"name": "consent.pdf", "mimeType": "application/pdf", "buffer": PROGRAM})
    expect(form.said("CONSENT").locator(".error")).to_contain_text("application/pdf")
    chooser.set_input_files({"name": "consent.pdf", "mimeType": "application/pdf", "buffer": PDF})
    expect(form.item("CONSENT").locator(".file-name")).to_have_text("consent.pdf")
    expect(form.said("CONSENT").locator(".error")).to_have_count(0)
    form.save("Save as draft")
    form.is_saved()
    form.page.reload()
    with form.page.expect_download() as download:
        form.item("CONSENT").get_by_role("link", name="consent.pdf").click()
    assert download.value.path().read_bytes() == PDF


def test_a_line_of_a_log_is_added_and_removed_with_a_reason(enter: Enter, clinic: Clinic) -> None:
    participant(clinic, "01-701-9602")
    page = enter(COORDINATOR, casebook("01-701-9602") + "LOG/AE/")
    form = FormPage(page, COORDINATOR)
    page.get_by_role("link", name=form.word("Add line")).first.click()
    form.answer("Ongewenst voorval").fill("Hoofdpijn")
    form.save("Save as draft")
    expect(form.heading).to_contain_text("Hoofdpijn")
    page.goto(casebook("01-701-9602") + "LOG/AE/")
    row = page.get_by_role("row").filter(has_text="Hoofdpijn")
    row.get_by_role("button", name=form.word("Remove…")).click()
    form.give("Bij de verkeerde deelnemer")
    expect(row).to_contain_text(form.word("Removed"))
    page.goto(casebook("01-701-9602") + "LOG/AE/1")
    expect(form.heading).to_contain_text(form.word("Removed"))
    page.goto(casebook("01-701-9602") + "audit")
    expect(page.locator("main")).to_contain_text("Bij de verkeerde deelnemer")


def test_a_visit_nobody_planned_is_added_and_one_that_was_planned_is_missed(enter: Enter, clinic: Clinic) -> None:
    participant(clinic, "01-701-9603", "BASELINE")
    page = enter(COORDINATOR, casebook("01-701-9603"))
    page.get_by_role("link", name=word(COORDINATOR, "Unscheduled visit")).click()
    fill_dialog(page, "Save the date", date="2026-01-20", reason="Gevallen")
    row = page.locator("tr[id^=UNSCHEDULED]")
    expect(row).to_contain_text("20 jan 2026")
    expect(row).to_contain_text(word(COORDINATOR, "Begun"))
    page.locator("#WEEK_2").get_by_role("link", name=re.compile(word(COORDINATOR, "Missed"))).click()
    fill_dialog(page, "Record as missed", reason="Op reis")
    expect(page.locator("#WEEK_2")).to_contain_text(word(COORDINATOR, "Missed"))
    expect(page.locator("#WEEK_2")).to_contain_text("Op reis")


def test_an_answer_and_a_whole_form_are_not_done_for_a_reason(enter: Enter, clinic: Clinic) -> None:
    key = participant(clinic, "01-701-9604", "BASELINE", "WEEK_2") + "/VS"
    form = FormPage(enter(COORDINATOR, address(key)), COORDINATOR)
    form.answer(f"{AT_ONCE}: {SYSTOLIC}").focus()
    form.page.keyboard.press("Alt+x")
    if form.page.locator("dialog[open] [data-leaves-drawer]").count():
        form.page.locator("dialog[open] [data-leaves-drawer]").click()
    reason = form.item("VS_READ[2].SYSBP").locator("[data-reason]")
    if not reason.is_visible():
        drawer = form.history("VS_READ[2].SYSBP")
        drawer.get_by_role("button", name=form.word("Not done")).click()
    expect(reason).to_be_focused()
    form.page.keyboard.type("Kon niet staan")
    form.answer(f"{SUPINE}: {SYSTOLIC}").fill("120")
    form.save("Save as draft")
    form.is_saved()
    assert form.values(clinic, key) == {"VS_READ[1].SYSBP": "120", "VS_READ[2].SYSBP": {"not_done": "Kon niet staan"}}
    form.page.reload()
    expect(reason).to_have_value("Kon niet staan")

    whole = FormPage(enter(COORDINATOR, address(f"{STUDY}/01-701-9604/WEEK_2/VS")), COORDINATOR)
    whole.button("Not done…").click()
    whole.give("Toestel stuk")
    expect(whole.heading).to_contain_text(whole.word("Not done"))
    expect(whole.page.locator("main")).to_contain_text("Toestel stuk")
