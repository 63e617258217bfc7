"""The cast of tests, with keys of each test's own."""

from pathlib import Path
from typing import Any

import pytest

from tests import cast


@pytest.fixture(autouse=True)
def home(settings: Any, tmp_path: Path) -> Path:
    settings.HOME = tmp_path
    return tmp_path


@pytest.fixture(autouse=True)
def _cast_built(db: None, home: Path) -> None:  # noqa: ARG001 - keys first, then people
    cast.build()
