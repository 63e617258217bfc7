"""The state of a log is the fold of its changes; this follows one entry after the other and reports broken links.

A change is `{"record": r, "set": {path: [old, new]}}`. `old` must be what the fold holds; `new` replaces it, and null
removes the path. Map fields have one path per key (`data/SYSBP`), so every path stands for itself.

The changes of a redacted entry are unknown. From there on a path whose `old` differs from the fold may have been set by
that entry: it is counted as `unverifiable`, once, and the chain goes on from the value the entry names.
"""

from collections.abc import Mapping
from typing import Any, NamedTuple

from .canonical import JSON


class FoldFault(NamedTuple):
    """An entry's `old` value is not what the entries before it left behind."""

    sequence: int
    record: str
    path: str
    expected: JSON
    found: JSON

    def __str__(self) -> str:
        return (
            f"entry {self.sequence}: {self.record} {self.path}: the old value is given as {self.found!r}, "
            f"the entries before it leave {self.expected!r}"
        )


class Fold:
    """State after the entries applied so far. A record without values is not in `state`."""

    def __init__(self) -> None:
        self.state: dict[str, dict[str, JSON]] = {}
        self.faults: list[FoldFault] = []
        self.unverifiable = 0
        self._redacted = False
        self._known: set[tuple[str, str]] = set()  # paths set since the last redacted entry

    def apply(self, entry: Mapping[str, Any]) -> None:
        """Follow a well-formed entry. A wrong `old` goes to `faults`, and the new value is taken all the same."""
        for change in entry.get("changes", ()):
            record = change["record"]
            fields = self.state.setdefault(record, {})
            for path, (old, new) in change["set"].items():
                expected = fields.get(path)
                # Nearly every value is text or nothing, and equal: those need no closer look.
                if expected is not old and not (type(old) is str and expected == old) and not same(expected, old):
                    if self._redacted and (record, path) not in self._known:
                        self.unverifiable += 1
                    else:
                        self.faults.append(FoldFault(entry["sequence"], record, path, expected, old))
                if new is None:
                    fields.pop(path, None)
                else:
                    fields[path] = new
                if self._redacted:
                    self._known.add((record, path))
            if not fields:
                del self.state[record]

    def skip(self) -> None:
        """Pass over an entry whose body was redacted."""
        self._redacted = True
        self._known.clear()

    def certain(self, record: str, path: str) -> bool:
        """Whether the value of a path is proven, which no redacted entry can have changed since."""
        return not self._redacted or (record, path) in self._known


def same(one: JSON, other: JSON) -> bool:
    """Equal as JSON: unlike in Python, true is not 1."""
    if type(one) is not type(other):
        return False
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(same(value, other[key]) for key, value in one.items())
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(same, one, other))
    return one == other
