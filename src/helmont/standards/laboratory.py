"""What a result file of any format holds, in one shape, and the words in which laboratories state a status."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal
from typing import Literal

from helmont.study.faults import Fault

Status = Literal["final", "preliminary", "corrected", "cancelled"]
MAX_BYTES = 20_000_000
MAX_RESULTS = 200_000
_RESULT = re.compile(r"(?P<comparator>[<>]=?)?\s*(?P<value>[+-]?\d{1,15}(?:\.\d{1,15})?)", re.ASCII)


class UnreadableFile(ValueError):
    """The file as a whole cannot be read; ``fault`` says where and why."""

    def __init__(self, fault: Fault) -> None:
        super().__init__(str(fault))
        self.fault = fault


@dataclass(frozen=True, slots=True)
class LabResult:
    """One result as the laboratory sent it: ``line`` (from 1) and ``place`` say where it stands in the file.

    ``value`` is the text of the result without its comparator; ``codes`` are the names of the test, the likeliest first.
    """

    line: int
    place: str
    participant: str
    visit: str
    collected: date | None
    time: str
    codes: tuple[str, ...]
    value: str
    comparator: str
    unit: str
    status: Status
    fasting: bool | None = None
    reference: str = ""

    @property
    def number(self) -> Decimal | None:
        found = _RESULT.fullmatch(self.value)
        return Decimal(found["value"]) if found else None


def split_comparator(text: str) -> tuple[str, str]:
    """``<0.2`` as ``("<", "0.2")``; a text that is no number beyond a range is left as it is."""
    found = _RESULT.fullmatch(text.strip())
    if not found or not found["comparator"]:
        return "", text.strip()
    return found["comparator"][0], found["value"]


def read_moment(text: str) -> tuple[date, str] | None:
    """Day and time (``HH:MM``, or empty) of ISO 8601 or an HL7 time stamp; the zone is that of the place of collection."""
    text = text.strip()
    compact = re.fullmatch(r"(\d{8})(?:(\d{2})(\d{2})(?:\d{2}(?:\.\d{1,4})?)?)?(?:[+-]\d{4})?", text, re.ASCII)
    try:
        if compact:
            day = date(int(compact[1][:4]), int(compact[1][4:6]), int(compact[1][6:]))
            return day, f"{time(int(compact[2]), int(compact[3])):%H:%M}" if compact[2] else ""
        if re.fullmatch(r"\d{4}-\d{2}-\d{2}", text, re.ASCII):
            return date.fromisoformat(text), ""
        moment = datetime.fromisoformat(text)
        return moment.date(), f"{moment:%H:%M}"
    except ValueError:
        return None
