"""Two studies side by side: the same trial captured twice, and where the copies differ."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import orjson

from helmont.edc.models import Form
from helmont.exchange.odm.visible import Visible
from helmont.participants.models import Encounter, Participant


@dataclass(frozen=True, slots=True)
class Difference:
    """One place in which the studies differ: ``left`` is what the first holds, ``right`` the second; empty for nothing.

    ``kind`` is participant, status, site, visit, date, form, line or value. Lines of a log are named as in the first study.
    """

    kind: str
    participant: str
    place: str = ""
    item: str = ""
    left: str = ""
    right: str = ""

    def cells(self) -> tuple[str, ...]:
        """The difference as a row of ``FIELDS``."""
        return self.kind, self.participant, self.place, self.item, self.left, self.right


FIELDS = ("kind", "participant", "place", "item", "left", "right")
KINDS = ("participant", "site", "status", "visit", "date", "form", "line", "value")


@dataclass
class Comparison:
    """Counts of everything compared, and the differences as they were found."""

    equal: Counter[str] = field(default_factory=Counter)
    differing: Counter[str] = field(default_factory=Counter)
    only_left: Counter[str] = field(default_factory=Counter)
    only_right: Counter[str] = field(default_factory=Counter)
    by_item: Counter[str] = field(default_factory=Counter)

    def count(self, difference: Difference) -> None:
        side = self.only_right if not difference.left else self.only_left if not difference.right else self.differing
        side[difference.kind] += 1
        if difference.kind == "value":
            parts = difference.place.split("/")  # WEEK_2/VS, LOG/AE/3
            self.by_item[f"{parts[1]}.{base(difference.item)}"] += 1

    def rows(self) -> list[tuple[str, tuple[int, int, int, int]]]:
        """Each kind with how many are equal, differ, and are in one study alone."""
        counters = (self.equal, self.differing, self.only_left, self.only_right)
        found = [(kind, tuple(counter[kind] for counter in counters)) for kind in KINDS]
        return [(kind, (a, b, c, d)) for kind, (a, b, c, d) in found if a or b or c or d]

    def to_dict(self) -> dict[str, Any]:
        names = ("equal", "differing", "only_left", "only_right")
        return {name: dict(sorted(getattr(self, name).items())) for name in names} | {
            "by_item": dict(self.by_item.most_common())
        }


def base(item_key: str) -> str:
    return item_key.rsplit(".", 1)[-1]


def compare_studies(
    left: Visible, right: Visible, forms: Sequence[str] = ()
) -> tuple[Comparison, Iterator[Difference]]:
    """The counts, complete once the differences have been gone through. ``forms`` limits which forms are compared."""
    comparison = Comparison()
    return comparison, _counted(comparison, _differences(comparison, left, right, frozenset(forms)))


def _counted(comparison: Comparison, differences: Iterator[Difference]) -> Iterator[Difference]:
    for one in differences:
        comparison.count(one)
        yield one


def _differences(comparison: Comparison, left: Visible, right: Visible, forms: frozenset[str]) -> Iterator[Difference]:
    ours = {one.number: one for one in left.participants()}
    theirs = {one.number: one for one in right.participants()}
    for number in sorted(ours.keys() | theirs.keys()):
        mine, other = ours.get(number), theirs.get(number)
        if mine is None or other is None:
            yield Difference("participant", number, left="there" if mine else "", right="there" if other else "")
            continue
        comparison.equal["participant"] += 1
        for kind, a, b in (("status", mine.status, other.status), ("site", mine.site, other.site)):
            if a != b:
                yield Difference(kind, number, left=a, right=b)
            else:
                comparison.equal[kind] += 1
        yield from _visits(comparison, mine, other)
        yield from _forms(comparison, left, right, mine, other, forms)


def _visits(comparison: Comparison, mine: Participant, other: Participant) -> Iterator[Difference]:
    there = [
        {one.key.rsplit("/", 1)[1]: one.date for one in Encounter.objects.filter(participant=each, status="begun")}
        for each in (mine, other)
    ]
    for visit in sorted(there[0].keys() | there[1].keys()):
        a, b = there[0].get(visit, ""), there[1].get(visit, "")
        if not a or not b:
            yield Difference("visit", mine.number, visit, left=a, right=b)
        elif a != b:
            yield Difference("date", mine.number, visit, left=a, right=b)
        else:
            comparison.equal["visit"] += 1


Values = Mapping[str, str]


def _forms(
    comparison: Comparison, left: Visible, right: Visible, mine: Participant, other: Participant, forms: frozenset[str]
) -> Iterator[Difference]:
    a, b = _values(left, mine, forms), _values(right, other, forms)
    logs = {place.rsplit("/", 1)[0] for place in (*a, *b) if place.startswith("LOG/")}
    pairs = [(place, place) for place in sorted(a.keys() | b.keys()) if not place.startswith("LOG/")]
    for log in sorted(logs):
        pairs += _paired(_within(log, a), _within(log, b))
    for ours, theirs in pairs:
        kind = "line" if (ours or theirs).startswith("LOG/") else "form"
        if ours not in a or theirs not in b:
            said = (_said(a.get(ours)), _said(b.get(theirs)))
            yield Difference(kind, mine.number, ours if ours in a else theirs, left=said[0], right=said[1])
            continue
        comparison.equal[kind] += 1
        for item in sorted(a[ours].keys() | b[theirs].keys()):
            x, y = a[ours].get(item, ""), b[theirs].get(item, "")
            if x == y:
                comparison.equal["value"] += 1
            else:
                yield Difference("value", mine.number, ours, item, x, y)


def _values(visible: Visible, participant: Participant, forms: frozenset[str]) -> dict[str, Values]:
    """Place (``WEEK_2/VS``, ``LOG/AE/3``) to the visible values, as text."""
    cut = len(participant.key) + 1
    return {
        row.key[cut:]: {
            key: _text(value) for key, value in row.data.items() if not visible.hides(participant, row.form, key)
        }
        for row in Form.objects.filter(participant=participant.key).exclude(status="removed")
        if not forms or row.form in forms
    }


def _within(log: str, forms: Mapping[str, Values]) -> dict[str, Values]:
    return {place: values for place, values in forms.items() if place.startswith(f"{log}/")}


def _paired(a: Mapping[str, Values], b: Mapping[str, Values]) -> list[tuple[str, str]]:
    """Lines that say most nearly the same, each used once; a line without a fellow is paired with nothing ("").

    Lines number themselves in the order in which they were entered, which differs from copy to copy.
    """
    scored = sorted(
        (
            (-_alike(mine, other), abs(int(one.rsplit("/", 1)[1]) - int(two.rsplit("/", 1)[1])), one, two)
            for one, mine in a.items()
            for two, other in b.items()
        ),
    )
    taken: dict[str, str] = {}
    used: set[str] = set()
    for score, _apart, one, two in scored:
        if score < 0 and one not in taken and two not in used and -score * 2 >= min(len(a[one]), len(b[two])):
            taken[one] = two
            used.add(two)
    pairs = [(one, taken.get(one, "")) for one in a]
    return [*pairs, *(("", two) for two in b if two not in used)]


def _alike(mine: Values, other: Values) -> int:
    return sum(1 for item, value in mine.items() if other.get(item) == value)


def _said(values: Values | None) -> str:
    if values is None:
        return ""
    return "; ".join(f"{item}={text}" for item, text in sorted(values.items()))[:500] or "empty"


def _text(value: Any) -> str:
    return value if isinstance(value, str) else orjson.dumps(value, option=orjson.OPT_SORT_KEYS).decode()
