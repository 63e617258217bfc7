"""Rehearsing an import and carrying it out, beside the pages; what came of it lies with the files."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from django.utils import translation
from django_tasks import TaskContext, task

from helmont.core.jobs.progress import Reporter
from helmont.core.jobs.schedule import scheduled
from helmont.core.people.queries import load_actor
from helmont.core.writer import perform
from helmont.exchange.actions import NoteImport
from helmont.exchange.datasets import MAX_BYTES, counts_of, dataset_in, importer
from helmont.exchange.importing import Report, run_import
from helmont.studies.models import Study
from helmont.studies.queries import compiled
from helmont.study.faults import StudyFaults
from helmont.web.access import WEB
from helmont.web.uploads import Shelf

SHELF = Shelf("imports", MAX_BYTES)
_REPORT = ".report.json"


@task(takes_context=True)
def import_data(
    context: TaskContext, study: str, token: str, handle: str, language: str, dry_run: bool, partial: bool
) -> bool:
    """Rehearse what lies under that token and, unless this is a dry run, carry it out. Returns whether that was done."""
    told = Reporter(str(context.task_result.id))
    place = SHELF.place(token, handle)
    before = report_of(place)
    steps = before["steps"] if before else 0
    with translation.override(language):
        report, name, format_, digest = _run(
            study,
            place,
            handle,
            dry_run,
            partial,
            lambda phase, done: told(done, steps * (phase == "Importing"), phase),
        )
    made = {**report.to_dict(), "name": name, "format": format_, "sha256": digest}
    (place / _REPORT).write_text(json.dumps(made), encoding="utf-8")
    return report.carried_out


def report_of(place: Path) -> dict[str, Any] | None:
    """What the last run said; None before the first has ended."""
    file = place / _REPORT
    found: dict[str, Any] | None = json.loads(file.read_text(encoding="utf-8")) if file.exists() else None
    return found


def _run(
    study: str, place: Path, handle: str, dry_run: bool, partial: bool, progress: Any
) -> tuple[Report, str, str, str]:
    """The report, and the name, format and hash of the data."""
    person = load_actor(handle)
    actor = importer(person, study, datetime.now(ZoneInfo(person.timezone)).date())
    try:
        dataset = dataset_in(place)
    except StudyFaults as faults:
        return Report.of(faults), "", "", ""
    name, digest = dataset.name, dataset.sha256()
    source = {**WEB, "dataset": name}
    try:
        plan = dataset.plan(study, compiled(study, Study.objects.get(key=study).definition))
        report = run_import(plan, actor, source, dry_run=dry_run, partial=partial, progress=progress)
    except StudyFaults as faults:
        return Report.of(faults), name, dataset.format, digest
    if report.carried_out:
        perform(NoteImport(study, dataset.format, name, digest, counts_of(report)), actor, source=source)
    return report, name, dataset.format, digest


@scheduled("old data files", every=3600)
def remove_old() -> None:
    """Data that were brought and not taken in, or were, are gone after a day; the ledger keeps their hashes."""
    SHELF.remove_old()
