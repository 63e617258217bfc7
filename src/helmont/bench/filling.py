"""Filling a study quickly with audited forms."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import ClassVar

from helmont.core.permissions import Actor
from helmont.core.rows import Get, Read
from helmont.core.transactions import Transaction
from helmont.participants.actions import ParticipantAction, encounter_key


@dataclass(frozen=True)
class FillForm(ParticipantAction):
    """Write the values of a complete form as they are given: neither parsed nor checked. For measuring only."""

    name: ClassVar[str] = "bench.fill_form"
    permission: ClassVar[str] = "form.enter"
    encounter: str
    form: str
    values: dict[str, str]

    @property
    def key(self) -> str:
        return f"{encounter_key(self.study, self.participant, self.encounter)}/{self.form}"

    def reads(self) -> Iterable[Read]:
        yield from super().reads()
        yield Get("form", self.key)

    def perform(self, tx: Transaction, actor: Actor) -> str:
        participant = tx.require("participant", self.participant_key)
        tx.put(
            "form",
            self.key,
            study=self.study,
            country=participant["country"],
            site=participant["site"],
            participant=participant["key"],
            container=self.key.rsplit("/", 1)[0],
            encounter=self.encounter,
            form=self.form,
            definition=participant["definition"],
            status="complete",
            data=self.values,
        )
        return actor.handle
