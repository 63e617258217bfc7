"""The cast of tests, in every test of these pages."""

from pathlib import Path
from typing import Any

import pytest

from tests.one_cast import cast_of_the_module, db

__all__ = ["cast_of_the_module", "db"]


@pytest.fixture(autouse=True)
def _cast_built(db: None, settings: Any, tmp_path: Path) -> None:  # noqa: ARG001 - the cast
    """Every test of this folder has the cast, and a home folder of its own for checkpoints."""
    settings.HOME = tmp_path / "home"
