"""Imports: what a file would do is planned as actions, rehearsed, reported with its lines, and only then carried out.

A plan is a function that gives its steps anew each time: it is gone through once for the rehearsal and once for the deed, and
never held in memory. Nothing is carried out while anything is refused, unless the rest is asked for (``partial``).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from helmont.core.actions import Action, Job
from helmont.core.errors import Refused
from helmont.core.permissions import Actor
from helmont.core.rehearsal import Rehearsal, Rehearsed
from helmont.core.writer import perform_all
from helmont.study.faults import Fault, StudyFaults

BATCH = 200
MOST_FINDINGS = 10_000
Progress = Callable[[str, int], object]


@dataclass(frozen=True, slots=True)
class Step:
    """One action and the place of the file that asks for it; ``places`` gives the lines of single items."""

    action: Action
    file: str
    line: int
    place: str
    places: Mapping[str, int] = field(default_factory=dict)


Plan = Callable[[], Iterator[Step | Fault]]


@dataclass
class Report:
    """What an import would do, or did. Counts are of records by type, and of item values."""

    created: Counter[str] = field(default_factory=Counter)
    changed: Counter[str] = field(default_factory=Counter)
    unchanged: int = 0
    refused: int = 0
    steps: int = 0
    carried_out: bool = False
    findings: list[Fault] = field(default_factory=list)

    @classmethod
    def of(cls, faults: StudyFaults) -> Report:
        """The report of files of which nothing can be taken in."""
        report = cls()
        for fault in faults.faults:
            report.find(fault)
        return report

    def find(self, fault: Fault) -> None:
        if fault.severity == "error":
            self.refused += 1
        if len(self.findings) < MOST_FINDINGS:
            self.findings.append(fault)

    def to_dict(self) -> dict[str, Any]:
        """The report as JSON values."""
        names = ("severity", "file", "line", "place", "message", "accepted")
        return {
            "carried_out": self.carried_out, "steps": self.steps, "created": dict(self.created), "changed": dict(self.changed),
            "unchanged": self.unchanged, "refused": self.refused,
            "findings": [{name: getattr(one, name) for name in names} for one in self.findings],
        }  # fmt: skip


def run_import(
    plan: Plan, actor: Actor, source: Mapping[str, Any], *, dry_run: bool = False, partial: bool = False,
    progress: Progress = lambda _phase, _done: None,
) -> Report:  # fmt: skip
    """Rehearse the plan and, unless this is a dry run or something is refused, carry it out.

    Raises ``StudyFaults`` when a file breaks off; nothing has been carried out then.
    """
    report = rehearse(plan, actor, source, progress)
    if dry_run or (report.refused and not partial):
        return report
    known = {(fault.file, fault.line) for fault in report.findings}
    done = 0
    for batch in _batches(one for one in plan() if isinstance(one, Step)):
        outcomes = perform_all([Job(step.action, actor, _source(source, step)) for step in batch])
        for step, outcome in zip(batch, outcomes, strict=True):
            # Unless it was refused in the rehearsal, somebody changed something in between.
            if isinstance(outcome, Exception) and not known & {
                (step.file, line) for line in (step.line, *step.places.values())
            }:
                _refuse(report, step, outcome)
        done += len(batch)
        progress("Importing", done)
    report.carried_out = True
    return report


def rehearse(
    plan: Plan, actor: Actor, source: Mapping[str, Any], progress: Progress = lambda _phase, _done: None
) -> Report:
    """What the plan would do. Nothing is written."""
    report, rehearsal = Report(), Rehearsal()
    for batch in _batches(_noting(plan(), report)):
        outcomes = rehearsal.perform_all([Job(step.action, actor, _source(source, step)) for step in batch])
        for step, outcome in zip(batch, outcomes, strict=True):
            report.steps += 1
            if isinstance(outcome, Rehearsed):
                _count(report, outcome)
            else:
                _refuse(report, step, outcome)
        progress("Rehearsing", report.steps)
    report.findings.sort(key=lambda fault: (fault.severity, fault.file, fault.line))
    return report


def _noting(steps: Iterable[Step | Fault], report: Report) -> Iterator[Step]:
    for one in steps:
        if isinstance(one, Fault):
            report.find(one)
        else:
            yield one


def _batches(steps: Iterable[Step]) -> Iterator[list[Step]]:
    iterator = iter(steps)
    while batch := list(islice(iterator, BATCH)):
        yield batch


def _source(source: Mapping[str, Any], step: Step) -> dict[str, Any]:
    return {**source, "file": step.file, "line": step.line}


def _count(report: Report, outcome: Rehearsed) -> None:
    if not outcome.changes:
        report.unchanged += 1
    for change in outcome.changes:
        kind = change["record"].partition(":")[0]
        values = [path for path in change["set"] if path.startswith("data/")]
        new = all(old is None for path, (old, _) in change["set"].items() if not path.startswith("data/"))
        identified = "participant" in change["set"] or "study" in change["set"]
        (report.created if new and identified else report.changed)[kind] += 1
        if kind == "form":
            for path in values:
                (report.created if change["set"][path][0] is None else report.changed)["value"] += 1


def _refuse(report: Report, step: Step, refusal: Exception) -> None:
    """A finding for every place that the refusal names."""
    faults = getattr(refusal, "details", {}).get("faults", ()) if isinstance(refusal, Refused) else ()
    for one in faults:
        line = step.places.get(one["place"], step.line)
        report.find(Fault(step.file, line, f"{step.place} {one['place']}", one["message"], one["accepted"]))
    if not faults:
        report.find(Fault(step.file, step.line, step.place, str(refusal) or type(refusal).__name__))
