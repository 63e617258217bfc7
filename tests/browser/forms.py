"""A form of a participant as a person at a browser meets it: answers, saving, queries, history."""

from __future__ import annotations

import re
from typing import Any

from playwright.sync_api import Locator, Page, expect

from tests.browser.clinic import Clinic
from tests.browser.people import STUDY, sentence, word

TODAY = "2026-01-12"
SUPINE, AT_ONCE, LATER = "Liggend, na 5 minuten", "Staand, na 1 minuut", "Staand, na 3 minuten"
SYSTOLIC, DIASTOLIC, PULSE = "Systolische bloeddruk", "Diastolische bloeddruk", "Polsfrequentie"
VITAL_SIGNS = {
    f"VS_READ[{row}].{item}": value
    for row in (1, 2, 3)
    for item, value in (("SYSBP", "130"), ("DIABP", "80"), ("PULSE", "70"))
}


def participant(clinic: Clinic, number: str, *visits: str) -> str:
    """Screen a participant and begin visits; the key of the first visit."""
    clinic.post("sofie.claes", "/participants", study=STUDY, site="701", participant=number, date="2026-01-05")
    for visit in visits:
        clinic.post("sofie.claes", f"/participants/{STUDY}/{number}/encounters", encounter=visit, date=TODAY)
    return f"{STUDY}/{number}/{visits[0]}" if visits else f"{STUDY}/{number}"


def address(form: str) -> str:
    """The page of a form's key."""
    study, number, rest = form.split("/", 2)
    return f"/studies/{study}/participants/{number}/{rest}"


class FormPage:
    """One person's browser on one form."""

    def __init__(self, page: Page, handle: str) -> None:
        self.page, self.handle = page, handle

    def word(self, text: str) -> str:
        return word(self.handle, text)

    def answer(self, label: str) -> Locator:
        """The control of an answer by its label; in a table ``row: item``."""
        return self.page.locator(".item-control").get_by_label(label, exact=True)

    def item(self, key: str) -> Locator:
        """Everything of one item: its question, answer and standing."""
        return self.page.locator(f'[data-item="{key}"]')

    def said(self, key: str) -> Locator:
        """What is said below an answer: findings and queries."""
        return self.page.locator("#{}_messages".format(re.sub(r"\[(\d+)\]\.", r"-\1-", key)))

    def button(self, text: str) -> Locator:
        return self.page.get_by_role("button", name=self.word(text), exact=True)

    @property
    def state(self) -> Locator:
        return self.page.locator("#save-state")

    @property
    def notices(self) -> Locator:
        return self.page.locator("#entry-notices")

    @property
    def heading(self) -> Locator:
        return self.page.get_by_role("heading", level=1)

    def save(self, button: str = "Save changes", reason: str = "") -> None:
        """Press a button of the bar and give the reason that is asked for."""
        self.button(button).click()
        if reason:
            self.give(reason)

    def give(self, reason: str) -> None:
        dialog = self.page.locator("#reason-dialog")
        dialog.get_by_label(self.word("Reason"), exact=True).fill(reason)
        dialog.locator("[value=ok]").click()

    def is_saved(self) -> None:
        expect(self.state).to_have_text(
            re.compile("|".join(self.says(text).pattern for text in ("Saved", "Saved and complete")))
        )

    def says(self, text: str) -> re.Pattern[str]:
        return sentence(self.handle, text)

    def history(self, key: str) -> Locator:
        """Open the drawer of an item."""
        self.page.locator(f'[data-history="{key}"]').click()
        drawer = self.page.get_by_role("dialog").filter(has=self.page.locator("#drawer-content"))
        expect(drawer.locator(".timeline, .soft").first).to_be_visible()
        return drawer

    def close(self) -> None:
        self.page.keyboard.press("Escape")
        expect(self.page.locator("dialog[open]")).to_have_count(0)

    def values(self, clinic: Clinic, form: str) -> dict[str, Any]:
        """What the server holds."""
        data: dict[str, Any] = clinic.get(self.handle, f"/forms/{form}")["values"]
        return data
