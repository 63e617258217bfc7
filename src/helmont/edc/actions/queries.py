"""Raising, answering, closing and cancelling queries; writing comments."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

from django.utils.translation import gettext as _

from helmont.core.actions import Action
from helmont.core.errors import Fault, Invalid, NotFound, NotPermitted, Refused
from helmont.core.permissions import Actor, Scope
from helmont.core.records import Row
from helmont.core.rows import Find, Get, Read
from helmont.core.transactions import Transaction
from helmont.edc.actions.base import FormAction, refuse_locked, refuse_locked_study
from helmont.edc.basis import basis
from helmont.edc.context import build_context
from helmont.edc.findings import add_message, message
from helmont.edc.items import base_item, privileges
from helmont.edc.workflows import OPEN_QUERY, QUERY
from helmont.studies.queries import compiled_for
from helmont.study.compiled_forms import CompiledForm

MAX_TEXT = 2000


def checked_text(place: str, text: str) -> str:
    """The text, stripped; raises ``Invalid`` when there is none or too much."""
    text = text.strip()
    if not text:
        raise Invalid([Fault(place, _("Nothing was written."), _("a text"))])
    if len(text) > MAX_TEXT:
        raise Invalid([Fault(place, _("The text is too long."), _("at most %d characters") % MAX_TEXT)])
    return text


def checked_item(action: FormAction, tx: Transaction, actor: Actor, form: CompiledForm, item: str) -> None:
    """Raise ``Invalid`` when the form has no such item for this person."""
    if item not in form.item_keys() or base_item(item) in action.hidden_items(tx, actor, form):
        raise Invalid([Fault("item", _("This form has no item “%s”.") % item[:60], "")])


@dataclass(frozen=True)
class RaiseQuery(FormAction):
    """Ask the site about an item, in one's own words.

    ``origin`` says what the question came from, such as a listing (``listing``, ``sha256``, ``sequence``), and is kept
    beside it. With ``once`` it is refused while another query on the item is open.
    """

    name: ClassVar[str] = "edc.raise_query"
    permission: ClassVar[str] = "query.raise"
    item: str = ""
    text: str = ""
    origin: Mapping[str, str | int] = field(default_factory=dict)
    once: bool = False

    def reads(self) -> Iterable[Read]:
        yield from super().reads()
        if self.once:
            yield Find("query", "form", self.key)

    def perform(self, tx: Transaction, actor: Actor) -> dict[str, Any]:
        _study, form = self.definition(tx)
        checked_item(self, tx, actor, form, self.item)
        row = tx.require("form", self.key)
        refuse_locked(tx, row, [self.item])
        if self.once and any(
            other["item"] == self.item and other["status"] in OPEN_QUERY for other in tx.find("query", "form", self.key)
        ):
            raise Refused(_("There is an open query on this item already."))
        text = checked_text("text", self.text)
        raised = message("raised", actor.handle, tx.timestamp, text, row["data"].get(self.item))
        if self.origin:
            raised["origin"] = dict(self.origin)
        query = tx.create(
            "query",
            tx.new_key(f"{self.participant_key}/queries"),
            study=self.log,
            country=row["country"],
            site=row["site"],
            participant=row["participant"],
            form=self.key,
            item=self.item,
            status="open",
            opened=tx.timestamp,
            messages={"001": raised},
        )
        return {"key": query["key"], "status": "open"}


@dataclass(frozen=True)
class QueryAction(Action):
    """Base of what is done to one query."""

    query: str

    @property
    def log(self) -> str:
        return self.query.split("/", 1)[0]

    def reads(self) -> Iterable[Read]:
        yield Get("query", self.query)

    def scope(self, tx: Transaction) -> Scope:
        row = tx.require("query", self.query)
        participant = tx.require("participant", row["participant"])
        return Scope(self.log, participant["country"], participant["site"])

    def hidden_items(self, tx: Transaction, actor: Actor, query: Row) -> frozenset[str]:
        """Item ids of the query's form that the actor must not see."""
        participant, form = tx.require("participant", query["participant"]), tx.require("form", query["form"])
        hidden = actor.hidden(self.scope(tx), tx.today)
        return frozenset(
            item
            for version in {participant["definition"], form["definition"]}  # an amendment may have moved either on
            if (definition := compiled_for(tx, version).forms.get(form["form"])) is not None
            for item, privilege in privileges(definition).items()
            if privilege in hidden
        )

    def accepted(self, tx: Transaction, query: Row, form: Row) -> str:
        """The values that the query's rule reads now, and that closing it accepts (``basis``)."""
        participant = tx.require("participant", query["participant"])
        study = compiled_for(tx, participant["definition"])
        definition = study.forms.get(form["form"])
        if definition is None:  # a form that the participant's version no longer has
            return ""
        encounter = tx.get("encounter", form["container"]) if form["encounter"] else None
        context = build_context(tx, definition, participant, encounter, form["key"])
        return basis(study, definition, query["rule"], query["item"], form["data"], context)

    def own_or_closing(self, tx: Transaction, actor: Actor) -> None:
        """Raise ``NotPermitted`` unless the actor raised the query, or may close it."""
        raised_by = tx.require("query", self.query)["messages"]["001"]["by"]
        if actor.handle != raised_by and not actor.may(CloseQuery.permission, self.scope(tx), tx.today):
            raise NotPermitted(_("This query was raised by somebody else."), permission=CloseQuery.permission)

    def move(self, tx: Transaction, actor: Actor, name: str, kind: str, text: str) -> dict[str, Any]:
        row: Row = tx.require("query", self.query)
        if base_item(row["item"]) in self.hidden_items(tx, actor, row):
            raise NotFound(self.query)
        status = QUERY.target(row, name, text)
        form = tx.require("form", row["form"])
        refuse_locked(tx, form, [row["item"]])
        accepted = self.accepted(tx, row, form) if status not in OPEN_QUERY and row["rule"] else ""
        said = message(kind, actor.handle, tx.timestamp, text.strip(), form["data"].get(row["item"]), accepted)
        tx.put("query", self.query, status=status, messages=add_message(row["messages"], said))
        return {"key": self.query, "status": status}


@dataclass(frozen=True)
class AnswerQuery(QueryAction):
    """The site answers; the one who asked decides whether that settles it."""

    name: ClassVar[str] = "edc.answer_query"
    permission: ClassVar[str] = "query.answer"
    text: str = ""

    def perform(self, tx: Transaction, actor: Actor) -> dict[str, Any]:
        return self.move(tx, actor, "answer", "answered", checked_text("text", self.text))


@dataclass(frozen=True)
class AskAgain(QueryAction):
    """The answer does not settle it: whoever raised the query, or may close it, opens it again."""

    name: ClassVar[str] = "edc.ask_again"
    permission: ClassVar[str] = "query.raise"
    text: str = ""

    def perform(self, tx: Transaction, actor: Actor) -> dict[str, Any]:
        self.own_or_closing(tx, actor)
        return self.move(tx, actor, "requery", "asked_again", checked_text("text", self.text))


@dataclass(frozen=True)
class CloseQuery(QueryAction):
    """The question is settled; for an automatic query this accepts the value as it is."""

    name: ClassVar[str] = "edc.close_query"
    permission: ClassVar[str] = "query.close"
    text: str = ""

    def perform(self, tx: Transaction, actor: Actor) -> dict[str, Any]:
        text = checked_text("text", self.text) if self.text.strip() else ""
        return self.move(tx, actor, "close", "closed", text)


@dataclass(frozen=True)
class CancelQuery(QueryAction):
    """The query should not have been raised, says whoever raised it or may close it."""

    name: ClassVar[str] = "edc.cancel_query"
    permission: ClassVar[str] = "query.raise"
    text: str = ""

    def perform(self, tx: Transaction, actor: Actor) -> dict[str, Any]:
        self.own_or_closing(tx, actor)
        return self.move(tx, actor, "cancel", "cancelled", checked_text("text", self.text))


@dataclass(frozen=True)
class WriteComment(FormAction):
    """A remark beside an item, or beside the form when ``item`` is empty."""

    name: ClassVar[str] = "edc.write_comment"
    permission: ClassVar[str] = "comment.write"
    item: str = ""
    text: str = ""

    def perform(self, tx: Transaction, actor: Actor) -> dict[str, Any]:
        _study, form = self.definition(tx)
        if self.item:
            checked_item(self, tx, actor, form, self.item)
        refuse_locked_study(tx)
        row = tx.require("form", self.key)
        comment = tx.create(
            "comment",
            tx.new_key(f"{self.participant_key}/comments"),
            study=self.log,
            country=row["country"],
            site=row["site"],
            participant=row["participant"],
            form=self.key,
            item=self.item,
            text=checked_text("text", self.text),
            author=actor.handle,
            written=tx.timestamp,
        )
        return {"key": comment["key"]}
