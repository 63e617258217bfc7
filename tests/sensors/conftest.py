"""The cast's trial, whose study takes samples of four channels, in a database that rolls back."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from helmont.sensors import keeping
from tests.one_cast import cast_of_the_module, db

__all__ = ["cast_of_the_module", "db"]


@pytest.fixture
def home(settings: Any, tmp_path: Path) -> Iterator[Path]:
    """A folder of the test's own, with the log and the archive of its samples."""
    settings.HOME, settings.HELMONT_SAMPLES_STORE = tmp_path, str(tmp_path / "archive")
    keeping.of_this_process().close()
    yield tmp_path
    keeping.of_this_process().close()
