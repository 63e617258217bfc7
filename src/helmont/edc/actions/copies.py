"""Copies that leave the house: a casebook on paper, and the certified copy that the investigator keeps.

ICH E6(R3) 3.16.1(x)(iv)-(v) asks the sponsor that the investigator has access to the data of the site's participants, and a
copy of them that the investigator controls. The entry of a certified copy holds the hash of its manifest, so that whoever
holds the copy can prove what it was when it was made.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, ClassVar

from helmont.core.actions import Action
from helmont.core.errors import Fault, Invalid, NotFound
from helmont.core.permissions import Actor, Scope
from helmont.core.transactions import Transaction


@dataclass(frozen=True)
class PrintCasebook(Action):
    """Somebody takes a participant's casebook as a document. It is made afterwards, from what they may see."""

    name: ClassVar[str] = "edc.print_casebook"
    permission: ClassVar[str] = "form.view"
    participant: str

    @property
    def log(self) -> str:
        return self.participant.split("/", 1)[0]

    def scope(self, tx: Transaction) -> Scope:
        row = tx.require("participant", self.participant)
        return Scope(self.log, row["country"], row["site"])

    def perform(self, tx: Transaction, actor: Actor) -> Any:
        tx.subject = f"participant:{self.participant}"
        tx.extra["copy"] = {"entries": tx.sequence}
        return tx.sequence


@dataclass(frozen=True)
class CertifyCopy(Action):
    """A certified copy of a site's data was made. ``manifest`` is the SHA-256 of its list of files and their hashes;
    ``entries`` the size of the log that it shows; ``participant`` is a number, or empty for the whole site."""

    name: ClassVar[str] = "edc.certify_copy"
    permission: ClassVar[str] = "copy.certify"
    study: str
    site: str
    manifest: str
    entries: int
    participant: str = ""

    @property
    def log(self) -> str:
        return self.study

    def scope(self, tx: Transaction) -> Scope:
        site = tx.require("site", f"{self.study}/sites/{self.site}")
        return Scope(self.study, site["country"], site["number"])

    def perform(self, tx: Transaction, actor: Actor) -> Any:
        if not re.fullmatch("[0-9a-f]{64}", self.manifest):
            raise Invalid([Fault("manifest", "this is not a SHA-256", "64 hexadecimal digits")])
        if not 0 < self.entries <= tx.sequence:
            raise Invalid([Fault("entries", f"the log has {tx.sequence} entries", f"1 to {tx.sequence}")])
        record = f"site:{self.study}/sites/{self.site}"
        if self.participant:
            row = tx.require("participant", f"{self.study}/{self.participant}")
            if row["site"] != self.site:
                raise NotFound(self.participant)
            record = f"participant:{row['key']}"
        tx.subject = record
        tx.extra["copy"] = {"manifest": self.manifest, "entries": self.entries}
        return tx.sequence
