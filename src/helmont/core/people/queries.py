"""Reading people: who acts in this request, and who works in a study."""

from __future__ import annotations

import hmac
import random
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.http import HttpRequest

from helmont.core.actions import Outcome
from helmont.core.errors import NotFound
from helmont.core.ledger.store import SYSTEM_LOG
from helmont.core.people.actions import digest_of
from helmont.core.people.models import Assignment, Person, Token
from helmont.core.permissions import SYSTEM, Actor, Grant
from helmont.core.roles import ROLES, TASKS
from helmont.core.writer import after_commit

TIME_TO_LIVE = 30.0  # seconds for which another process's change may go unseen, at most
TOKEN_USE_KEPT = timedelta(minutes=5)  # how exactly a token's last use is known


class _Cache:
    """Actors by handle. Emptied when this process changes anything about people; otherwise each lives some seconds."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._actors: dict[str, tuple[float, Actor]] = {}
        self._version = 0

    @property
    def version(self) -> int:
        return self._version

    def get(self, handle: str) -> Actor | None:
        stored = self._actors.get(handle)
        return stored[1] if stored and time.monotonic() - stored[0] < TIME_TO_LIVE else None

    def put(self, handle: str, actor: Actor, version: int) -> None:
        with self._lock:
            # What was read before a change must not outlive it.
            if version == self._version:
                # Spread, so that people who came together are not all read again together.
                self._actors[handle] = (time.monotonic() - random.random() * TIME_TO_LIVE / 2, actor)

    def clear(self) -> None:
        with self._lock:
            self._version += 1
            self._actors = {}


_cache = _Cache()


@after_commit
def _forget(outcomes: Sequence[Outcome]) -> None:
    if any(outcome.log == SYSTEM_LOG or outcome.action.startswith("people.") for outcome in outcomes):
        _cache.clear()


def peek_actor(handle: str) -> Actor | None:
    """The person as far as they are known without asking the database."""
    return _cache.get(handle)


def forget_actors() -> None:
    """Drop every cached actor (for tests, and after a restore)."""
    _cache.clear()


def load_actor(person: str) -> Actor:
    """The person, by handle or key, with every assignment and the rights of an account holder.

    Assignments carry their periods; the actor decides for a date. Raises ``NotFound`` for an unknown or closed account.
    """
    handle = person.removeprefix(f"{SYSTEM_LOG}/")
    if known := _cache.get(handle):
        return known
    version = _cache.version
    row = Person.objects.filter(handle=handle, active=True).first()
    if row is None:
        raise NotFound(f"person:{Person.key_of(handle)}")
    grants = [
        Grant(a.role, a.study, a.country, a.site, a.starts, a.ends)
        for a in Assignment.objects.filter(person=handle).order_by("key")
        if a.role in ROLES
    ]
    actor = Actor(handle, (*grants, Grant("account_holder", SYSTEM)), row.timezone, row.language)
    _cache.put(handle, actor, version)
    return actor


def actor_for_request(request: HttpRequest) -> Actor:
    """The signed-in person. Raises ``NotFound`` when nobody is signed in."""
    user = request.user
    if not isinstance(user, Person):
        raise NotFound("person")
    return load_actor(user.handle)


def actor_for_token(secret: str) -> Actor:
    """The holder of an access token, narrowed to the token's study and permissions.

    A token is never in charge of its holder's account. Raises ``NotFound`` for a token that is unknown, revoked or past
    its last day, and when the account is closed.
    """
    digest = digest_of(secret)
    token = Token.objects.filter(digest=digest, revoked=False).first()
    now = datetime.now(UTC)
    if token is None or not hmac.compare_digest(token.digest, digest):
        raise NotFound("token")
    holder = load_actor(token.person)
    if token.ends and token.ends < now.date().isoformat():
        raise NotFound("token")
    if token.last_used is None or now - token.last_used > TOKEN_USE_KEPT:
        token.last_used = now
        token.save(update_fields=["last_used"])
    only = frozenset(token.permissions.split(",")) if token.permissions else None
    grants = tuple(
        Grant(grant.role, token.study or grant.study, grant.country, grant.site, grant.starts, grant.ends, only)
        for grant in holder.grants
        if grant.study != SYSTEM and (not token.study or grant.study in ("*", token.study))
    )
    return Actor(holder.handle, grants, holder.timezone, holder.language)


@dataclass(frozen=True)
class Staff:
    """One assignment and its person, as a delegation log lists them. ``standing``: future, active or ended."""

    key: str
    handle: str
    name: str
    role: str
    study: str
    country: str
    site: str
    starts: str
    ends: str
    tasks: tuple[str, ...]
    by: str
    standing: str

    @property
    def role_title(self) -> Any:
        return ROLES[self.role].title

    @property
    def first_day(self) -> date | None:
        return date.fromisoformat(self.starts) if self.starts else None

    @property
    def last_day(self) -> date | None:
        return date.fromisoformat(self.ends) if self.ends else None

    @property
    def task_titles(self) -> list[Any]:
        return [TASKS.get(task, task) for task in self.tasks]


def _standing(assignment: Assignment, today: str) -> str:
    if assignment.ends and assignment.ends < today:
        return "ended"
    return "future" if assignment.starts > today else "active"


def staff(study: str = "", site: str = "", person: str = "") -> list[Staff]:
    """Assignments of a study, a site or a person, newest first; those of the past included.

    Whether one stands is told by the clock of the person who has it, as rights are.
    """
    filters = {name: value for name, value in (("study", study), ("site", site), ("person", person)) if value}
    assignments = list(Assignment.objects.filter(**filters))
    people = Person.objects.filter(handle__in={a.person for a in assignments} | {a.delegated_by for a in assignments})
    found = {each.handle: each for each in people.only("handle", "name", "timezone")}
    names = {handle: each.name for handle, each in found.items()}
    now = datetime.now(UTC)
    today = {handle: now.astimezone(ZoneInfo(each.timezone)).date().isoformat() for handle, each in found.items()}
    rows = [
        Staff(
            key=a.key,
            handle=a.person,
            name=names.get(a.person, a.person),
            role=a.role,
            study=a.study,
            country=a.country,
            site=a.site,
            starts=a.starts,
            ends=a.ends,
            tasks=tuple(task for task in TASKS if a.tasks.get(task)),
            by=names.get(a.delegated_by, a.delegated_by),
            standing=_standing(a, today.get(a.person, now.date().isoformat())),
        )
        for a in assignments
    ]
    return sorted(rows, key=lambda row: (row.starts, row.key), reverse=True)
