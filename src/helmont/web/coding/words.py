"""How statuses and stages of codings read, with a glyph and a tone each."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

LOOKS: dict[str, tuple[Any, str, str]] = {
    "uncoded": (_("Not coded"), "not_started", "neutral"),
    "suggested": (_("Suggested"), "flag", "notice"),
    "coded": (_("Coded"), "complete", "notice"),
    "approved": (_("Approved"), "verified", "good"),
    "recode": (_("To code again"), "changed", "attention"),
    "queried": (_("Query raised"), "query", "attention"),
    "withdrawn": (_("No longer there"), "removed", "neutral"),
}
STAGES: dict[str, Any] = {
    "exact": _("as written"),
    "normalised": _("normalised"),
    "synonym": _("by a decision of the study"),
    "suggested": _("suggestion accepted"),
    "manual": _("by hand"),
    "": "",
}
KINDS: dict[str, Any] = {
    "gone": _("no longer there"),
    "not_current": _("no longer current"),
    "moved": _("hangs elsewhere"),
    "renamed": _("named otherwise"),
}
FORMATS: dict[str, Any] = {
    "meddra": _("MedDRA, ASCII files"),
    "whodrug": _("WHODrug Global, B3 text files"),
    "ctcae": pgettext_lazy("dictionary", "CTCAE 5.0, which comes along"),
    "table": _("A table (CSV)"),
}


@dataclass(frozen=True)
class Look:
    """What ``parts/status.html`` takes for a status outside the house's list."""

    label: str
    glyph: str
    tone: str


def look(status: str) -> Look:
    label, glyph, tone = LOOKS[status]
    return Look(str(label), glyph, tone)
