"""The drawer beside an item that a device filled: from the figure to the batches of samples."""

from __future__ import annotations

import re

from playwright.sync_api import expect

from tests.browser.conftest import Enter
from tests.browser.forms import FormPage
from tests.sensors.worn import TRIAL

FORM = f"/studies/{TRIAL}/participants/701-001/WEEK_2/WORN"


def test_a_figure_leads_to_its_batches_and_from_there_to_the_ledger(enter: Enter) -> None:
    form = FormPage(enter("data.manager", FORM, viewport={"width": 1400, "height": 900}), "data.manager")
    drawer = form.history("HRMEAN")
    newest = drawer.locator("details.measured").first
    expect(newest).to_contain_text("Computed from 2 batches of samples")
    newest.locator("summary").click()
    expect(newest.get_by_role("rowheader")).to_have_text(["b1", "b2"])
    expect(newest).to_contain_text("76.5 /min")
    expect(drawer).to_contain_text("Samples came later: 2 batches, before 1.")
    newest.get_by_role("row").nth(1).get_by_role("link").click()
    expect(form.page).to_have_url(re.compile("/ledger/entries/"))


def test_a_result_waits_where_a_person_put_another_value_and_says_so_beside_it(enter: Enter) -> None:
    form = FormPage(enter("coordinator", FORM, viewport={"width": 1400, "height": 900}), "coordinator")
    drawer = form.history("DAYS[2].DAYHR")
    expect(drawer).to_contain_text("The device's result is 72. It was not entered: A person put another value there.")
    form.close()
    listing = enter("data.manager", f"/studies/{TRIAL}/devices/results", viewport={"width": 1400, "height": 900})
    expect(listing.locator("details.waits summary")).to_contain_text("701-001")
    expect(listing.get_by_role("rowheader")).to_have_count(1)
    listing.get_by_role("button", name="Enter now").click()
    expect(listing.get_by_text("Everything is in its form.")).to_be_visible()


def test_a_measured_value_is_changed_with_a_reason(enter: Enter) -> None:
    form = FormPage(enter("coordinator", FORM, viewport={"width": 1400, "height": 900}), "coordinator")
    form.page.locator("#HRMEAN").fill("75.0")
    form.save(reason="The strap was loose")
    form.is_saved()
    expect(form.history("HRMEAN")).to_contain_text("The strap was loose")
