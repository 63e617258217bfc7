"""A server on a copy of the prepared home for every module, and browsers in which people are signed in."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, expect

from tests.browser.clinic import Clinic
from tests.browser.people import LANGUAGES
from tests.serving import Stage, prepare
from tests.serving import site as serve

Enter = Callable[..., Page]
PATIENCE = 15_000  # milliseconds; the machine may be busy
expect.set_options(timeout=10_000)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="session")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Stage:
    return prepare(tmp_path_factory.mktemp("stage"))


@pytest.fixture(scope="module")
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
        context = browser.new_context(base_url=clinic.url, locale=LANGUAGES.get(handle, "en"), **options)  # type: ignore[arg-type]  # passed on
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
