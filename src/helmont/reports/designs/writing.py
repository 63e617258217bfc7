"""The appendix as PDF/A-3a and PDF/UA-1, with its JSON and the designs attached; and the JSON out of such a file."""

from __future__ import annotations

import json
import re
import zlib
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from helmont.design import Declared, DesignError
from helmont.reports.designs.asking import Asked, Scenario
from helmont.reports.designs.blocks import as_json
from helmont.reports.designs.contents import FORMAT, contents_of, written
from helmont.reports.designs.showing import blocks_of, files_of
from helmont.reports.typesetting import typeset

TRIALS, SEED, PATIENTS = 10_000, 6, 40
UNDATED = datetime(1980, 1, 1, tzinfo=UTC)
"""A file that holds others must have a date; where none is meant this one says so, as in archives."""


def appendix(
    designs: Sequence[Declared],
    scenarios: Sequence[Scenario] = (),
    seed: int = SEED,
    trials: int = TRIALS,
    *,
    patients: int = PATIENTS,
    title: str = "",
    protocol: str = "",
    moment: datetime | None = None,
) -> bytes:
    """The appendix of a protocol: what each design decides and does under each scenario, with every number found again.

    ``trials`` are simulated with ``seed`` where no enumeration is possible; ``patients`` are those of an example of allocations.
    ``moment`` dates the file; nothing else in it depends on when it is made, so the same input is the same file. It is in
    English. Raises ``DesignError`` for what a design cannot answer.
    """
    asked = Asked(tuple(scenarios), trials, seed, patients, tuple(designs))
    return laid_out(contents_of(asked, title, protocol), moment)


def laid_out(contents: Mapping[str, Any], moment: datetime | None = None) -> bytes:
    """The PDF of an appendix that is there as JSON."""
    data, files = written(contents), files_of(contents)
    settings = [json.dumps(each["design"], indent=1, ensure_ascii=False).encode() + b"\n" for each in contents["designs"]]
    given = {
        "title": contents["title"] or "Trial design",
        "protocol": contents["protocol"],
        "dated": "" if moment is None else moment.date().isoformat(),
        "digests": [each["digest"] for each in contents["designs"]],
        "files": files,
        "blocks": as_json(blocks_of(contents)),
    }
    return typeset(
        "designs/appendix.typ", json.dumps(given).encode(), moment or UNDATED,
        {"appendix.json": data, **dict(zip(files, settings, strict=True))}, standards=("a-3a", "ua-1"),
    )  # fmt: skip


def read(path: Path) -> dict[str, Any]:
    """The JSON of an appendix from its PDF, or as a file of its own. Raises ``DesignError`` where there is none."""
    content = path.read_bytes()
    try:
        found = _attached(content) if content.startswith(b"%PDF") else json.loads(content)
    except (ValueError, zlib.error):
        found = None
    if not isinstance(found, dict):
        raise DesignError("file", path.name, "the PDF of an appendix, or its appendix.json")
    return found


def _attached(pdf: bytes) -> dict[str, Any] | None:
    """The attachment that is an appendix. Files that Helmont writes hold each in a stream of its own."""
    for start in re.finditer(rb"/EmbeddedFile\b[^\x00]*?stream\r?\n", pdf):
        content = pdf[start.end() :]
        try:
            found = json.loads(zlib.decompressobj().decompress(content))
        except (ValueError, zlib.error):
            continue
        if isinstance(found, dict) and found.get("format") == FORMAT:
            return found
    return None
