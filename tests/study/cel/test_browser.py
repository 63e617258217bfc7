"""The cases in a real browser, on a page whose content security policy forbids eval and everything from elsewhere."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, Route

from helmont.study.cel import parse
from tests.study.cel.cases import CASES, CEL_JS, HERE, expected, name_of

FILES = {
    "/": ("text/html", "<!doctype html><title>Expressions</title>"),
    "/cel.js": ("text/javascript", CEL_JS.read_text(encoding="utf-8")),
    "/conformance.mjs": ("text/javascript", (HERE / "conformance.mjs").read_text(encoding="utf-8")),
}
POLICY = "default-src 'none'; script-src 'self'"
RUN = """async (cases) => {
  const { runCases } = await import("/conformance.mjs");
  return runCases(cases, await import("/cel.js"));
}"""


def serve(route: Route) -> None:
    kind, body = FILES[route.request.url.removeprefix("http://study.test")]
    route.fulfill(body=body, content_type=f"{kind}; charset=utf-8", headers={"Content-Security-Policy": POLICY})


@pytest.mark.browser
def test_chromium_gives_the_expected_outcomes_under_a_strict_policy(page: Page) -> None:
    page.route("http://study.test/**", serve)
    page.goto("http://study.test/")
    cases = [
        {"tree": parse(str(case["expression"])).to_json(), "environment": case.get("environment", {})} for case in CASES
    ]
    found = [{"error": True} if "error" in result else result for result in page.evaluate(RUN, cases)]
    wrong = [
        f"{name_of(case)} gave {result}" for case, result in zip(CASES, found, strict=True) if result != expected(case)
    ]
    assert not wrong, "\n".join(wrong)
