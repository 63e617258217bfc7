"""Loading a dictionary, and moving a study to another version of it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from django.utils.translation import gettext as _

from helmont.coding.actions.base import ParticipantCodings
from helmont.coding.declared import use_key
from helmont.coding.lexicon import lexicon_of
from helmont.coding.models import DictionaryTerm
from helmont.coding.workflows import CODING
from helmont.core.actions import Action
from helmont.core.errors import Fault, Invalid, NotFound, Refused
from helmont.core.permissions import SYSTEM, Actor
from helmont.core.rows import Get, Read
from helmont.core.transactions import Transaction
from helmont.standards.dictionaries import KINDS

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9 ._+-]{0,39}")


@dataclass(frozen=True)
class LoadDictionary(Action):
    """Make a version known whose terms lie in the table already (``loading.install``). What was loaded never changes."""

    name: ClassVar[str] = "coding.load_dictionary"
    permission: ClassVar[str] = "dictionary.load"
    title: str
    version: str
    language: str
    kind: str
    licence: str
    sha256: str
    levels: str
    counts: Mapping[str, int]

    @property
    def log(self) -> str:
        return SYSTEM

    @property
    def key(self) -> str:
        return f"{SYSTEM}/dictionaries/{self.title}/{self.version}/{self.language}"

    def check(self) -> None:
        """Raise ``Invalid`` when name, version, language or format cannot be used."""
        faults = [
            Fault(
                place, _("“%s” cannot be used here.") % text[:60], _("letters, digits, spaces and . _ + -, at most 40")
            )
            for place, text in (("name", self.title), ("version", self.version), ("language", self.language))
            if not _NAME.fullmatch(text)
        ]
        if self.kind not in KINDS:
            faults.append(Fault("kind", _("There is no format “%s”.") % self.kind[:20], ", ".join(KINDS)))
        if faults:
            raise Invalid(faults)

    def perform(self, tx: Transaction, actor: Actor) -> dict[str, Any]:
        self.check()
        there = tx.get("dictionary", self.key)
        if there is not None:
            if there["sha256"] != self.sha256:
                raise Refused(
                    _("%(name)s %(version)s is loaded already with other content; give this one another version.")
                    % {"name": self.title, "version": self.version},
                    loaded=there["sha256"],
                    given=self.sha256,
                )
            return {"dictionary": self.key}
        if DictionaryTerm.objects.filter(content=self.sha256[:16]).count() != sum(self.counts.values()):
            raise Refused(_("The terms of this dictionary are not all stored; load it again."))
        tx.put(
            "dictionary",
            self.key,
            name=self.title,
            version=self.version,
            language=self.language,
            kind=self.kind,
            licence=self.licence,
            sha256=self.sha256,
            content=self.sha256[:16],
            levels=self.levels,
            counts=dict(self.counts),
        )
        return {"dictionary": self.key}


@dataclass(frozen=True)
class UpgradeDictionary(Action):
    """The study codes with another loaded version from now on. What is coded already is carried over by ``CarryOver``."""

    name: ClassVar[str] = "coding.upgrade_dictionary"
    permission: ClassVar[str] = "coding.upgrade"
    study: str
    dictionary: str
    to: str
    reason: str

    @property
    def log(self) -> str:
        return self.study

    def reads(self) -> Iterable[Read]:
        yield Get("dictionary_use", use_key(self.study, self.dictionary))

    def perform(self, tx: Transaction, actor: Actor) -> dict[str, Any]:
        if tx.get("dictionary", self.to) is None:
            raise NotFound(self.to)
        if not self.reason.strip():
            raise Invalid([Fault("reason", _("Nothing was written."), _("why this version is used from now on"))])
        tx.put(
            "dictionary_use",
            use_key(self.study, self.dictionary),
            study=self.study,
            name=self.dictionary,
            dictionary=self.to,
        )
        return {"dictionary": self.to}


@dataclass(frozen=True)
class CarryOver(ParticipantCodings):
    """Move one participant's codings to the version the study codes with now: what is the same there goes along, what is
    not becomes due again and says why; its old term stays until somebody codes it anew."""

    name: ClassVar[str] = "coding.carry_over"
    permission: ClassVar[str] = "coding.upgrade"
    to: str = ""
    keys: tuple[str, ...] = ()

    def perform(self, tx: Transaction, actor: Actor) -> dict[str, Any]:
        lexicon = lexicon_of(self.to)
        carried = due = 0
        for row in self.rows(tx, self.keys):
            use = tx.get("dictionary_use", use_key(self.log, row["name"]))
            if use is None or use["dictionary"] != self.to:
                raise Refused(_("The study does not code with this version."), dictionary=self.to)
            if row["dictionary"] == self.to or not row["code"]:
                continue
            term = lexicon.term(row["code"])
            if term is not None and term.current and lexicon.path(term) == row["path"]:
                tx.put("coding", row["key"], dictionary=self.to)
                carried += 1
            elif row["status"] != "recode":
                note = _difference(lexicon.path(term) if term else {}, row["path"], term is not None and term.current)
                tx.put("coding", row["key"], status=CODING.target(row, "lapse", note), note=note)
                due += 1
        return {"carried": carried, "due": due}


def _difference(path: Mapping[str, Any], before: Mapping[str, Any], current: bool) -> str:
    if not path:
        return _("The new version no longer has this term.")
    if not current:
        return _("The term is no longer current in the new version.")
    level = next(iter(reversed([level for level in path if path[level] != before.get(level)])), "")
    if path.get(level, {}).get("code") == before.get(level, {}).get("code"):
        return _("The new version names it otherwise (%s).") % level
    return _("The new version puts it elsewhere (%s).") % level
