"""A step over more forms than a page waits for, carried out beside the pages."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.utils import translation
from django_tasks import TaskContext, task

from helmont.core.jobs.progress import Reporter
from helmont.core.people.queries import load_actor
from helmont.web.casebooks.steps import STEPS, UNDOING, Outcome, Target, carry_out

MANY = 200
"""Forms from which a step is a job."""


@task(takes_context=True)
def step_in_bulk(
    context: TaskContext,
    handle: str,
    study: str,
    name: str,
    undoing: str,
    targets: list[list[Any]],
    reason: str,
    day: str,
) -> dict[str, Any]:
    """``carry_out`` for somebody, on the day that it is where they are; ``undoing`` names the step that it takes back."""
    del study, undoing  # for the page that follows the job
    person = load_actor(handle)
    step = (STEPS | UNDOING)[name]
    with translation.override(person.language):
        found = [Target(key, revision, before) for key, revision, before in targets]
        report = Reporter(str(context.task_result.id))
        outcome = carry_out(person, date.fromisoformat(day), step, found, reason, report)
    changed = [[each.key, each.revision, each.before] for each in outcome.changed]
    return {"changed": changed, "left": outcome.left}


def outcome_of(value: dict[str, Any]) -> Outcome:
    """What a job came to."""
    return Outcome([Target(*each) for each in value["changed"]], value["left"])
