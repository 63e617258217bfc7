"""The credentials that sign: a passkey with user verification, or user name and password (with the code of the
authenticator app, if the account has one). Two components each time (21 CFR 11.200(a)(1))."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from allauth.account.adapter import get_adapter as get_account_adapter
from allauth.mfa.models import Authenticator
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils.translation import gettext as _
from fido2 import cbor
from fido2.server import Fido2Server
from fido2.utils import websafe_encode
from fido2.webauthn import (
    AttestedCredentialData,
    AuthenticationResponse,
    PublicKeyCredentialRpEntity,
    UserVerificationRequirement,
)

from helmont.core.people.models import Person


class CredentialRefused(Exception):
    """The credential does not hold. ``method`` says which kind it was, ``message`` what to tell the signer."""

    def __init__(self, method: str, message: str) -> None:
        super().__init__(message)
        self.method = method
        self.message = message


def methods(person: Person) -> list[str]:
    """How the person can sign: of ``passkey``, ``password`` and ``password+totp``; empty when there is no way."""
    found = []
    if _passkeys(person):
        found.append("passkey")
    if person.has_usable_password():
        found.append("password+totp" if _totp(person) else "password")
    return found


def begin_passkey(
    request: HttpRequest, person: Person, challenge: bytes
) -> tuple[dict[str, Any] | None, dict[str, Any] | None]:
    """What ``navigator.credentials.get`` needs for ``challenge``, and what to keep until then; None without keys."""
    keys = [data for _authenticator, data in _passkeys(person)]
    if not keys:
        return None, None
    options, state = _server(request).authenticate_begin(
        credentials=keys, user_verification=UserVerificationRequirement.REQUIRED, challenge=challenge
    )
    return dict(options), dict(state)


def check(
    request: HttpRequest, person: Person, credential: Mapping[str, Any], state: dict[str, Any] | None
) -> tuple[str, dict[str, str]]:
    """The method and the proof of a credential that holds; raises ``CredentialRefused``."""
    if assertion := credential.get("passkey"):
        return "passkey", _check_passkey(request, person, assertion, state)
    return _check_password(request, person, credential), {}


def _check_passkey(
    request: HttpRequest, person: Person, assertion: Mapping[str, Any], state: dict[str, Any] | None
) -> dict[str, str]:
    refusal = CredentialRefused("passkey", _("This passkey did not confirm the signature. Nothing was signed."))
    keys = _passkeys(person)
    if state is None or not keys:
        raise refusal
    try:
        response = AuthenticationResponse.from_dict(assertion)
        used = _server(request).authenticate_complete(state, [data for _authenticator, data in keys], response)
    except (ValueError, TypeError, KeyError) as error:
        raise refusal from error
    for authenticator, data in keys:
        if data.credential_id == used.credential_id:
            authenticator.record_usage()
    answer = response.response
    return {
        "credential": websafe_encode(used.credential_id),
        "public_key": websafe_encode(cbor.encode(dict(used.public_key))),
        "authenticator_data": websafe_encode(bytes(answer.authenticator_data)),
        "client_data": websafe_encode(bytes(answer.client_data)),
        "signature": websafe_encode(answer.signature),
    }


def _check_password(request: HttpRequest, person: Person, credential: Mapping[str, Any]) -> str:
    totp = _totp(person)
    method = "password+totp" if totp else "password"
    login = str(credential.get("username") or "").strip().lower()
    password = str(credential.get("password") or "")
    wrong = CredentialRefused(method, _("User name, password or code is not right. Nothing was signed."))
    if login not in {person.handle, person.email or person.handle} or not password:
        raise wrong
    try:
        # allauth's own check, for its limit on the number of attempts.
        right = get_account_adapter(request).reauthenticate(person, password)
    except ValidationError as error:
        raise CredentialRefused(method, " ".join(error.messages)) from error
    if not right or (totp and not totp.wrap().validate_code(str(credential.get("code") or ""))):
        raise wrong
    return method


def _passkeys(person: Person) -> list[tuple[Authenticator, AttestedCredentialData]]:
    found = Authenticator.objects.filter(user_id=person.pk, type=Authenticator.Type.WEBAUTHN)
    return [(key, key.wrap().authenticator_data.credential_data) for key in found]


def _totp(person: Person) -> Authenticator | None:
    found: Authenticator | None = Authenticator.objects.filter(user_id=person.pk, type=Authenticator.Type.TOTP).first()
    return found


def _server(request: HttpRequest) -> Fido2Server:
    host = request.get_host().partition(":")[0]
    origin = f"{request.scheme}://{request.get_host()}"
    # The page that signs is the page that was served; a sibling domain is not.
    return Fido2Server(PublicKeyCredentialRpEntity(id=host, name="Helmont"), verify_origin=lambda o: o == origin)
