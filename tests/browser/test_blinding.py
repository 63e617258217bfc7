"""Who may not know an allocation finds no trace of it on any page; who may, does."""

import re
from collections import deque

from playwright.sync_api import Page, expect

from tests.browser.clinic import Clinic
from tests.browser.conftest import Enter
from tests.browser.forms import VITAL_SIGNS, participant
from tests.browser.people import BLINDED, COORDINATOR, MONITOR, PHARMACIST, STUDY, UNBLINDED

NUMBER = "01-701-9701"
# The protocol names every arm on its own page, which everybody may read; it says nothing of this participant.
TRACE = re.compile(r"XAN_HI|ARMCD|high dose|hohe Dosis|hoge dosis", re.IGNORECASE)
PROTOCOL = re.compile(r"/definition/")
MOST = 60


def walk(page: Page, start: str) -> list[str]:
    """Follow every link of the study from a page on; the addresses of what is about this trial's participants."""
    seen, waiting = {start: True}, deque([start])
    while waiting and len(seen) <= MOST:
        address = waiting.popleft()
        answer = page.request.get(address)
        if not answer.ok or PROTOCOL.search(address):
            continue
        found = TRACE.search(answer.text())
        assert not found, f"{address} says {found.group()}"
        for link in re.findall(r'(?:href|hx-get)="(/studies/[^"#]*)', answer.text()):
            if link not in seen:
                seen[link] = True
                waiting.append(link.replace("&amp;", "&"))
    return list(seen)


def test_a_blinded_person_finds_no_allocation_and_an_unblinded_one_does(enter: Enter, clinic: Clinic) -> None:
    visit = participant(clinic, NUMBER, "BASELINE")
    clinic.save(COORDINATOR, f"{visit}/VS", VITAL_SIGNS)
    clinic.save(PHARMACIST, f"{visit}/RAND", {"ARMCD": "XAN_HI"})
    casebook = f"/studies/{STUDY}/participants/{NUMBER}/"
    for handle in (BLINDED, MONITOR, COORDINATOR):
        page = enter(handle, casebook)
        assert len(walk(page, casebook)) > 10
        assert page.request.get(f"{casebook}BASELINE/RAND").status == 404
        assert page.request.get(f"{casebook}BASELINE/RAND/history?item=ARMCD").status == 404
        page.goto(f"/studies/{STUDY}/casebooks")
        assert not TRACE.search(page.content())
    page = enter(UNBLINDED, f"{casebook}BASELINE/RAND")
    expect(page.locator("[data-item=ARMCD]")).to_contain_text("hohe Dosis")
    page.goto(f"{casebook}audit")
    assert TRACE.search(page.content())
