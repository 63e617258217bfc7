"""A casebook as a PDF document: typst lays it out, as PDF/A-2a (to be kept for decades) and PDF/UA-1 (tagged)."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import orjson

from helmont.reports.typesetting import typeset
from helmont.web.paper.shapes import Paper

LAYOUT = Path(__file__).parent / "casebook.typ"


def render(paper: Paper, moment: datetime) -> bytes:
    """The PDF; ``moment`` is the time of making that it carries. Fonts are those inside typst, so it is the same anywhere."""
    return typeset(LAYOUT, orjson.dumps(paper.as_json()), moment)
