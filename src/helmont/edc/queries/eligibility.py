"""Whether a participant meets each criterion of the protocol, as far as the data say."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from helmont.core.permissions import Actor
from helmont.edc.keys import LOG
from helmont.edc.models import Form
from helmont.edc.queries.forms import hidden_items, visible_data
from helmont.participants.models import Participant
from helmont.studies.queries import compiled
from helmont.study.compiling import CompiledStudy
from helmont.study.outcomes import Context


@dataclass(frozen=True)
class Criterion:
    """``holds``: whether the criterion as written is true, None when that is not known or a person decides it.

    An inclusion criterion should hold, an exclusion criterion should not: ``met`` says which way is the good one.
    """

    id: str
    category: str
    text: str
    holds: bool | None
    automatic: bool

    @property
    def met(self) -> bool | None:
        return self.holds if self.holds is None or self.category == "inclusion" else not self.holds


def eligibility(actor: Actor, participant: Participant, today: date, language: str) -> list[Criterion]:
    """Every criterion, in the order of the protocol. A value that the person may not see counts as not known."""
    study = compiled(participant.study, participant.definition)
    forms = {
        reference: data
        for reference in study.eligibility_needs
        if (data := _referred(actor, participant, study, reference, today)) is not None
    }
    person = {"id": participant.number, "site": participant.site, "status": participant.status}
    answers = dict(study.eligibility(Context(today=today, forms=forms, participant=person)))
    return [
        Criterion(each.id, each.category, each.text.get(language)[0], answers[each.id], each.expression is not None)
        for each in study.study.protocol.eligibility
    ]


def _referred(
    actor: Actor, participant: Participant, study: CompiledStudy, reference: str, today: date
) -> Mapping[str, Any] | Sequence[Mapping[str, Any]] | None:
    """The visible data that ``at.ENCOUNTER.FORM`` or ``log.FORM`` names; None when there is none."""
    root, *path = reference.split(".")
    hidden = hidden_items(actor, participant, study.forms[path[-1]], today)
    standing = Form.objects.exclude(status="removed")
    if root == "log":
        lines = standing.filter(container=f"{participant.key}/{LOG}/{path[0]}")
        return [visible_data(row.data, hidden) for row in lines]
    row = standing.filter(key=f"{participant.key}/{'/'.join(path)}").first()
    return visible_data(row.data, hidden) if row else None
