"""Deciding what two people read differently, with a reason for each item."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

from django.utils.translation import gettext as _

from helmont.core.errors import Fault, Invalid, NotFound, NotPermitted, Refused
from helmont.core.permissions import Actor
from helmont.core.transactions import Transaction
from helmont.double_entry.actions.transcribing import AcceptEntry
from helmont.double_entry.comparing import differences
from helmont.double_entry.models import ABSENT, ADJUDICATE, ADJUDICATED, DISPUTED, DONE, transcription_key
from helmont.edc.actions.base import FormAction
from helmont.edc.items import base_item


@dataclass(frozen=True)
class Adjudicate(FormAction):
    """A third person decides what the paper says: ``values`` and ``reasons`` for each item that differs.

    Of a line that the second person did not find on the paper, that is every item of the first entry.
    """

    name: ClassVar[str] = "double_entry.adjudicate"
    permission: ClassVar[str] = ADJUDICATE
    values: Mapping[str, Any] = field(default_factory=dict)
    reasons: Mapping[str, str] = field(default_factory=dict)

    def perform(self, tx: Transaction, actor: Actor) -> dict[str, Any]:
        _study, form = self.definition(tx)
        self.begun_encounter(tx, form)
        first, second = (tx.get("transcription", transcription_key(self.key, number)) for number in (1, 2))
        if first is None or second is None or second["status"] not in DISPUTED:
            raise NotFound(self.key)
        if actor.handle in (first["by"], second["by"]):
            raise NotPermitted(_("You made one of the entries; somebody else decides."), permission=ADJUDICATE)
        unread = second["status"] == ABSENT
        if unread and first["status"] != DONE:
            raise Refused(_("The first entry is not complete yet; its values cannot be decided."))
        said = differences(form, first["data"], {} if unread else second["data"])
        differing = set(said)
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
        tx.put("transcription", second["key"], status=ADJUDICATED, differences=said, decided=decided)
        tx.subject = f"form:{self.key}"
        agreed = {key: value for key, value in first["data"].items() if key not in differing}
        values = agreed | {key: value for key, value in parsed.items() if value is not None}
        saved = AcceptEntry(self.key, values, None, complete=True).perform(tx, actor)
        return {"key": self.key, "status": saved["status"], "decided": len(decided)}
