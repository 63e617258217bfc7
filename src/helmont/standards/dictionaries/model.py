"""A coding dictionary, whatever it came from: terms in levels, the narrowest of which is what verbatims are coded to."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from hashlib import sha256

from helmont.study.faults import Fault

MOST_FAULTS = 200


@dataclass(frozen=True, slots=True)
class Term:
    """One term. ``path`` holds the codes of its primary hierarchy, broadest first, without itself; ``parents`` the codes
    of everything it hangs under at the level above, the primary one first."""

    level: str
    code: str
    name: str
    path: tuple[str, ...] = ()
    parents: tuple[str, ...] = ()
    current: bool = True
    note: str = ""

    def line(self) -> str:
        """The term as the content hash reads it: fields parted by U+001F, which no dictionary holds."""
        current = "Y" if self.current else "N"
        parts = (self.level, self.code, self.name, "/".join(self.path), "/".join(self.parents), current, self.note)
        return "\x1f".join(parts)


@dataclass(frozen=True, slots=True)
class Dictionary:
    """All terms of one version. ``levels`` are named broadest first; terms of the last one are coded to."""

    levels: tuple[str, ...]
    terms: tuple[Term, ...]
    version: str = ""
    language: str = ""

    @property
    def counts(self) -> dict[str, int]:
        """Level to number of terms, broadest first."""
        found = dict.fromkeys(self.levels, 0)
        for term in self.terms:
            found[term.level] += 1
        return found


@dataclass(slots=True)
class Findings:
    """What is wrong with the files of a dictionary; the first ``MOST_FAULTS`` are kept, all are counted."""

    faults: list[Fault] = field(default_factory=list)
    errors: int = 0
    warnings: int = 0

    def error(self, file: str, line: int, place: str, message: str, accepted: str = "") -> None:
        self.errors += 1
        if len(self.faults) < MOST_FAULTS:
            self.faults.append(Fault(file, line, place, message, accepted))

    def warning(self, file: str, line: int, place: str, message: str, accepted: str = "") -> None:
        self.warnings += 1
        if len(self.faults) < MOST_FAULTS:
            self.faults.append(Fault(file, line, place, message, accepted, "warning"))


def content_hash(terms: Iterable[Term]) -> str:
    """SHA-256 of every term, sorted, so that equal content has an equal hash in whatever order it was written."""
    digest = sha256()
    for line in sorted(term.line() for term in terms):
        digest.update(line.encode())
        digest.update(b"\n")
    return digest.hexdigest()
