"""Builds export folders for the tests of the verifier."""

import json
from collections.abc import Sequence
from pathlib import Path

from helmont.core.ledger.tlog.canonical import JSON, dumps
from helmont.core.ledger.tlog.merkle import leaf_hash, root
from helmont.core.ledger.tlog.notes import Checkpoint, Signer

SIGNER = Signer("trials.example/CDISCPILOT01", bytes(range(32)))
FORM = "form:CDISCPILOT01/01-701-1015/WEEK_2/VS/1"

Entry = dict[str, JSON]


def entry(sequence: int, fields: JSON, record: str = FORM, **more: JSON) -> Entry:
    """An entry that changes `fields`, {path: [old, new]}, of one record."""
    changes: list[JSON] = [{"record": record, "set": fields}]
    base: Entry = {"v": 1, "log": "CDISCPILOT01", "sequence": sequence, "action": "edc.save_form", "changes": changes}
    return {**base, **more}


HISTORY: list[Entry] = [
    entry(0, {"status": [None, "draft"], "data/SYSBP": [None, "131"]}),
    entry(
        1,
        {"data/SYSBP": ["131", "113"], "data/WEIGHT": [None, {"value": "68.0", "unit": "[in_i]"}]},
        reason="Tikfout é",
    ),
    entry(2, {"status": ["draft", "complete"]}),
    entry(3, {"data/WEIGHT": [{"value": "68.0", "unit": "[in_i]"}, None]}),
    entry(4, {"data/RACE": [None, ["A", "B"]]}, record="form:CDISCPILOT01/01-701-1015/SCREENING_1/DM/1"),
]
STATE: list[JSON] = [
    {"record": FORM, "fields": {"status": "complete", "data/SYSBP": "113"}},
    {"record": "form:CDISCPILOT01/01-701-1015/SCREENING_1/DM/1", "fields": {"data/RACE": ["A", "B"]}},
]


def leaves(entries: Sequence[Entry]) -> list[bytes]:
    return [leaf_hash(dumps(each)) for each in entries]


def checkpoint(entries: Sequence[Entry], signer: Signer = SIGNER) -> str:
    return Checkpoint(SIGNER.name, len(entries), root(leaves(entries))).sign(signer)


def lines(entries: Sequence[Entry], redacted: dict[int, int] | None = None) -> list[str]:
    """Lines of entries.jsonl; `redacted` maps an entry to the one that redacts it."""
    result = []
    for number, each in enumerate(entries):
        if redacted and number in redacted:
            leaf = leaf_hash(dumps(each)).hex()
            result.append(json.dumps({"sequence": number, "leaf": leaf, "redacted_by": redacted[number]}))
        else:
            result.append(json.dumps({"sequence": number, "body": dumps(each).decode()}))
    return result


def write(folder: Path, entries: Sequence[Entry] = HISTORY, redacted: dict[int, int] | None = None) -> Path:
    folder.mkdir(exist_ok=True)
    (folder / "checkpoint").write_text(checkpoint(entries))
    (folder / "key.txt").write_text(f"{SIGNER.verifier}\n")
    (folder / "entries.jsonl").write_text("".join(f"{line}\n" for line in lines(entries, redacted)))
    (folder / "state.jsonl").write_text("".join(json.dumps(record) + "\n" for record in STATE))
    return folder
