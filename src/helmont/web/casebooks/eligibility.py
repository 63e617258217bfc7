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
from helmont.study.compiling import CompiledStudy
from helmont.study.outcomes import Context

Data = Mapping[str, Any]


@dataclass(frozen=True)
class Criterion:
    """``met``: whether the participant satisfies it (an exclusion criterion that holds is not met); None: not known."""

    id: str
    category: str
    text: str
    met: bool | None
    automatic: bool


def eligibility(
    actor: Actor, participant: Participant, study: CompiledStudy, rows: Mapping[str, Form], today: date, language: str
) -> list[Criterion]:
    """Every criterion in the order of the protocol. What the person may not see counts as not known."""
    criteria = study.study.protocol.eligibility
    forms = {
        reference: found
        for reference in study.eligibility_needs
        if (found := _referred(actor, participant, study, rows, reference, today)) is not None
    }
    person = {"id": participant.number, "site": participant.site, "status": participant.status}
    answers = dict(study.eligibility(Context(today=today, forms=forms, participant=person)))
    return [
        Criterion(
            criterion.id,
            criterion.category,
            criterion.text.get(language)[0],
            _met(criterion.category, answers.get(criterion.id)),
            criterion.expression is not None,
        )
        for criterion in criteria
    ]


def _met(category: str, holds: bool | None) -> bool | None:
    return holds if holds is None or category == "inclusion" else not holds


def _referred(
    actor: Actor,
    participant: Participant,
    study: CompiledStudy,
    rows: Mapping[str, Form],
    reference: str,
    today: date,
) -> Data | Sequence[Data] | None:
    """The visible data that ``at.ENCOUNTER.FORM`` or ``log.FORM`` names; None when there is none."""
    root, *path = reference.split(".")
    hidden = hidden_items(actor, participant, study.forms[path[-1]], today)
    if root == "at":
        row = rows.get(f"{participant.key}/{'/'.join(path)}")
        return visible_data(row.data, hidden) if row and row.status != "removed" else None
    if root == "log":
        place = f"{participant.key}/{LOG}/{path[-1]}/"
        return [
            visible_data(row.data, hidden)
            for key, row in rows.items()
            if key.startswith(place) and row.status != "removed"
        ]
    return None
