"""Keeping a listing, sharing it, taking it away."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

from django.utils.translation import gettext as _

from helmont.core.actions import Action
from helmont.core.errors import Fault, Invalid, NotFound, NotPermitted
from helmont.core.permissions import Actor
from helmont.core.records import Row
from helmont.core.transactions import Transaction
from helmont.listings.definition import from_json

LONGEST_TITLE, LONGEST_SQL = 200, 20_000


@dataclass(frozen=True)
class SaveListing(Action):
    """Keep a listing under a title; with ``key`` the owner's own is changed.

    ``kind`` is ``form`` (``definition`` as ``Selection.to_json`` gives it) or ``sql`` (``{"sql": "SELECT …"}``).
    """

    name: ClassVar[str] = "listings.save"
    permission: ClassVar[str] = "listing.read"
    study: str
    title: str
    definition: Mapping[str, Any] = field(default_factory=dict)
    kind: str = "form"
    shared: bool = False
    key: str = ""

    @property
    def log(self) -> str:
        return self.study

    def perform(self, tx: Transaction, actor: Actor) -> dict[str, Any]:
        tx.require("study", self.study)
        title = self.title.strip()
        if not 0 < len(title) <= LONGEST_TITLE:
            raise Invalid([Fault("title", _("A listing needs a title."), _("1 to %d characters") % LONGEST_TITLE)])
        if self.shared and not actor.may(ShareListing.permission, self.scope(tx), tx.today):
            raise NotPermitted(ShareListing.permission, permission=ShareListing.permission)
        fields = {"title": title, "shared": self.shared, "definition": self._checked(), "removed": False}
        if self.key:
            _own(tx, actor, self.key)
            tx.put("listing", self.key, **fields)
            return {"key": self.key}
        key = tx.new_key(f"{self.study}/listings")
        tx.create("listing", key, study=self.study, kind=self.kind, owner=actor.handle, **fields)
        return {"key": key}

    def _checked(self) -> dict[str, Any]:
        if self.kind == "sql":
            text = str(self.definition.get("sql", "")).strip()
            if not 0 < len(text) <= LONGEST_SQL:
                raise Invalid([Fault("sql", _("There is no statement."), _("1 to %d characters") % LONGEST_SQL)])
            return {"sql": text}
        if self.kind != "form":
            raise Invalid([Fault("kind", _("There is no such kind of listing."), "form, sql")])
        return from_json(self.definition).to_json()


@dataclass(frozen=True)
class ShareListing(Action):
    """Share one's own listing with everybody in the study who may list, or stop sharing it."""

    name: ClassVar[str] = "listings.share"
    permission: ClassVar[str] = "listing.share"
    key: str
    shared: bool = True

    @property
    def log(self) -> str:
        return self.key.split("/", 1)[0]

    def perform(self, tx: Transaction, actor: Actor) -> dict[str, Any]:
        _own(tx, actor, self.key)
        tx.put("listing", self.key, shared=self.shared)
        return {"key": self.key}


@dataclass(frozen=True)
class RemoveListing(Action):
    """Take one's own listing off the list; what was done with it still names it."""

    name: ClassVar[str] = "listings.remove"
    permission: ClassVar[str] = "listing.read"
    key: str

    @property
    def log(self) -> str:
        return self.key.split("/", 1)[0]

    def perform(self, tx: Transaction, actor: Actor) -> dict[str, Any]:
        _own(tx, actor, self.key)
        tx.put("listing", self.key, removed=True)
        return {"key": self.key}


def _own(tx: Transaction, actor: Actor, key: str) -> Row:
    row = tx.require("listing", key)
    if row["owner"] != actor.handle:
        if row["shared"]:
            raise NotPermitted(_("This listing is somebody else's."))
        raise NotFound(key)
    return row
