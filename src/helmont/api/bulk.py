"""One change to many forms or queries: each succeeds or is refused for itself, in one commit of the database."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from typing import Any, Literal

from django.http import HttpRequest
from ninja import Router, Schema
from pydantic import Field

from helmont.api.keys import FormKey, QueryKey, Reason
from helmont.api.queries import ACTIONS
from helmont.api.queries import Verb as QueryVerb
from helmont.api.schemas import ErrorBody, Request, write_answers
from helmont.api.writes import carry_out_all
from helmont.core.actions import Action
from helmont.core.errors import Refused
from helmont.edc.actions.entry import MarkNotDone
from helmont.edc.actions.review import FreezeForm, LockForm, ReviewForm, VerifyItems

router = Router(tags=["bulk"])
log = logging.getLogger(__name__)
MAX_KEYS = 500


class BulkForms(Request):
    verb: Literal["not-done", "verify", "review", "freeze", "unfreeze", "lock", "unlock"]
    keys: list[FormKey] = Field(min_length=1, max_length=MAX_KEYS)
    reason: Reason = ""
    verified: bool = Field(True, description="For verify: false takes the marks away.")
    kind: Literal["data", "medical"] = Field("data", description="For review.")
    reviewed: bool = Field(True, description="For review: false takes it back.")


class BulkQueries(Request):
    verb: QueryVerb
    keys: list[QueryKey] = Field(min_length=1, max_length=MAX_KEYS)
    text: str = Field("", max_length=2000)


class KeyOutcome(Schema):
    key: str
    ok: bool
    sequence: int | None = Field(None, description="The ledger entry; null when refused or when nothing changed.")
    error: ErrorBody | None = None


class BulkOut(Schema):
    done: int
    refused: int
    outcomes: list[KeyOutcome] = Field(description="In the order of the request.")


FORM_ACTIONS: dict[str, Callable[[str, BulkForms], Action]] = {
    "not-done": lambda key, body: MarkNotDone(key, reason=body.reason),
    "verify": lambda key, body: VerifyItems(key, verified=body.verified),
    "review": lambda key, body: ReviewForm(key, body.kind, body.reviewed),
    "freeze": lambda key, body: FreezeForm(key, reason=body.reason),
    "unfreeze": lambda key, body: FreezeForm(key, undo=True, reason=body.reason),
    "lock": lambda key, body: LockForm(key, reason=body.reason),
    "unlock": lambda key, body: LockForm(key, undo=True, reason=body.reason),
}


def _gather(request: HttpRequest, keys: Sequence[str], actions: Sequence[Action]) -> dict[str, Any]:
    outcomes = []
    for key, answer in zip(keys, carry_out_all(request, actions), strict=True):
        if isinstance(answer, Refused):
            outcomes.append({"key": key, "ok": False, "error": answer.to_dict()})
        elif isinstance(answer, Exception):
            log.error("one of a bulk request failed", exc_info=answer)
            outcomes.append({"key": key, "ok": False, "error": {"code": "failed", "message": "It failed; try again."}})
        else:
            outcomes.append({"key": key, "ok": True, "sequence": answer["sequence"]})
    done = sum(outcome["ok"] is True for outcome in outcomes)
    return {"done": done, "refused": len(outcomes) - done, "outcomes": outcomes}


@router.post("/forms", response=write_answers(BulkOut), url_name="bulk_forms")
def change_forms(request: HttpRequest, body: BulkForms) -> Any:
    """Verify, review, freeze, lock … many forms. A key that is refused does not stop the others."""
    keys = list(dict.fromkeys(body.keys))
    return _gather(request, keys, [FORM_ACTIONS[body.verb](key, body) for key in keys])


@router.post("/queries", response=write_answers(BulkOut), url_name="bulk_queries")
def change_queries(request: HttpRequest, body: BulkQueries) -> Any:
    """Answer, close or cancel many queries with the same text."""
    keys = list(dict.fromkeys(body.keys))
    return _gather(request, keys, [ACTIONS[body.verb](key, text=body.text) for key in keys])  # type: ignore[call-arg]  # every one of them has a text
