"""Files that only the installation itself may read: its keys, and the id that its logs are named by."""

from __future__ import annotations

import os
import secrets
from collections.abc import Callable
from pathlib import Path

from django.conf import settings


def key_file(name: str, make: Callable[[], bytes]) -> bytes:
    """The content of ``HELMONT_HOME/keys/<name>``; on first use what ``make`` returns, readable by its owner only."""
    folder = Path(settings.HOME) / "keys"
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    path = folder / name
    if not path.exists():
        # Written aside and linked into place: of two processes starting at once one wins, and neither reads half a key.
        draft = folder / f".{name}.{secrets.token_hex(8)}"
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(make())
            file.flush()
            os.fsync(file.fileno())
        try:
            os.link(draft, path)
        except FileExistsError:
            pass
        finally:
            draft.unlink()
    return path.read_bytes()


def installation_id() -> str:
    """Sixteen hexadecimal digits, chosen once."""
    return key_file("installation.id", lambda: secrets.token_hex(8).encode()).decode()
