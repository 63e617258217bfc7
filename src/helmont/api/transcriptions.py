"""Endpoint of forms on paper that two people copy."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from ninja import Router

from helmont.api.fast import check_fields
from helmont.api.forms import Save, SaveOut
from helmont.api.keys import FormKey
from helmont.api.schemas import write_answers
from helmont.api.writes import carry_out
from helmont.double_entry.actions import Transcribe

router = Router(tags=["forms"])


@router.put("/{form_key:key}", response=write_answers(SaveOut), url_name="transcription")
def save_transcription(request: HttpRequest, key: FormKey, body: Save) -> Any:
    """Save what you read on a paper form that is entered twice, as a draft or complete.

    Whether yours is the first or the second entry follows from what is there. When both are complete and say the same,
    the form is saved; when they differ, somebody else decides.
    """
    return carry_out(request, Transcribe(key, **check_fields(body.dict(exclude_unset=True))))
