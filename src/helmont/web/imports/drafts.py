"""A study definition that somebody brought: what was read of its file, kept for a day for whoever brought it."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from django.core.files.uploadedfile import UploadedFile

from helmont.core.jobs.schedule import scheduled
from helmont.standards.definitions import MAX_BYTES, Format, read_definition
from helmont.study.faults import Fault, StudyFaults
from helmont.study.model import Study
from helmont.study.publishing import from_document, to_document
from helmont.web.uploads import Shelf

SHELF = Shelf("definitions", MAX_BYTES)
_DRAFT = "draft.json"


@dataclass(frozen=True)
class Draft:
    """``study`` is None when the file was refused; ``findings`` say why, or what was not taken over."""

    file: str
    sha256: str
    format: Format
    study: Study | None
    taken: Mapping[str, int]
    findings: tuple[Fault, ...]

    def under(self, study: str, version: str) -> tuple[Study | None, list[Fault]]:
        """The study under another id and version, or what is wrong with these."""
        if self.study is None:
            return None, []
        renamed = dataclasses.replace(self.study, id=study, version=version)
        try:
            return from_document(to_document(renamed)), []
        except StudyFaults as faults:
            return None, [fault for fault in faults.faults if fault.severity == "error"]


def keep(sent: UploadedFile[Any], owner: str) -> str:
    """Read a file and keep what was read; the token of the draft. Raises ``Invalid`` for a file that is too large."""
    token = SHELF.store([sent], owner)
    place = SHELF.place(token, owner)
    content = next(place.iterdir()).read_bytes()
    name = (sent.name or "file")[-200:]
    format_, imported = read_definition(content, name)
    kept = {
        "file": name,
        "sha256": sha256(content).hexdigest(),
        "format": format_,
        "study": to_document(imported.study) if imported.study else None,
        "taken": dict(imported.taken),
        "findings": [dataclasses.asdict(finding) for finding in imported.findings],
    }
    (place / _DRAFT).write_text(json.dumps(kept), encoding="utf-8")
    return token


def kept(token: str, owner: str) -> Draft:
    """What was read of a file; raises ``NotFound`` unless it was this person who brought it."""
    found = json.loads((SHELF.place(token, owner) / _DRAFT).read_text(encoding="utf-8"))
    return Draft(
        found["file"],
        found["sha256"],
        found["format"],
        from_document(found["study"]) if found["study"] else None,
        found["taken"],
        tuple(Fault(**each) for each in found["findings"]),
    )


@scheduled("old definition files", every=3600)
def remove_old() -> None:
    SHELF.remove_old()
