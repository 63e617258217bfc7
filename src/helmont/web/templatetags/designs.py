"""How answers of trial designs read on a page."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import template
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

register = template.Library()

TONES = {"E": "good", "S": "neutral", "D": "attention", "DU": "bad"}


@register.filter
def spaced(name: str) -> str:
    """A setting's name with spaces."""
    return name.replace("_", " ")


@register.filter
def coded(text: str) -> SafeString:
    """What stands between two backticks is code."""
    parts = text.split("`")
    return format_html_join(
        "", "{}", ((format_html("<code>{}</code>", part) if place % 2 else part,) for place, part in enumerate(parts))
    )


@register.filter
def nth(values: Sequence[Any], place: int) -> Any:
    """One of several, from 0."""
    return values[place]


@register.filter
def letter_tone(letter: str) -> str:
    """The tone of a decision's letter; the letter itself says the same."""
    return TONES.get(letter, "neutral")
