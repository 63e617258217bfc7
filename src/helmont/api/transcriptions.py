"""Endpoints of forms on paper that two people copy."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from ninja import Router

from helmont.api.fast import check_fields
from helmont.api.forms import NeedsReason, Save, SaveOut
from helmont.api.keys import FormKey, PaperKey
from helmont.api.schemas import Written, write_answers
from helmont.api.writes import carry_out
from helmont.double_entry.actions.lines import DenyLine, WithdrawLine
from helmont.double_entry.actions.transcribing import Transcribe

router = Router(tags=["forms"])


class LineWritten(Written):
    status: str
    revision: int


@router.put("/{paper_key:key}", response=write_answers(SaveOut), url_name="transcription")
def save_transcription(request: HttpRequest, key: PaperKey, body: Save) -> Any:
    """Save what you read on a paper form that is entered twice, as a draft or complete.

    Whether yours is the first or the second entry follows from what is there. When both are complete and say the same,
    the form is saved; when they differ, somebody else decides. A line of a log is begun with ``new`` for its number; the
    answer's ``key`` has the number that it was given.
    """
    return carry_out(request, Transcribe(key, **check_fields(body.dict(exclude_unset=True))))


@router.post("/{form_key:key}/absent", response=write_answers(LineWritten), url_name="transcription_absent")
def deny_line(request: HttpRequest, key: FormKey, body: NeedsReason) -> Any:
    """Say, instead of making the second entry of a line, that the paper has no such line. Somebody else decides."""
    return carry_out(request, DenyLine(key, reason=body.reason))


@router.post("/{form_key:key}/withdraw", response=write_answers(LineWritten), url_name="transcription_withdraw")
def withdraw_line(request: HttpRequest, key: FormKey, body: NeedsReason) -> Any:
    """Take back a line that you entered, before anybody else has begun the second entry. Its number is not used again.

    The reason is kept with your entry, which others who copy do not see.
    """
    return carry_out(request, WithdrawLine(key, why=body.reason))
