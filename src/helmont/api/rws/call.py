"""One request: who asks (HTTP basic authentication with an access token as the password), about which study."""

from __future__ import annotations

import base64
import binascii
import hmac
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from typing import Any

from django.http import HttpRequest

from helmont.api.auth import today_of
from helmont.core.actions import Action, Job
from helmont.core.errors import Fault, Invalid, NotFound, Refused
from helmont.core.people.queries import actor_for_token
from helmont.core.permissions import Actor
from helmont.core.writer import submit
from helmont.standards.odm.names import bare
from helmont.studies.models import Definition, Study
from helmont.studies.queries import compiled, study_for
from helmont.study.compiling import CompiledStudy

CHANNEL = "rws"
ENVIRONMENT = "Prod"
REASON = "Posted by a client of Rave Web Services"
REASON_HEADER = "X-Helmont-Reason"
_STUDY = re.compile(r"([A-Z][A-Z0-9_]{0,39})(?: ?\((\w+)\))?")


class NoCredentials(Refused):
    """The request says nothing of who asks."""

    code, status = "no_credentials", 401


class WrongCredentials(Refused):
    code, status = "wrong_credentials", 401


@dataclass(frozen=True)
class Call:
    """``address`` is the installation's own, for links back to it."""

    actor: Actor
    query: Mapping[str, str]
    address: str
    reason: str = REASON

    @cached_property
    def today(self) -> date:
        return today_of(self.actor)

    def study(self, named: str) -> Study:
        """The study of ``STUDY`` or ``STUDY(Prod)``; raises ``NotFound``. There is one environment."""
        found = _STUDY.fullmatch(named)
        if found is None or (found[2] or ENVIRONMENT).lower() != ENVIRONMENT.lower():
            raise NotFound(named[:60])
        return study_for(self.actor, found[1], self.today)

    @property
    def study_in_query(self) -> Study:
        named = next((value for name, value in self.query.items() if name.lower() in ("studyoid", "studyid")), "")
        return self.study(named)

    @property
    def since(self) -> str:
        """The moment that ``start`` names, as ledger entries write it; empty without one. Raises ``Invalid``."""
        text = self.query.get("start", "")
        try:
            return datetime.fromisoformat(text).isoformat() if text else ""
        except ValueError:
            raise Invalid([Fault("start", f"“{text[:40]}” is not a moment", "2026-11-22T09:30:00")]) from None

    def number(self, name: str, default: int, most: int) -> int:
        text = self.query.get(name, "") or str(default)
        if not (text.isascii() and text.isdecimal() and int(text) <= most):
            raise Invalid([Fault(name, f"“{text[:20]}” is not a number that fits", f"0 to {most}")])
        return int(text)

    def perform(self, action: Action) -> Any:
        return submit(Job(action, self.actor, {"channel": CHANNEL})).result().result


def caller(request: HttpRequest) -> Actor:
    """Whose user name and token this is; raises ``NoCredentials`` or ``WrongCredentials``."""
    scheme, _, encoded = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "basic":
        raise NoCredentials("Authorization Header not provided")
    wrong = WrongCredentials("Incorrect login and password combination.")
    try:
        handle, _, token = base64.b64decode(encoded, validate=True).decode().partition(":")
        actor = actor_for_token(token)
    except (binascii.Error, UnicodeDecodeError, NotFound):
        raise wrong from None
    if not hmac.compare_digest(actor.handle.encode(), handle.encode()):
        raise wrong
    return actor


def study_oid(study: str) -> str:
    return f"{study}({ENVIRONMENT})"


def versions(study: str) -> dict[int, str]:
    """The published versions by the numbers that clients know them by: 1, 2, 3 … in the order of publishing."""
    rows = Definition.objects.filter(study=study).order_by("revision").values_list("version", flat=True)
    return dict(enumerate(rows, start=1))


def version_number(study: str, version: str) -> str:
    return next(str(number) for number, name in versions(study).items() if name == version)


def version_of(study: Study, number: str) -> CompiledStudy:
    """The published version of that number; raises ``NotFound``."""
    found = versions(study.key).get(int(number)) if number.isascii() and number.isdecimal() else None
    if found is None:
        raise NotFound(f"version {number[:20]}")
    return compiled(study.key, found)


def form_named(oid: str) -> str:
    """A form's id, from ``VS`` or ``F.VS``."""
    return bare(oid) if oid.startswith("F.") else oid
