"""Entering a paper form: the first or the second entry, and the form when both say the same.

Where both say the same, the form is saved as anybody would have saved it, in the same entry of the ledger.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any, ClassVar

from helmont.core.errors import NotFound
from helmont.core.permissions import Actor
from helmont.core.records import Row
from helmont.core.rows import Find, Get, Read
from helmont.core.transactions import Transaction
from helmont.double_entry.comparing import compared, differences
from helmont.double_entry.models import AGREED, DIFFERS, DONE, DRAFT, ENTER, transcription_key
from helmont.double_entry.turns import NEW, entries_of, next_line, refuse, refuse_accepted
from helmont.edc.actions.entry import SaveForm
from helmont.edc.items import base_item
from helmont.edc.keys import LOG
from helmont.study.compiled_forms import CompiledForm


@dataclass(frozen=True)
class AcceptEntry(SaveForm):
    """The save that follows from two transcriptions; carried out within another action, never by itself."""

    twice: ClassVar[bool] = True

    def hidden_items(self, tx: Transaction, actor: Actor, form: CompiledForm) -> frozenset[str]:
        """None: the values were entered by people who may see them."""
        return frozenset()


@dataclass(frozen=True)
class Transcribe(SaveForm):
    """Save what somebody reads on a paper form, as a draft or complete; ``values`` as for ``SaveForm``.

    Whether it is the first or the second entry follows from what is there: one person never makes both. A log's line is
    begun with ``new`` in place of its number, which it is then given; the number of one that was begun makes the other entry.
    """

    name: ClassVar[str] = "double_entry.transcribe"
    permission: ClassVar[str] = ENTER

    def reads(self) -> Iterable[Read]:
        yield from super().reads()
        yield Get("transcription", transcription_key(self.key, 1))
        yield Get("transcription", transcription_key(self.key, 2))
        if self.parts[2] == LOG:
            yield Find("transcription", "participant", self.participant_key)
            yield Find("form", "container", self.key.rpartition("/")[0])

    def perform(self, tx: Transaction, actor: Actor) -> dict[str, Any]:
        if self.parts[4] == NEW:
            if not any(value not in (None, "") for value in self.values.values()):
                return {"key": self.key, "status": "blank", "revision": 0, "calculated": {}, "queries": []}
            begun = replace(self, key=next_line(tx, self.participant_key, self.parts[3]))
            return begun._transcribe(tx, actor)
        if self.parts[2] == LOG and tx.get("transcription", transcription_key(self.key, 1)) is None:
            raise NotFound(self.key)
        return self._transcribe(tx, actor)

    def _transcribe(self, tx: Transaction, actor: Actor) -> dict[str, Any]:
        _study, form = self.definition(tx)
        encounter = self.begun_encounter(tx, form)
        self.editable(tx, tx.get("form", self.key))
        refuse_accepted(tx, self.key, form)
        entries = entries_of(tx, actor, self)
        if entries.state not in ("first", "second"):
            refuse(entries.state)
        number, row = (1, entries.first) if entries.state == "first" else (2, entries.second)
        own = row if row is not None and row["by"] == actor.handle else None
        hidden = self.hidden_items(tx, actor, form)
        entered = {**(own["data"] if own else {}), **self.parsed(tx, form, hidden)}
        data = {key: value for key, value in entered.items() if value is not None}
        _context, outcome = self.evaluated(tx, form, encounter, data)
        self.refuse_findings(outcome.refused, hidden, actor.language)
        status = DONE if self.complete else DRAFT
        saved = tx.put(
            "transcription",
            transcription_key(self.key, number),
            study=self.log,
            participant=self.participant_key,
            form=self.key,
            number=number,
            status=status,
            by=actor.handle,
            at=tx.timestamp,
            data=data,
        )
        shown = {key: value for key, value in outcome.calculated.items() if base_item(key) not in hidden}
        answer = {"key": self.key, "status": status, "revision": tx.sequence, "calculated": shown, "queries": []}
        other = entries.second if number == 1 else entries.first
        if status == DONE and other is not None and other["status"] == DONE:
            self._compare(tx, actor, form, saved, other)
        return answer

    def _compare(self, tx: Transaction, actor: Actor, form: CompiledForm, one: Row, other: Row) -> None:
        first, second = sorted((one, other), key=lambda row: int(row["number"]))
        status = DIFFERS if differences(form, first["data"], second["data"]) else AGREED
        tx.put("transcription", first["key"], status=status)
        items = len(compared(form, first["data"], second["data"]))
        tx.put("transcription", second["key"], status=status, compared=items)
        if status == AGREED:
            AcceptEntry(self.key, first["data"], None, complete=True).perform(tx, actor)
