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
from helmont.reports.designs.attachment import FORMAT, contents_of, software, written
from helmont.reports.designs.blocks import Block, Facts, as_json
from helmont.reports.designs.content import answers_of, declared_of, file_of
from helmont.reports.designs.language import _
from helmont.reports.designs.words import title_of
from helmont.reports.typesetting import typeset

SEED, PATIENTS = 6, 40
UNDATED = datetime(1980, 1, 1, tzinfo=UTC)
"""A file that holds others must have a date; where none is meant this one says so, as in archives."""


def appendix(
    designs: Sequence[Declared],
    scenarios: Sequence[Scenario] = (),
    seed: int = SEED,
    trials: int | None = None,
    language: str = "en",
    *,
    patients: int = PATIENTS,
    title: str = "",
    protocol: str = "",
    moment: datetime | None = None,
) -> bytes:
    """The appendix of a protocol: what each design decides and does under each scenario, with every number found again.

    ``trials`` are simulated with ``seed`` where no enumeration is possible (10,000, or 1,000 where trials are simulated one by
    one); ``patients`` are those of an example of allocations. ``language`` is that of ``language.speaking``, which the caller
    sets. ``moment`` is the day of the file; nothing else in it depends on when it is made, so the same input is the same file.
    Raises ``DesignError`` for what a design cannot answer.
    """
    asked = Asked(tuple(scenarios), trials, seed, patients, tuple(designs))
    date = "" if moment is None else moment.date().isoformat()
    return laid_out(contents_of(asked, title, protocol, date, language))


def laid_out(contents: Mapping[str, Any], language: str = "") -> bytes:
    """The PDF of an appendix that is there as JSON: it says nothing else, and the same JSON is the same file.

    ``language`` is that which is spoken where it is not the one of the JSON; the attachment then names it.
    """
    contents = {**contents, "language": language} if language else contents
    files = files_of(contents)
    settings = [
        json.dumps(each["design"], indent=1, ensure_ascii=False).encode() + b"\n" for each in contents["designs"]
    ]
    moment = datetime.fromisoformat(contents["date"]).replace(tzinfo=UTC) if contents["date"] else UNDATED
    given = {
        "title": contents["title"] or _("Trial design"),
        "subtitle": " · ".join(filter(None, (_("Appendix to the protocol: trial design"), contents["protocol"]))),
        "protocol": contents["protocol"],
        "language": contents["language"],
        "dated": contents["date"],
        "page": _("Page"),
        "of": _("of"),
        "found_again": _("Found again by"),
        "or": _("or"),
        "digests": [each["digest"] for each in contents["designs"]],
        "files": files,
        "blocks": as_json(_blocks(contents, files)),
    }
    return typeset(
        "designs/appendix.typ", json.dumps(given).encode(), moment,
        {"appendix.json": written(contents), **dict(zip(files, settings, strict=True))}, ("a-3a", "ua-1"),
    )  # fmt: skip


def files_of(contents: Mapping[str, Any]) -> list[str]:
    """A file name for the settings of each design; designs of one kind are numbered."""
    kinds = [str(each["design"]["design"]) for each in contents["designs"]]
    return [
        file_of(kind if kinds.count(kind) == 1 else f"{kind}-{kinds[: place + 1].count(kind)}")
        for place, kind in enumerate(kinds)
    ]


def _blocks(contents: Mapping[str, Any], files: Sequence[str]) -> list[Block]:
    blocks: list[Block] = [_about(contents, files)]
    for each, file in zip(contents["designs"], files, strict=True):
        blocks += [*declared_of(each, file), *answers_of(each, file)]
    return blocks


def _about(contents: Mapping[str, Any], files: Sequence[str]) -> Facts:
    rows = [(title_of(str(each["design"]["design"])), str(each["digest"])) for each in contents["designs"]]
    steps = [answer["steps"][-1] for each in contents["designs"] for answer in each["answers"]]
    if any("trials" in (step["arguments"] or {}) for step in steps):
        rows.append((_("Simulations"), _("seed %(seed)s, generator PCG64 (numpy)") % {"seed": contents["seed"]}))
    made = ", ".join(
        f"{name} {version}"
        for name, version in {"Helmont": contents["software"]["helmont"], **contents["software"]}.items()
        if name != "helmont"
    )
    rows += [
        (_("Made with"), made),
        (_("Attached"), ", ".join([_("appendix.json (every number with all its digits)"), *files])),
        (_("Found again by"), "`helmont design check`"),
    ]
    return Facts("", tuple(rows))


def read(path: Path) -> dict[str, Any]:
    """The JSON of an appendix from its PDF, or as a file of its own. Raises ``DesignError`` where there is none."""
    content = path.read_bytes()
    try:
        found = _attached(content) if content.startswith(b"%PDF") else json.loads(content)
    except ValueError:
        found = None
    if not isinstance(found, dict):
        raise DesignError("file", path.name, "the PDF of an appendix, or its appendix.json")
    return found


def pages_differ(path: Path, contents: Mapping[str, Any]) -> bool:
    """Whether the pages of a PDF are others than what its attachment makes.

    They are laid out again and compared byte by byte, which tells nothing (False) of an English file made with other versions, of
    one in another language, or of the JSON alone.
    """
    pdf = path.read_bytes()
    again = pdf.startswith(b"%PDF") and contents.get("language") == "en" and contents.get("software") == software()
    return again and laid_out(contents) != pdf


def _attached(pdf: bytes) -> dict[str, Any] | None:
    """The attachment that is an appendix: each attached file is a stream of its own."""
    for start in re.finditer(rb"/EmbeddedFile\b.{0,600}?stream\r?\n", pdf, re.DOTALL):
        try:
            found = json.loads(zlib.decompressobj().decompress(pdf[start.end() :]))
        except (ValueError, zlib.error):
            continue
        if isinstance(found, dict) and found.get("format") == FORMAT:
            return found
    return None
