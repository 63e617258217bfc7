"""Instruments as empty forms on paper."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from helmont.projects.layout import Field, Instrument, Layout
from helmont.reports.typesetting import typeset

LAYOUT = Path(__file__).parent / "instruments.typ"


def print_instruments(layout: Layout, instruments: Sequence[Instrument], moment: datetime) -> bytes:
    """A PDF of the instruments without values; ``moment`` is the time of making that it carries."""
    forms = [
        {"label": one.label, "fields": [_shown(field) for field in layout.of_form(one.name)]} for one in instruments
    ]
    contents = {"title": layout.title, "forms": forms}
    return typeset(LAYOUT, json.dumps(contents).encode(), moment)


def _shown(field: Field) -> dict[str, object]:
    return {
        "label": field.row["field_label"],
        "header": field.row["section_header"],
        "note": field.row["field_note"],
        "required": field.row["required_field"] == "y",
        "choices": list(field.choices.values()),
    }
