"""Moments as they are written: ISO 8601 with a zone, or whole nanoseconds since 1970."""

from __future__ import annotations

import re
from datetime import UTC, datetime

from helmont.signals.errors import SignalError
from helmont.signals.recording import SECOND

ACCEPTED = "a moment with its zone, as 2026-03-01T08:15:00.25Z, or nanoseconds since 1970"
_FORM = re.compile(r"(\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d)?)(?:\.(\d{1,9}))?(Z|[+-]\d\d:?\d\d)")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def moment(text: object, place: str) -> int:
    """Nanoseconds since 1970, in UTC. Raises ``SignalError`` for a time without its zone."""
    if isinstance(text, int) and not isinstance(text, bool):
        return text
    written = str(text)
    if re.fullmatch(r"\d{1,19}", written, re.ASCII):
        return int(written)
    found = _FORM.fullmatch(written)
    if not found:
        raise SignalError(place, repr(written[:60]), ACCEPTED)
    try:
        whole = datetime.fromisoformat(found[1] + found[3]) - _EPOCH
    except (ValueError, OverflowError):
        raise SignalError(place, repr(written[:60]), ACCEPTED) from None
    return (whole.days * 86_400 + whole.seconds) * SECOND + int((found[2] or "").ljust(9, "0"))


def written(nanoseconds: int) -> str:
    """ISO 8601 in UTC, to the microsecond below."""
    seconds, rest = divmod(nanoseconds, SECOND)
    whole = datetime.fromtimestamp(seconds, UTC).replace(tzinfo=None).isoformat(timespec="seconds")
    return f"{whole}.{rest // 1000:06d}Z"
