"""What every importer of a study definition answers with.

An importer never raises on what is in a file, and never leaves anything out in silence. It reads bytes and returns an
:class:`Imported`; nothing is written. ``finish`` is the last step of each: it holds the result to the same rules as a
package that was written by hand.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from helmont.study.faults import Fault, StudyFaults
from helmont.study.model import Study
from helmont.study.publishing import from_document, to_document
from helmont.study.reading import faults_in_order
from helmont.study.writing import package_files


@dataclass(frozen=True, slots=True)
class Imported:
    """A study read from a file of another format, and what is to be known of it.

    ``study`` is None when an error was found. ``taken`` counts what was taken over, by kind, such as
    ``{"encounters": 12}``. A finding is an *error* (refused: nothing is made), a *warning* (taken over, but not as it
    stood, or worth a look) or a *note* (not taken over, or taken over in another way that loses nothing); ``file`` and
    ``line`` are those of the source, ``place`` its row and column, JSON pointer or XPath.
    """

    study: Study | None
    taken: Mapping[str, int] = field(default_factory=dict)
    findings: tuple[Fault, ...] = ()

    @property
    def errors(self) -> tuple[Fault, ...]:
        return tuple(finding for finding in self.findings if finding.severity == "error")


def refused(findings: Iterable[Fault]) -> Imported:
    """The answer to a file of which nothing can be used."""
    return Imported(None, {}, tuple(faults_in_order(list(findings))))


def finish(study: Study, findings: Iterable[Fault], file: str) -> Imported:
    """The answer with ``study``: checked like any package, so that what an importer makes can always be loaded.

    Faults of the made study are added to the findings under ``file``, their place being the one in the package;
    missing translations are not, since the outside formats mostly have one language.
    """
    found = list(findings)
    made: Study | None = study
    try:
        made = from_document(to_document(study))
        package_files(made)
    except StudyFaults as faults:
        made = None
        found += [
            Fault(file, 0, fault.place, fault.message, fault.accepted, fault.severity)
            for fault in faults.faults
            if not fault.message.startswith("not translated into")
        ]
    errors = any(finding.severity == "error" for finding in found)
    return Imported(None if errors else made, {} if errors else counts(study), tuple(faults_in_order(found)))


def counts(study: Study) -> dict[str, int]:
    """How many of each kind of thing a study definition has, leaving out what it has none of."""
    protocol = study.protocol
    numbers = {
        "identifiers": len(study.identifiers),
        "objectives": len(protocol.objectives),
        "endpoints": sum(len(objective.endpoints) for objective in protocol.objectives),
        "estimands": len(protocol.estimands),
        "arms": len(protocol.arms),
        "epochs": len(protocol.epochs),
        "elements": len(protocol.elements),
        "encounters": len(protocol.encounters),
        "activities": len(protocol.activities),
        "scheduled": sum(map(len, protocol.schedule.values())),
        "eligibility": len(protocol.eligibility),
        "forms": len(study.forms),
        "items": sum(1 for form in study.forms for _ in form.items()),
        "codelists": len(study.codelists),
        "checks": len(study.checks),
    }
    return {kind: number for kind, number in numbers.items() if number}


class Ids:
    """Ids for the things of a study, made of what they are called in the source; each name gets one of its own."""

    def __init__(self, *reserved: str) -> None:
        self._taken: set[str] = set(reserved)

    def make(self, *names: str, fallback: str = "X") -> str:
        """An id out of the first name that gives one: capitals, digits and ``_``, at most 40, not yet used."""
        stem = next((made for name in names if (made := as_id(name))), fallback)
        made, number = stem, 1
        while made in self._taken:
            number += 1
            tail = f"_{number}"
            made = stem[: 40 - len(tail)] + tail
        self._taken.add(made)
        return made


def as_id(name: str) -> str:
    """``name`` in the letters of an id, empty when none of its letters can be used: ``Visit 2 (day 1)`` is VISIT_2_DAY_1."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    words = re.findall(r"[A-Z0-9]+", plain.upper())
    made = "_".join(words)[:40].rstrip("_")
    return made if made[:1].isalpha() else f"X_{made}"[:40].rstrip("_") if made else ""
