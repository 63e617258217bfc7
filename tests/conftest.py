"""What every test shares: a home folder and a database of this run's own, and the browser.

Django reads its settings from the environment once, so the environment is set here, before pytest-django looks.
Each process of a run (pytest-xdist starts several) has a folder of its own for all state, removed at the end.

HELMONT_TEST_DATABASE_URL   the PostgreSQL database to test on; unset means SQLite. `make test` does both, in turn.
HELMONT_CHROMIUM            the browser; default: Debian's /usr/bin/chromium
"""

import atexit
import os
import shutil
import tempfile
from pathlib import Path
from typing import Any

import django
import pytest

WORKER = os.environ.get("PYTEST_XDIST_WORKER")
if not WORKER:  # the workers inherit the folder from the process that starts them, which also removes it
    os.environ["HELMONT_TEST_STATE"] = tempfile.mkdtemp(prefix="helmont-test-")
    atexit.register(shutil.rmtree, os.environ["HELMONT_TEST_STATE"], ignore_errors=True)
os.environ["HELMONT_HOME"] = str(Path(os.environ["HELMONT_TEST_STATE"], WORKER or "main"))
os.environ["HELMONT_DATABASE_URL"] = os.environ.get("HELMONT_TEST_DATABASE_URL", "")
os.environ["DJANGO_SETTINGS_MODULE"] = "helmont.settings"
django.setup()
# pytest-django would read the settings of a worker before this file has given it a folder of its own.
del os.environ["DJANGO_SETTINGS_MODULE"]


@pytest.fixture(autouse=True)
def _nothing_remembered() -> None:
    """A test's writes are taken back at its end, which the writer, copies of checkpoints and kept data sets cannot know."""
    from django.conf import settings

    from helmont.core.writer import forget

    forget()
    for folder in ("checkpoints", "datasets"):
        shutil.rmtree(Path(settings.HOME) / folder, ignore_errors=True)


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
