"""What happens to accounts without a record of them changing: sign-ins, sign-outs, new authenticators, failures.

Each leaves an entry in the ``system`` log. A password, or a name under which nobody has an account (people type
passwords there), never does.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

from helmont.core.actions import Action
from helmont.core.errors import NotFound
from helmont.core.ledger.store import SYSTEM_LOG
from helmont.core.people.models import Person
from helmont.core.permissions import Actor, service
from helmont.core.transactions import Transaction

HELMONT = service("helmont", "system")


class AccountEvent(Action):
    """An event of one account (or, without ``handle``, of none). ``method`` is how: password, webauthn, totp, …"""

    permission: ClassVar[str] = "account.change"
    event: ClassVar[str]

    handle: str
    method: str

    @property
    def log(self) -> str:
        return SYSTEM_LOG

    def perform(self, tx: Transaction, actor: Actor) -> Any:
        if actor.handle not in (self.handle, HELMONT.handle):
            raise NotFound(f"person:{Person.key_of(self.handle)}")
        if self.handle:
            tx.subject = f"person:{tx.require('person', Person.key_of(self.handle))['key']}"
        tx.extra["event"] = self.event
        if self.method:
            tx.extra["method"] = self.method


@dataclass(frozen=True)
class SignIn(AccountEvent):
    name: ClassVar[str] = "people.sign_in"
    event: ClassVar[str] = "signed_in"

    handle: str
    method: str = ""


@dataclass(frozen=True)
class SignOut(AccountEvent):
    name: ClassVar[str] = "people.sign_out"
    event: ClassVar[str] = "signed_out"

    handle: str
    method: str = ""


@dataclass(frozen=True)
class FailSignIn(AccountEvent):
    """A sign-in that was refused; ``handle`` is empty when there is no such account."""

    name: ClassVar[str] = "people.fail_sign_in"
    event: ClassVar[str] = "sign_in_failed"

    handle: str
    method: str = ""


@dataclass(frozen=True)
class AddAuthenticator(AccountEvent):
    name: ClassVar[str] = "people.add_authenticator"
    event: ClassVar[str] = "authenticator_added"

    handle: str
    method: str = ""


@dataclass(frozen=True)
class RemoveAuthenticator(AccountEvent):
    name: ClassVar[str] = "people.remove_authenticator"
    event: ClassVar[str] = "authenticator_removed"

    handle: str
    method: str = ""


@dataclass(frozen=True)
class ResetAuthenticator(AccountEvent):
    """Recovery codes were made anew."""

    name: ClassVar[str] = "people.reset_authenticator"
    event: ClassVar[str] = "authenticator_reset"

    handle: str
    method: str = ""


@dataclass(frozen=True)
class FailSignature(AccountEvent):
    """A signature was attempted with a credential that did not hold (21 CFR 11.300(d))."""

    name: ClassVar[str] = "people.fail_signature"
    event: ClassVar[str] = "signature_failed"

    handle: str
    method: str = ""
