"""Entering a paper form twice, comparing, and deciding what differs.

Where both say the same, the form is saved as anybody would have saved it, in the same entry of the ledger. What differs is
decided by a third person, with a reason for each item.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

from django.utils.translation import gettext as _

from helmont.core.errors import Fault, Invalid, NotFound, NotPermitted, Refused
from helmont.core.permissions import Actor
from helmont.core.records import Row
from helmont.core.rows import Get, Read
from helmont.core.transactions import Transaction
from helmont.double_entry.models import (
    ADJUDICATE,
    ADJUDICATED,
    AGREED,
    DIFFERS,
    DONE,
    DRAFT,
    transcription_key,
)
from helmont.edc.actions.base import FormAction
from helmont.edc.actions.entry import SaveForm
from helmont.edc.items import base_item
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

    Whether it is the first or the second entry follows from what is there: one person never makes both.
    """

    name: ClassVar[str] = "double_entry.transcribe"
    permission: ClassVar[str] = "form.enter"

    def reads(self) -> Iterable[Read]:
        yield from super().reads()
        yield Get("transcription", transcription_key(self.key, 1))
        yield Get("transcription", transcription_key(self.key, 2))

    def perform(self, tx: Transaction, actor: Actor) -> dict[str, Any]:
        _study, form = self.definition(tx)
        encounter = self.begun_encounter(tx, form)
        self.editable(tx, tx.get("form", self.key))
        refuse_accepted(tx, self.key, form)
        number, own = turn(tx, actor, self.key)
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
        other = tx.get("transcription", transcription_key(self.key, 3 - number))
        if status == DONE and other is not None and other["status"] == DONE:
            self._compare(tx, actor, form, saved, other)
        return answer

    def _compare(self, tx: Transaction, actor: Actor, form: CompiledForm, one: Row, other: Row) -> None:
        first, second = sorted((one, other), key=lambda row: int(row["number"]))
        differing = differences(form, first["data"], second["data"])
        status = DIFFERS if differing else AGREED
        tx.put("transcription", first["key"], status=status)
        tx.put(
            "transcription",
            second["key"],
            status=status,
            compared=len(compared(form, first["data"], second["data"])),
            differences=differing,
        )
        if not differing:
            AcceptEntry(self.key, first["data"], None, complete=True).perform(tx, actor)


@dataclass(frozen=True)
class Adjudicate(FormAction):
    """A third person decides what the paper says: ``values`` and ``reasons`` for each item that differs."""

    name: ClassVar[str] = "double_entry.adjudicate"
    permission: ClassVar[str] = ADJUDICATE
    values: Mapping[str, Any] = field(default_factory=dict)
    reasons: Mapping[str, str] = field(default_factory=dict)

    def perform(self, tx: Transaction, actor: Actor) -> dict[str, Any]:
        _study, form = self.definition(tx)
        self.begun_encounter(tx, form)
        first, second = (tx.get("transcription", transcription_key(self.key, number)) for number in (1, 2))
        if first is None or second is None or second["status"] != DIFFERS:
            raise NotFound(self.key)
        if actor.handle in (first["by"], second["by"]):
            raise NotPermitted(_("You made one of the entries; somebody else decides."), permission=ADJUDICATE)
        differing = set(second["differences"])
        if differing & {key for key in differing if base_item(key) in self.hidden_items(tx, actor, form)}:
            raise NotPermitted(_("What differs includes an item that you may not see."), permission=ADJUDICATE)
        faults = [Fault(key, _("This item does not differ."), "") for key in self.values if key not in differing]
        for key in sorted(differing):
            if key not in self.values:
                faults.append(Fault(key, _("This item is not decided."), _("the first, the second, or another value")))
            elif not self.reasons.get(key, "").strip():
                faults.append(Fault(key, _("Say why."), _("a reason")))
        if faults:
            raise Invalid(faults)
        parsed = AcceptEntry(self.key, self.values).parsed(tx, form, frozenset())
        decided = {
            key: {"value": parsed[key], "reason": self.reasons[key].strip(), "by": actor.handle} for key in parsed
        }
        tx.put("transcription", first["key"], status=ADJUDICATED)
        tx.put("transcription", second["key"], status=ADJUDICATED, decided=decided)
        tx.subject = f"form:{self.key}"
        agreed = {key: value for key, value in first["data"].items() if key not in differing}
        values = agreed | {key: value for key, value in parsed.items() if value is not None}
        saved = AcceptEntry(self.key, values, None, complete=True).perform(tx, actor)
        return {"key": self.key, "status": saved["status"], "decided": len(decided)}


def refuse_accepted(tx: Transaction, key: str, form: CompiledForm) -> None:
    """Raise ``Refused`` unless the form is one that is entered twice and is not in the record yet."""
    row = tx.get("form", key)
    if form.form.entry != "double":
        raise Refused(_("This form is entered once; it has no second entry."))
    if row is not None and row["status"] != DRAFT:
        raise Refused(_("Both entries of this form were accepted; it is corrected on its own page now."))


def turn(tx: Transaction, actor: Actor, key: str) -> tuple[int, Row | None]:
    """Which entry this person makes (1 or 2), and what of it is there. Raises ``Refused`` when it is not their turn."""
    rows = [tx.get("transcription", transcription_key(key, number)) for number in (1, 2)]
    for number, row in enumerate(rows, start=1):
        if row is not None and row["by"] == actor.handle:
            if row["status"] != DRAFT:
                raise Refused(_("You have entered this form; somebody else makes the other entry."))
            return number, row
    for number, row in enumerate(rows, start=1):
        if row is None:
            return number, None
    raise Refused(_("Two people have entered this form already."))


def compared(form: CompiledForm, first: Mapping[str, Any], second: Mapping[str, Any]) -> list[str]:
    """The item keys that either entry holds, in form order, without what is calculated."""
    calculated = set(form.calculated_ids)
    return [key for key in form.item_keys() if (key in first or key in second) and base_item(key) not in calculated]


def differences(form: CompiledForm, first: Mapping[str, Any], second: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """Item key -> {first, second} where the two entries do not say the same; None stands for nothing."""
    return {
        key: {"first": first.get(key), "second": second.get(key)}
        for key in compared(form, first, second)
        if first.get(key) != second.get(key)
    }
