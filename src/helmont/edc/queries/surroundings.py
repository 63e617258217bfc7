"""What a form's rules see around it, for a browser that runs them while somebody types."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from typing import Any

from helmont.core.permissions import Actor
from helmont.core.rows import Rows
from helmont.core.transactions import Transaction
from helmont.edc.context import build_context
from helmont.edc.keys import LOG, split_form_key
from helmont.edc.queries.forms import FormView, hidden_items, visible_data
from helmont.study.form_rules import Environment, add_reference
from helmont.study.outcomes import Context, Outcome
from helmont.study.partial_dates import PartialDate


@dataclass(frozen=True)
class Surroundings:
    """``environment`` is JSON for ``cel.js`` (dates as ``{"$date": …}``); ``outcome`` is what the rules say now."""

    environment: dict[str, Any]
    outcome: Outcome


def surroundings(actor: Actor, view: FormView, today: date) -> Surroundings:
    """Around ``view``, without any value that the person may not see: a rule that needs one finds it unknown."""
    study, participant = view.study, view.participant
    tx = Transaction(Rows(), participant.study, datetime.now(UTC), actor.timezone)
    encounter = split_form_key(view.key)[2]
    visit = tx.get("encounter", f"{participant.key}/{encounter}") if encounter != LOG else None
    row = tx.require("participant", participant.key)
    context = build_context(tx, view.definition, row, visit, view.key)
    context = replace(context, today=today, forms=_visible(actor, view, context, today))
    names: Environment = {"visit": context.visit, "participant": context.participant, "today": context.today}
    for reference in view.definition.needs:
        add_reference(names, reference, context, study.forms)
    return Surroundings(_json(names), view.definition.evaluate(view.data, context))


def _visible(actor: Actor, view: FormView, context: Context, today: date) -> dict[str, Any]:
    visible: dict[str, Any] = {}
    for reference, data in context.forms.items():
        form = view.study.forms[reference.rsplit(".", 1)[1]]
        hidden = hidden_items(actor, view.participant, form, today)
        if isinstance(data, Mapping):
            visible[reference] = visible_data(data, hidden)
        else:
            visible[reference] = [visible_data(one, hidden) for one in data]
    return visible


def _json(value: Any) -> Any:
    match value:
        case Mapping():
            return {key: _json(one) for key, one in value.items()}
        case list() | tuple():
            return [_json(one) for one in value]
        case PartialDate():
            return {"$date": str(value)}
        case date():
            return {"$date": value.isoformat()}
        case _:
            return value
