"""Taking results from a file into the forms, and the record of the file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar

from helmont.core.actions import Action
from helmont.core.permissions import Actor
from helmont.core.transactions import Transaction
from helmont.edc.actions.entry import SaveForm

MOST_FINDINGS = 1000


@dataclass(frozen=True)
class FileResults(SaveForm):
    """Save results of a file in a form: the same save, by whoever may import."""

    name: ClassVar[str] = "labs.file_results"
    permission: ClassVar[str] = "labs.import"


@dataclass(frozen=True)
class RecordImport(Action):
    """Say that a file was taken in: its name and hash, what became of its results, and the findings that were accepted."""

    name: ClassVar[str] = "labs.record_import"
    permission: ClassVar[str] = "labs.import"
    study: str
    laboratory: str
    file: str
    sha256: str
    format: str
    counts: Mapping[str, int] = field(default_factory=dict)
    findings: Sequence[Mapping[str, Any]] = ()

    @property
    def log(self) -> str:
        return self.study

    def perform(self, tx: Transaction, actor: Actor) -> str:
        key = tx.new_key(f"{self.study}/labs/imports")
        kept = self.findings[:MOST_FINDINGS]
        tx.create(
            "lab_import",
            key,
            study=self.study,
            laboratory=self.laboratory,
            file=self.file[-200:],
            sha256=self.sha256,
            format=self.format,
            time=tx.timestamp,
            by=actor.handle,
            counts=dict(self.counts),
            findings={f"{number:05d}": dict(finding) for number, finding in enumerate(kept, 1)},
        )
        return key
