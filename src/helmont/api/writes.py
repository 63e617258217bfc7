"""Carrying out an action for a request: the channel, the idempotency key, the answer."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from concurrent.futures import Future
from typing import Any

from django.http import HttpRequest

from helmont.api.auth import actor_of, today_of
from helmont.core.actions import Action, Job, Outcome
from helmont.core.errors import Fault, Invalid, NotFound
from helmont.core.permissions import Actor
from helmont.core.writer import submit
from helmont.studies.queries import study_for

HEADER = "Idempotency-Key"
_is_token = re.compile(r"[\x21-\x7e]{1,100}").fullmatch


def checked_token(token: str) -> str:
    """The idempotency key of a request, empty when it has none; raises ``Invalid`` for one that is no key."""
    if token and not _is_token(token):
        raise Invalid([Fault(HEADER, "this is not an idempotency key", "1 to 100 printable ASCII characters")])
    return token


def digest_request(path: str, body: bytes) -> str:
    """What a repeated request has to repeat."""
    return hashlib.sha256(path.encode("utf-8", "surrogatepass") + b"\0" + body).hexdigest()


def check_study(actor: Actor, action: Action) -> None:
    """Raise ``NotFound`` for an action in a study that is not the person's, before it can take anybody's turn."""
    study = action.log
    today = today_of(actor)
    if study not in actor.studies(today):
        study_for(actor, study, today)


def carry_out(request: HttpRequest, action: Action) -> dict[str, Any]:
    """Perform the action; returns its result with ``sequence``. Raises ``Refused``."""
    [answer] = carry_out_all(request, [action])
    if isinstance(answer, Exception):
        raise answer
    return answer


def carry_out_all(request: HttpRequest, actions: Sequence[Action]) -> list[dict[str, Any] | Exception]:
    """Perform the actions, each for itself; returns for each its result with ``sequence``, or what refused it."""
    actor = actor_of(request)
    source = {"channel": request.helmont_channel}  # type: ignore[attr-defined]  # set by helmont.api.auth
    token = checked_token(request.headers.get(HEADER, ""))
    digest = digest_request(request.path, request.body) if token else ""
    waiting: list[Future[Outcome] | Exception] = []
    for ordinal, action in enumerate(actions):
        # The parts of a bulk request are repeated together, so each has the request's key and its own place.
        part = token if not token or len(actions) == 1 else hashlib.sha256(f"{token} {ordinal}".encode()).hexdigest()
        try:
            check_study(actor, action)
        except NotFound as refusal:
            waiting.append(refusal)
        else:
            waiting.append(submit(Job(action, actor, source, part, digest)))
    return [found if isinstance(found, Exception) else _answer(found) for found in waiting]


def _answer(future: Future[Outcome]) -> dict[str, Any] | Exception:
    if error := future.exception():
        return error if isinstance(error, Exception) else RuntimeError(str(error))
    outcome = future.result()
    result = outcome.result if isinstance(outcome.result, dict) else {"key": outcome.result}
    return {**result, "sequence": outcome.sequence}
