"""What every action on the codings of one participant has in common."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from helmont.coding.lexicon import Lexicon
from helmont.core.actions import Action
from helmont.core.errors import Fault, Invalid, NotFound
from helmont.core.permissions import Actor, Scope
from helmont.core.records import Row
from helmont.core.rows import Find, Get, Read
from helmont.core.transactions import Transaction


@dataclass(frozen=True)
class ParticipantCodings(Action):
    """Base of what is done to codings of one participant (``STUDY/<number>``); the permission has to hold at their site."""

    participant: str

    @property
    def log(self) -> str:
        return self.participant.split("/", 1)[0]

    def reads(self) -> Iterable[Read]:
        yield Get("participant", self.participant)
        yield Find("coding", "participant", self.participant)

    def scope(self, tx: Transaction) -> Scope:
        row = tx.require("participant", self.participant)
        return Scope(self.log, row["country"], row["site"])

    def rows(self, tx: Transaction, keys: Iterable[str]) -> list[Row]:
        """The codings named; raises ``NotFound`` for one that is not this participant's."""
        found = []
        for key in keys:
            row = tx.require("coding", key)
            if row["participant"] != self.participant:
                raise NotFound(key)
            found.append(row)
        return found


def coded_fields(lexicon: Lexicon, dictionary: str, code: str, stage: str, actor: Actor) -> Mapping[str, Any]:
    """What a coding holds once it is coded; raises ``Invalid`` for a code that the dictionary does not offer."""
    term = lexicon.term(code)
    if term is None or not term.current:
        raise Invalid(
            [Fault("code", _("The dictionary has no current term “%s”.") % code[:60], _("a term of its lowest level"))]
        )
    return {
        "dictionary": dictionary,
        "code": term.code,
        "term": term.name,
        "path": lexicon.path(term),
        "stage": stage,
        "suggestion": "",
        "score": 0,
        "note": "",
        "by": actor.handle,
    }
