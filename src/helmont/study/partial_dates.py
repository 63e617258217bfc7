"""Dates of which only a part is known, compared without guessing.

A participant remembers "some time in March 2013". That date is kept as ``2013-03``, the form ISO 8601 and SDTM
use, and stands for every day it could be. Two such dates are compared as intervals: when the days they could be
overlap, the answer is unknown (``None``), never a guess.
"""

from __future__ import annotations

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from itertools import pairwise

_ISO = re.compile(r"(\d{4})(?:-(\d{2})(?:-(\d{2})(?:T(\d{2}:\d{2}))?)?)?")
_TIME = re.compile(r"(?:[01]\d|2[0-3]):[0-5]\d")
WHOLLY_UNKNOWN = "UNK"
"""How a date that was asked and of which nothing is known is written."""


@dataclass(frozen=True, slots=True)
class PartialDate:
    """A date whose known parts are a year, a year and month, a full day, or a day and time; or nothing at all.

    ``time`` is ``HH:MM`` and needs a day; ``day`` needs a month; ``month`` needs a year; else ``ValueError``.
    """

    year: int | None
    month: int | None = None
    day: int | None = None
    time: str | None = None

    def __post_init__(self) -> None:
        parts = (self.year, self.month, self.day, self.time)
        if any(smaller is not None and larger is None for larger, smaller in pairwise(parts)):
            raise ValueError(f"{parts}: a smaller part of a date needs the larger ones")
        if self.year is not None:
            date(self.year, self.month or 1, self.day or 1)
        if self.time is not None and not _TIME.fullmatch(self.time):
            raise ValueError(f"{self.time}: not a time between 00:00 and 23:59")

    @classmethod
    def parse(cls, text: str) -> PartialDate:
        """Read ``2013-12-26T09:05``, ``2013-12-26``, ``2013-12``, ``2013`` or ``UNK``; otherwise ``ValueError``."""
        return _parse(text)

    @classmethod
    def of(cls, day: date) -> PartialDate:
        """The complete date of a calendar day."""
        return cls(day.year, day.month, day.day)

    @property
    def complete(self) -> bool:
        """Whether the calendar day is known."""
        return self.day is not None

    def earliest(self) -> date:
        """The first calendar day this can be."""
        return date(self.year, self.month or 1, self.day or 1) if self.year is not None else date.min

    def latest(self) -> date:
        """The last calendar day this can be."""
        if self.year is None:
            return date.max
        month = self.month or 12
        return date(self.year, month, self.day or monthrange(self.year, month)[1])

    def compare(self, other: PartialDate) -> int | None:
        """-1 when surely before ``other``, 1 when surely after, 0 when surely the same; else ``None``.

        Two full days are the same when their days are, unless either carries a time: then both need one.
        """
        if self.latest() < other.earliest():
            return -1
        if self.earliest() > other.latest():
            return 1
        if not (self.complete and other.complete):
            return None
        if self.time == other.time:
            return 0
        if self.time is None or other.time is None:
            return None
        return -1 if self.time < other.time else 1

    def days_until(self, other: PartialDate) -> int | None:
        """Calendar days from this date to ``other`` (0 on the same day), or ``None`` when either day is not known."""
        return (other.earliest() - self.earliest()).days if self.complete and other.complete else None

    def years_until(self, other: PartialDate) -> int | None:
        """Completed years from this date to ``other``, or ``None`` when the known parts leave more than one answer."""
        least = _completed_years(self.latest(), other.earliest())
        most = _completed_years(self.earliest(), other.latest())
        return least if least == most else None

    def __str__(self) -> str:
        if self.year is None:
            return WHOLLY_UNKNOWN
        text = f"{self.year:04d}"
        if self.month is not None:
            text += f"-{self.month:02d}"
        if self.day is not None:
            text += f"-{self.day:02d}"
        return f"{text}T{self.time}" if self.time is not None else text


def _completed_years(start: date, end: date) -> int:
    return end.year - start.year - ((end.month, end.day) < (start.month, start.day))


@lru_cache(maxsize=8192)  # the same dates are read over and over
def _parse(text: str) -> PartialDate:
    if text == WHOLLY_UNKNOWN:
        return PartialDate(None)
    found = _ISO.fullmatch(text)
    if not found or not text.isascii():
        raise ValueError(f"{text}: not a date; write YYYY-MM-DD, YYYY-MM or YYYY")
    year, month, day, time = found.groups()
    return PartialDate(int(year), int(month) if month else None, int(day) if day else None, time)
