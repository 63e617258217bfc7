"""Recordings of real devices, which are not part of the project: tests on them run where the files are.

They are looked for in the folder that ``HELMONT_SIGNAL_FILES`` names or, without it, in ``shared/data/wearables`` beside the
checkout or above. Where there are none, no test is collected.
"""

from __future__ import annotations

import os
from pathlib import Path


def folder() -> Path | None:
    """Where the recordings are, if they are anywhere."""
    named = os.environ.get("HELMONT_SIGNAL_FILES")
    if named:
        return Path(named) if Path(named).is_dir() else None
    places = (parent / "shared" / "data" / "wearables" for parent in Path(__file__).resolve().parents)
    return next((place for place in places if place.is_dir()), None)


def found(name: str) -> list[Path]:
    """The files of a name or pattern below the folder, such as ``iglu/**/*.csv``, in order; none where there is no folder."""
    place = folder()
    return sorted(path for path in place.glob(name) if path.is_file()) if place else []
