"""Whether a text gives away who a participant is: compared inside the vault, which says what it found and never the words.

An aid, not a proof: it finds what the vault knows, as it is usually written. A person still looks.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from datetime import date
from functools import lru_cache
from hashlib import sha256

from babel.dates import get_month_names
from django.conf import settings

from helmont.core.vault import store
from helmont.core.vault.actions import place_of
from helmont.core.vault.models import Identity
from helmont.core.vault.sealing import unseal

SHORTEST_NAME, SHORTEST_NUMBER = 3, 6
_WORDS = re.compile(r"[^\W\d_]+")


def traces(participant: str, text: str) -> list[str]:
    """The fields of the participant's identity (``name``, ``birth_date``, …) that the text holds; none once it was erased."""
    row = Identity.objects.filter(participant=participant).first()
    key = store.participant_key(participant) if row is not None and row.fields else None
    if row is None or key is None:
        return []
    secrets, found = store.read_secrets(participant), []
    for name, vouched in row.fields.items():
        sealed = secrets.get(name, b"")
        known = (
            unseal(key, sealed, place_of(participant, name)) if sha256(sealed).hexdigest() == vouched["sha256"] else b""
        )
        if known and gives_away(name, known.decode(), text):
            found.append(name)
    return sorted(found)


def gives_away(field: str, known: str, text: str) -> bool:
    """Whether ``text`` holds a field's value: any word of a name, a date in its usual spellings, a number's digits."""
    folded = fold(text)
    if field in ("name", "contact"):
        there = set(_WORDS.findall(folded))
        return any(word in there for word in _WORDS.findall(fold(known)) if len(word) >= SHORTEST_NAME)
    if field == "birth_date":
        return any(spelling in folded for spelling in _spellings(known))
    digits = re.sub(r"\D", "", known)
    if field in ("national_id", "hospital_id", "telephone") and len(digits) >= SHORTEST_NUMBER:
        return digits in re.sub(r"[\s./()+-]", "", folded)
    whole = " ".join(fold(known).split())
    return len(whole) >= SHORTEST_NAME and whole in " ".join(folded.split())


def fold(text: str) -> str:
    """The text without case and accents, so that Zoë and ZOE are one."""
    apart = unicodedata.normalize("NFKD", text.casefold())
    return "".join(sign for sign in apart if not unicodedata.combining(sign))


def _spellings(known: str) -> Iterator[str]:
    """A date as people and machines write it."""
    try:
        day = date.fromisoformat(known.strip())
    except ValueError:
        yield fold(known.strip())
        return
    for mark in "-/. ":
        for one, two in ((f"{day.day:02}", f"{day.month:02}"), (str(day.day), str(day.month))):
            yield f"{one}{mark}{two}{mark}{day.year}"
            yield f"{two}{mark}{one}{mark}{day.year}"
            yield f"{day.year}{mark}{two}{mark}{one}"
    yield f"{day.year}{day.month:02}{day.day:02}"
    yield f"{day.day:02}{day.month:02}{day.year}"
    for name in _months(day.month):
        yield f"{day.day} {name} {day.year}"
        yield f"{day.day}. {name} {day.year}"
        yield f"{name} {day.day}, {day.year}"


@lru_cache
def _months(month: int) -> tuple[str, ...]:
    codes = [code for code, _name in settings.LANGUAGES]
    return tuple(
        {
            fold(name)
            for code in codes
            for width in ("wide", "abbreviated")
            for name in (
                get_month_names(width, "format", code)[month],
                get_month_names(width, "format", code)[month].rstrip("."),
            )
        }
    )
