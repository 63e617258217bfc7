"""Sign-ins, sign-outs and authenticators as Django and allauth announce them, each entered in the ledger."""

from __future__ import annotations

from typing import Any

from allauth.account.internal.flows.login import get_authentication_records
from allauth.mfa import signals as mfa
from django.contrib.auth.signals import user_logged_in, user_logged_out
from django.dispatch import receiver
from django.http import HttpRequest

from helmont.core.errors import NotFound
from helmont.core.people.events import (
    HELMONT,
    AccountEvent,
    AddAuthenticator,
    FailSignIn,
    RemoveAuthenticator,
    ResetAuthenticator,
    SignIn,
    SignOut,
)
from helmont.core.people.models import Person
from helmont.core.people.queries import load_actor
from helmont.core.writer import perform

WEB = {"channel": "web"}


def _enter(event: AccountEvent) -> None:
    try:
        actor = load_actor(event.handle)
    except NotFound:  # the account was closed meanwhile
        actor = HELMONT
    perform(event, actor, source=WEB)


@receiver(user_logged_in)
def signed_in(request: HttpRequest, user: Person, **_kwargs: Any) -> None:
    steps = [str(step.get("type") or step["method"]) for step in get_authentication_records(request, user)]
    _enter(SignIn(user.handle, "+".join(steps)))


@receiver(user_logged_out)
def signed_out(user: Person | None, **_kwargs: Any) -> None:
    if user is not None:
        _enter(SignOut(user.handle))


@receiver(mfa.authentication_failed)
def second_factor_failed(user: Person, authenticator: Any = None, **_kwargs: Any) -> None:
    perform(FailSignIn(user.handle, str(authenticator.type) if authenticator else "mfa"), HELMONT, source=WEB)


@receiver(mfa.authenticator_added)
def authenticator_added(user: Person, authenticator: Any, **_kwargs: Any) -> None:
    _enter(AddAuthenticator(user.handle, str(authenticator.type)))


@receiver(mfa.authenticator_removed)
def authenticator_removed(user: Person, authenticator: Any, **_kwargs: Any) -> None:
    _enter(RemoveAuthenticator(user.handle, str(authenticator.type)))


@receiver(mfa.authenticator_reset)
def authenticator_reset(user: Person, authenticator: Any, **_kwargs: Any) -> None:
    _enter(ResetAuthenticator(user.handle, str(authenticator.type)))
