"""Data sets as of an entry of the ledger, kept in a file once they were made: making them takes a while.

A file is derived from the ledger and may be removed at any time; a redaction removes all of the study's.
"""

from __future__ import annotations

import os
import zipfile
from collections import Counter
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from typing import Any

import orjson
from django.conf import settings

from helmont.core.errors import NotFound
from helmont.datasets.asof import parts_at
from helmont.datasets.store import packed

INDEX = "index.json"
LAYOUT = 2
"""Files of an earlier layout are left alone and made anew beside."""
Report = Callable[[int, int], object]
"""Is told how many participants are done, and of how many."""


def folder_of(study: str) -> Path:
    return Path(settings.HOME, "datasets", study)


def path_of(study: str, size: int) -> Path:
    return folder_of(study) / f"{size}.{LAYOUT}.zip"


def is_kept(study: str, size: int) -> bool:
    return path_of(study, size).is_file()


def keep(study: str, size: int, report: Report = lambda _done, _total: None) -> Path:
    """Make the data sets after the first ``size`` entries, unless they are kept already. Raises ``NotFound``."""
    path = path_of(study, size)
    if path.is_file():
        return path
    at = parts_at(study, size)
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_suffix(f".{os.getpid()}.draft")
    people: list[tuple[str, str, dict[str, int]]] = []
    with zipfile.ZipFile(draft, "w", zipfile.ZIP_STORED) as archive:
        for number, (participant, site, datasets) in enumerate(at.parts, 1):
            held = {name: len(rows) for name, rows in datasets.items() if rows}
            people.append((participant, site, held))
            for name in held:
                archive.writestr(f"{participant or '-'}/{name}", packed(datasets[name]))
            report(number, at.total)
        archive.writestr(INDEX, orjson.dumps({"version": at.version, "people": people, "standing": at.standing}))
    draft.replace(path)
    return path


def remove_kept(study: str) -> None:
    """Remove every file of the study; they are made again when they are asked for."""
    folder = folder_of(study)
    for path in folder.glob("*.zip") if folder.is_dir() else ():
        path.unlink(missing_ok=True)


class KeptFile:
    """Reads a file. Raises ``NotFound`` when the data sets of that moment are not kept."""

    def __init__(self, study: str, size: int) -> None:
        self._path = path_of(study, size)
        if not self._path.is_file():
            raise NotFound(f"{study} {size}")
        index = _index(self._path, self._path.stat().st_mtime_ns)
        self.version: str = index["version"]
        self.standing: dict[str, dict[str, dict[str, int]]] = index["standing"]
        """By site what ``standing.standing_of`` counts."""
        self.people: list[tuple[str, str, dict[str, int]]] = index["people"]
        """Number, site, and how many rows by data set."""

    def bodies(self, dataset: str) -> list[tuple[str, str, bytes]]:
        """Number, site and rows of everybody who has some in the data set, by number."""
        with zipfile.ZipFile(self._path) as archive:
            return [
                (number, site, archive.read(f"{number or '-'}/{dataset}"))
                for number, site, held in self.people
                if dataset in held
            ]

    def bodies_of(self, participant: str) -> dict[str, bytes]:
        """The rows of one participant (empty: of the protocol) by data set."""
        with zipfile.ZipFile(self._path) as archive:
            return {
                name: archive.read(f"{number or '-'}/{name}")
                for number, _site, held in self.people
                if number == participant
                for name in held
            }

    def same(self, other: KeptFile) -> frozenset[str]:
        """The data sets whose rows are the same in both, to the last byte, of everybody."""
        ours, theirs = (Counter((name, each[0]) for each in file.people for name in each[2]) for file in (self, other))
        found = {name for name, _participant in ours | theirs}
        found -= {name for name, _participant in (ours - theirs) | (theirs - ours)}
        with zipfile.ZipFile(self._path) as one, zipfile.ZipFile(other._path) as another:
            for name, participant in ours:
                place = f"{participant or '-'}/{name}"
                if name in found and one.read(place) != another.read(place):
                    found.discard(name)
        return frozenset(found)


@lru_cache(maxsize=8)
def _index(path: Path, _modified: int) -> Any:
    with zipfile.ZipFile(path) as archive:
        return orjson.loads(archive.read(INDEX))
