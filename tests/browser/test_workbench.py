"""Python over a snapshot in the statistician's own browser: it reads this snapshot, and reaches nothing else."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from tests.browser.conftest import Enter
from tests.browser.people import DATA_MANAGER, STUDY

OUTPUT = "[data-output]"
ELSEWHERE = """\
from js import XMLHttpRequest
request = XMLHttpRequest.new()
request.open("GET", "/people/me/", False)
request.send()
request.responseText
"""


def run(page: Page, code: str) -> None:
    page.get_by_label("Python", exact=True).fill(code)
    page.get_by_role("button", name="Run").click()
    # the first time the interpreter is fetched and started
    expect(page.get_by_role("button", name="Run")).to_be_enabled(timeout=120_000)


def test_a_snapshot_is_asked_in_python_and_nothing_else_is(enter: Enter) -> None:
    page = enter(DATA_MANAGER, f"/studies/{STUDY}/workbench/", viewport={"width": 1400, "height": 900})
    page.get_by_role("rowheader").get_by_role("link").first.click()
    page.get_by_role("link", name="Python").click()

    run(page, 'rows = table("encounters")\nprint("hello", len(rows) == len(sql("SELECT * FROM encounters")))')
    expect(page.locator(OUTPUT)).to_contain_text("hello True")
    run(page, 'sql("SELECT 6 * 7 AS answer, NULL AS nothing")')
    expect(page.locator(OUTPUT).get_by_role("columnheader")).to_have_text(["answer", "nothing"])
    expect(page.locator(OUTPUT).get_by_role("cell")).to_have_text(["42", "–"])

    run(page, "first = 1\nfirst + unknown")
    expect(page.locator(OUTPUT)).to_contain_text("line 2")
    expect(page.locator(OUTPUT)).to_contain_text("NameError: name 'unknown' is not defined")
    expect(page.locator(OUTPUT)).not_to_contain_text("pyodide")
    run(page, 'sql("SELECT nothing FROM nowhere")')
    expect(page.locator(OUTPUT)).to_contain_text("nowhere does not exist")
    run(page, "sql(\"COPY (SELECT 1) TO 'here'\")")
    expect(page.locator(OUTPUT)).to_contain_text("Only reading is possible here")

    run(page, ELSEWHERE)
    expect(page.locator(OUTPUT)).to_contain_text("NetworkError")
    expect(page.locator(OUTPUT)).not_to_contain_text("Lena Bakker")


def test_what_runs_too_long_is_stopped(enter: Enter) -> None:
    page = enter(DATA_MANAGER, f"/studies/{STUDY}/workbench/")
    page.get_by_role("rowheader").get_by_role("link").first.click()
    page.get_by_role("link", name="Python").click()
    page.get_by_label("Python", exact=True).fill("while True: pass")
    page.get_by_role("button", name="Run").click()
    page.get_by_role("button", name="Stop").click()
    expect(page.locator(OUTPUT)).to_contain_text("Stopped.")
    run(page, "1 + 1")
    expect(page.locator(OUTPUT)).to_have_text("2")
