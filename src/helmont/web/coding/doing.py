"""One decision for many codings: an action for each participant, since each belongs to one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import ngettext

from helmont.coding.models import Coding
from helmont.core.actions import Action, Job
from helmont.core.errors import Refused
from helmont.core.writer import submit
from helmont.web.access import WEB, actor


@dataclass
class Done:
    """How many codings were changed, and why others were not."""

    codings: int = 0
    refused: Counter[str] = field(default_factory=Counter)


def for_each_participant(
    request: HttpRequest, codings: QuerySet[Coding], make: Callable[[str, tuple[str, ...]], Action]
) -> Done:
    """``make(participant, keys)`` carried out for every participant that has any of the codings."""
    keys: dict[str, list[str]] = {}
    for key, participant in codings.order_by("key").values_list("key", "participant_id"):
        keys.setdefault(participant, []).append(key)
    return carry_out(request, ((make(who, tuple(theirs)), len(theirs)) for who, theirs in keys.items()))


def carry_out(request: HttpRequest, actions: Iterable[tuple[Action, int]]) -> Done:
    """Each action with the number of codings it is about; one that is refused does not stop the others."""
    jobs = [(submit(Job(action, actor(request), WEB)), count) for action, count in actions]
    done = Done()
    for job, count in jobs:
        try:
            job.result()
            done.codings += count
        except Refused as refusal:
            done.refused[str(refusal.message)] += count
    return done


def tell(request: HttpRequest, done: Done, coded: str) -> None:
    """Say on the next page what came of it; ``coded`` is the sentence for success, with %(n)s in it."""
    if done.codings:
        messages.success(request, coded % {"n": done.codings})
    for reason, count in done.refused.items():
        left = ngettext("%(n)s term left as it was", "%(n)s terms left as they were", count) % {"n": count}
        messages.warning(request, f"{left}: {reason}")
