"""Freezing data: a named cut of the ledger, and the signature under it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, ClassVar

from django.utils.translation import gettext as _

from helmont.core.actions import Action
from helmont.core.errors import Conflict, Fault, Invalid
from helmont.core.permissions import Actor, Scope
from helmont.core.rows import Get, Read
from helmont.core.signatures.actions import apply_signature, signatures_read
from helmont.core.signatures.evidence import Evidence
from helmont.core.transactions import Transaction

LONGEST_TITLE = 200


@dataclass(frozen=True)
class MakeCut(Action):
    """Name a point of the ledger, with its signed checkpoint and the version whose data sets are made there."""

    name: ClassVar[str] = "datasets.make_cut"
    permission: ClassVar[str] = "cut.make"
    study: str
    title: str
    size: int
    root: str
    checkpoint: str
    definition: str
    purpose: str = ""

    @property
    def log(self) -> str:
        return self.study

    def perform(self, tx: Transaction, actor: Actor) -> dict[str, Any]:
        title = self.title.strip()
        if not title or len(title) > LONGEST_TITLE:
            message = _("Give the cut a name of at most %(most)s characters.") % {"most": LONGEST_TITLE}
            raise Invalid([Fault("title", message)])
        key = tx.new_key(f"{self.study}/cuts")
        tx.create(
            "cut",
            key,
            study=self.study,
            title=title,
            size=self.size,
            root=self.root,
            checkpoint=self.checkpoint,
            definition=self.definition,
            made=tx.timestamp,
            maker=actor.handle,
            purpose=self.purpose.strip(),
        )
        return {"key": key}


@dataclass(frozen=True)
class SignCut(Action):
    """Sign a cut as it was shown: its name, how many entries it holds, their root, its checkpoint. Each person signs once."""

    name: ClassVar[str] = "datasets.sign_cut"
    permission: ClassVar[str] = "cut.sign"
    evidence: Evidence
    cut: str

    @property
    def log(self) -> str:
        return self.cut.split("/", 1)[0]

    @property
    def record(self) -> str:
        return f"cut:{self.cut}"

    def reads(self) -> Iterable[Read]:
        yield Get("cut", self.cut)
        yield signatures_read(self.record)

    def perform(self, tx: Transaction, actor: Actor) -> dict[str, Any]:
        tx.require("cut", self.cut)
        for row in tx.find("signed_record", "record", self.record):
            if row["valid"] and tx.require("signature", row["signature"])["person"] == actor.handle:
                raise Conflict(_("You have signed this cut already."), record=self.record)
        role = actor.role_for(self.permission, Scope(self.log), tx.today) or ""
        signature = apply_signature(tx, actor, self.evidence, [self.record], role=role)
        tx.subject = self.record
        return {"cut": self.cut, "signature": signature}
