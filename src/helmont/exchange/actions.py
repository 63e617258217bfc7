"""Noting that data left the installation."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from helmont.core.actions import Action
from helmont.core.permissions import Actor
from helmont.core.transactions import Transaction


@dataclass(frozen=True)
class NoteExport(Action):
    """A file with data of the study was made for the actor; the ledger keeps its hash, not the file."""

    name: ClassVar[str] = "exchange.note_export"
    permission: ClassVar[str] = "export.read"
    study: str
    format: str
    contents: str
    as_of: int
    participants: int
    size: int
    sha256: str
    hidden: str = ""

    @property
    def log(self) -> str:
        return self.study

    def perform(self, tx: Transaction, actor: Actor) -> str:
        tx.require("study", self.study)
        key = f"{self.study}/exports/{tx.sequence}"
        tx.put(
            "export",
            key,
            study=self.study,
            format=self.format,
            contents=self.contents,
            person=actor.handle,
            made=tx.timestamp,
            as_of=self.as_of,
            participants=self.participants,
            size=self.size,
            sha256=self.sha256,
            hidden=self.hidden,
        )
        return key
