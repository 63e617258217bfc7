"""What an amendment means for one participant: read off the very writes that carry it out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from helmont.core.records import Row
from helmont.core.transactions import Transaction
from helmont.edc.actions.amending.outcome import Amended, Kept, Moved
from helmont.edc.items import base_item, privileges
from helmont.edc.keys import split_form_key
from helmont.edc.workflows import OPEN_QUERY
from helmont.study.routes import Routes

ACTIVE = frozenset({"screening", "enrolled"})
COUNTED = (
    "moved",
    "converted",
    "unfit",
    "former_forms",
    "asked",
    "asked_forms",
    "asked_visits",
    "signatures",
    "reviews",
    "verifications",
    "opened",
    "closed",
    "queries_moved",
    "reconsent",
)
"""What is counted for each participant, in reading order."""


@dataclass(frozen=True)
class QueryChange:
    """A query that is opened, closed or moved: where it is, and the check that raised it ("" = a person)."""

    form: str
    item: str
    rule: str


@dataclass(frozen=True)
class Impact:
    """Everything that happens to one participant. Forms are named by their keys, items by item keys."""

    participant: str
    number: str
    country: str
    site: str
    source: str
    target: str
    moved: Sequence[Moved] = ()
    kept: Sequence[Kept] = ()
    asked: Mapping[str, Sequence[str]] = field(default_factory=dict)
    asked_forms: Sequence[str] = ()
    asked_visits: Sequence[str] = ()
    signatures: Sequence[str] = ()
    reviews: Sequence[str] = ()
    verifications: Sequence[tuple[str, str]] = ()
    opened: Sequence[QueryChange] = ()
    closed: Sequence[QueryChange] = ()
    queries_moved: Sequence[QueryChange] = ()
    reconsent: bool = False

    @property
    def converted(self) -> list[Moved]:
        return [one for one in self.moved if one.was != one.now]

    @property
    def unfit(self) -> list[Kept]:
        """Values that somebody has to decide about."""
        return [one for one in self.kept if one.item and not one.settled]

    @property
    def former_forms(self) -> list[Kept]:
        return [one for one in self.kept if not one.item]

    def counts(self) -> dict[str, int]:
        """How many of each, those that are none left out."""
        found = {name: getattr(self, name) for name in COUNTED if name != "asked"}
        sizes = {name: int(value) if isinstance(value, bool) else len(value) for name, value in found.items()}
        sizes["asked"] = sum(len(items) for items in self.asked.values())
        return {name: sizes[name] for name in COUNTED if sizes[name]}

    def without(self, hidden: Iterable[tuple[str, str]]) -> Impact:
        """The impact without anything about these items (form id, item id): what may be stored, or shown to a person."""
        gone = set(hidden)

        def shown(form: str, item: str) -> bool:
            return (split_form_key(form)[3], base_item(item)) not in gone

        return Impact(
            **{
                **vars(self),
                "moved": [m for m in self.moved if shown(m.form, m.item) and shown(m.to_form, m.to_item)],
                "kept": [k for k in self.kept if shown(k.form, k.item)],
                "asked": {f: kept for f, items in self.asked.items() if (kept := [i for i in items if shown(f, i)])},
                "verifications": [pair for pair in self.verifications if shown(*pair)],
                **{
                    name: [q for q in getattr(self, name) if shown(q.form, q.item)]
                    for name in ("opened", "closed", "queries_moved")
                },
            }
        )

    def places(self) -> dict[str, str]:
        """``WEEK_2/VS.SYSBP`` -> why, for each value that does not fit."""
        return {place_of(one.form, one.item): one.why.message_id if one.why else "" for one in self.unfit}


def place_of(form: str, item: str) -> str:
    """A value's place within its participant: ``WEEK_2/VS.SYSBP``."""
    return f"{form.split('/', 2)[2]}.{item}"


def guarded_items(routes: Routes) -> set[tuple[str, str]]:
    """Form and item ids that either version puts under a privilege."""
    return {
        (name, item)
        for study in (routes.old, routes.new)
        for name, form in study.forms.items()
        for item in privileges(form)
    }


def impact_of(tx: Transaction, participant: Row, source: str, routes: Routes, amended: Amended) -> Impact:
    """The impact, once the participant has been brought under ``participant["definition"]`` in ``tx``."""
    forms, queries = _changes(tx)
    encounters = tx.find("encounter", "participant", participant["key"])
    amendment = routes.new.study.amendment
    who = amendment.reconsent.who if amendment and amendment.reconsent else ""
    return Impact(
        participant=participant["key"],
        number=participant["number"],
        country=participant["country"],
        site=participant["site"],
        source=source,
        target=participant["definition"],
        moved=amended.moved,
        kept=amended.kept,
        asked=amended.asked,
        asked_forms=[key for row in encounters for key in _new_forms(tx, row, routes)],
        asked_visits=_new_visits(participant, encounters, routes),
        signatures=[key for key, change in forms if change.get("signed", [None])[0] == "valid"],
        reviews=[
            key for key, change in forms if any(p.startswith("reviewed/") and v[1] is None for p, v in change.items())
        ],
        verifications=list(_lapsed(forms, amended)),
        opened=[query for query, was, now in queries if now in OPEN_QUERY and was not in OPEN_QUERY],
        closed=[query for query, was, now in queries if was in OPEN_QUERY and now not in OPEN_QUERY],
        queries_moved=[query for query, was, now in queries if was == now],
        reconsent=_consents(who, participant["status"]),
    )


def _changes(
    tx: Transaction,
) -> tuple[list[tuple[str, Mapping[str, Any]]], list[tuple[QueryChange, str | None, str | None]]]:
    forms, queries = [], []
    for change in tx.changes():
        kind, _, key = change["record"].partition(":")
        if kind == "form":
            forms.append((key, change["set"]))
        elif kind == "query":
            row = tx.require("query", key)
            was, now = change["set"].get("status", (row["status"], row["status"]))
            queries.append((QueryChange(row["form"], row["item"], row["rule"]), was, now))
    return forms, queries


def _lapsed(forms: Sequence[tuple[str, Mapping[str, Any]]], amended: Amended) -> Iterator[tuple[str, str]]:
    """Verifications that end: not those that went along with their value."""
    for key, change in forms:
        for path, (old, new) in change.items():
            item = path.removeprefix("verified/")
            if item != path and old is not None and new is None and (key, item) not in amended.carried_marks:
                yield key, item


def _new_forms(tx: Transaction, encounter: Row, routes: Routes) -> Iterator[str]:
    """Forms that a visit which took place asks for now, and did not ask for before even as a part of another form."""
    if encounter["status"] != "begun" or encounter["oid"] not in routes.new.encounters:
        return
    was = routes.visits_before.get(encounter["oid"], encounter["oid"])
    before = routes.old.expected_forms(was) if was in routes.old.encounters else ()
    for form in routes.new.expected_forms(encounter["oid"]):
        asked_before = form in before or any(form in routes.targets(name) for name in before)
        if not asked_before and tx.get("form", f"{encounter['key']}/{form}") is None:
            yield f"{encounter['key']}/{form}"


def _new_visits(participant: Row, encounters: Iterable[Row], routes: Routes) -> list[str]:
    if participant["status"] not in ACTIVE:
        return []
    there = {row["oid"] for row in encounters}
    return [
        oid
        for oid, planned in routes.new.encounters.items()
        if routes.visits_before.get(oid, oid) not in routes.old.encounters and oid not in there and not planned.optional
    ]


def _consents(who: str, status: str) -> bool:
    return who == "all" or (who == "active" and status in ACTIVE) or (who == "enrolled" and status == "enrolled")
