"""Amendments in words: parts of a definition, consequences, counts, reasons."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from helmont.amendments.impact import COUNTED
from helmont.amendments.workflows import AMENDMENT, KEPT

MODULES = {
    "study": gettext_lazy("Study"),
    "protocol": gettext_lazy("Protocol"),
    "eligibility": gettext_lazy("Eligibility"),
    "schedule": gettext_lazy("Schedule"),
    "windows": gettext_lazy("Visit windows"),
    "forms": gettext_lazy("Forms"),
    "items": gettext_lazy("Items"),
    "codelists": gettext_lazy("Code lists"),
    "checks": gettext_lazy("Checks"),
    "verification": gettext_lazy("Verification plan"),
    "datasets": gettext_lazy("Datasets"),
    "analyses": gettext_lazy("Analyses"),
    "design": gettext_lazy("Trial design"),
    "sensors": gettext_lazy("Devices"),
}
KINDS = {
    "added": pgettext_lazy("difference", "added"),
    "removed": pgettext_lazy("difference", "removed"),
    "changed": pgettext_lazy("difference", "changed"),
    "moved": pgettext_lazy("difference", "moved"),
}
# Word, glyph and tone of each consequence.
CONSEQUENCES: dict[str, tuple[Any, str, str]] = {
    "none": (gettext_lazy("No consequence for data"), "check", "neutral"),
    "reruns": (gettext_lazy("Rules run again"), "history", "neutral"),
    "asks_anew": (gettext_lazy("Something is asked anew"), "plus", "notice"),
    "may_not_fit": (gettext_lazy("Values may no longer fit"), "warning", "attention"),
    "destructive": (gettext_lazy("Values lose their place"), "error", "bad"),
}
COUNTS = {
    "moved": gettext_lazy("Values moved"),
    "converted": gettext_lazy("Written differently"),
    "unfit": gettext_lazy("Values that do not fit"),
    "former_forms": gettext_lazy("Forms kept as they were"),
    "asked": gettext_lazy("Items asked anew"),
    "asked_forms": gettext_lazy("Forms asked anew"),
    "asked_visits": gettext_lazy("Visits added"),
    "signatures": gettext_lazy("Signatures that end"),
    "reviews": gettext_lazy("Reviews that end"),
    "verifications": gettext_lazy("Verifications that end"),
    "opened": gettext_lazy("Queries opened"),
    "closed": gettext_lazy("Queries closed"),
    "queries_moved": gettext_lazy("Queries that move along"),
    "reconsent": gettext_lazy("Must consent again"),
}
LOOKS: dict[str, tuple[str, str]] = {
    "planned": ("planned", "neutral"),
    "approved": ("accepted", "good"),
    "running": ("running", "notice"),
    "stopped": ("suspended", "attention"),
    "done": ("completed", "good"),
    "withdrawn": ("withdrawn", "neutral"),
    "held": ("warning", "attention"),
    "undecided": ("warning", "attention"),
    "kept": ("check", "good"),
    "placed": ("arrow", "good"),
    "set_aside": ("removed", "neutral"),
}


@dataclass(frozen=True)
class Look:
    """A status as a chip shows it."""

    name: str
    label: str
    glyph: str
    tone: str


def look(status: str) -> Look:
    """The chip of an amendment's, a participant's or a kept value's status."""
    words: dict[str, Any] = {**AMENDMENT.states, **KEPT.states, "held": pgettext_lazy("amendment", "waits")}
    glyph, tone = LOOKS.get(status, ("info", "neutral"))
    return Look(status, str(words.get(status, status)).capitalize(), glyph, tone)


def counted(counts: Mapping[str, int]) -> list[tuple[str, str, int]]:
    """Name, title and number of everything that is counted, in reading order, what is none left out."""
    return [(name, str(COUNTS[name]), counts[name]) for name in COUNTED if counts.get(name)]


def why_words(why: Mapping[str, Any]) -> str:
    """Why a value has no place, in the reader's language; "" for a whole form."""
    params = {name: value if isinstance(value, str) else _("[redacted]") for name, value in why.items() if name != "id"}
    return _(why["id"]) % params if why.get("id") else ""


# What ``study.routes`` and ``study.fitting`` say, so that it can be translated.
_REASONS = (
    gettext_lazy("the version has no such item"),
    gettext_lazy("the version has no such row"),
    gettext_lazy("another value has taken the place"),
    gettext_lazy("this is calculated now"),
    gettext_lazy("nothing is left of it"),
    gettext_lazy("a quantity or a file is not one of the answers"),
    gettext_lazy("this is not a text"),
    gettext_lazy("this is not a number"),
)
