"""Handing a log to somebody who need not trust us: a folder, and a program of one file that checks it.

What the reader may not see is withheld entry by entry: only the leaf hash goes out, so the tree still verifies, and the
verifier counts what it could not follow.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, ClassVar

import orjson

from helmont.core.actions import Action
from helmont.core.errors import NotFound
from helmont.core.ledger import checkpoints, store, verifier
from helmont.core.ledger.residues import Residues, read_residues
from helmont.core.ledger.store import StoredEntry
from helmont.core.ledger.tlog.notes import Checkpoint
from helmont.core.permissions import Actor
from helmont.core.records import record_types
from helmont.core.rows import fetch_all
from helmont.core.transactions import Transaction

Withhold = Callable[[str, str], str | None]
"""Record (``form:STUDY/…``) and path (``data/DOSE``) to the privilege that the reader lacks for it, or None."""
About = Callable[[str], bool]
"""Whether a record (``form:STUDY/…``) is one that the export is about."""
Beside = Callable[[Checkpoint], None] | None
ELSEWHERE = "elsewhere"  # why an entry about other records is withheld


@dataclass(frozen=True, slots=True)
class Exported:
    """What an export holds."""

    entries: int
    withheld: int
    redacted: int
    records: int


@dataclass(frozen=True)
class ExportLedger(Action):
    """Put into the ledger that somebody takes a copy of it. The copy itself is made by ``export`` afterwards."""

    name: ClassVar[str] = "ledger.export"
    permission: ClassVar[str] = "ledger.export"
    study: str
    reason: str = ""

    @property
    def log(self) -> str:
        return self.study

    def perform(self, tx: Transaction, actor: Actor) -> Any:
        tx.extra["export"] = {"entries": tx.sequence + 1}
        return tx.sequence + 1


def show_everything(_record: str, _path: str) -> str | None:
    """For a reader with every privilege."""
    return None


def all_records(_record: str) -> bool:
    """For an export of the whole log."""
    return True


def export(
    log: str, folder: Path, *, withhold: Withhold = show_everything, about: About = all_records, beside: Beside = None
) -> Exported:
    """Write ``entries.jsonl``, ``state.jsonl``, ``checkpoint``, ``key.txt``, ``verifier.py`` and ``README.txt``.

    Of entries that touch a record which the export is not ``about``, only the leaf goes out. ``beside`` is called with
    the checkpoint while the database is still seen as it was then, to write more of the same moment.

    Everything is of one moment, that of the checkpoint, which is made now if the log has grown. Raises ``ValueError``
    for a log without entries, ``FileExistsError`` when the folder holds something already.
    """
    folder.mkdir(parents=True, exist_ok=True)
    if any(folder.iterdir()):
        raise FileExistsError(f"{folder}: not empty; an export needs a folder of its own")
    checkpoints.make_checkpoint(log)
    with store.snapshot():
        note = checkpoints.latest_checkpoint(log)
        size = store.log_size(log)
        if parse_note(note).size != size:
            # Somebody saved in between; the snapshot is taken, so sign exactly what it shows.
            tree, _ = store.open_tree(log, size)
            note = Checkpoint(checkpoints.origin(log), size, tree.root()).sign(checkpoints.signer(log))
        with (folder / "entries.jsonl").open("wb") as file:
            withheld, redacted = _write_entries(log, size, file, withhold, about)
        with (folder / "state.jsonl").open("wb") as file:
            records = _write_state(log, file, withhold, about)
        if beside is not None:
            beside(parse_note(note))
    (folder / "checkpoint").write_text(note, encoding="utf-8")
    (folder / "key.txt").write_text(checkpoints.verifier_key(log) + "\n", encoding="utf-8")
    shutil.copyfile(verifier.__file__, folder / "verifier.py")
    (folder / "README.txt").write_text(README.format(log=log, entries=size, records=records), encoding="utf-8")
    return Exported(size, withheld, redacted, records)


def parse_note(note: str) -> Checkpoint:
    """The checkpoint that a signed note states; its signature is not checked."""
    return Checkpoint.parse(note.rpartition("\n\n")[0] + "\n")


def _write_entries(log: str, size: int, file: BinaryIO, withhold: Withhold, about: About) -> tuple[int, int]:
    residues = read_residues(log)
    withheld = redacted = 0
    for entry in store.read_entries(log, 0, size):
        line = _line(entry, residues, withhold, about)
        withheld += "withheld" in line
        redacted += "redacted_by" in line
        file.write(orjson.dumps(line) + b"\n")
    return withheld, redacted


def _line(entry: StoredEntry, residues: Residues, withhold: Withhold, about: About) -> dict[str, Any]:
    content = entry.content or residues.bodies.get(entry.sequence, {})
    privilege = next(filter(None, (withhold(*place) for place in _places(content))), None)
    if not privilege and not all(map(about, {entry.record, *(record for record, _path in _places(content))})):
        privilege = ELSEWHERE
    if privilege:
        # Of the records of this export that it changed the names are told, so that all others can be followed past it.
        line = {"sequence": entry.sequence, "leaf": entry.leaf.hex(), "withheld": privilege}
        touches = sorted({record for record, _path in _places(content) if about(record)})
        return line | {"touches": touches} if content else line
    if entry.body:
        return {"sequence": entry.sequence, "body": entry.body}
    line = {"sequence": entry.sequence, "leaf": entry.leaf.hex(), "redacted_by": residues.by.get(entry.sequence)}
    return {**line, "residue": content} if content else line


def _places(content: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Record and path of every value in an entry, those it restates of redacted entries included."""
    for change in content.get("changes", ()):
        for path in change["set"]:
            yield change["record"], path
    for part in content.get("residue", ()):
        yield from _places(part["body"])


def _write_state(log: str, file: BinaryIO, withhold: Withhold, about: About) -> int:
    records = 0
    for name, kind in record_types().items():
        for row in fetch_all(kind, log):
            record = f"{name}:{row['key']}"
            if not about(record):
                continue
            fields = {path: value for path, value in kind.paths(row).items() if not withhold(record, path)}
            file.write(orjson.dumps({"record": record, "fields": fields}) + b"\n")
            records += 1
    return records


def prove(log: str, sequence: int) -> dict[str, Any]:
    """The proof that one entry is in the log, as ``verifier.py --proof`` reads it.

    Raises ``NotFound`` for an entry that does not exist or whose body was redacted.
    """
    entry = store.read_entry(log, sequence)
    if entry is None or not entry.body:
        raise NotFound(f"{log} entry {sequence}")
    note = checkpoints.make_checkpoint(log)
    size = parse_note(note).size
    return {
        "checkpoint": note,
        "key": checkpoints.verifier_key(log),
        "sequence": sequence,
        "body": entry.body,
        "inclusion": [value.hex() for value in store.prove_inclusion(log, sequence, size)],
    }


def consistency(log: str, old: int, new: int | None = None) -> dict[str, Any]:
    """The proof that the log of ``new`` entries (now, if not given) begins with that of ``old`` entries.

    Raises ``ValueError`` unless 0 <= old <= new <= the entries there are.
    """
    tree, _ = store.open_tree(log)
    size = tree.size if new is None else new
    return {
        "log": checkpoints.origin(log),
        "old": old,
        "new": size,
        "old_root": tree.root(old).hex(),
        "new_root": tree.root(size).hex(),
        "consistency": [value.hex() for value in tree.consistency_proof(old, size)],
    }


README = """The audit trail of {log}: {entries} entries, {records} records

Everything in this folder can be checked without Helmont and without trusting whoever made it. On a computer with
Python 3.11 or later, in this folder:

    python3 verifier.py . --state state.jsonl

verifier.py   the program; it is one file and uses nothing but Python itself. Read it, or take it from elsewhere.
entries.jsonl every entry in order: who changed what, when, in which role, from which old value to which new, and why.
state.jsonl   the data as it stood in the tables; the program checks that it is exactly what the entries lead to.
checkpoint    how many entries there are and the root of their tree of hashes, signed.
key.txt       the public key that the signature is checked with.

A key and a checkpoint from inside this folder show only that the folder agrees with itself. Whoever holds the private
key could have written another history and signed it. Two things shut that out:

    --key KEY            the key as you were told it when the trial began
    --checkpoint FILE    an earlier checkpoint that you, a site or the sponsor kept: no entry before it can have changed

"withheld" entries hold something that the person who made this export may not see (the treatment allocation, for
instance). Their hashes are here, so the tree is whole; what they changed is not followed, and the report says so.
"redacted_by" entries lost a text that should never have been written, such as a name. The later entry that removed it
says who did it and why, and restates the rest.
"""
