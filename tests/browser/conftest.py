"""One server for all tests of a process, on a copy of the prepared home, and browsers in which people are signed in.

Every test has participants of its own, so that tests do not meet.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, expect

from tests.browser.clinic import Clinic
from tests.browser.people import LANGUAGES
from tests.serving import Stage, shared_stage
from tests.serving import site as serve

Enter = Callable[..., Page]
PATIENCE = 30_000  # milliseconds; the machine may be busy
expect.set_options(timeout=PATIENCE)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="session")
def stage() -> Stage:
    return shared_stage()


@pytest.fixture(scope="session")
def clinic(stage: Stage, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Clinic]:
    with serve(stage, tmp_path_factory.mktemp("site") / "home") as running:
        yield Clinic(running)


@pytest.fixture
def enter(browser: Browser, clinic: Clinic) -> Iterator[Enter]:
    """``enter(handle, path)``: a browser of its own in which that person is signed in; nobody, for an empty handle.

    When the test ends, no page may have thrown an error, or have been refused something by its content security policy.
    """
    contexts, wrongs = [], []

    def heard(message: ConsoleMessage) -> None:
        # An answer that says no (401, 409, 422), or a line that was cut, is the server's or the test's doing.
        if message.type == "error" and "Failed to load resource" not in message.text:
            wrongs.append(f"{message.location.get('url')}: {message.text}")

    def open_page(handle: str, path: str = "/", **options: object) -> Page:
        settings: dict[str, Any] = {"base_url": clinic.url, "locale": LANGUAGES.get(handle, "en")} | options
        context = browser.new_context(**settings)
        context.set_default_timeout(PATIENCE)
        contexts.append(context)
        if handle:
            context.add_cookies([{"name": "sessionid", "value": clinic.session(handle), "url": clinic.url}])
        context.on("console", heard)
        context.on("weberror", lambda error: wrongs.append(f"{error.page.url if error.page else ''}: {error.error}"))
        page = context.new_page()
        page.goto(path)
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert not wrongs, "\n".join(wrongs)
