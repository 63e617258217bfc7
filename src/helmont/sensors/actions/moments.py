"""Moments that people and programs give, checked before an action writes them."""

from __future__ import annotations

from zoneinfo import ZoneInfo, available_timezones

from django.utils.translation import gettext as _

from helmont.core.errors import Fault
from helmont.signals.errors import SignalError
from helmont.signals.wire.moments import moment, written


def checked(text: str, place: str, faults: list[Fault]) -> str:
    """The moment as it is kept, in UTC; a fault when there is none."""
    try:
        return written(moment(text, place))
    except (SignalError, OverflowError, OSError):
        faults.append(Fault(place, _("This is not a moment."), "2026-03-01T08:15:00+01:00"))
        return ""


def check_zone(name: str, place: str, faults: list[Fault]) -> None:
    if name not in available_timezones():
        faults.append(Fault(place, _("This is not a time zone."), "Europe/Brussels"))


def zone(name: str) -> ZoneInfo:
    return ZoneInfo(name)
