"""Noting that data left the installation, or came into it."""

from __future__ import annotations

from collections.abc import Mapping
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


@dataclass(frozen=True)
class NoteImport(Action):
    """The data of a file were taken in; the ledger keeps its name, its hash and the counts, not the file."""

    name: ClassVar[str] = "exchange.note_import"
    permission: ClassVar[str] = "import.run"
    study: str
    format: str
    file: str
    sha256: str
    counts: Mapping[str, int]

    @property
    def log(self) -> str:
        return self.study

    def perform(self, tx: Transaction, actor: Actor) -> str:
        tx.require("study", self.study)
        key = f"{self.study}/imports/{tx.sequence}"
        tx.put(
            "import",
            key,
            study=self.study,
            format=self.format,
            file=self.file[-200:],
            sha256=self.sha256,
            person=actor.handle,
            made=tx.timestamp,
            counts=dict(self.counts),
        )
        return key
