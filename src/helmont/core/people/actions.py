"""Every change to people: their accounts, their assignments (``assignments``) and the tokens that act for them."""

from __future__ import annotations

import hashlib
import re
import secrets
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cache
from typing import Any, ClassVar
from zoneinfo import available_timezones

from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.translation import gettext as _

from helmont.core.actions import Action
from helmont.core.errors import Fault, Invalid, NotFound, Refused
from helmont.core.ledger.store import SYSTEM_LOG
from helmont.core.people.assignments import (
    AssignRole,
    Delegate,
    EndAssignment,
    EndDelegation,
    blinding_conflict,
    is_date,
)
from helmont.core.people.models import Person
from helmont.core.permissions import Actor
from helmont.core.records import Row
from helmont.core.roles import PERMISSIONS
from helmont.core.rows import Find, Get, Read
from helmont.core.transactions import Transaction

__all__ = [
    "AssignRole",
    "ChangePerson",
    "ChangeProfile",
    "CreatePerson",
    "CreateToken",
    "DeactivatePerson",
    "Delegate",
    "EndAssignment",
    "EndDelegation",
    "ReactivatePerson",
    "RevokeToken",
    "SetPassword",
    "blinding_conflict",
    "new_secret",
]

# WebAuthn allows 64 bytes for a user's id, which is the key: system/<handle>.
HANDLE = re.compile(r"[a-z][a-z0-9]*([.-][a-z0-9]+)*")
HANDLE_LENGTH = 50
ACCEPTED_HANDLE = "up to 50 lower-case letters and digits, with single dots or hyphens between them: els.peeters"


@cache
def time_zones() -> list[str]:
    """The IANA time zones that name a place, in order."""
    return [*sorted(name for name in available_timezones() if "/" in name and not name.startswith("Etc/")), "UTC"]


class AccountAction(Action):
    """An action about one account, in the ``system`` log."""

    permission: ClassVar[str] = "person.change"

    handle: str

    @property
    def log(self) -> str:
        return SYSTEM_LOG

    def reads(self) -> Iterable[Read]:
        return (Get("person", Person.key_of(self.handle)),)

    def require(self, tx: Transaction) -> Row:
        return tx.require("person", Person.key_of(self.handle))


def _check_details(tx: Transaction, handle: str, details: dict[str, str]) -> None:
    """Refuse what does not fit; an e-mail address signs people in, so it belongs to one account only."""
    faults = []
    if "name" in details and not details["name"].strip():
        faults.append(Fault("name", _("a person needs a name"), _("the name as the person signs it")))
    if email := details.get("email"):
        try:
            validate_email(email)
        except ValidationError:
            faults.append(Fault("email", _("this is not an e-mail address"), "els.peeters@example.org"))
        if any(row["handle"] != handle for row in tx.find("person", "email", email)):
            faults.append(Fault("email", _("another account has this e-mail address"), _("an address of their own")))
    if details.get("language", "en") not in dict(settings.LANGUAGES):
        faults.append(Fault("language", _("this language is not available"), ", ".join(dict(settings.LANGUAGES))))
    if details.get("timezone", "UTC") not in time_zones():
        faults.append(Fault("timezone", _("there is no such time zone"), _("an IANA name such as Europe/Brussels")))
    if faults:
        raise Invalid(faults)


@dataclass(frozen=True)
class CreatePerson(AccountAction):
    """Open an account. It cannot be entered until its holder has set a password through an invitation."""

    name: ClassVar[str] = "people.create_person"

    handle: str
    full_name: str
    email: str = ""
    language: str = "en"
    timezone: str = "Europe/Brussels"

    def reads(self) -> Iterable[Read]:
        return (*super().reads(), Find("person", "email", self.email.lower()))

    def perform(self, tx: Transaction, actor: Actor) -> Any:
        key = Person.key_of(self.handle)
        if not HANDLE.fullmatch(self.handle) or len(self.handle) > HANDLE_LENGTH:
            raise Invalid([Fault("handle", _("this cannot be a user name"), ACCEPTED_HANDLE)])
        if tx.get("person", key):
            raise Invalid([Fault("handle", _("this user name was given out before"), _("a new one"))])
        details = {
            "name": self.full_name.strip(),
            "email": self.email.strip().lower(),
            "language": self.language,
            "timezone": self.timezone,
        }
        _check_details(tx, self.handle, details)
        tx.put("person", key, handle=self.handle, active=True, **details)
        return {"person": key}


@dataclass(frozen=True)
class ChangePerson(AccountAction):
    """Change what is known of an account; ``None`` leaves a detail as it is. The handle never changes."""

    name: ClassVar[str] = "people.change_person"

    handle: str
    full_name: str | None = None
    email: str | None = None
    language: str | None = None
    timezone: str | None = None
    reason: str = ""

    def perform(self, tx: Transaction, actor: Actor) -> Any:
        row = self.require(tx)
        given = {
            "name": self.full_name and self.full_name.strip(),
            "email": self.email and self.email.strip().lower(),
            "language": self.language,
            "timezone": self.timezone,
        }
        details = {name: value for name, value in given.items() if value is not None}
        _check_details(tx, self.handle, details)
        tx.put("person", row["key"], **details)
        return {"person": row["key"]}


@dataclass(frozen=True)
class ChangeProfile(AccountAction):
    """One's own language and time zone."""

    name: ClassVar[str] = "people.change_profile"
    permission: ClassVar[str] = "account.change"

    handle: str
    language: str
    timezone: str

    def perform(self, tx: Transaction, actor: Actor) -> Any:
        row = _own(self, tx, actor)
        details = {"language": self.language, "timezone": self.timezone}
        _check_details(tx, self.handle, details)
        tx.put("person", row["key"], **details)
        return {"person": row["key"]}


@dataclass(frozen=True)
class DeactivatePerson(AccountAction):
    """Close an account at once: no sign-in, no session, no token. Assignments stay as the record of what was."""

    name: ClassVar[str] = "people.deactivate_person"

    handle: str
    reason: str

    def perform(self, tx: Transaction, actor: Actor) -> Any:
        row = self.require(tx)
        _require_reason(self.reason)
        if self.handle == actor.handle:
            raise Refused(_("Nobody can close their own account: ask another administrator."))
        tx.put("person", row["key"], active=False)
        return {"person": row["key"]}


@dataclass(frozen=True)
class ReactivatePerson(AccountAction):
    """Open a closed account again."""

    name: ClassVar[str] = "people.reactivate_person"

    handle: str
    reason: str

    def perform(self, tx: Transaction, actor: Actor) -> Any:
        row = self.require(tx)
        _require_reason(self.reason)
        tx.put("person", row["key"], active=True)
        return {"person": row["key"]}


@dataclass(frozen=True)
class SetPassword(AccountAction):
    """Set one's own password. The hash stays out of the ledger; that it changed is an entry of the same transaction."""

    name: ClassVar[str] = "people.set_password"
    permission: ClassVar[str] = "account.change"

    handle: str
    password_hash: str = field(repr=False)

    @classmethod
    def to(cls, handle: str, password: str) -> SetPassword:
        return cls(handle, make_password(password))

    def perform(self, tx: Transaction, actor: Actor) -> Any:
        row = _own(self, tx, actor)
        Person(key=row["key"], password=self.password_hash).save(update_fields=["password"])
        tx.subject = f"person:{row['key']}"
        tx.extra["event"] = "password_changed"


def new_secret(short: bool = False) -> tuple[str, str]:
    """A fresh access token and its SHA-256, the only part that is kept.

    ``short``: 32 hexadecimal digits (128 random bits), since clients written for REDCap take nothing else.
    """
    secret = secrets.token_hex(16).upper() if short else f"helmont_{secrets.token_urlsafe(32)}"
    return secret, digest_of(secret)


def digest_of(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


@dataclass(frozen=True)
class CreateToken(AccountAction):
    """A token for one's own account, at most as mighty as its holder. ``digest`` comes from ``new_secret``."""

    name: ClassVar[str] = "people.create_token"
    permission: ClassVar[str] = "account.change"

    handle: str
    label: str
    digest: str
    study: str = ""
    permissions: tuple[str, ...] = ()
    ends: str = ""

    def perform(self, tx: Transaction, actor: Actor) -> Any:
        _own(self, tx, actor)
        faults = []
        if not self.label.strip():
            faults.append(Fault("label", _("the token needs a name"), _("what it is for")))
        if unknown := sorted(set(self.permissions) - PERMISSIONS):
            faults.append(Fault("permissions", f"unknown: {', '.join(unknown)}", ", ".join(sorted(PERMISSIONS))))
        if self.ends and (not is_date(self.ends) or self.ends < tx.today.isoformat()):
            faults.append(Fault("ends", _("this is not a day from today on"), "2027-01-31"))
        if not re.fullmatch(r"[0-9a-f]{64}", self.digest):
            faults.append(Fault("digest", "this is not a SHA-256", "64 hexadecimal digits"))
        if faults:
            raise Invalid(faults)
        key = f"{SYSTEM_LOG}/tokens/{tx.sequence}"
        tx.put(
            "token",
            key,
            person=self.handle,
            label=self.label.strip(),
            digest=self.digest,
            study=self.study,
            permissions=",".join(sorted(self.permissions)),
            ends=self.ends,
        )
        return {"token": key}


@dataclass(frozen=True)
class RevokeToken(AccountAction):
    """End one of one's own tokens at once."""

    name: ClassVar[str] = "people.revoke_token"
    permission: ClassVar[str] = "account.change"

    handle: str
    token: str

    def perform(self, tx: Transaction, actor: Actor) -> Any:
        _own(self, tx, actor)
        row = tx.require("token", self.token)
        if row["person"] != self.handle:
            raise NotFound(f"token:{self.token}")
        tx.put("token", self.token, revoked=True)


def _own(action: AccountAction, tx: Transaction, actor: Actor) -> Row:
    """The actor's own account; somebody else's is not there."""
    if action.handle != actor.handle:
        raise NotFound(f"person:{Person.key_of(action.handle)}")
    return action.require(tx)


def _require_reason(reason: str) -> None:
    if not reason.strip():
        raise Invalid([Fault("reason", _("this change needs a reason"), _("why it is made"))])
