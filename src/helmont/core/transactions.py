"""One action's view of the record: reads, writes, and the ledger entry that the writes amount to."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from functools import cached_property, lru_cache
from math import inf
from typing import Any
from zoneinfo import ZoneInfo

from helmont.core.errors import Fault, Invalid, NotFound
from helmont.core.records import KEY_LENGTH, Row, record_type
from helmont.core.rows import Rows


@lru_cache(maxsize=4096)
def _offset(timezone: str, hour: datetime) -> str:
    text = hour.astimezone(ZoneInfo(timezone)).strftime("%z")
    return f"{text[:3]}:{text[3:5]}"


def local_offset(timezone: str, moment: datetime) -> str:
    """The offset from UTC, as ±hh:mm, that a clock on the wall showed in ``timezone`` at ``moment``."""
    # Offsets change on quarter hours at the finest, so one look-up serves a quarter of an hour.
    return _offset(timezone, moment.replace(minute=moment.minute // 15 * 15, second=0, microsecond=0))


@dataclass
class Transaction:
    """Reads and writes of one action. Nothing is visible to others until the batch it belongs to has committed.

    ``now`` is UTC; ``today`` is the date on the actor's wall. ``sequence`` is the place that the ledger entry will have;
    ``subject`` the record it is about (``type:key``; otherwise the first one changed); ``extra`` members go into the
    entry as they are.
    """

    rows: Rows
    log: str
    now: datetime
    timezone: str = "UTC"
    sequence: int = 0
    subject: str = ""
    extra: dict[str, Any] = field(default_factory=dict)
    deferred: list[Callable[[], None]] = field(default_factory=list)
    concealed: set[tuple[str, str]] = field(default_factory=set)
    _made: int = 0
    _changed: dict[tuple[str, str], tuple[Row | None, Row]] = field(default_factory=dict)
    _written: dict[str, dict[str, Row]] = field(default_factory=dict)

    @cached_property
    def today(self) -> date:
        return self.now.astimezone(ZoneInfo(self.timezone)).date()

    @property
    def timestamp(self) -> str:
        return format_time(self.now)

    def get(self, name: str, key: str) -> Row | None:
        """The record, with this transaction's own writes; None when there is none. Do not change the row in place."""
        changed = self._changed.get((name, key))
        return changed[1] if changed else self.rows.get(name, key)

    def require(self, name: str, key: str) -> Row:
        """The record; raises ``NotFound`` when there is none."""
        row = self.get(name, key)
        if row is None:
            raise NotFound(f"{name}:{key}")
        return row

    def find(self, name: str, column: str, value: str) -> list[Row]:
        """Every record of type ``name`` whose ``column`` equals ``value``, in key order."""
        keys = self.rows.find(name, column, value)
        if written := self._written.get(name):
            keys = set(keys)
            for key, row in written.items():
                (keys.add if row[column] == value else keys.discard)(key)
        return [self.require(name, key) for key in sorted(keys)]

    def put(self, name: str, key: str, /, **fields: Any) -> Row:
        """Write a record: create it, or change the given fields of it. Returns the row as it is now.

        Raises ``Unaudited`` for a type without a description, ``Invalid`` for text that a column cannot hold.
        """
        kind = record_type(name)
        if key.split("/", 1)[0] != self.log:
            raise ValueError(f"{name}:{key} does not belong to the log {self.log}")
        unknown = fields.keys() - kind.columns.keys()
        if unknown:
            raise ValueError(f"{name} has no field {', '.join(sorted(unknown))}; it has {', '.join(kind.columns)}")
        _refuse_long(f"{name}.key", key, KEY_LENGTH)
        before = self.get(name, key)
        row: Row = {**(before or {"key": key, "revision": 0, **kind.defaults}), **fields}
        for field_name, value in fields.items():
            if type(value) is str and len(value) > kind.lengths.get(field_name, inf):
                _refuse_long(f"{name}.{field_name}", value, kind.lengths[field_name])
        if (name, key) in self._changed:
            self._changed[name, key] = (self._changed[name, key][0], row)
        else:
            self._changed[name, key] = (before, row)
        self._written.setdefault(name, {})[key] = row
        return row

    def defer(self, write: Callable[[], None]) -> None:
        """Call ``write`` inside the database transaction, once rows and entries are written; it may not refuse.

        For what belongs to the change and is no record: secrets of the vault, the blanking of a redacted body.
        """
        self.deferred.append(write)

    def conceal(self, record: str, path: str) -> None:
        """Keep the old value of this change out of the entry: both values of the pair become the new one (redaction)."""
        self.concealed.add((record, path))

    def new_key(self, parent: str) -> str:
        """A key nobody has: ``<parent>/<sequence>-<n>``, the sequence being that of this transaction's entry."""
        self._made += 1
        return f"{parent}/{self.sequence}-{self._made}"

    def create(self, name: str, key: str, /, **fields: Any) -> Row:
        """Write a record under a key from ``new_key``, without looking whether it is there."""
        self.rows.assume_absent(name, key)
        return self.put(name, key, **fields)

    def branch(self) -> Transaction:
        """A transaction over the same rows whose writes are nobody's until they are adopted: what *would* happen."""
        return Transaction(self.rows, self.log, self.now, self.timezone, self.sequence)

    def adopt(self, branch: Transaction) -> None:
        """Make the writes of a branch this transaction's own, which has none yet."""
        if self._changed:
            raise ValueError("a transaction that has written adopts no branch")
        self._changed, self._written, self._made = branch._changed, branch._written, branch._made
        self.concealed, self.deferred = branch.concealed, branch.deferred
        self.subject = self.subject or branch.subject

    def changes(self) -> list[dict[str, Any]]:
        """What this transaction changed, as a ledger entry states it. A new record is stated even if it is empty."""
        changes = []
        for (name, key), (before, after) in self._changed.items():
            difference = record_type(name).difference(before, after)
            if difference or before is None:
                record = f"{name}:{key}"
                for path in [path for other, path in self.concealed if other == record and path in difference]:
                    difference[path] = [difference[path][1]] * 2
                changes.append({"record": record, "set": difference})
        return changes

    def written(self, changes: Iterable[Mapping[str, Any]]) -> Iterator[tuple[str, Row]]:
        """The rows that ``changes`` speak of, as they are now."""
        for change in changes:
            name, _, key = change["record"].partition(":")
            yield name, self._changed[name, key][1]


def refuse_nul(body: bytes, changes: Iterable[Mapping[str, Any]]) -> None:
    """Raise ``Invalid`` where a changed value holds U+0000; ``body`` is the entry that states the changes, as JSON.

    PostgreSQL's text cannot hold that character; refusing it everywhere keeps both databases equal.
    """
    if b"\\u0000" in body:  # or a backslash before u0000, which is harmless
        for change in changes:
            name = change["record"].partition(":")[0]
            for path, (_, new) in change["set"].items():
                _refuse_nul(f"{name}.{path}", new)


def _refuse_nul(place: str, value: Any) -> None:
    if isinstance(value, str):
        if "\x00" in value:
            raise Invalid([Fault(place, "the text contains a NUL character", "text without control characters")])
    elif isinstance(value, Mapping):
        for key, item in value.items():
            _refuse_nul(f"{place}/{key}", item)
    elif isinstance(value, list):
        for item in value:
            _refuse_nul(place, item)


def _refuse_long(place: str, value: str, most: int) -> None:
    # PostgreSQL refuses what is too long for a column, SQLite does not.
    if len(value) > most:
        raise Invalid([Fault(place, f"the text has {len(value)} characters", f"at most {most}")])


def format_time(moment: datetime) -> str:
    """UTC with microseconds, as in every ledger entry: 2026-11-22T09:30:00.123456Z."""
    return moment.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="microseconds") + "Z"
