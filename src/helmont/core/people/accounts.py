"""How allauth and our people meet: nobody signs up, a person row changes through actions only, secrets are encrypted.

An account is opened by ``CreatePerson`` and entered through an invitation: a link, good for three days and one use,
under which its holder sets a password. A forgotten password is renewed through the same link.
"""

from __future__ import annotations

import base64
import hmac
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.forms import default_token_generator
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from cryptography.fernet import Fernet
from django.conf import settings
from django.http import HttpRequest
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import override

from helmont.core.ledger.store import SYSTEM_LOG
from helmont.core.people.actions import SetPassword
from helmont.core.people.events import HELMONT, FailSignIn
from helmont.core.people.models import Person
from helmont.core.people.queries import load_actor
from helmont.core.writer import perform

WEB = {"channel": "web"}


def password_path(person: Person) -> str:
    """The path under which the person sets a password: void once used, after a sign-in, or after three days."""
    return reverse("people:password", args=[person.handle, default_token_generator.make_token(person)])


def person_for_password(handle: str, token: str) -> Person | None:
    """Whose password the link sets; None when it is spent, expired or false, or the account is closed."""
    person = Person.objects.filter(handle=handle, active=True).first()
    return person if person and default_token_generator.check_token(person, token) else None


def set_password(person: Person, password: str) -> None:
    """Set the person's password, with its ledger entry; ``person`` holds the new hash afterwards."""
    action = SetPassword.to(person.handle, password)
    perform(action, load_actor(person.handle), source=WEB)
    person.password = action.password_hash


def invite(person: Person, request: HttpRequest) -> str:
    """Send the person an invitation, in their language. Returns the link, to hand over when there is no e-mail."""
    link = request.build_absolute_uri(password_path(person))
    if person.email:
        with override(person.language):
            AccountAdapter(request).send_mail(
                "account/email/invitation", person.email, {"user": person, "password_url": link}
            )
    return link


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]  # allauth is untyped
    """No open sign-up; passwords by action; failed sign-ins in the ledger."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def set_password(self, user: Person, password: str) -> None:
        set_password(user, password)

    def get_reset_password_from_key_url(self, key: str) -> str:
        # key is "<user's key>-<time>-<hash>"; allauth's own address cannot hold a key with a slash in it.
        user_key, moment, digest = key.rsplit("-", 2)
        path = reverse("people:password", args=[user_key.removeprefix(f"{SYSTEM_LOG}/"), f"{moment}-{digest}"])
        link: str = self.request.build_absolute_uri(path)
        return link

    def send_password_reset_mail(self, user: Person, email: str, context: dict[str, Any]) -> None:
        with override(user.language):
            super().send_password_reset_mail(user, email, context)

    def format_email_subject(self, subject: str) -> str:
        return subject

    def get_password_change_redirect_url(self, request: HttpRequest) -> str:
        return reverse("people:profile")

    def authentication_failed(self, request: HttpRequest, **credentials: Any) -> None:
        record_failure(str(credentials.get("username") or credentials.get("email") or ""), "password")


def record_failure(login: str, method: str) -> None:
    """Enter a failed sign-in; what was typed as a name is kept only when it is one."""
    login = login.strip().lower()
    person = login and (Person.objects.filter(handle=login) | Person.objects.filter(email=login)).first()
    perform(FailSignIn(person.handle if person else "", method), HELMONT, source=WEB)


class SocialAccountAdapter(DefaultSocialAccountAdapter):  # type: ignore[misc]
    """Single sign-on opens the account of the person whose e-mail address the provider vouches for, and no other."""

    def is_open_for_signup(self, request: HttpRequest, sociallogin: Any) -> bool:
        return False

    def pre_social_login(self, request: HttpRequest, sociallogin: Any) -> None:
        if sociallogin.is_existing:
            return
        person = _vouched_for(sociallogin)
        if person is None:
            record_failure("", "socialaccount")
            page = render(request, "account/signup_closed.html", {"reason": _refusal()}, status=403)
            raise ImmediateHttpResponse(page)
        sociallogin.user = person
        sociallogin.account.user = person
        sociallogin.account.save()


def _vouched_for(sociallogin: Any) -> Person | None:
    addresses = {a.email.strip().lower() for a in sociallogin.email_addresses if a.verified and a.email}
    people = list(Person.objects.filter(email__in=addresses, active=True)) if addresses else []
    return people[0] if len(people) == 1 else None


def _refusal() -> str:
    return _("Nobody here has an account with the e-mail address that your organisation confirmed.")


class MFAAdapter(DefaultMFAAdapter):  # type: ignore[misc]
    """Secrets of authenticator apps and recovery codes are stored encrypted under the installation's secret key."""

    def get_totp_issuer(self) -> str:
        return "Helmont"

    def encrypt(self, text: str) -> str:
        return _cipher().encrypt(text.encode()).decode()

    def decrypt(self, encrypted_text: str) -> str:
        return _cipher().decrypt(encrypted_text.encode()).decode()


def _cipher() -> Fernet:
    key = hmac.digest(settings.SECRET_KEY.encode(), b"helmont.authenticators", "sha256")
    return Fernet(base64.urlsafe_b64encode(key))
