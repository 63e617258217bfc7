"""What this person may do to this form now: permission, and the state the form is in."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from helmont.core.permissions import Actor
from helmont.edc.actions.review import review_of
from helmont.edc.queries.forms import FormView
from helmont.edc.queries.locks import Hold
from helmont.participants.queries import scope_of


@dataclass(frozen=True)
class Rights:
    """Each right as the page asks for it; the action behind every button asks again."""

    enter: bool = False
    enter_when_open: bool = False
    not_done: bool = False
    remove: bool = False
    restore: bool = False
    raise_query: bool = False
    answer_query: bool = False
    close_query: bool = False
    comment: bool = False
    verify: bool = False
    review: str = ""  # the kind that this person gives
    reviewed: bool = False
    freeze: bool = False
    unfreeze: bool = False
    lock: bool = False
    unlock: bool = False
    hold_items: bool = False
    sign: bool = False
    audit: bool = False


def rights_on(actor: Actor, view: FormView, today: date, begun: bool, holds: Sequence[Hold] = ()) -> Rights:
    """``begun``: the encounter has a date (a log needs none), so that data can be entered; ``holds``: the locks in force."""
    scope = scope_of(view.participant)
    if view.former:  # nothing more is done to it, but signing what is there
        row = view.row
        signs = row is not None and row.signed != "valid" and row.status in ("complete", "not_done", "removed")
        return Rights(sign=signs and actor.may("form.sign", scope, today), audit=actor.may("audit.view", scope, today))

    def may(permission: str) -> bool:
        return actor.may(permission, scope, today)

    row, status = view.row, view.status
    lock = (row.lock if row else "") or "open"
    wide = {hold.state for hold in holds if hold.level != "form"}
    there = row is not None and not any(hold.level == "study" and hold.state == "locked" for hold in holds)
    done = status in ("complete", "not_done")
    open_form = not holds
    changeable = "locked" not in wide  # what is frozen around the form is no matter to data management
    enter = may("form.enter")
    kind = review_of(actor, scope, today) if done and lock != "locked" and changeable and may("form.review") else ""
    unsettled = any(query.status in ("open", "answered") for query in view.queries)
    return Rights(
        enter=enter and open_form and begun and status != "removed",
        enter_when_open=enter,
        not_done=enter and open_form and begun and status in ("blank", "draft") and not (row and row.data)
        and view.definition.form.kind == "visit",
        remove=enter and open_form and view.definition.form.kind == "log" and status in ("draft", "complete"),
        restore=enter and open_form and status == "removed",
        raise_query=there and may("query.raise"),
        answer_query=there and may("query.answer"),
        close_query=there and may("query.close"),
        comment=there and may("comment.write"),
        verify=status == "complete" and lock != "locked" and changeable and may("form.verify"),
        review=kind,
        reviewed=row is not None and kind in row.reviewed,
        freeze=done and lock == "open" and changeable and not unsettled and may("form.freeze"),
        unfreeze=lock == "frozen" and changeable and may("form.freeze"),
        lock=done and lock in ("open", "frozen") and changeable and not unsettled and may("form.lock"),
        unlock=lock == "locked" and changeable and may("form.unlock"),
        hold_items=done and changeable and lock != "locked" and may("form.freeze"),
        sign=there and status in ("complete", "not_done", "removed") and row is not None and row.signed != "valid"
        and may("form.sign"),
        audit=may("audit.view"),
    )  # fmt: skip
