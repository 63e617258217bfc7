"""How a study stood at a moment, counted from its records as they were."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from helmont.datasets.casebooks import MISTAKEN
from helmont.edc.items import base_item
from helmont.edc.keys import split_form_key
from helmont.edc.queries.privacy import guarded

ENROLLED = ("enrolled", "completed", "withdrawn")
AGES = (7, 14, 30)
"""Days; open queries are counted up to each of these ages, and older."""
Counts = dict[str, dict[str, dict[str, int]]]


def standing_of(study: str, records: Mapping[str, Mapping[str, Mapping[str, Any]]], time: str) -> Counts:
    """By site: participants and forms by status, participants screened and enrolled by month, queries by status, and open
    ones by the index of their age in ``AGES`` at ``time``. Queries about an item under a privilege are counted by themselves,
    as ``queries allocation`` and ``ages allocation``.
    """
    found: dict[str, dict[str, Counter[str]]] = defaultdict(lambda: defaultdict(Counter))
    sites: dict[str, str] = {}
    for key, person in records["participant"].items():
        if person.get("status") == MISTAKEN:
            continue
        sites[key] = site = person.get("site", "")
        found[site]["participants"][person.get("status", "")] += 1
        month = str(person.get("screened", ""))[:7]
        found[site]["screened"][month] += 1
        found[site]["enrolled"][month] += person.get("status") in ENROLLED
    for key, fields in records["form"].items():
        if (participant := "/".join(key.split("/")[:2])) in sites:
            found[sites[participant]]["forms"][fields.get("status", "")] += 1
    private = guarded(study)
    for key, fields in records["query"].items():
        if (participant := "/".join(key.split("/")[:2])) in sites:
            place = split_form_key(str(fields["form"]))[3], base_item(str(fields.get("item", "")))
            under = "".join(f" {each}" for each in sorted(private.get(place, ())))
            status, site = fields.get("status", ""), sites[participant]
            found[site][f"queries{under}"][status] += 1
            if status == "open":
                found[site][f"ages{under}"][str(_age(fields.get("opened", ""), time))] += 1
    return {site: {name: dict(counts) for name, counts in kinds.items()} for site, kinds in found.items()}


def _age(opened: str, time: str) -> int:
    """Which of ``AGES`` a query had not passed yet; their number when it had passed all."""
    try:
        age = datetime.fromisoformat(time) - datetime.fromisoformat(opened)
    except ValueError:
        return 0
    return sum(age > timedelta(days=days) for days in AGES)
