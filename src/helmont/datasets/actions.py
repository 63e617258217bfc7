"""Freezing data: a named cut of the ledger."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

from django.utils.translation import gettext as _

from helmont.core.actions import Action
from helmont.core.errors import Fault, Invalid
from helmont.core.permissions import Actor
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
