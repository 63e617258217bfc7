"""How keys look in addresses and bodies: Django converters for the path, annotated types for the schema.

A form's key has slashes in it, and so does a query's; a converter of its own for each keeps ``forms/<key>/verify`` from
being read as the form ``verify``.
"""

from __future__ import annotations

import re
from typing import Annotated

from django.urls import register_converter
from pydantic import Field

_PART = r"[^/\s\x00-\x1f\x7f]{1,64}"
_FORM = rf"{_PART}/{_PART}/(?:LOG/{_PART}/[1-9][0-9]{{0,4}}|{_PART}/{_PART})"
_PAPER = rf"{_PART}/{_PART}/(?:LOG/{_PART}/(?:[1-9][0-9]{{0,4}}|new)|{_PART}/{_PART})"
_QUERY = rf"{_PART}/{_PART}/queries/[0-9]{{1,18}}-[0-9]{{1,6}}"
_is_form_key = re.compile(_FORM).fullmatch


class FormKeyConverter:
    """``STUDY/PARTICIPANT/ENCOUNTER/FORM``, or ``STUDY/PARTICIPANT/LOG/FORM/LINE`` for a line of a log."""

    regex = _FORM

    def to_python(self, value: str) -> str:
        return value

    def to_url(self, value: str) -> str:
        return value


class QueryKeyConverter(FormKeyConverter):
    """``STUDY/PARTICIPANT/queries/ENTRY-N``."""

    regex = _QUERY


class PaperKeyConverter(FormKeyConverter):
    """The key of a form, in which ``new`` may stand for the number of a line."""

    regex = _PAPER


register_converter(FormKeyConverter, "form_key")
register_converter(PaperKeyConverter, "paper_key")
register_converter(QueryKeyConverter, "query_key")


def is_form_key(text: str) -> bool:
    """Whether a text of any origin can be the key of a form (and can be written to a log or a database at all)."""
    return text.isprintable() and _is_form_key(text) is not None


FormKey = Annotated[
    str,
    Field(
        description="A form: STUDY/PARTICIPANT/ENCOUNTER/FORM, or a line of a log: STUDY/PARTICIPANT/LOG/FORM/LINE.",
        pattern=f"^{_FORM}$",
        max_length=200,
        examples=["CDISCPILOT01/01-701-1015/WEEK_2/VS"],
    ),
]
PaperKey = Annotated[
    str,
    Field(
        description="A form: STUDY/PARTICIPANT/ENCOUNTER/FORM, or a line: STUDY/PARTICIPANT/LOG/FORM/LINE, LINE being"
        " the number of a line that was begun, or new.",
        pattern=f"^{_PAPER}$",
        max_length=200,
        examples=["CDISCPILOT01/01-701-1015/LOG/AE/new"],
    ),
]
QueryKey = Annotated[
    str,
    Field(
        description="A query: STUDY/PARTICIPANT/queries/ENTRY-N.",
        pattern=f"^{_QUERY}$",
        max_length=200,
        examples=["CDISCPILOT01/01-701-1015/queries/4711-1"],
    ),
]
_NAME = rf"^{_PART}$"
StudyId = Annotated[str, Field(description="The study's id.", pattern=_NAME, examples=["CDISCPILOT01"])]
Number = Annotated[str, Field(description="The participant's number.", pattern=_NAME, examples=["01-701-1015"])]
SiteNumber = Annotated[str, Field(description="The site's number.", pattern=r"^\w{1,20}$", examples=["701"])]
Encounter = Annotated[
    str,
    Field(description="An encounter of the protocol, or UNSCHEDULED.", pattern=_NAME, max_length=60),
]
Item = Annotated[
    str,
    Field(description="An item key: ITEM, or GROUP[2].ITEM in row 2.", pattern=r"^[\w.\[\]]{1,120}$"),
]
Date = Annotated[str, Field(description="A whole date.", pattern=r"^\d{4}-\d{2}-\d{2}$", examples=["2026-11-22"])]
Reason = Annotated[str, Field(description="Why. Goes into the ledger.", max_length=2000)]
Text = Annotated[str, Field(min_length=1, max_length=2000)]
Sequence = Annotated[int, Field(description="The place of an entry in its log, from 0.", ge=0, le=2**53)]
