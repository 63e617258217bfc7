"""Whether the database still says what was written: `helmont ledger verify`.

For each log: every entry in its place, its body canonical and hashing to its leaf, its look-up columns saying what the
body says; every tile and every signed checkpoint following from the leaves; every old value the one that was there
before; and **every row of every audited table equal to the fold of the entries**. Each difference is named. Reading
happens in one snapshot, so people go on working meanwhile.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

import orjson
from django.db import connection

from helmont.core.ledger import checkpoints, store
from helmont.core.ledger.residues import Residues, read_residues
from helmont.core.ledger.tlog.fold import Fold, same
from helmont.core.ledger.tlog.merkle import HASH_SIZE
from helmont.core.ledger.tlog.notes import Checkpoint, NoteError
from helmont.core.ledger.tlog.tiles import TileId, Tree
from helmont.core.records import RecordType, record_types
from helmont.core.rows import fetch_all

FETCH = 2000
SHOWN = 60
_CANONICAL = orjson.OPT_SORT_KEYS | orjson.OPT_STRICT_INTEGER
_ENTRIES = f"SELECT {store.ENTRY_COLUMNS} FROM ledger_entry WHERE log = %s ORDER BY sequence"

Progress = Callable[[str, int, int], None]
"""Called with the log, how many of its entries were examined, and how many there are."""


@dataclass(frozen=True, slots=True)
class LedgerFault:
    """One thing that is not as it was written. ``kind``: log, entry, tile, checkpoint, redaction, fold or row."""

    kind: str
    place: str
    message: str

    def __str__(self) -> str:
        return f"{self.place}: {self.message}"


@dataclass
class Report:
    """``values`` counts the item values under audit: ``data`` of forms, as the fold holds it."""

    logs: list[str] = field(default_factory=list)
    entries: int = 0
    redacted: int = 0
    records: int = 0
    values: int = 0
    checkpoints: int = 0
    faults: list[LedgerFault] = field(default_factory=list)
    seconds: float = 0.0

    @property
    def clean(self) -> bool:
        return not self.faults

    def fault(self, kind: str, place: str, message: str) -> None:
        self.faults.append(LedgerFault(kind, place, message))


def verify(logs: Iterable[str] | None = None, progress: Progress | None = None) -> Report:
    """Verify the given logs, or all. Raises ``ValueError`` for a log that does not exist."""
    started = time.perf_counter()
    report = Report()
    with store.snapshot():
        known = store.log_names()
        report.logs = known if logs is None else list(logs)
        for log in report.logs:
            if log not in known:
                raise ValueError(f"there is no log {log!r}; there are: {', '.join(known)}")
        seen: dict[str, int] = {}
        for log in report.logs:
            _verify_log(log, report, seen, progress)
        if logs is None:
            _find_strays(report, seen)
    report.seconds = time.perf_counter() - started
    return report


def _verify_log(log: str, report: Report, seen: dict[str, int], progress: Progress | None) -> None:
    size = store.log_size(log)
    tiles = _read_tiles(log)
    follower = _Follower(log, size, read_residues(log), tiles, report)
    for number, row in enumerate(_rows(log), start=1):
        follower.entry(row)
        if progress and not number % FETCH:
            progress(log, number, size)
    follower.close()
    if progress:
        progress(log, size, size)
    report.entries += size
    _verify_tree(log, follower.leaves, tiles, report)
    for fault in follower.fold.faults:
        held, given = _shown(fault.expected), _shown(fault.found)
        report.fault(
            "fold",
            f"{log} entry {fault.sequence}: {fault.record}",
            f"{fault.path}: the old value is given as {given}, the entries before it leave {held}",
        )
    report.values += sum(
        path.startswith("data/")
        for record, fields in follower.fold.state.items()
        if record.startswith("form:")
        for path in fields
    )
    _verify_state(log, follower, report, seen)


def _rows(log: str) -> Iterator[tuple[Any, ...]]:
    with connection.chunked_cursor() as cursor:
        cursor.execute(_ENTRIES, [log])
        while rows := cursor.fetchmany(FETCH):
            yield from rows


class _Follower:
    """Goes through the entries of one log in order and keeps leaves, fold and the last change of each record."""

    def __init__(self, log: str, size: int, residues: Residues, tiles: dict[TileId, bytes], report: Report) -> None:
        self.log, self.size, self.residues, self.tiles, self.report = log, size, residues, tiles, report
        self.fold = Fold()
        self.leaves: list[bytes] = []
        self.revisions: dict[str, int] = {}
        self._owners = {name: kind.participant for name, kind in record_types().items() if kind.participant}

    def fault(self, sequence: int, message: str, kind: str = "entry") -> None:
        self.report.fault(kind, f"{self.log} entry {sequence}", message)

    def entry(self, row: tuple[Any, ...]) -> None:
        _, sequence, moment, actor, action, record, participant, stored_leaf, text = row
        leaf = bytes(stored_leaf)
        if sequence != len(self.leaves):
            self._gap(sequence)
        self.leaves.append(leaf)
        if sequence >= self.size:
            self.fault(sequence, f"beyond the log's size of {self.size}", "log")
        if not text:
            content = self._redacted(sequence)
            if content is None:
                self.fold.skip()
                return
        else:
            body = text.encode()
            if sha256(b"\x00" + body).digest() != leaf:
                self.fault(sequence, "the body does not hash to its leaf")
            try:
                content = orjson.loads(body)
                if orjson.dumps(content, option=_CANONICAL) != body:
                    self.fault(sequence, "the body is not canonical JSON")
            except (orjson.JSONDecodeError, orjson.JSONEncodeError) as error:
                self.fault(sequence, f"the body is not JSON of the ledger: {error}")
                return
        try:
            self.fold.apply(content)
            for change in content["changes"]:
                self.revisions[change["record"]] = sequence
            said = (content["log"], content["sequence"], content["time"], content["actor"], content["action"])
            about = content["record"]
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            self.fault(sequence, f"the body is not an entry: {type(error).__name__} {error}")
            return
        if said != (self.log, sequence, moment, actor, action) or about != record:
            self._columns(sequence, (*said, about), (self.log, sequence, moment, actor, action, record))
        owner = self._owner(about)
        if owner != participant:
            self.fault(sequence, f"column participant holds {_shown(participant)}, the ledger says {_shown(owner)}")

    def close(self) -> None:
        if len(self.leaves) < self.size:
            self._gap(self.size)

    def _gap(self, until: int) -> None:
        first, last = len(self.leaves), until - 1
        self.fault(first, "missing" if first == last else f"missing, and all up to entry {last}")
        self.fold.skip()
        # The tree's own leaf hashes stand in, so that what follows the gap can still be judged.
        for sequence in range(first, until):
            tile = self.tiles.get(TileId(0, sequence >> 8), b"")
            offset = (sequence & 255) * HASH_SIZE
            self.leaves.append(tile[offset : offset + HASH_SIZE].ljust(HASH_SIZE, b"\x00"))

    def _redacted(self, sequence: int) -> dict[str, Any] | None:
        self.report.redacted += 1
        by = self.residues.by.get(sequence)
        if by is None or by <= sequence:
            self.fault(sequence, "the body is empty, and no later entry says that it was redacted", "redaction")
        return self.residues.bodies.get(sequence)

    def _columns(self, sequence: int, said: tuple[Any, ...], held: tuple[Any, ...]) -> None:
        for name, says, holds in zip(("log", "sequence", "time", "actor", "action", "record"), said, held, strict=True):
            if says != holds:
                self.fault(sequence, f"column {name} holds {_shown(holds)}, the body says {_shown(says)}")

    def _owner(self, record: str) -> str:
        name, _, key = record.partition(":")
        column = self._owners.get(name)
        if column is None:
            return ""
        fields = self.fold.state.get(record)
        if fields is None:
            return ""
        return key if column == "key" else str(fields.get(column, ""))


def _read_tiles(log: str) -> dict[TileId, bytes]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT level, idx, hashes FROM ledger_tile WHERE log = %s", [log])
        return {TileId(level, index): bytes(hashes) for level, index, hashes in cursor.fetchall()}


class _NoTiles:
    """A tree that is built from its first leaf on asks for no tile."""

    def get(self, level: int, index: int) -> bytes:
        raise LookupError(f"tile {level}/{index} was not built here")


def _verify_tree(log: str, leaves: list[bytes], stored: dict[TileId, bytes], report: Report) -> None:
    """Build the tree anew; compare its tiles with the stored ones, its roots with the checkpoints."""
    tree = Tree(_NoTiles())
    built: dict[TileId, bytes] = {}
    for size, place, note in sorted(_notes(log)):
        report.checkpoints += 1
        if not tree.size <= size <= len(leaves):
            report.fault("checkpoint", place, f"it was signed at {size} entries; the log has {len(leaves)}")
            continue
        built |= tree.append(leaves[tree.size : size])
        try:
            checkpoint = Checkpoint.open(note, [checkpoints.signer(log).verifier])
        except NoteError as error:
            report.fault("checkpoint", place, str(error))
            continue
        if (checkpoint.origin, checkpoint.size) != (checkpoints.origin(log), size):
            report.fault("checkpoint", place, f"it is of {checkpoint.origin} at {checkpoint.size}")
        elif checkpoint.root != tree.root():
            signed, found = checkpoint.root.hex(), tree.root().hex()
            report.fault(
                "checkpoint", place, f"the root signed at {size} entries is {signed}, the entries lead to {found}"
            )
    built |= tree.append(leaves[tree.size :])
    for tile in sorted(built.keys() | stored.keys()):
        should, holds = built.get(tile, b""), stored.get(tile, b"")
        if should != holds:
            report.fault("tile", f"{log} tile {tile.level}/{tile.number}", _tile_difference(tile, should, holds))


def _tile_difference(tile: TileId, should: bytes, holds: bytes) -> str:
    if not should or not holds:
        return "missing" if should else "there is no such tile in a log of this size"
    for place in range(0, max(len(should), len(holds)), HASH_SIZE):
        if should[place : place + HASH_SIZE] != holds[place : place + HASH_SIZE]:
            break
    number = tile.number * 256 + place // HASH_SIZE
    what = f"entry {number}" if tile.level == 0 else f"tile {tile.level - 1}/{number}"
    found = holds[place : place + HASH_SIZE].hex() or "nothing"
    return f"the hash of {what} is {found}, the entries lead to {should[place : place + HASH_SIZE].hex() or 'nothing'}"


def _notes(log: str) -> Iterator[tuple[int, str, str]]:
    """Size, place and text of every checkpoint in the database, and of every copy outside that differs from it."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT size, note FROM ledger_checkpoint WHERE log = %s", [log])
        stored = dict(cursor.fetchall())
    for size, note in stored.items():
        yield size, f"{log} checkpoint at {size}", note
    for path in checkpoints.copies(log).glob("*.txt"):
        note = path.read_text(encoding="utf-8")
        if path.stem.isdecimal() and stored.get(int(path.stem)) != note:
            yield int(path.stem), f"{log} checkpoint copy {path.name}", note


def _verify_state(log: str, follower: _Follower, report: Report, seen: dict[str, int]) -> None:
    state, revisions = follower.fold.state, follower.revisions
    for name, kind in record_types().items():
        count = 0
        for row in fetch_all(kind, log):
            count += 1
            record = f"{name}:{row['key']}"
            revision = revisions.pop(record, None)
            folded = state.pop(record, {})
            place = f"{kind.table} {row['key']}"
            if revision is None:
                report.fault("row", place, "no entry of the ledger speaks of this row")
                continue
            paths = kind.paths(row)
            if paths != folded or any(map(_is_bool_or_number, paths.values())):
                for path in sorted(paths.keys() | folded.keys()):
                    if not same(paths.get(path), folded.get(path)) and follower.fold.certain(record, path):
                        holds, says = _shown(paths.get(path)), _shown(folded.get(path))
                        report.fault("row", place, f"{path} holds {holds}, the ledger says {says}")
            if row["revision"] != revision:
                report.fault(
                    "row", place, f"revision holds {row['revision']}, the ledger's last change of it is {revision}"
                )
        seen[name] = seen.get(name, 0) + count
        report.records += count
    types = record_types()
    for record in revisions:
        name, _, key = record.partition(":")
        table = types[name].table if name in types else f"record type {name}"
        report.fault("row", f"{table} {key}", "the row is missing; the ledger says it is there")


def _is_bool_or_number(value: Any) -> bool:
    # In Python true equals 1; in JSON it does not.
    return isinstance(value, int)


def _find_strays(report: Report, seen: dict[str, int]) -> None:
    """Rows whose key belongs to no log at all."""
    for name, kind in record_types().items():
        with connection.cursor() as cursor:
            cursor.execute(f'SELECT count(*) FROM "{kind.table}"')
            if cursor.fetchone()[0] != seen.get(name, 0):
                _name_strays(kind, report)


def _name_strays(kind: RecordType, report: Report) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f'SELECT "key" FROM "{kind.table}"')
        for (key,) in cursor.fetchall():
            if key.split("/", 1)[0] not in report.logs:
                report.fault("row", f"{kind.table} {key}", "there is no log by the name its key begins with")


def _shown(value: Any) -> str:
    if value is None:
        return "nothing"
    text = orjson.dumps(value).decode()
    return text if len(text) <= SHOWN else text[: SHOWN - 1] + "…"
