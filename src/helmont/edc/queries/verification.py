"""What is due to be verified, as far as a person may see: by form and item, with why, and counted by place."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.db.models import Q

from helmont.core.ledger import store
from helmont.core.permissions import Actor, Scope
from helmont.edc.items import base_item
from helmont.edc.models import Form
from helmont.edc.queries.audit import body_of
from helmont.edc.queries.standings import (
    FormStanding,
    count,
    counted,
    hidden_of,
    latest_plan,
    plan_at,
    plan_id,
    plan_of,
    requirements,
    requirements_for,
)
from helmont.participants.models import Participant
from helmont.participants.queries import scope_of
from helmont.studies.models import Study
from helmont.studies.queries import compiled, sites_for
from helmont.study.verification import VerificationPlan as Plan

__all__ = [
    "DueItem",
    "FormStanding",
    "Progress",
    "due_items",
    "due_of_forms",
    "latest_plan",
    "plan_at",
    "plan_id",
    "plan_of",
    "progress_by",
    "requirements",
    "requirements_for",
    "standings",
    "standings_of",
]


@dataclass
class Progress:
    """How far verification is at one place."""

    required: int = 0
    due: int = 0
    lapsed: int = 0
    forms_due: int = 0
    forms: int = 0

    @property
    def verified(self) -> int:
        return self.required - self.due

    @property
    def percent(self) -> int:
        return 100 * self.verified // self.required if self.required else 100

    def add(self, form: FormStanding) -> None:
        self.required += form.required
        self.due += len(form.due)
        self.lapsed += len(form.lapsed)
        self.forms += form.required > 0
        self.forms_due += bool(form.due)


def standings(actor: Actor, study: Study, today: date, plan: Plan | None = None) -> Iterator[FormStanding]:
    """Every complete form of the person's places that the plan (in force, or another) asks something of, by key.

    Values that the person may not see are left out: they are verified by somebody who may.
    """
    sites: dict[frozenset[str], set[str]] = defaultdict(set)
    for site in sites_for(actor, study.key, "form.view", today):
        sites[actor.hidden(Scope(study.key, site.country, site.number), today)].add(site.number)
    for lacking, those in sites.items():
        found = count(study, lacking, plan) if plan else counted(study, lacking)
        yield from (form for form in found.values() if form.site in those and form.required)


def standings_of(actor: Actor, participant: Participant, today: date) -> list[FormStanding]:
    """The same of one participant, read now."""
    study = Study.objects.get(key=participant.study)
    if not actor.may("form.view", scope_of(participant), today):
        return []
    lacking = actor.hidden(scope_of(participant), today)
    return list(count(study, lacking, plan_of(study), Q(participant=participant)).values())


def progress_by(forms: Iterable[FormStanding], place: Callable[[FormStanding], str]) -> dict[str, Progress]:
    """Progress by what ``place`` says of a form: its site, its participant, its visit."""
    counted: dict[str, Progress] = defaultdict(Progress)
    for form in forms:
        counted[place(form)].add(form)
    return dict(counted)


@dataclass(frozen=True, slots=True)
class DueItem:
    """A value to verify. ``rule`` requires it; of one that was verified before, who changed it, when, and from what."""

    item: str
    rule: str
    value: Any
    verified_by: str = ""
    verified_at: str = ""
    changed_by: str = ""
    changed_at: str = ""
    was: Any = None
    entry: int | None = field(default=None)


def due_items(actor: Actor, study: Study, today: date, key: str) -> list[DueItem]:
    """The values of one form that are due to this person, with why; none of a form that is not theirs to see."""
    return due_of_forms(actor, study, today, [key]).get(key, (0, []))[1]


def due_of_forms(actor: Actor, study: Study, today: date, keys: Sequence[str]) -> dict[str, tuple[int, list[DueItem]]]:
    """Form key -> its revision and the values due, for those of the forms that the person may see."""
    needed = requirements(study)
    found: dict[str, tuple[int, list[DueItem]]] = {}
    rows = Form.objects.filter(key__in=keys, study=study.key, status="complete").select_related("participant")
    for row in rows:
        participant, scope = row.participant, scope_of(row.participant)
        if not actor.may("form.view", scope, today):
            continue
        form = compiled(study.key, participant.definition).forms[row.form]
        required = needed.of(form, row.encounter, participant.site, participant.number)
        hidden = hidden_of(form, actor.hidden(scope, today))
        due = [
            _due(study.key, row.key, item, required[base_item(item)], value, row.lapsed.get(item))
            for item, value in row.data.items()
            if base_item(item) in required and base_item(item) not in hidden and item not in row.verified
        ]
        found[row.key] = (row.revision, due)
    return found


def _due(study: str, key: str, item: str, rule: str, value: Any, mark: Mapping[str, Any] | None) -> DueItem:
    if mark is None:
        return DueItem(item, rule, value)
    was = None
    if (entry := store.read_entry(study, mark["sequence"])) is not None:
        for change in body_of(entry).get("changes", ()):
            if change["record"] == f"form:{key}":
                was = change["set"].get(f"data/{item}", [None])[0]
    return DueItem(
        item,
        rule,
        value,
        verified_by=mark["verified_by"],
        verified_at=mark["verified_at"],
        changed_by=mark["by"],
        changed_at=mark["at"],
        was=was,
        entry=mark["sequence"],
    )
