"""Who does what in these tests, and the words that each of them reads."""

from __future__ import annotations

import re

from django.utils.translation import gettext, override
from playwright.sync_api import Page

from helmont.demo.cast import CAST

STUDY = "CDISCPILOT01"
COORDINATOR, INVESTIGATOR, NURSE, MONITOR = "sofie.claes", "anna.maes", "nora.visser", "tom.devos"
OTHER_COORDINATOR = "jan.peeters"
DATA_MANAGER, MEDICAL_REVIEWER, INSPECTOR = "lena.bakker", "marie.dubois", "ines.laurent"
BLINDED, UNBLINDED, ADMINISTRATOR = "karl.weber", "uma.stein", "admin"
PHARMACIST = "piet.apotheker"
LANGUAGES = {member.handle: member.language for member in CAST}


def word(handle: str, text: str) -> str:
    """A message of the interface as that person reads it."""
    with override(LANGUAGES.get(handle, "en")):
        return gettext(text)


def sentence(handle: str, text: str) -> re.Pattern[str]:
    """The same for a message with ``{}`` or ``%(name)s`` in it, which stand for anything."""
    parts = re.split(r"\{\d*\}|%\(\w+\)s|%s|%d", word(handle, text))
    return re.compile(".*".join(re.escape(part) for part in parts))


def confirm_password(page: Page, password: str) -> None:
    """Say once more who one is, which comes before changing how one signs in."""
    page.locator("#id_password").fill(password)
    page.locator("main button.button-primary").click()
