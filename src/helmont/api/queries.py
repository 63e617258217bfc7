"""Endpoints of queries: the worklist, one query, and what is said to it."""

from __future__ import annotations

from typing import Any, Literal

from django.http import HttpRequest
from ninja import Router, Schema
from pydantic import Field

from helmont.api.auth import actor_of, today_of
from helmont.api.keys import QueryKey, Text
from helmont.api.schemas import Request, Written, answers, write_answers
from helmont.api.writes import carry_out
from helmont.edc.actions.queries import AnswerQuery, AskAgain, CancelQuery, CloseQuery, QueryAction
from helmont.edc.queries.worklist import query_for
from helmont.studies.queries import study_for

router = Router(tags=["queries"])
Verb = Literal["answer", "ask-again", "close", "cancel"]
ACTIONS: dict[str, type[QueryAction]] = {
    "answer": AnswerQuery,
    "ask-again": AskAgain,
    "close": CloseQuery,
    "cancel": CancelQuery,
}


class Said(Request):
    text: Text


class MaySay(Request):
    text: str = Field("", max_length=2000)


class MessageOut(Schema):
    kind: str = Field(description="raised, answered, asked_again, closed, cancelled, or corrected by a value.")
    by: str
    at: str = Field(description="UTC.")
    text: str
    value: Any = Field(None, description="What the item held then.")


class QueryOut(Schema):
    key: str
    study: str
    site: str
    participant: str = Field(description="The participant's key.")
    form: str = Field(description="The form's key.")
    item: str
    rule: str = Field(description="The edit check that raised it; empty when a person did.")
    status: str = Field(description="open, answered, closed or cancelled.")
    opened: str = Field(description="UTC.")
    text: str = Field(description="The question of an automatic query, in your language.")
    messages: list[MessageOut]


class QueryWritten(Written):
    status: str = Field(description="open, answered, closed or cancelled.")


def query_out(query: Any, language: str) -> dict[str, Any]:
    """A query as the API gives it; ``query`` is one that the person may see."""
    return {
        "key": query.key,
        "study": query.study,
        "site": query.site,
        "participant": query.participant_id,
        "form": query.form,
        "item": query.item,
        "rule": query.rule,
        "status": query.status,
        "opened": query.opened,
        "text": query.text.get(language) or next(iter(query.text.values()), ""),
        "messages": [query.messages[ordinal] for ordinal in sorted(query.messages)],
    }


@router.get("/{query_key:key}", response=answers(QueryOut), url_name="query")
def read_query(request: HttpRequest, key: QueryKey) -> Any:
    """One query with everything that was said."""
    actor = actor_of(request)
    today = today_of(actor)
    version = study_for(actor, key.split("/", 1)[0], today).definition
    return query_out(query_for(actor, key, version, today), actor.language)


@router.post("/{query_key:key}/answer", response=write_answers(QueryWritten), url_name="query_answer")
def answer_query(request: HttpRequest, key: QueryKey, body: Said) -> Any:
    """The site answers. Whoever may close the query decides whether that settles it."""
    return carry_out(request, AnswerQuery(key, body.text))


@router.post("/{query_key:key}/ask-again", response=write_answers(QueryWritten), url_name="query_ask_again")
def ask_again(request: HttpRequest, key: QueryKey, body: Said) -> Any:
    """The answer does not settle it: the query is open again."""
    return carry_out(request, AskAgain(key, body.text))


@router.post("/{query_key:key}/close", response=write_answers(QueryWritten), url_name="query_close")
def close_query(request: HttpRequest, key: QueryKey, body: MaySay) -> Any:
    """The question is settled. For an automatic query this accepts the value as it is."""
    return carry_out(request, CloseQuery(key, body.text))


@router.post("/{query_key:key}/cancel", response=write_answers(QueryWritten), url_name="query_cancel")
def cancel_query(request: HttpRequest, key: QueryKey, body: Said) -> Any:
    """The query should not have been raised."""
    return carry_out(request, CancelQuery(key, body.text))
