"""Exports are made beside the pages: the audit trail of a large study takes minutes."""

from __future__ import annotations

import time
from datetime import datetime
from pathlib import Path
from typing import cast
from uuid import UUID
from zoneinfo import ZoneInfo

from django.conf import settings
from django_tasks import TaskContext, task

from helmont.core.jobs.progress import Reporter
from helmont.core.jobs.schedule import scheduled
from helmont.core.people.queries import load_actor
from helmont.exchange.odm.exporting import export_odm
from helmont.standards.odm.names import Version

KEPT = 7 * 24 * 3600.0  # seconds


def file_of(job: UUID | str) -> Path:
    """Where the file of that job lies once it is made."""
    return Path(settings.HOME) / "exports" / f"{job}.xml"


@task(takes_context=True)
def make_odm(context: TaskContext, study: str, handle: str, version: str, contents: str) -> str:
    """Make the file with what this person may see, and note it in the ledger; returns its SHA-256."""
    actor, job = load_actor(handle), str(context.task_result.id)
    target = file_of(job)
    target.parent.mkdir(parents=True, exist_ok=True)
    draft = target.with_suffix(".part")
    try:
        with draft.open("wb") as file:
            made = export_odm(
                actor,
                study,
                file,
                datetime.now(ZoneInfo(actor.timezone)).date(),
                version=cast(Version, version),
                audit=contents == "audit",
                progress=Reporter(job),
                source={"channel": "web"},
            )
        draft.replace(target)
    finally:
        draft.unlink(missing_ok=True)
    return made.sha256


@scheduled("old exports", every=3600)
def remove_old_exports() -> None:
    """Files are kept for a week, to be fetched; the ledger keeps that they were made, and their hashes."""
    folder = file_of("").parent
    for path in folder.glob("*") if folder.is_dir() else ():
        if path.stat().st_mtime < time.time() - KEPT:
            path.unlink()
