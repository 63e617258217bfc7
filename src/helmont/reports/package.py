"""The package of a study as files: every file with its digest, every finding with its place, and what the whole is made of."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import IO, Any

from helmont.study.faults import SEVERITIES, Fault

MANIFEST = "manifest.json"
FORMAT = "helmont-package-1"


@dataclass(frozen=True, slots=True)
class Point:
    """The point of the ledger that a package is made of: its first ``size`` entries, the root of the tree over them, the
    signed checkpoint, and the time of the last of them."""

    study: str
    version: str
    size: int
    root: str
    checkpoint: str
    moment: datetime

    @property
    def said(self) -> str:
        """As it stands at the foot of tables: ``CDISCPILOT01 1.0, ledger entry 190,443 of 2026-11-22``."""
        return f"{self.study} {self.version}, ledger of {self.size:,} entries, {self.moment:%Y-%m-%d %H:%M} UTC"


class Occupied(ValueError):
    """The folder holds files that are no earlier package."""


Step = Callable[[str], None]


def nothing(_label: str) -> None:
    """A step that nobody follows."""


@dataclass
class Package:
    """The folder that a package is written to. ``step`` is told what is being made."""

    folder: Path
    step: Step = nothing
    digests: dict[str, str] = field(default_factory=dict)
    findings: list[Fault] = field(default_factory=list)
    awaited: dict[str, Future[bytes]] = field(default_factory=dict)

    def prepare(self) -> None:
        """Make the folder, and clear it of an earlier package. Raises ``Occupied`` when it holds anything else."""
        self.folder.mkdir(parents=True, exist_ok=True)
        earlier = self.folder / MANIFEST
        if not earlier.exists():
            if any(self.folder.iterdir()):
                raise Occupied(f"{self.folder} is not empty and holds no earlier package; name another folder")
            return
        for name in [*_files_of(earlier), MANIFEST]:
            (self.folder / name).unlink(missing_ok=True)

    def write(self, name: str, content: bytes) -> None:
        """Write a file, ``name`` relative to the folder."""
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        self.digests[name] = sha256(content).hexdigest()

    def later(self, name: str, content: Future[bytes]) -> None:
        """Write a file when it is made, at the latest when the package is finished."""
        self.awaited[name] = content
        for each, made in [*self.awaited.items()]:
            if made.done():
                self.write(each, self.awaited.pop(each).result())

    def take(self, other: Package) -> None:
        """Count as its own what was written to its folder as another package."""
        self.digests |= other.digests
        self.findings += other.findings
        self.awaited |= other.awaited

    @contextmanager
    def stream(self, name: str) -> Iterator[IO[bytes]]:
        """A file to be written piece by piece; it is taken away again when that fails."""
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            with path.open("wb") as file:
                yield file
        except BaseException:
            path.unlink(missing_ok=True)
            raise
        with path.open("rb") as file:
            digest = sha256()
            while piece := file.read(1 << 20):
                digest.update(piece)
        self.digests[name] = digest.hexdigest()

    @property
    def ordered(self) -> list[Fault]:
        """The findings, each once, errors first."""
        return sorted(dict.fromkeys(self.findings), key=lambda one: SEVERITIES.index(one.severity))

    @property
    def complete(self) -> bool:
        """Whether nothing is missing or does not fit: no finding is an error."""
        return all(one.severity != "error" for one in self.findings)

    def finish(self, point: Point, made_with: str, sources: dict[str, str]) -> None:
        """Write findings and manifest. ``sources`` are digests of what the package was made of besides the ledger."""
        while self.awaited:
            name, made = self.awaited.popitem()
            self.write(name, made.result())
        found = self.ordered
        lines = [str(one) for one in found]
        verdict = (
            "complete" if self.complete else "INCOMPLETE: every error below keeps the package from being submitted"
        )
        counts = ", ".join(f"{sum(one.severity == kind for one in found)} {kind}s" for kind in SEVERITIES)
        self.write("findings.txt", "\n".join([f"{point.said}: {verdict}", counts, "", *lines, ""]).encode())
        self.write("findings.json", _json({"complete": self.complete, "findings": [asdict(one) for one in found]}))
        manifest = {
            "format": FORMAT,
            "study": point.study,
            "version": point.version,
            "ledger": {"entries": point.size, "root": point.root, "checkpoint": point.checkpoint},
            "created": point.moment.isoformat(),
            "made_with": made_with,
            "complete": self.complete,
            "reasons": [str(one) for one in found if one.severity == "error"],
            "sources": sources,
            "files": dict(sorted(self.digests.items())),
        }
        self.write(MANIFEST, _json(manifest))


def _files_of(manifest: Path) -> list[str]:
    """The files of an earlier package, as far as they lie within it."""
    try:
        found = json.loads(manifest.read_bytes())
        names = list(found["files"]) if found.get("format") == FORMAT else None
    except (ValueError, KeyError, TypeError, AttributeError):
        names = None
    if names is None:
        raise Occupied(f"{manifest} is no manifest of a package; name another folder")
    return [name for name in names if ".." not in Path(name).parts and not Path(name).is_absolute()]


def _json(content: Any) -> bytes:
    return json.dumps(content, indent=2, ensure_ascii=False).encode() + b"\n"
