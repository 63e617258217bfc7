"""Certified copies are made beside the pages: a site's takes some seconds for each participant."""

from __future__ import annotations

import shutil
import tempfile
import time
import zipfile
from pathlib import Path
from uuid import UUID

from django.conf import settings
from django.utils import translation
from django_tasks import TaskContext, task

from helmont.core.jobs.progress import Reporter
from helmont.core.jobs.schedule import scheduled
from helmont.core.people.queries import load_actor
from helmont.web.paper.copies import Copy, make_copy

KEPT = 7 * 24 * 3600.0  # seconds


def archive_of(job: UUID | str) -> Path:
    """Where the archive of that job lies once it is made."""
    return Path(settings.HOME) / "copies" / f"{job}.zip"


@task(takes_context=True)
def certify(context: TaskContext, study: str, site: str, number: str, handle: str, language: str) -> int:
    """Make the copy for this person and pack it; returns the sequence of the entry that certifies it."""
    job = str(context.task_result.id)
    of, archive = Copy(study, site, number), archive_of(job)
    archive.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=archive.parent, prefix="making-") as place, translation.override(language):
        folder = Path(place) / of.name
        folder.mkdir()
        sequence = make_copy(of, load_actor(handle), language, folder, Reporter(job))
        draft = Path(place) / "copy.zip"
        with zipfile.ZipFile(draft, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as bundle:
            for path in sorted(folder.rglob("*")):
                bundle.write(path, path.relative_to(place).as_posix())
        draft.replace(archive)
    return sequence


@scheduled("old copies", every=3600)
def remove_old_copies() -> None:
    """Archives are kept for a week, to be fetched; the ledger keeps that they were made, and their hashes."""
    folder = archive_of("").parent
    for path in folder.glob("*") if folder.is_dir() else ():
        if path.stat().st_mtime < time.time() - KEPT:
            shutil.rmtree(path) if path.is_dir() else path.unlink()
