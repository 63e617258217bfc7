"""The cast of tests, seen by the test client; and, for the browser, a server process of its own with the same cast."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import ClassVar

import pytest
from playwright.sync_api import Browser, Page, StorageState

from tests import cast

ROOT = Path(__file__).parents[3]
BUILD = "import django; django.setup(); from tests.cast import build; build()"
SECONDS_TO_START = 30


@pytest.fixture
def cast_built(db: None) -> None:  # noqa: ARG001 - the database
    cast.build()


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a real server (the save path exists only there), on SQLite in a folder of its own."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port = str(found.getsockname()[1])
    environment = os.environ | {
        "HELMONT_HOME": str(tmp_path_factory.mktemp("entry")),
        "HELMONT_DATABASE_URL": "",
        "DJANGO_SETTINGS_MODULE": "helmont.settings",
    }
    python = sys.executable
    subprocess.run([python, "-m", "django", "migrate", "-v0"], env=environment, cwd=ROOT, check=True)
    subprocess.run([python, "-c", BUILD], env=environment | {"HELMONT_WRITER": "inline"}, cwd=ROOT, check=True)
    command = [python, "-m", "uvicorn", "helmont.asgi:application", "--port", port, "--log-level", "error"]
    process = subprocess.Popen(command, env=environment | {"HELMONT_WRITER": "thread"}, cwd=ROOT)
    try:
        _wait_for(int(port), process)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _wait_for(port: int, process: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + SECONDS_TO_START
    while time.monotonic() < until and process.poll() is None:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise RuntimeError("the server did not start")


class Desk:
    """People at their browsers. A person signs in once in a run, since checking a password is slow on purpose."""

    _signed_in: ClassVar[dict[tuple[str, str], StorageState]] = {}

    def __init__(self, browser: Browser, server: str) -> None:
        self._browser, self.server = browser, server
        self.faults: list[str] = []

    def sign_in(self, handle: str) -> Page:
        known = self._signed_in.get((self.server, handle))
        page = self._browser.new_context(locale="en", storage_state=known).new_page()
        page.on("pageerror", lambda error: self.faults.append(str(error)))
        if known:
            return page
        page.goto(f"{self.server}/accounts/login/")
        page.fill("[name=login]", handle)
        page.fill("[name=password]", cast.PASSWORD)
        page.press("[name=password]", "Enter")
        page.wait_for_url(lambda url: "/accounts/login/" not in url)
        self._signed_in[self.server, handle] = page.context.storage_state()
        return page

    def open(self, page: Page, path: str) -> None:
        page.goto(f"{self.server}/studies/{cast.STUDY}/participants/{cast.PARTICIPANT}/{path}")
        page.wait_for_function("document.getElementById('save-state') && document.querySelector('.found')")


@pytest.fixture
def desk(browser: Browser, server: str) -> Iterator[Desk]:
    """Fails the test when a script failed on any page."""
    found = Desk(browser, server)
    yield found
    for context in browser.contexts:
        context.close()
    assert not found.faults
