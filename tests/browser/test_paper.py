"""A line of a log on paper: one person begins it, another does not find it, a third decides, twice."""

from __future__ import annotations

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, ViewportSize, expect

from tests.browser.conftest import Enter
from tests.browser.forms import FormPage
from tests.double_entry.kit import PAPER, WHO

LIST = f"/studies/{PAPER}/participants/{WHO}/LOG/AE/"
TERM = "Neuralgia of the left arm"
PHONE = ViewportSize(width=390, height=800)
SIDEWAYS = "document.documentElement.scrollWidth - document.documentElement.clientWidth"


def sound(page: Page) -> None:
    """axe finds nothing, and nothing lies outside a phone's screen."""
    found = Axe().run(page, options={"runOnly": ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa"]}).response["violations"]
    assert not found, [(each["id"], node["target"]) for each in found for node in each["nodes"]]
    if page.viewport_size == PHONE:
        assert page.evaluate(SIDEWAYS) <= 0


def copy(page: Page, handle: str, term: str, serious: str) -> FormPage:
    form = FormPage(page, handle)
    form.answer("Event").fill(term)
    form.page.locator("[data-item=AESER]").get_by_label(serious, exact=True).check()
    form.button("Save and complete").click()
    return form


@pytest.mark.database
def test_a_line_from_paper_to_record(enter: Enter) -> None:
    first = enter("coordinator", LIST)
    first.get_by_role("link", name="Add line").click()
    expect(first.get_by_text("First entry.")).to_be_visible()
    copy(first, "coordinator", TERM, "No")
    expect(first.get_by_text("Your entry is complete.")).to_be_visible()
    expect(first.get_by_role("heading", level=1)).to_contain_text(TERM)
    line = first.url.rsplit("/", 1)[1]
    expect(first.get_by_role("button", name="Withdraw line…")).to_be_visible()
    sound(first)

    second = enter("nurse", LIST, viewport=PHONE)
    row = second.get_by_role("row").filter(has_text=f"Line {line}")
    expect(row).to_contain_text("Waits for the second entry")
    sound(second)
    assert TERM not in second.content()
    row.get_by_role("link", name="Make the second entry").click()
    expect(second.get_by_text("Second entry.")).to_be_visible()
    sound(second)
    assert TERM not in second.content()
    second.get_by_role("button", name="The paper has no such line…").click()
    FormPage(second, "nurse").give("The page ends before")
    expect(second.get_by_text("In doubt.")).to_be_visible()

    third = enter("data.manager", f"/studies/{PAPER}/double-entry?state=differs")
    third.get_by_role("link", name=f"Decide Adverse events, line {line} {WHO}").click()
    expect(third.get_by_text(TERM)).to_be_visible()
    third.get_by_label("It has: the second entry is wanted").check()
    third.get_by_role("button", name="Decide").click()
    expect(third.get_by_role("alert")).to_contain_text("Say why.")
    third.get_by_label("Why", exact=True).fill("It is on the other side")
    third.get_by_role("button", name="Decide").click()
    expect(third.get_by_text("The second entry is wanted again.")).to_be_visible()

    second.reload()
    assert TERM not in second.content()
    copy(second, "nurse", "Neuralgia", "No")
    expect(second.get_by_text("The two entries differ.")).to_be_visible()
    sound(second)

    third.goto(f"/studies/{PAPER}/double-entry/{WHO}/LOG/AE/{line}")
    third.get_by_label(TERM).check()
    third.get_by_label("Event: reason").fill("The rest is on the next row")
    third.get_by_role("button", name="Decide and complete the form").click()
    expect(third.get_by_role("heading", level=1)).to_contain_text(TERM)
    second.goto(LIST)
    expect(second.get_by_role("row").filter(has_text=TERM)).to_contain_text("Complete")
