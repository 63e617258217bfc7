"""A casebook as a PDF document: typst lays it out, as PDF/A-2a (to be kept for decades) and PDF/UA-1 (tagged)."""

from __future__ import annotations

import shutil
import tempfile
from datetime import datetime
from pathlib import Path

import orjson
import typst

from helmont.web.paper.shapes import Paper

LAYOUT = Path(__file__).parent / "casebook.typ"


def render(paper: Paper, moment: datetime) -> bytes:
    """The PDF; ``moment`` is the time of making that it carries. Fonts are those inside typst, so it is the same anywhere."""
    with tempfile.TemporaryDirectory(prefix="helmont-paper-") as place:
        folder = Path(place)
        shutil.copyfile(LAYOUT, folder / LAYOUT.name)
        (folder / "contents.json").write_bytes(orjson.dumps(paper.as_json()))
        return typst.compile(
            str(folder / LAYOUT.name),
            format="pdf",
            ignore_system_fonts=True,
            pdf_standards=["a-2a", "ua-1"],
            timestamp=int(moment.timestamp()),
        )
