"""What holds a value still: a lock on its item, form, participant, site or study.

A *frozen* place is closed to the site: data management opens it again. A *locked* one is closed to everybody until somebody
of a higher role unlocks it. A narrower lock is never weaker for a wider one being open, nor the other way round: whichever
holds is named in the refusal, the widest first, with who set it and when.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from helmont.core.errors import Refused
from helmont.core.records import Row
from helmont.core.rows import Get, Read
from helmont.core.transactions import Transaction
from helmont.edc.workflows import EDITABLE

PLACES = ("study", "site", "participant")
LEVELS = (*PLACES, "form", "item")
HELD = frozenset({"frozen", "locked"})


@dataclass(frozen=True, slots=True)
class Hold:
    """One lock in force. ``place`` is a site's or participant's number, or an item key; "" for the study and the form."""

    level: str
    state: str
    place: str = ""
    by: str = ""
    at: str = ""
    reason: str = ""

    @property
    def what(self) -> str:
        """The place in words, as a sentence begins."""
        match self.level:
            case "study":
                return _("The study")
            case "site":
                return _("Site %s") % self.place
            case "participant":
                return _("Participant %s") % self.place
            case "form":
                return _("This form")
            case _:
                return _("The item %s") % self.place

    def __str__(self) -> str:
        said = _("%(what)s is locked") if self.state == "locked" else _("%(what)s is frozen")
        parts = [said % {"what": self.what}]
        if self.by:
            when = f"{self.at[:10]} {self.at[11:16]} UTC"
            parts.append(_("by %(who)s since %(when)s") % {"who": self.by, "when": when})
        return ", ".join(parts) + (f": {self.reason.rstrip('.')}" if self.reason else "")

    def refusal(self) -> Refused:
        """What somebody who runs into the lock is told."""
        way_out = (
            _("Only somebody who may unlock can open it.")
            if self.state == "locked"
            else _("Ask the data manager to open it.")
        )
        named = {"level": self.level, "place": self.place, "by": self.by, "at": self.at}
        return Refused(f"{self}. {way_out}", lock=self.state, **named)


def lock_key(study: str, level: str, place: str = "") -> str:
    """``STUDY/locks/study``, ``STUDY/locks/site/701``, ``STUDY/locks/participant/01-701-1015``."""
    return f"{study}/locks/{level}/{place}" if place else f"{study}/locks/{level}"


def lock_reads(study: str, site: str = "", participant: str = "") -> Iterable[Read]:
    """What ``wide_holds`` will read."""
    yield Get("lock", lock_key(study, "study"))
    if site:
        yield Get("lock", lock_key(study, "site", site))
    if participant:
        yield Get("lock", lock_key(study, "participant", participant))


def hold_of(row: Row | None) -> Hold | None:
    """The hold that a lock's row stands for, if it is in force."""
    if row is None or row["state"] not in HELD:
        return None
    return Hold(row["level"], row["state"], row["place"], row["by"], row["at"], row["reason"])


def wide_holds(tx: Transaction, site: str = "", participant: str = "") -> Iterator[Hold]:
    """The locks in force on the study of the transaction, a site and a participant (by their numbers)."""
    for read in lock_reads(tx.log, site, participant):
        if isinstance(read, Get) and (hold := hold_of(tx.get("lock", read.key))):
            yield hold


def form_hold(row: Row | None) -> Hold | None:
    """The lock on a form itself."""
    if row is None or row["lock"] in EDITABLE:
        return None
    mark = row["locked"]
    return Hold("form", row["lock"], "", mark.get("by", ""), mark.get("at", ""), mark.get("reason", ""))


def item_holds(row: Row | None, items: Iterable[str]) -> Iterator[Hold]:
    """The locks on these items of a form."""
    for item in items:
        if row is not None and (mark := row["held"].get(item)):
            yield Hold("item", mark["state"], item, mark["by"], mark["at"], mark["reason"])


def refuse_held(
    tx: Transaction,
    participant: Row | None,
    form: Row | None = None,
    items: Iterable[str] = (),
    *,
    states: frozenset[str] = HELD,
    site: str = "",
) -> None:
    """Raise ``Refused`` when a lock in one of ``states`` holds the place: the site of a participant, a form, its items."""
    place = (participant["site"], participant["number"]) if participant else (site, "")
    own = form_hold(form)
    for hold in (*wide_holds(tx, *place), *([own] if own else []), *item_holds(form, items)):
        if hold.state in states:
            raise hold.refusal()


def refuse_still(tx: Transaction, site: str, participant: str) -> None:
    """What the room of participants asks before it changes anything at a place."""
    for hold in wide_holds(tx, site, participant):
        raise hold.refusal()


def without_held(row: Row, data: dict[str, Any]) -> dict[str, Any]:
    """The values with those of locked items as they stand in the row."""
    if not row["held"]:
        return data
    kept = {key: value for key, value in data.items() if key not in row["held"]}
    return kept | {key: row["data"][key] for key in row["held"] if key in row["data"]}
