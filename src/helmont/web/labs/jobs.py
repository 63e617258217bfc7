"""Taking in a result file beside the pages."""

from __future__ import annotations

from django.utils import translation
from django_tasks import TaskContext, task

from helmont.core.jobs.progress import Reporter
from helmont.core.people.queries import load_actor
from helmont.labs.importing import DONE, drafted, planned_of, take_in
from helmont.labs.models import Draft


@task(takes_context=True)
def import_results(context: TaskContext, token: str, language: str) -> dict[str, int]:
    """Plan the draft again, as things are now, and carry it out; what the draft kept goes."""
    report = Reporter(str(context.task_result.id))
    draft = Draft.objects.get(token=token)
    person = load_actor(draft.person)
    with translation.override(language):
        file = drafted(draft)
        counts = take_in(draft.study, file, planned_of(draft, person), person, {"channel": "web"}, report)
    draft.results, draft.faults, draft.outcome = [], [], DONE
    draft.save()
    return counts
