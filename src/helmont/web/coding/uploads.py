"""Files of a dictionary between the dry run and the loading: kept under the installation's home, gone afterwards."""

from __future__ import annotations

import re
import secrets
import shutil
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile

from helmont.core.errors import Fault, Invalid, NotFound
from helmont.core.jobs.schedule import scheduled
from helmont.standards.dictionaries import Findings, read_path

MOST_BYTES = 250_000_000
KEPT = 24 * 3600.0  # seconds
_NAME = re.compile(r"[0-9a-f]{32}")


def folder() -> Path:
    return Path(settings.HOME) / "dictionaries"


def store(files: Iterable[UploadedFile[Any]]) -> str:
    """Keep the files; the name of the upload. Raises ``Invalid`` when there is too much."""
    brought = list(files)
    if sum(each.size or 0 for each in brought) > MOST_BYTES:
        raise Invalid([Fault("files", "the files are too large", f"at most {MOST_BYTES} bytes together")])
    name = secrets.token_hex(16)
    place = folder() / name
    place.mkdir(parents=True, mode=0o700)
    for number, each in enumerate(brought):
        # Names are the sender's: only their last part is used, and two of one name stay two files.
        plain = Path((each.name or "file").replace("\\", "/")).name.lstrip(".")[:100] or "file"
        target = place / plain if not (place / plain).exists() else place / f"{number}-{plain}"
        with target.open("wb") as stream:
            for chunk in each.chunks():
                stream.write(chunk)
    return name


def stored(name: str, findings: Findings) -> dict[str, bytes]:
    """The files of an upload, unpacked; raises ``NotFound``."""
    place = folder() / name
    if not _NAME.fullmatch(name) or not place.is_dir():
        raise NotFound(name[:60])
    return read_path(place, findings)


def discard(name: str) -> None:
    if _NAME.fullmatch(name):
        shutil.rmtree(folder() / name, ignore_errors=True)


@scheduled("old dictionary files", every=3600)
def remove_old() -> None:
    """What was brought for a dry run and not loaded is gone after a day."""
    for place in folder().glob("*") if folder().is_dir() else ():
        if place.stat().st_mtime < time.time() - KEPT:
            discard(place.name)
