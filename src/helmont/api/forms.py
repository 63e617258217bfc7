"""Endpoints of one form: reading it, saving it, and everything that is done to it afterwards."""

from __future__ import annotations

from typing import Any, Literal

from django.http import HttpRequest
from ninja import Router, Schema
from pydantic import Field

from helmont.api.auth import actor_of, today_of
from helmont.api.fast import check_fields, save_action
from helmont.api.keys import FormKey, Item, Reason, Text
from helmont.api.queries import QueryOut, query_out
from helmont.api.schemas import Request, Written, answers, write_answers
from helmont.api.writes import carry_out
from helmont.edc.actions.entry import MarkNotDone, RemoveLine
from helmont.edc.actions.queries import RaiseQuery, WriteComment
from helmont.edc.actions.review import FreezeForm, LockForm, ReviewForm, VerifyItems
from helmont.edc.items import base_item
from helmont.edc.queries.audit import form_history, item_history
from helmont.edc.queries.forms import FormView, form_view
from helmont.participants.queries import participant_for

router = Router(tags=["forms"])


class Save(Request):
    """Values to save. Only what changed needs to be sent."""

    values: dict[str, Any] = Field(
        default_factory=dict,
        description="By item key; null or an empty text empties the item.",
        examples=[{"SYSBP": "131"}],
    )
    seen: dict[str, Any] | None = Field(
        None, description="For the same items, what you saw before: another value there is a conflict (409)."
    )
    complete: bool = Field(False, description="The form is complete, rather than a draft.")
    reason: str = Field("", max_length=2000, description="Why; required where a complete form changes.")


class NeedsReason(Request):
    reason: Reason = Field(min_length=1)


class MayGiveReason(Request):
    reason: Reason = ""


class Verify(Request):
    items: list[Item] = Field(default_factory=list, max_length=500, description="None: all that the study verifies.")
    verified: bool = True


class Review(Request):
    kind: Literal["data", "medical"] = "data"
    reviewed: bool = True


class Remark(Request):
    item: Item | Literal[""] = Field("", description="Empty: a comment on the form as a whole.")
    text: Text


class Ask(Request):
    item: Item
    text: Text


class CommentOut(Schema):
    key: str
    item: str
    text: str
    author: str
    written: str


class FormOut(Schema):
    """A form as you may see it. A form that was not begun has status ``blank`` and revision 0."""

    key: str
    study: str
    participant: str
    encounter: str = Field(description="LOG for a line of a log.")
    form: str
    line: str
    definition: str = Field(description="The version of the study definition it follows.")
    status: str = Field(description="blank, draft, complete, not_done or removed.")
    lock: str = Field(description="Empty or open, frozen, locked.")
    signed: str = Field(description="Empty, valid, or broken by a later change.")
    revision: int = Field(description="The ledger entry of the last change.")
    values: dict[str, Any] = Field(description="By item key, in canonical form.")
    verified: dict[str, Any] = Field(description="By item key: who verified it and when.")
    reviewed: dict[str, Any] = Field(description="By kind (data, medical): who and when.")
    note: str = Field(description="Why it was not done.")
    queries: list[QueryOut]
    comments: list[CommentOut]


class SaveOut(Written):
    status: str
    revision: int
    calculated: dict[str, Any] = Field(default_factory=dict, description="Calculated items, by item key.")
    queries: list[dict[str, Any]] = Field(description="Automatic queries open now: key, item, status, text.")


class FormWritten(Written):
    """The form's standing after the change; only what the change was about."""

    status: str | None = None
    lock: str | None = None
    verified: list[str] | None = None
    reviewed: list[str] | None = None
    revision: int | None = None


class ChangeOut(Schema):
    record: str = Field(description="type:key of what changed.")
    path: str = Field(description="The field, or field/key within it.")
    item: str = Field(description="The item key, when a value or mark of an item changed.")
    old: Any = None
    new: Any = None


class EntryOut(Schema):
    """A ledger entry as you may see it: changes of values under a privilege that you lack are left out."""

    sequence: int
    time: str = Field(description="UTC.")
    offset: str = Field(description="Offset of local time where it happened.")
    actor: str
    role: str
    action: str
    record: str
    reason: str
    signature: str
    redacted: bool = Field(description="The text was removed; the leaf hash stands.")
    changes: list[ChangeOut]


def _out(view: FormView, language: str) -> dict[str, Any]:
    study, participant, encounter, form, *line = view.key.split("/")
    row = view.row
    marks = row.verified if row else {}
    return {
        "key": view.key,
        "study": study,
        "participant": participant,
        "encounter": encounter,
        "form": form,
        "line": line[0] if line else "",
        "definition": row.definition if row else view.participant.definition,
        "status": view.status,
        "lock": row.lock if row else "",
        "signed": row.signed if row else "",
        "revision": row.revision if row else 0,
        "values": view.data,
        "verified": {key: mark for key, mark in marks.items() if base_item(key) not in view.hidden},
        "reviewed": row.reviewed if row else {},
        "note": row.note if row else "",
        "queries": [query_out(query, language) for query in view.queries],
        "comments": view.comments,
    }


@router.put("/{form_key:key}", response=write_answers(SaveOut), url_name="form")
def save_form(request: HttpRequest, key: FormKey, body: Save) -> Any:
    """Save a form, as a draft or complete.

    Changes of different items by different people merge. Where somebody else changed a value since you read it
    (``seen``), the save is refused with both values. Automatic queries open and close with the values.
    """
    return carry_out(request, save_action(key, check_fields(body.dict(exclude_unset=True))))


@router.get("/{form_key:key}", response=answers(FormOut), url_name="form")
def read_form(request: HttpRequest, key: FormKey) -> Any:
    """One form with its queries and comments. Items that you may not see are absent."""
    actor = actor_of(request)
    study, number, encounter, form, *line = key.split("/")
    view = form_view(actor, study, number, encounter, form, "".join(line), today_of(actor))
    return _out(view, actor.language)


@router.get("/{form_key:key}/history", response=answers(list[EntryOut]), url_name="form_history")
def read_history(request: HttpRequest, key: FormKey, item: Item | None = None) -> Any:
    """Every entry about a form, or about one of its items, oldest first."""
    actor = actor_of(request)
    today = today_of(actor)
    study, number = key.split("/")[:2]
    participant = participant_for(actor, study, number, today, "audit.view")
    if item is None:
        return form_history(actor, participant, key, today)
    found = item_history(actor, participant, key, item, today)
    return [{**vars(entry), "changes": [change]} for entry, change in found]


@router.post("/{form_key:key}/not-done", response=write_answers(FormWritten), url_name="form_not_done")
def mark_not_done(request: HttpRequest, key: FormKey, body: NeedsReason) -> Any:
    """The form of this encounter was not done. Only while it holds no data."""
    return carry_out(request, MarkNotDone(key, reason=body.reason))


@router.post("/{form_key:key}/remove", response=write_answers(FormWritten), url_name="form_remove")
def remove_line(request: HttpRequest, key: FormKey, body: NeedsReason) -> Any:
    """Strike a line of a log that was entered by mistake. Its values stay in the record."""
    return carry_out(request, RemoveLine(key, reason=body.reason))


@router.post("/{form_key:key}/restore", response=write_answers(FormWritten), url_name="form_restore")
def restore_line(request: HttpRequest, key: FormKey, body: NeedsReason) -> Any:
    """Take back the removal of a line."""
    return carry_out(request, RemoveLine(key, restore=True, reason=body.reason))


@router.post("/{form_key:key}/verify", response=write_answers(FormWritten), url_name="form_verify")
def verify_items(request: HttpRequest, key: FormKey, body: Verify) -> Any:
    """Mark items as verified against the source, or take the mark away."""
    return carry_out(request, VerifyItems(key, tuple(body.items), body.verified))


@router.post("/{form_key:key}/review", response=write_answers(FormWritten), url_name="form_review")
def review_form(request: HttpRequest, key: FormKey, body: Review) -> Any:
    """Say that a complete form was reviewed, or take that back. A later change of a value ends a review."""
    return carry_out(request, ReviewForm(key, body.kind, body.reviewed))


@router.post("/{form_key:key}/freeze", response=write_answers(FormWritten), url_name="form_freeze")
def freeze_form(request: HttpRequest, key: FormKey, body: MayGiveReason) -> Any:
    """Keep a form from being edited until it is opened again. Refused while queries are open."""
    return carry_out(request, FreezeForm(key, reason=body.reason))


@router.post("/{form_key:key}/unfreeze", response=write_answers(FormWritten), url_name="form_unfreeze")
def unfreeze_form(request: HttpRequest, key: FormKey, body: NeedsReason) -> Any:
    """Open a frozen form."""
    return carry_out(request, FreezeForm(key, undo=True, reason=body.reason))


@router.post("/{form_key:key}/lock", response=write_answers(FormWritten), url_name="form_lock")
def lock_form(request: HttpRequest, key: FormKey, body: MayGiveReason) -> Any:
    """Lock a form: neither edited nor verified any more."""
    return carry_out(request, LockForm(key, reason=body.reason))


@router.post("/{form_key:key}/unlock", response=write_answers(FormWritten), url_name="form_unlock")
def unlock_form(request: HttpRequest, key: FormKey, body: NeedsReason) -> Any:
    """Open a locked form."""
    return carry_out(request, LockForm(key, undo=True, reason=body.reason))


@router.post("/{form_key:key}/comment", response=write_answers(Written), url_name="form_comment")
def write_comment(request: HttpRequest, key: FormKey, body: Remark) -> Any:
    """A remark beside an item or the form. It asks nothing of anybody."""
    return carry_out(request, WriteComment(key, body.item, body.text))


@router.post("/{form_key:key}/query", response=write_answers(FormWritten), url_name="form_query")
def raise_query(request: HttpRequest, key: FormKey, body: Ask) -> Any:
    """Ask the site about an item. ``key`` of the answer is the new query's."""
    return carry_out(request, RaiseQuery(key, body.item, body.text))
