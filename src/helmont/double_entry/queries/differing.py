"""What two people read differently, or what only one of them found, for who decides."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from helmont.core.errors import NotFound
from helmont.core.permissions import Actor
from helmont.double_entry.comparing import differences
from helmont.double_entry.models import ABSENT, ADJUDICATE, DISPUTED, Transcription
from helmont.edc.items import base_item
from helmont.edc.queries.forms import FormView
from helmont.participants.queries import scope_of


@dataclass(frozen=True)
class Difference:
    """One item that two people read differently; ``first`` and ``second`` as stored."""

    key: str
    first: Any
    second: Any


def differing(actor: Actor, view: FormView, today: date) -> tuple[Transcription, Transcription, list[Difference]]:
    """Both entries and what differs, for who adjudicates; raises ``NotFound`` for everybody else.

    Of a line that the second person did not find on the paper, all that the first one entered differs; who made either
    entry does not see it, since the second one may yet be made.
    """
    rows = {row.number: row for row in Transcription.objects.filter(form=view.key)}
    if not actor.may(ADJUDICATE, scope_of(view.participant), today) or len(rows) != 2:
        raise NotFound(view.key)
    first, second = rows[1], rows[2]
    if second.status not in DISPUTED or (second.status == ABSENT and actor.handle in (first.by, second.by)):
        raise NotFound(view.key)
    said = differences(view.definition, first.data, {} if second.status == ABSENT else second.data)
    if any(base_item(key) in view.hidden for key in said):
        raise NotFound(view.key)
    order = view.definition.item_keys()
    found = [Difference(key, each["first"], each["second"]) for key, each in said.items()]
    return first, second, sorted(found, key=lambda each: order.index(each.key))
