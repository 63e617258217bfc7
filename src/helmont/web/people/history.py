"""What happened to an account, out of the ledger, in words."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from django.utils.text import capfirst
from django.utils.translation import get_language_info
from django.utils.translation import gettext_lazy as _

from helmont.core.ledger.models import Entry
from helmont.core.ledger.store import StoredEntry
from helmont.core.people.models import Person
from helmont.core.records import record_type
from helmont.web.audit.words import method_title, value_title

MOST = 100
LANGUAGES = {code: str(get_language_info(code)["name_local"]).capitalize() for code, _name in settings.LANGUAGES}

EVENTS: dict[str, Any] = {
    "people.create_person": _("Account created"),
    "people.change_person": _("Account changed"),
    "people.change_profile": _("Profile changed"),
    "people.deactivate_person": _("Account closed"),
    "people.reactivate_person": _("Account opened again"),
    "people.set_password": _("Password changed"),
    "people.sign_in": _("Signed in"),
    "people.sign_out": _("Signed out"),
    "people.fail_sign_in": _("Sign-in failed"),
    "people.fail_signature": _("Signature failed"),
    "people.add_authenticator": _("Authenticator added"),
    "people.remove_authenticator": _("Authenticator removed"),
    "people.reset_authenticator": _("Recovery codes made anew"),
}


@dataclass(frozen=True)
class Happening:
    """One entry: what, by whom, when (UTC), how, and the values that changed."""

    title: Any
    actor: str
    time: str
    method: str
    reason: str
    changes: list[tuple[str, str, str]]
    sequence: int

    @property
    def moment(self) -> datetime:
        return datetime.fromisoformat(self.time)


def history(handle: str, log: str) -> list[Happening]:
    """The latest entries about an account, newest first; at most a hundred."""
    entries = Entry.objects.filter(log=log, record=f"person:{Person.key_of(handle)}").order_by("-sequence")[:MOST]
    return [_happening(entry) for entry in entries]


def _happening(entry: Entry) -> Happening:
    stored = StoredEntry(
        entry.log,
        entry.sequence,
        entry.time,
        entry.actor,
        entry.action,
        entry.record,
        entry.participant,
        bytes(entry.leaf),
        entry.body,
    )
    content = stored.content
    meta = record_type("person").model._meta
    changes = [
        (capfirst(str(meta.get_field(path).verbose_name)), _value(path, old), _value(path, new))  # type: ignore[union-attr]  # columns of the person all have names
        for change in content.get("changes", [])
        for path, (old, new) in change["set"].items()
    ]
    return Happening(
        EVENTS.get(entry.action, entry.action),
        entry.actor,
        entry.time,
        method_title(content.get("method", "")),
        content.get("reason", ""),
        changes,
        entry.sequence,
    )


def _value(name: str, value: Any) -> str:
    """What an account held, in words; a language by its own name, "" for nothing."""
    if value is None:
        return ""
    return LANGUAGES.get(value, value) if name == "language" else value_title(name, value)
