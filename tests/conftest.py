"""What every test shares: a home folder and a database of this run's own, and the browser.

Django reads its settings from the environment once, so the environment is set here, before pytest-django looks.
Each process of a run (pytest-xdist starts several) has a folder of its own for all state, removed at the end.

HELMONT_TEST_DATABASE_URL   the PostgreSQL database to test on; unset means SQLite. `make test` does both, in turn.
HELMONT_CHROMIUM            the browser; default: Debian's /usr/bin/chromium
"""

import os
import shutil
import tempfile
from pathlib import Path
from typing import Any

import django
import pytest

IS_WORKER = "PYTEST_XDIST_WORKER" in os.environ
if not IS_WORKER:
    os.environ["HELMONT_TEST_STATE"] = tempfile.mkdtemp(prefix="helmont-test-")
STATE = Path(os.environ["HELMONT_TEST_STATE"])
os.environ["HELMONT_HOME"] = str(STATE / os.environ.get("PYTEST_XDIST_WORKER", "main"))
os.environ["HELMONT_DATABASE_URL"] = os.environ.get("HELMONT_TEST_DATABASE_URL", "")
os.environ["DJANGO_SETTINGS_MODULE"] = "helmont.settings"
django.setup()


def pytest_unconfigure() -> None:
    """Remove the state of all processes, once all of them have ended."""
    if not IS_WORKER:
        shutil.rmtree(STATE, ignore_errors=True)


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    """Debian's Chromium, without a window, a sandbox (the tests may run as root) or any traffic of its own."""
    return browser_type_launch_args | {
        "executable_path": os.environ.get("HELMONT_CHROMIUM", "/usr/bin/chromium"),
        "headless": True,
        "args": [
            "--no-sandbox",
            "--disable-gpu",
            "--disable-quic",
            "--no-first-run",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
        ],
    }
