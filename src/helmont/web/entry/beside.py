"""What is said beside the items of a form: queries, comments, who verified and locked what, and which glyphs stand for it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from django.utils.translation import gettext as _

from helmont.coding.models import Coding
from helmont.edc.models import Comment, Query
from helmont.edc.queries.forms import FormView
from helmont.study.model import Item
from helmont.study.outcomes import Outcome
from helmont.web.dates import moment_text
from helmont.web.entry.rights import Rights
from helmont.web.entry.threads import Remark, Thread


@dataclass(frozen=True)
class Mark:
    """One glyph of an item's standing; ``glyph`` only for one outside the list of statuses."""

    status: str
    label: str
    glyph: str = ""


@dataclass
class Beside:
    """What is said about the items, by item key."""

    rights: Rights
    zone: str
    outcome: Outcome
    changed: Mapping[str, str]
    names: Mapping[str, str]
    url: str
    required: Mapping[str, str] = field(default_factory=dict)
    codings: Mapping[str, Coding] = field(default_factory=dict)
    measured: frozenset[str] = frozenset()
    queries: dict[str, list[Query]] = field(default_factory=dict)
    comments: dict[str, list[Comment]] = field(default_factory=dict)


def marks_of(
    view: FormView, beside: Beside, key: str, queries: list[Thread], comments: tuple[Remark, ...]
) -> Iterable[Mark]:
    """What stands at the item's right edge, the most urgent first."""
    if unsettled := [one for one in queries if one.unsettled]:
        waiting = any(one.status == "open" for one in unsettled)
        yield Mark("query" if waiting else "answered", _("Query open") if waiting else _("Query answered"))
    if key in beside.changed:
        yield Mark("changed", _("Changed after completion: %s") % beside.changed[key])
    row = view.row
    if row is not None and key in row.verified:
        by = beside.names.get(row.verified[key]["by"], row.verified[key]["by"])
        at = moment_text(row.verified[key]["at"], beside.zone)
        yield Mark("verified", _("Verified against the source by %(name)s, %(time)s") % {"name": by, "time": at})
    if row is not None and key in row.lapsed and key in view.data:
        mark = row.lapsed[key]
        since = {"name": beside.names.get(mark["by"], mark["by"]), "time": moment_text(mark["at"], beside.zone)}
        yield Mark("due", _("Due again: verified, and changed since by %(name)s, %(time)s") % since)
    if row is not None and key in row.held:
        mark = row.held[key]
        since = {"name": beside.names.get(mark["by"], mark["by"]), "time": moment_text(mark["at"], beside.zone)}
        said = _("Locked by %(name)s, %(time)s") if mark["state"] == "locked" else _("Frozen by %(name)s, %(time)s")
        yield Mark(mark["state"], said % since)
    if row is not None and key in view.data and row.signed in ("valid", "broken"):
        yield (
            Mark("signed", _("Signed")) if row.signed == "valid" else Mark("broken", _("Signature broken by a change"))
        )
    if comments:
        yield Mark("", _("Comments: %d") % len(comments), "info")
    if key in beside.measured:
        yield Mark("", _("Measured by a device"), "link")


def verification_of(view: FormView, beside: Beside, item: Item, key: str) -> str:
    """``done``, ``due`` (the verification plan requires it), ``may`` (another value), or empty for who does not verify."""
    if not beside.rights.verify or view.row is None or key not in view.data:
        return ""
    return "done" if key in view.row.verified else "due" if item.id in beside.required else "may"
