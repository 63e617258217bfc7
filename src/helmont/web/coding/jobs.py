"""Long work of coding, done beside the pages: loading a dictionary, moving a study to another version."""

from __future__ import annotations

from django_tasks import TaskContext, task

from helmont.coding.loading import install
from helmont.coding.upgrading import upgrade
from helmont.core.jobs.progress import Reporter
from helmont.core.people.queries import load_actor
from helmont.standards.dictionaries import Findings, read
from helmont.web.access import WEB
from helmont.web.coding.uploads import discard, stored


@task(takes_context=True)
def load_release(
    context: TaskContext, upload: str, kind: str, name: str, version: str, language: str, licence: str, handle: str
) -> str:
    """Load the files of an upload as a dictionary; returns its key."""
    findings = Findings()
    dictionary = read(kind, stored(upload, findings), findings)
    if dictionary is None:
        raise ValueError(f"{upload}: {findings.errors} faults")
    report = Reporter(str(context.task_result.id))
    key = install(dictionary, name, version, language, kind, licence, load_actor(handle), told=report, source=WEB)
    discard(upload)
    return key


@task(takes_context=True)
def upgrade_study(context: TaskContext, study: str, name: str, to: str, reason: str, handle: str) -> dict[str, int]:
    """Move a study to another version of a dictionary; returns what became of its codings."""
    report = Reporter(str(context.task_result.id))
    return upgrade(study, name, to, reason, load_actor(handle), source=WEB, told=report)
