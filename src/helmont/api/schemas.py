"""What several endpoints share: the shape of requests, of answers to writes, and of errors."""

from __future__ import annotations

from typing import Any

from ninja import Schema
from pydantic import ConfigDict, Field


class Request(Schema):
    """Base of every body: exactly the fields it names, each of exactly its type."""

    model_config = ConfigDict(extra="forbid", strict=True)


class FaultOut(Schema):
    place: str = Field(description="Which part of the request: a field, an item key, a header.")
    message: str
    accepted: str = Field("", description="What would be accepted there.")


class ErrorBody(Schema):
    """Why nothing was changed. Further members belong to the code: ``items`` of a conflict, ``places`` of a reason."""

    model_config = ConfigDict(extra="allow")
    code: str = Field(description="not_signed_in, not_permitted, not_found, invalid, reason_required, conflict …")
    message: str
    faults: list[FaultOut] = Field(default_factory=list, description="What does not fit, place by place.")


class ErrorOut(Schema):
    error: ErrorBody


class Written(Schema):
    """Answer to a write. ``sequence`` is its ledger entry; null when there was nothing to change."""

    key: str = Field(description="The record that was written.")
    sequence: int | None = Field(description="The ledger entry that describes the change.")


class Page(Schema):
    total: int = Field(description="How many there are in all.")
    page: int
    pages: int


def answers(success: Any, *codes: int, status: int = 200) -> dict[int, Any]:
    """Responses of an operation, for the schema: success, the errors that every one can give, and ``codes``."""
    return {status: success, **dict.fromkeys((401, 404, 422, *codes), ErrorOut)}


def write_answers(success: Any) -> dict[int, Any]:
    """Responses of a write."""
    return answers(success, 400, 403, 409, 413, 503)
