"""What every action on a form has in common."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

from django.utils.translation import gettext as _

from helmont.core.actions import Action
from helmont.core.errors import NotFound, Refused
from helmont.core.permissions import Actor, Scope
from helmont.core.records import Row
from helmont.core.rows import Get, Read
from helmont.core.transactions import Transaction
from helmont.edc.items import privileges
from helmont.edc.keys import LOG, is_line, split_form_key
from helmont.edc.locks import lock_reads, refuse_held
from helmont.studies.queries import compiled_for
from helmont.study.compiled_forms import CompiledForm
from helmont.study.compiling import CompiledStudy

LOCKED = frozenset({"locked"})


@dataclass(frozen=True)
class FormAction(Action):
    """Base of what is done to one form, named by its key; the permission has to hold at the participant's site."""

    key: str

    @cached_property
    def parts(self) -> tuple[str, str, str, str, str]:
        """Study, participant, encounter, form and line; raises ``NotFound`` for a key that is none."""
        try:
            return split_form_key(self.key)
        except ValueError:
            raise NotFound(self.key) from None

    @property
    def log(self) -> str:
        return self.parts[0]

    @property
    def participant_key(self) -> str:
        return "/".join(self.parts[:2])

    def reads(self) -> Iterable[Read]:
        yield Get("participant", self.participant_key)
        yield Get("form", self.key)
        yield from lock_reads(self.log, participant=self.parts[1])

    def scope(self, tx: Transaction) -> Scope:
        row = tx.require("participant", self.participant_key)
        return Scope(self.log, row["country"], row["site"])

    def definition(self, tx: Transaction) -> tuple[CompiledStudy, CompiledForm]:
        """The study version that the participant is under, and this form in it; raises ``NotFound``."""
        participant = tx.require("participant", self.participant_key)
        study = compiled_for(tx, participant["definition"])
        form = study.forms.get(self.parts[3])
        if form is None:
            raise NotFound(self.key)
        return study, form

    def hidden_items(self, tx: Transaction, actor: Actor, form: CompiledForm) -> frozenset[str]:
        """Item ids of this form under a privilege that the actor lacks here."""
        guarded = privileges(form)
        if not guarded:
            return frozenset()
        hidden = actor.hidden(self.scope(tx), tx.today)
        return frozenset(item for item, privilege in guarded.items() if privilege in hidden)

    def begun_encounter(self, tx: Transaction, form: CompiledForm) -> Row | None:
        """The encounter that the form lies in, None for a log's line.

        Raises ``NotFound`` when such a form does not lie there, ``Refused`` when the visit has not begun.
        """
        _study, _participant, oid, _form, line = self.parts
        is_log = oid == LOG
        if is_log != (form.form.kind == "log") or (is_log and not is_line(line)):
            raise NotFound(self.key)
        if is_log:
            return None
        encounter = tx.get("encounter", "/".join(self.parts[:3]))
        if encounter is None or encounter["status"] != "begun":
            raise Refused(_("This visit has not begun: give its date first."), encounter=oid)
        return encounter

    def editable(self, tx: Transaction, row: Row | None, items: Iterable[str] = ()) -> None:
        """Raise ``Refused`` when these items, the form or anything around it is frozen or locked."""
        refuse_held(tx, tx.require("participant", self.participant_key), row, items)


def refuse_locked(tx: Transaction, row: Row, items: Iterable[str] = ()) -> None:
    """Raise ``Refused`` when these items, the form or anything around it is locked."""
    refuse_held(tx, tx.require("participant", row["participant"]), row, items, states=LOCKED)


def refuse_locked_study(tx: Transaction) -> None:
    """Raise ``Refused`` when the whole study is locked."""
    refuse_held(tx, None, states=LOCKED)


def stamp(tx: Transaction, actor: Actor) -> dict[str, str]:
    """Who and when, as kept beside a mark on an item."""
    return {"by": actor.handle, "at": tx.timestamp}
