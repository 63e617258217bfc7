"""A randomisation list: generated from a design and a seed, sealed by its digest, and audited after the trial."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from helmont.design.results import Result

if TYPE_CHECKING:
    import polars as pl


@dataclass(frozen=True)
class Entry(Result):
    """One place of a list."""

    stratum: str
    """Empty where there are no strata."""
    number: int
    """Within the stratum, from 1."""
    arm: int
    block: int | None = None
    """Within the stratum, from 1, where there are blocks."""


@dataclass(frozen=True)
class Audit(Result):
    """What an audit found; nothing where the allocations followed the sealed list."""

    faults: tuple[str, ...]

    @property
    def holds(self) -> bool:
        return not self.faults


@dataclass(frozen=True)
class RandomisationList(Result):
    """Keep it secret; its ``seal`` may be published before the first patient."""

    design: str
    """The digest of the design."""
    seed: int
    entries: tuple[Entry, ...]

    @property
    def seal(self) -> str:
        """``sha256:`` and the digest of the canonical JSON of the list. It hides the list as long as the seed cannot be guessed:
        128 bits."""
        text = json.dumps(self.to_dict(), sort_keys=True, separators=(",", ":"), ensure_ascii=False)
        return "sha256:" + hashlib.sha256(text.encode()).hexdigest()

    def stratum(self, name: str = "") -> tuple[int, ...]:
        """The arms of a stratum in order."""
        return tuple(entry.arm for entry in self.entries if entry.stratum == name)

    def audit(self, seal: str, used: Mapping[str, Sequence[int]], regenerated: RandomisationList) -> Audit:
        """Whether the list is the sealed one, comes from its design and seed, and was followed.

        ``used`` has the arms that were given in each stratum, in order; ``regenerated`` is what the declared design gives for the
        seed.
        """
        faults = []
        if self.seal != seal:
            faults.append(f"the list has the seal {self.seal}, not {seal}")
        if self.design != regenerated.design:
            faults.append(f"the list is of the design {self.design}, not {regenerated.design}")
        elif self.entries != regenerated.entries:
            wrong = next(
                (
                    place
                    for place, (mine, theirs) in enumerate(zip(self.entries, regenerated.entries, strict=False))
                    if mine != theirs
                ),
                min(len(self.entries), len(regenerated.entries)),
            )
            faults.append(f"the seed {self.seed} gives another list from entry {wrong + 1} on")
        for name, arms in used.items():
            listed = self.stratum(name)
            if len(arms) > len(listed):
                faults.append(f"stratum {name!r}: {len(arms)} allocations, but {len(listed)} entries")
            for number, (given, planned) in enumerate(zip(arms, listed, strict=False), start=1):
                if given != planned:
                    faults.append(f"stratum {name!r}, entry {number}: arm {given} was given, arm {planned} was listed")
        return Audit(tuple(faults))

    def frame(self) -> pl.DataFrame:
        """A row an entry."""
        import polars as pl

        return pl.DataFrame([entry.to_dict() for entry in self.entries])
