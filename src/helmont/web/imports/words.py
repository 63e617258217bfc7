"""Imports in words: formats, kinds of findings, what was taken over."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _

from helmont.study.faults import Severity

FORMATS = {
    "usdm": _("USDM study definition"),
    "odm": _("CDISC ODM metadata"),
    "redcap": _("REDCap data dictionary"),
    "xlsform": _("XLSForm"),
    "package": _("study package"),
}
# Word, glyph and tone of each severity.
SEVERITIES: Mapping[Severity, tuple[Any, str, str]] = {
    "error": (_("Refused"), "error", "bad"),
    "warning": (_("Look at this"), "warning", "attention"),
    "note": (_("Not taken over"), "info", "neutral"),
}
TAKEN = {
    "identifiers": _("Identifiers"),
    "objectives": _("Objectives"),
    "endpoints": _("Endpoints"),
    "estimands": _("Estimands"),
    "arms": _("Arms"),
    "epochs": _("Epochs"),
    "elements": _("Elements"),
    "encounters": _("Encounters"),
    "activities": _("Activities"),
    "scheduled": _("Planned activities"),
    "eligibility": _("Criteria"),
    "forms": _("Forms"),
    "items": _("Items"),
    "codelists": _("Code lists"),
    "checks": _("Checks"),
}

RECORDS = {
    "created/site": _("Sites opened"),
    "created/participant": _("Participants screened"),
    "created/encounter": _("Visits begun"),
    "created/form": _("Forms begun"),
    "created/value": _("Values entered"),
    "created/comment": _("Comments written"),
    "created/query": _("Queries opened"),
    "changed/site": _("Sites changed"),
    "changed/participant": _("Participants changed"),
    "changed/encounter": _("Visits changed"),
    "changed/form": _("Forms changed"),
    "changed/value": _("Values changed"),
    "changed/query": _("Queries changed"),
    "unchanged": _("Steps without effect"),
    "refused": _("Refused"),
}


def record_words(counts: Mapping[str, int]) -> list[tuple[Any, int]]:
    """What an import did to which records, as figures with their names; nothing of what did not happen."""
    known = [(word, counts[name]) for name, word in RECORDS.items() if counts.get(name)]
    return known + [(name, count) for name, count in counts.items() if name not in RECORDS and count]


def taken_words(taken: Mapping[str, int]) -> list[tuple[Any, int]]:
    """What was taken over, as figures with their names."""
    return [(TAKEN.get(kind, kind), count) for kind, count in taken.items()]
