"""Who a session belongs to, for the save path, which does not pass through Django's middleware."""

from __future__ import annotations

import hmac
import random
import threading
import time
from collections.abc import Sequence
from importlib import import_module
from typing import Any

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.auth.signals import user_logged_out
from django.dispatch import receiver

from helmont.core.actions import Outcome
from helmont.core.ledger.store import SYSTEM_LOG
from helmont.core.people.models import Person
from helmont.core.writer import after_commit

TIME_TO_LIVE = 30.0  # seconds for which a sign-out in another process may go unseen, at most
CAPACITY = 5000

_lock = threading.Lock()
_known: dict[str, tuple[float, str]] = {}
_version = 0


def peek_session(session_key: str) -> str | None:
    """The handle as far as it is known without asking the database."""
    stored = _known.get(session_key)
    return stored[1] if stored and time.monotonic() - stored[0] < TIME_TO_LIVE else None


def person_of_session(session_key: str) -> str | None:
    """The handle of the person signed in under ``session_key``; None when nobody is (any more).

    The same checks as Django's: the session has not expired, the account is open, the password has not changed since.
    """
    if known := peek_session(session_key):
        return known
    version = _version
    handle = _read(session_key)
    with _lock:
        if handle is None:
            _known.pop(session_key, None)
        elif version == _version:
            if len(_known) >= CAPACITY:
                _known.clear()
            # Spread, so that people who came together are not all read again together.
            _known[session_key] = (time.monotonic() - random.random() * TIME_TO_LIVE / 2, handle)
    return handle


def _read(session_key: str) -> str | None:
    store = import_module(settings.SESSION_ENGINE).SessionStore(session_key)
    if BACKEND_SESSION_KEY not in store or SESSION_KEY not in store:
        return None
    person = Person.objects.filter(pk=store[SESSION_KEY], active=True).first()
    if person is None:
        return None
    current = person.get_session_auth_hash()
    return person.handle if hmac.compare_digest(str(store.get(HASH_SESSION_KEY, "")), current) else None


def forget_sessions() -> None:
    global _version
    with _lock:
        _version += 1
        _known.clear()


@receiver(user_logged_out)
def _signed_out(sender: Any, request: Any, **_kwargs: Any) -> None:  # noqa: ARG001 - Django's signature
    forget_sessions()


@after_commit
def _account_changed(outcomes: Sequence[Outcome]) -> None:
    if any(outcome.log == SYSTEM_LOG for outcome in outcomes):
        forget_sessions()
