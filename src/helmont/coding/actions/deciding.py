"""What a coder decides: the term for a verbatim, that a coding is right, what to ask the site, what to keep for the next."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, ClassVar

from django.utils.translation import gettext as _

from helmont.coding.actions.base import ParticipantCodings, coded_fields
from helmont.coding.declared import dictionaries_in_use
from helmont.coding.lexicon import Lexicon, lexicon
from helmont.coding.matching.matcher import MANUAL, SUGGESTED
from helmont.coding.matching.normal import normal
from helmont.coding.workflows import CODING, SETTLED
from helmont.core.actions import Action
from helmont.core.errors import Conflict, Fault, Invalid, NotFound, ReasonRequired, Refused
from helmont.core.permissions import Actor
from helmont.core.rows import Get, Read
from helmont.core.transactions import Transaction
from helmont.edc.actions.base import refuse_locked
from helmont.edc.actions.queries import RaiseQuery


@dataclass(frozen=True)
class CodeTerms(ParticipantCodings):
    """Code verbatims of one participant to a term of the dictionary the study uses. ``verbatim`` is what the coder saw;
    changing what is coded already needs a reason."""

    name: ClassVar[str] = "coding.code"
    permission: ClassVar[str] = "coding.code"
    keys: tuple[str, ...] = ()
    verbatim: str = ""
    code: str = ""
    reason: str = ""

    def perform(self, tx: Transaction, actor: Actor) -> dict[str, Any]:
        for row in self.rows(tx, self.keys):
            refuse_locked(tx, tx.require("form", row["form"]))
            if row["verbatim"] != self.verbatim:
                raise Conflict(_("The text was changed in the meantime."), current=row["verbatim"])
            if row["status"] in SETTLED and row["code"] != self.code and not self.reason.strip():
                raise ReasonRequired([row["item"]])
            key, words = in_use(self.log, row["name"])
            stage = SUGGESTED if row["suggestion"] == self.code else MANUAL
            fields = coded_fields(words, key, self.code, stage, actor)
            tx.put("coding", row["key"], status=CODING.target(row, "code"), **fields)
        return {"coded": len(self.keys)}


@dataclass(frozen=True)
class ApproveCodings(ParticipantCodings):
    """Say that codings are right, by whichever stage they came."""

    name: ClassVar[str] = "coding.approve"
    permission: ClassVar[str] = "coding.approve"
    keys: tuple[str, ...] = ()

    def perform(self, tx: Transaction, actor: Actor) -> dict[str, Any]:
        for row in self.rows(tx, self.keys):
            refuse_locked(tx, tx.require("form", row["form"]))
            tx.put("coding", row["key"], status=CODING.target(row, "approve"))
        return {"approved": len(self.keys)}


@dataclass(frozen=True)
class QueryVerbatim(RaiseQuery):
    """Ask the site what it meant; the coding waits, and can be coded at any time."""

    name: ClassVar[str] = "coding.query_verbatim"

    def perform(self, tx: Transaction, actor: Actor) -> dict[str, Any]:
        row = tx.require("coding", f"{self.key}/{self.item}")
        answer = super().perform(tx, actor)
        tx.put("coding", row["key"], status=CODING.target(row, "query"))
        return answer


def in_use(study: str, name: str) -> tuple[str, Lexicon]:
    """Key and lexicon of the version that the study codes with; raises ``Refused`` when none is loaded."""
    used = dictionaries_in_use(study).get(name)
    if used is None or used.loaded is None:
        raise Refused(_("The dictionary %s is not loaded in this installation.") % name, dictionary=name)
    return used.loaded.key, lexicon(used.loaded)


def synonym_key(study: str, name: str, phrase: str) -> str:
    return f"{study}/synonyms/{name}/{sha256(phrase.encode()).hexdigest()[:16]}"


@dataclass(frozen=True)
class KeepSynonyms(Action):
    """Decide for this study that verbatims always mean a term: ``decisions`` are pairs of verbatim and code."""

    name: ClassVar[str] = "coding.keep_synonyms"
    permission: ClassVar[str] = "coding.code"
    study: str
    dictionary: str
    decisions: tuple[tuple[str, str], ...]
    reason: str = ""

    @property
    def log(self) -> str:
        return self.study

    def reads(self) -> Iterable[Read]:
        for verbatim, _code in self.decisions:
            yield Get("synonym", synonym_key(self.study, self.dictionary, normal(verbatim)))

    def perform(self, tx: Transaction, actor: Actor) -> dict[str, Any]:
        _key, words = in_use(self.study, self.dictionary)
        for verbatim, code in self.decisions:
            phrase, term = normal(verbatim), words.term(code)
            if not phrase:
                raise Invalid([Fault("verbatim", _("“%s” holds no word.") % verbatim[:60], _("a text"))])
            if term is None or not term.current:
                raise Invalid([Fault("code", _("The dictionary has no current term “%s”.") % code[:60], "")])
            tx.put(
                "synonym",
                synonym_key(self.study, self.dictionary, phrase),
                study=self.study,
                name=self.dictionary,
                phrase=phrase,
                verbatim=verbatim,
                code=code,
                term=term.name,
                status="active",
            )
        return {"kept": len(self.decisions)}


@dataclass(frozen=True)
class RetireSynonym(Action):
    """The decision no longer holds. What was coded by it stays."""

    name: ClassVar[str] = "coding.retire_synonym"
    permission: ClassVar[str] = "coding.code"
    key: str
    reason: str

    @property
    def log(self) -> str:
        return self.key.split("/", 1)[0]

    def perform(self, tx: Transaction, actor: Actor) -> dict[str, Any]:
        row = tx.require("synonym", self.key)
        if row["status"] != "active":
            raise NotFound(self.key)
        if not self.reason.strip():
            raise ReasonRequired([row["verbatim"]])
        tx.put("synonym", self.key, status="retired")
        return {"key": self.key}
