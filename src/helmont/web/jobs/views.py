"""How far a long job is, for the page that started it.

    {% include "web/parts/job.html" with job=queued.id title="…" %}

The fragment asks again every second. When the job is done the page is loaded anew and shows what came of it; when it
failed, the fragment says so and stops asking. A job's id is a secret of those who were told it (UUID 4, 122 random bits).
"""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from django_tasks.base import TaskResultStatus
from django_tasks_db.models import DBTaskResult

from helmont.core.errors import NotFound
from helmont.core.jobs.progress import progress


@require_safe
@never_cache
def progress_of(request: HttpRequest, job: UUID) -> HttpResponse:
    """The fragment as it is now; ``title`` in the query string goes with it."""
    task = DBTaskResult.objects.filter(id=job).first()
    if task is None:
        raise NotFound(str(job))
    if task.status == TaskResultStatus.SUCCESSFUL:
        return HttpResponse(status=204, headers={"HX-Refresh": "true"})
    standing = progress(str(job))
    context = {
        "job": job,
        "title": request.GET.get("title", "")[:200],
        "standing": standing,
        "failed": task.status == TaskResultStatus.FAILED,
    }
    return render(request, "web/parts/job.html", context)
