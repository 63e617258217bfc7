"""Every read of codings that pages need, limited to what the person may see."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Count, Max, Min, QuerySet

from helmont.coding.models import Coding
from helmont.coding.workflows import TO_CODE
from helmont.core.errors import NotFound
from helmont.core.permissions import Actor
from helmont.edc.queries.privacy import hidden_from
from helmont.participants.queries import in_places


def codings_for(actor: Actor, study: str, today: date, permission: str = "coding.view") -> QuerySet[Coding]:
    """The codings that the person may see; raises ``NotFound`` when that is nobody's business of theirs."""
    condition = in_places(actor, permission, study, today)
    if condition is None:
        raise NotFound(study)
    found: QuerySet[Coding] = Coding.objects.filter(condition)
    hidden = hidden_from(actor, study, today)
    return found if hidden is None else found.exclude(hidden)


@dataclass(frozen=True)
class Group:
    """Codings of one dictionary with the same verbatim in the same status: one decision for all of them.

    ``suggestion`` and ``code`` are empty when they are not the same for all.
    """

    name: str
    verbatim: str
    status: str
    count: int
    participants: int
    code: str
    term: str
    stage: str
    suggestion: str
    score: int
    note: str


def groups(found: QuerySet[Coding], order: str = "verbatim") -> QuerySet[Coding, Any]:
    """``found`` grouped by dictionary, verbatim and status, as dicts; ``order``: verbatim, -count or -score."""
    rows = found.values("name", "verbatim", "status").annotate(
        count=Count("key"),
        participants=Count("participant_id", distinct=True),
        least_code=Min("code"),
        most_code=Max("code"),
        term=Min("term"),
        stage=Min("stage"),
        least_suggestion=Min("suggestion"),
        most_suggestion=Max("suggestion"),
        score=Min("score"),
        note=Max("note"),
    )
    return rows.order_by(order, "name", "verbatim", "status")


def group_of(row: Mapping[str, object]) -> Group:
    same = row["least_code"] == row["most_code"]
    suggested = row["least_suggestion"] == row["most_suggestion"]
    return Group(
        name=str(row["name"]),
        verbatim=str(row["verbatim"]),
        status=str(row["status"]),
        count=int(str(row["count"])),
        participants=int(str(row["participants"])),
        code=str(row["least_code"]) if same else "",
        term=str(row["term"]) if same else "",
        stage=str(row["stage"]),
        suggestion=str(row["least_suggestion"]) if suggested else "",
        score=int(str(row["score"])) if suggested else 0,
        note=str(row["note"]),
    )


def progress(found: QuerySet[Coding]) -> dict[str, dict[str, int]]:
    """Per dictionary, how many codings stand in each status."""
    counted: dict[str, dict[str, int]] = {}
    for name, status, count in found.order_by().values_list("name", "status").annotate(Count("key")):
        counted.setdefault(name, {})[status] = count
    return counted


def stages(found: QuerySet[Coding]) -> dict[str, int]:
    """How many codings came about by each stage."""
    return dict(found.exclude(stage="").order_by().values_list("stage").annotate(Count("key")))


def form_codings(actor: Actor, study: str, form: str, today: date) -> dict[str, Coding]:
    """Item key to coding, for the items of a form; nothing for somebody who may not see codings there."""
    try:
        found = codings_for(actor, study, today)
    except NotFound:
        return {}
    return {row.item: row for row in found.filter(form=form).exclude(status="withdrawn")}


def not_settled(study: str, keys: Sequence[str] | None = None) -> int:
    """How many values of the study (or of these participants) wait for a code: for the checklist before a lock."""
    waiting = Coding.objects.filter(study=study, status__in=TO_CODE)
    return waiting.count() if keys is None else waiting.filter(participant__in=keys).count()
