"""Working through a running amendment: sites whose day has come, and their participants, one after the other.

It may be ended at any moment, by the stop button or by pulling the plug: each participant is one transaction, and what
version they are under says whether their turn has been. Two processes at it do no harm.
"""

from __future__ import annotations

import logging
from datetime import UTC, datetime

from django_tasks import TaskContext, task

from helmont.amendments.actions.running import FinishAmendment, MigrateParticipant, SwitchSite
from helmont.amendments.dry_run import Report
from helmont.amendments.migrating import RUNNER
from helmont.amendments.models import Amendment, AmendmentPlan, Migration
from helmont.amendments.planning import plan
from helmont.amendments.queries import in_force
from helmont.core.errors import Refused
from helmont.core.jobs.progress import Reporter
from helmont.core.jobs.schedule import scheduled
from helmont.core.people.queries import load_actor
from helmont.core.writer import perform
from helmont.participants.models import Participant
from helmont.studies.models import Site

log = logging.getLogger(__name__)


def work_through(key: str, report: Report | None = None) -> int:
    """Migrate everybody whose turn it is; returns how many. Ends early when the amendment is stopped."""
    amendment = Amendment.objects.get(key=key)
    source = {"channel": "job", "amendment": key}
    sites = due_sites(amendment)
    done = 0
    try:
        for site in sites:
            if site.definition != amendment.target:
                perform(SwitchSite(key, site.number), RUNNER, source=source)
        waiting = waiting_for(amendment, sites)
        for number, participant in enumerate(waiting, 1):
            outcome = perform(MigrateParticipant(key, participant), RUNNER, source=source)
            done += outcome.result["status"] == "done"
            if report:
                report(number, len(waiting))
        if finished(amendment):
            perform(FinishAmendment(key), RUNNER, source=source)
    except Refused as refusal:  # stopped, or over, in the meantime
        log.info("%s: %s", key, refusal)
    return done


def due_sites(amendment: Amendment) -> list[Site]:
    """The sites at which the amendment is in force today."""
    today = datetime.now(UTC).date().isoformat()
    sites = Site.objects.filter(study=amendment.study).order_by("number")
    found = [(site, in_force(amendment.places, site.country, site.number)) for site in sites]
    return [site for site, since in found if since and since <= today]


def waiting_for(amendment: Amendment, sites: list[Site]) -> list[str]:
    """Keys of the participants at these sites whose turn is to come, those that are held left out."""
    plan = AmendmentPlan.objects.get(key=amendment.plan)
    held = Migration.objects.filter(amendment=amendment.key, status="held").values("participant")
    rows = Participant.objects.filter(
        study=amendment.study, site__in=[site.number for site in sites], definition__in=list(plan.sources)
    ).exclude(key__in=held)
    return list(rows.order_by("site", "number").values_list("key", flat=True))


def finished(amendment: Amendment) -> bool:
    """Whether it is in force everywhere and nobody is left under a version that it amends."""
    everywhere = len(due_sites(amendment)) == Site.objects.filter(study=amendment.study).count()
    plan = AmendmentPlan.objects.get(key=amendment.plan)
    left = Participant.objects.filter(study=amendment.study, definition__in=list(plan.sources))
    return everywhere and not left.exists()


@task()
def run_amendment(key: str) -> int:
    """The job that a press of the button starts."""
    return work_through(key)


@scheduled("amendments", every=60)
def go_on() -> None:
    """Sites whose day has come, and what a process that was killed left undone."""
    for key in Amendment.objects.filter(status="running").values_list("key", flat=True):
        work_through(key)


@task(takes_context=True)
def plan_amendment(context: TaskContext, study: str, target: str, handle: str) -> str:
    """The job that makes a plan for a person and puts it on record; returns the amendment's key."""
    reporter = Reporter(str(context.task_result.id))
    made = plan(study, target, reporter)
    return str(perform(made, load_actor(handle), source={"channel": "web"}).result)
