"""Files to read, written by the tests."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from helmont.signals.files import read
from helmont.signals.recording import Recording

Reading = Callable[..., Recording]


@pytest.fixture
def reading(tmp_path: Path) -> Reading:
    """Writes bytes to a file and reads it."""

    def of(content: bytes, **options: Any) -> Recording:
        path = tmp_path / "file"
        path.write_bytes(content)
        return read(path, **options)

    return of
