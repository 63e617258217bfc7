"""A file from its bytes to the record: read, planned, and taken in."""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from hashlib import sha256
from secrets import token_urlsafe
from typing import Any

from helmont.core.actions import Job
from helmont.core.errors import Refused
from helmont.core.permissions import Actor
from helmont.core.writer import perform, perform_all
from helmont.labs.actions.results import RecordImport
from helmont.labs.definition import lab_definition
from helmont.labs.models import Draft
from helmont.labs.planning import KINDS, Plan, plan
from helmont.standards.hl7v2.oru import read_oru
from helmont.standards.lab_csv import read_csv
from helmont.standards.laboratory import LabResult, UnreadableFile
from helmont.studies.models import Study
from helmont.study.faults import Fault
from helmont.study.labs import ResultFiles

BATCH = 100
DONE = "done"
KEPT = 24 * 3600.0


@dataclasses.dataclass(frozen=True)
class ResultFile:
    """A file as it was read. ``faults`` are what is wrong with it; ``unreadable`` when nothing of it can be used."""

    name: str
    sha256: str
    format: str
    results: tuple[LabResult, ...]
    faults: tuple[Fault, ...]
    unreadable: bool = False


def read_results(study: str, data: bytes, name: str, mapping: ResultFiles | None = None) -> ResultFile:
    """The results of a file of either format, told apart by how it begins. Raises ``Refused`` without a laboratory."""
    definition = lab_definition(study, Study.objects.get(key=study).definition)
    if definition is None:
        raise Refused("This study declares no laboratory: its package has no labs.yaml.")
    digest = sha256(data).hexdigest()
    start = data[:64].lstrip(b"\xef\xbb\xbf\x0b\r\n ")[:3]
    is_hl7 = start in (b"MSH", b"FHS", b"BHS") or name.lower().endswith(".hl7")
    try:
        if is_hl7:
            told = mapping or definition.labs.hl7
            results, faults = read_oru(data, name, told.participant, told.visit)
        else:
            told = mapping or definition.labs.csv
            results, faults = read_csv(data, name, told.columns, told.delimiter)
    except UnreadableFile as problem:
        return ResultFile(name, digest, "HL7" if is_hl7 else "CSV", (), (problem.fault,), unreadable=True)
    return ResultFile(name, digest, "HL7" if is_hl7 else "CSV", tuple(results), tuple(faults))


def take_in(
    study: str,
    file: ResultFile,
    planned: Plan,
    actor: Actor,
    source: Mapping[str, Any],
    progress: Callable[[int, int], None] = lambda _done, _total: None,
) -> dict[str, int]:
    """Carry out a plan, then record the import; the counts of what came of it.

    A save that meanwhile meets another value is refused and counted; nothing of it is written.
    """
    counts = dict(planned.counts)
    # What the reader quotes from a file may be anything; the record keeps where it was and what would have been accepted.
    findings = [dataclasses.replace(fault, message="") for fault in file.faults] + planned.findings(file.name)
    jobs = [Job(save, actor, {**source, "file": file.sha256}) for save in planned.saves]
    for start in range(0, len(jobs), BATCH):
        some = jobs[start : start + BATCH]
        for job, outcome in zip(some, perform_all(some), strict=True):
            if isinstance(outcome, Exception):
                findings.append(Fault(file.name, 0, getattr(job.action, "key", ""), str(outcome)))
                counts["failed"] = counts.get("failed", 0) + 1
        progress(start + len(some), len(jobs))
    kept = [
        {name: each for name, each in dataclasses.asdict(fault).items() if each and name != "file"}
        for fault in findings
    ]
    counts["unreadable"] = sum(fault.severity == "error" for fault in file.faults)
    shown = {name: counts[name] for name in (*KINDS, "failed", "unreadable") if counts.get(name)}
    definition = lab_definition(study, Study.objects.get(key=study).definition)
    laboratory = definition.labs.laboratory if definition else ""
    perform(
        RecordImport(study, laboratory, file.name, file.sha256, file.format, shown, kept), actor, source=dict(source)
    )
    return shown


def keep_draft(study: str, file: ResultFile, actor: Actor) -> Draft:
    """Keep what was read of a file until it is taken in, for the person who sent it."""
    forget_drafts()
    draft = Draft(
        token=token_urlsafe(24)[:40],
        study=study,
        person=actor.handle,
        created=time.time(),
        file=file.name[-200:],
        sha256=file.sha256,
        format=file.format,
        results=[_to_json(result) for result in file.results],
        faults=[dataclasses.asdict(fault) for fault in file.faults],
    )
    draft.save(force_insert=True)
    return draft


def drafted(draft: Draft) -> ResultFile:
    """The file that a draft keeps."""
    results = tuple(_from_json(result) for result in draft.results)
    faults = tuple(Fault(**fault) for fault in draft.faults)
    return ResultFile(draft.file, draft.sha256, draft.format, results, faults)


def planned_of(draft: Draft, actor: Actor) -> Plan:
    file = drafted(draft)
    return plan(draft.study, file.results, file.name, actor)


def forget_drafts() -> None:
    """Delete the drafts of yesterday."""
    Draft.objects.filter(created__lt=time.time() - KEPT).delete()


def _to_json(result: LabResult) -> dict[str, Any]:
    return {
        field.name: value.isoformat() if isinstance(value := getattr(result, field.name), date) else value
        for field in dataclasses.fields(result)
    }


def _from_json(kept: Mapping[str, Any]) -> LabResult:
    collected: str | None = kept["collected"]
    codes: Sequence[str] = kept["codes"]
    return LabResult(
        **{**kept, "collected": date.fromisoformat(collected) if collected else None, "codes": tuple(codes)}
    )
