"""What is wrong with a study package, and where."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Literal

Severity = Literal["error", "warning", "note"]
"""An error keeps the study from being used, a warning deserves a look, a note says what was done or left out."""
SEVERITIES: tuple[Severity, ...] = ("error", "warning", "note")


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault: file and line (from 1; 0 = the whole file), the item, what is wrong and what would be accepted."""

    file: str
    line: int
    place: str
    message: str
    accepted: str = ""
    severity: Severity = "error"

    def __str__(self) -> str:
        where = f"{self.file}:{self.line}" if self.line else self.file
        about = f" {self.place}:" if self.place else ""
        accepted = f" ({self.accepted})" if self.accepted else ""
        return f"{where}: {self.severity}:{about} {self.message}{accepted}"


class StudyFaults(ValueError):
    """The package cannot be used; ``faults`` holds every reason at once, warnings included."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        self.faults = tuple(faults)
        errors = sum(fault.severity == "error" for fault in faults)
        super().__init__(f"{errors} fault(s) in the study package:\n" + "\n".join(map(str, faults)))

    def __reduce__(self) -> tuple[type[StudyFaults], tuple[Sequence[Fault]]]:
        """How it comes from one process to another."""
        return StudyFaults, (self.faults,)


def one_of(known: Sequence[str], wrong: str = "") -> str:
    """Say which names would be accepted, the nearest to ``wrong`` first when one is near."""
    near = get_close_matches(wrong[:100], known, n=1, cutoff=0.6) if wrong else []
    if near:
        return f"did you mean {near[0]}?"
    shown = sorted(known)[:12]
    return f"one of: {', '.join(shown)}{', ...' if len(known) > len(shown) else ''}" if shown else "none is declared"
