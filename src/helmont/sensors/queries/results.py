"""Digital endpoints of a participant, as they stand."""

from __future__ import annotations

from helmont.sensors.models import Computed, EndpointResult


def results_of(
    participant: str, window: str | None = None, since: int | None = None, until: int | None = None
) -> list[EndpointResult]:
    """The results of a participant whom the person may see, in the order of time; of one kind of window, of times that meet one.

    ``since`` and ``until`` are microseconds since 1970.
    """
    rows = EndpointResult.objects.filter(participant=participant).order_by("start", "endpoint", "version")
    if window is not None:
        rows = rows.filter(window=window)
    if since is not None:
        rows = rows.filter(end__gt=since)
    if until is not None:
        rows = rows.filter(start__lt=until)
    return list(rows)


def computed_at(participant: str) -> str:
    """When the participant's endpoints were computed last (UTC); "" before the first time."""
    return Computed.objects.filter(participant=participant).values_list("computed", flat=True).first() or ""
