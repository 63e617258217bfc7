"""Raising queries on many rows of a listing: each is an action of its own, with the listing as its origin."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Q
from django_tasks import TaskContext, task

from helmont.core.actions import Job, Outcome
from helmont.core.errors import Refused
from helmont.core.jobs.progress import Reporter
from helmont.core.people.queries import load_actor
from helmont.core.permissions import Actor
from helmont.core.writer import submit
from helmont.edc.actions.queries import RaiseQuery
from helmont.edc.models import Form, Query
from helmont.edc.workflows import OPEN_QUERY

MOST = 2000
AT_ONCE = 64

Target = tuple[str, str]
"""A form's key and an item key."""


@dataclass(frozen=True)
class Plan:
    """What raising queries would do: ``able`` are asked; the others are skipped, with the reason."""

    able: tuple[Target, ...] = ()
    asked: tuple[Target, ...] = ()
    locked: tuple[Target, ...] = ()


@dataclass
class Done:
    """What came of it: how many were raised, and how many were refused for each reason."""

    raised: int = 0
    refused: Counter[str] = field(default_factory=Counter)


def plan(targets: Iterable[Target]) -> Plan:
    """Sort the items into those that can be asked about, those with an open query already, and those in locked forms.

    The targets are rows that the person was shown; whether they may ask there is decided action by action.
    """
    wanted = list(dict.fromkeys(targets))
    forms = {form for form, _ in wanted}
    open_now: set[Target] = set()
    locked: set[str] = set()
    for start in range(0, len(forms), 500):
        some = sorted(forms)[start : start + 500]
        waiting = Query.objects.filter(Q(form__in=some), status__in=OPEN_QUERY)
        open_now.update(waiting.values_list("form", "item"))
        locked.update(Form.objects.filter(key__in=some, lock="locked").values_list("key", flat=True))
    return Plan(
        tuple(each for each in wanted if each not in open_now and each[0] not in locked),
        tuple(each for each in wanted if each in open_now),
        tuple(each for each in wanted if each not in open_now and each[0] in locked),
    )


def raise_queries(
    actor: Actor,
    targets: Sequence[Target],
    text: str,
    origin: dict[str, Any],
    source: dict[str, Any],
    report: Callable[[int, int], None] = lambda _done, _total: None,
) -> Done:
    """Raise a query on every target; one that is refused (an open query, a locked form) leaves the others be."""
    done, waiting = Done(), deque[Future[Outcome]]()

    def settle() -> None:
        try:
            waiting.popleft().result()
            done.raised += 1
        except Refused as refusal:
            done.refused[str(refusal.message)] += 1
        report(done.raised + done.refused.total(), len(targets))

    for form, item in targets:
        waiting.append(submit(Job(RaiseQuery(form, item, text, origin, once=True), actor, source)))
        if len(waiting) >= AT_ONCE:
            settle()
    while waiting:
        settle()
    return done


@task(takes_context=True)
def raise_in_bulk(
    context: TaskContext,
    handle: str,
    targets: list[list[str]],
    text: str,
    origin: dict[str, Any],
    source: dict[str, Any],
) -> dict[str, Any]:
    """``raise_queries`` as a queued job of somebody; its progress is that of the task's id."""
    reporter = Reporter(context.task_result.id)
    reporter(0, len(targets))
    pairs = [(form, item) for form, item in targets]
    done = raise_queries(load_actor(handle), pairs, text, origin, source, reporter)
    reporter(len(targets), len(targets))
    return {"handle": handle, "raised": done.raised, "refused": dict(done.refused)}
