"""Snapshots are made beside the pages: that of a large study takes a minute."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.utils import timezone
from django_tasks import TaskContext, task
from django_tasks.base import TaskResultStatus
from django_tasks_db.models import DBTaskResult

from helmont.core.jobs.progress import Reporter
from helmont.core.people.queries import load_actor
from helmont.core.permissions import Actor
from helmont.core.writer import perform
from helmont.listings.snapshots import make_file
from helmont.studies.queries import study_for
from helmont.web.access import WEB

TOLD = timedelta(days=1)


@task(takes_context=True)
def make_snapshot(context: TaskContext, study: str, handle: str, title: str) -> str:
    """Make a snapshot of what this person may see, and put it on record; returns its key."""
    actor = load_actor(handle)
    today = datetime.now(ZoneInfo(actor.timezone)).date()
    report = Reporter(str(context.task_result.id))
    made = make_file(actor, study_for(actor, study, today), today, report)
    return str(perform(made.action(study, title), actor, source=WEB).result["key"])


@dataclass(frozen=True)
class Wanted:
    """A snapshot this person asked for: under way, or failed within the last day."""

    title: str
    job: str
    failed: bool


def wanted(actor: Actor, study: str) -> list[Wanted]:
    """What this person waits for, the newest first."""
    found = DBTaskResult.objects.filter(
        task_path=make_snapshot.module_path, enqueued_at__gte=timezone.now() - TOLD
    ).exclude(status=TaskResultStatus.SUCCESSFUL)
    return [
        Wanted(each.args_kwargs["args"][2], str(each.id), each.status == TaskResultStatus.FAILED)
        for each in found.order_by("-enqueued_at")
        if each.args_kwargs["args"][:2] == [study, actor.handle]
    ]
