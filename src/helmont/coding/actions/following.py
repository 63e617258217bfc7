"""Codings follow what is entered: a new text appears as due, one beyond doubt is coded, one that changed is due again."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

from django.utils.translation import gettext as _

from helmont.coding.actions.base import ParticipantCodings, coded_fields
from helmont.coding.declared import coded_values
from helmont.coding.lexicon import lexicon_of
from helmont.coding.matching.matcher import DECIDED
from helmont.coding.workflows import CODING
from helmont.core.permissions import Actor
from helmont.core.records import Row
from helmont.core.rows import Get, Read
from helmont.core.transactions import Transaction
from helmont.studies.queries import compiled_for
from helmont.study.compiled_forms import CompiledForm


@dataclass(frozen=True, slots=True)
class Proposal:
    """What auto-coding found for a verbatim: a term that is beyond doubt (its stage says how), or the best suggestion."""

    verbatim: str
    dictionary: str
    code: str
    stage: str
    score: int = 0


@dataclass(frozen=True)
class FollowCodings(ParticipantCodings):
    """Bring the codings of some forms up to their values. ``proposals`` go by verbatim and dictionary of the study; one
    that is about another verbatim than is there now is not used."""

    name: ClassVar[str] = "coding.follow"
    permission: ClassVar[str] = "coding.run"
    forms: tuple[str, ...] = ()
    proposals: Mapping[tuple[str, str], Proposal] = field(default_factory=dict)

    def reads(self) -> Iterable[Read]:
        yield from super().reads()
        for key in self.forms:
            yield Get("form", key)

    def perform(self, tx: Transaction, actor: Actor) -> dict[str, int]:
        participant = tx.require("participant", self.participant)
        study = compiled_for(tx, participant["definition"])
        held: dict[str, list[Row]] = {}
        for row in tx.find("coding", "participant", self.participant):
            held.setdefault(row["form"], []).append(row)
        changed = 0
        for key in self.forms:
            form = tx.get("form", key)
            definition = study.forms.get(form["form"]) if form else None
            if form is None or definition is None or form["participant"] != self.participant:
                continue
            changed += self._follow(tx, actor, form, definition, {row["item"]: row for row in held.get(key, ())})
        return {"changed": changed}

    def _follow(
        self, tx: Transaction, actor: Actor, form: Row, definition: CompiledForm, held: Mapping[str, Row]
    ) -> int:
        changed = 0
        there = {} if form["status"] in ("removed", "blank") else form["data"]
        found = {item: (coding, verbatim) for item, coding, verbatim in coded_values(definition, there)}
        for item, row in held.items():
            if item not in found and row["status"] != "withdrawn":
                # The text stays as it was: an entry that emptied it would say once more what may have been redacted.
                tx.put("coding", row["key"], status=CODING.target(row, "withdraw"))
                changed += 1
        for item, (coding, verbatim) in found.items():
            before = held.get(item)
            if before is None and form["status"] != "complete":
                continue  # a draft is not finished; what was coded before stays with its line
            fields = self._fields(actor, before, coding.dictionary, verbatim)
            if fields:
                tx.put(
                    "coding",
                    f"{form['key']}/{item}",
                    study=self.log,
                    country=form["country"],
                    site=form["site"],
                    participant=self.participant,
                    form=form["key"],
                    item=item,
                    name=coding.dictionary,
                    **fields,
                )
                changed += 1
        return changed

    def _fields(self, actor: Actor, row: Row | None, name: str, verbatim: str) -> dict[str, Any]:
        """What becomes of a coding whose value is ``verbatim`` now; nothing when it stays as it is."""
        proposal = self.proposals.get((name, verbatim))
        if row is None:
            return {"verbatim": verbatim, **self._proposed(actor, proposal)}
        if row["status"] == "withdrawn" and row["verbatim"] == verbatim and row["code"]:
            return {"status": "coded"}
        if row["verbatim"] != verbatim or row["status"] == "withdrawn":
            by_person = row["status"] == "approved" or (bool(row["code"]) and row["stage"] not in DECIDED)
            if not by_person:  # nobody has decided anything yet, so it begins anew
                emptied = {"code": "", "term": "", "path": {}, "stage": "", "by": "", "note": ""}
                return {"verbatim": verbatim, **emptied, **self._proposed(actor, proposal)}
            note = _("The text was “%s” when it was coded.") % row["verbatim"][:200]
            return {"verbatim": verbatim, "status": "recode", "note": note, **_suggestion(proposal)}
        if row["status"] in ("uncoded", "suggested"):
            fields = self._proposed(actor, proposal)
            return fields if any(row[name] != value for name, value in fields.items()) else {}
        return {}

    @staticmethod
    def _proposed(actor: Actor, proposal: Proposal | None) -> dict[str, Any]:
        if proposal is None or not proposal.code:
            return {"status": "uncoded", "suggestion": "", "score": 0}
        if proposal.stage in DECIDED:
            lexicon = lexicon_of(proposal.dictionary)
            coded = coded_fields(lexicon, proposal.dictionary, proposal.code, proposal.stage, actor)
            return {**coded, "status": "coded"}
        return {"status": "suggested", **_suggestion(proposal)}


def _suggestion(proposal: Proposal | None) -> dict[str, Any]:
    return {"suggestion": proposal.code if proposal else "", "score": proposal.score if proposal else 0}
