"""Where a form stands that two people copy, as pages show it."""

from __future__ import annotations

from typing import Any, NamedTuple

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from helmont.edc.keys import LOG, split_form_key


class Look(NamedTuple):
    """A chip: its words, its glyph and its tone (``web/parts/status.html``)."""

    label: Any
    glyph: str
    tone: str


LOOKS = {
    "first": Look(_("First entry begun"), "draft", "notice"),
    "second": Look(_("Waits for the second entry"), "due", "notice"),
    "both": Look(_("Second entry begun"), "in_progress", "notice"),
    "differs": Look(_("Entries differ"), "query", "attention"),
    "absent": Look(_("In doubt"), "query", "attention"),
    "withdrawn": Look(_("Withdrawn"), "removed", "neutral"),
    "settled": Look(_("Complete"), "complete", "good"),
}


def look(standing: str) -> Look:
    """The chip for ``turns.standing_of``."""
    return LOOKS[standing]


def line_address(key: str) -> str:
    """Where it is decided about the form or the line with this key."""
    study, number, encounter, form, line = split_form_key(key)
    if encounter == LOG:
        return reverse("double_entry:adjudicate-line", args=[study, number, form, line])
    return reverse("double_entry:adjudicate", args=[study, number, encounter, form])
