#!/usr/bin/env python3
"""Verify a Helmont ledger export with nothing but Python 3.11 and this file.

    python3 verifier.py EXPORT_FOLDER [--key KEY] [--checkpoint FILE] [--state FILE] [--json]
    python3 verifier.py --proof proof.json [--key KEY] [--json]
An export folder holds
  checkpoint     C2SP signed note: origin, number of entries, base64 root hash; signed with Ed25519
  key.txt        the log's public key (vkey)
  entries.jsonl  one entry a line, {"sequence": 0, "body": "<canonical JSON>"}, or, where the body was redacted,
                 {"sequence": 7, "leaf": "<hash in hex>", "redacted_by": 9, "residue": {what 9 restates}}, or,
                 where the reader may not see it, {"sequence": 8, "leaf": "<hash in hex>", "withheld": "allocation",
                 "touches": [the records of this export that it changed]}
  state.jsonl    the tables, one a line, {"record": "<type:key>", "fields": {"<path>": <value>}}; give it as --state

A key and a checkpoint from inside the export show only that the export agrees with itself. Give --key and --checkpoint
from your own records to show that it is the history you were told before.
Exit code: 0 no faults, 1 faults, 2 the input cannot be used.
"""

import argparse
import base64
import gc
import hashlib
import json
import re
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

HASH = re.compile("[0-9a-f]{64}")
SHOWN = 20  # faults listed per check; all are counted
CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029]")  # a value must not write lines of its own into the report


class Malformed(Exception):
    """Input is not what it should be: a fault if it is one line of many, else there is nothing to verify."""


# Ed25519: RFC 8032 section 5.1
P = 2**255 - 19
ORDER = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, -1, P) % P
ROOT_OF_MINUS_1 = pow(2, (P - 1) // 4, P)
Point = tuple[int, int, int, int]  # extended coordinates (X, Y, Z, T): x = X/Z, y = Y/Z, x*y = T/Z


def point_add(a: Point, b: Point) -> Point:
    e_minus = (a[1] - a[0]) * (b[1] - b[0]) % P
    e_plus = (a[1] + a[0]) * (b[1] + b[0]) % P
    c, d = 2 * a[3] * b[3] * D % P, 2 * a[2] * b[2] % P
    e, f, g, h = e_plus - e_minus, d - c, d + c, e_plus + e_minus
    return e * f % P, g * h % P, f * g % P, e * h % P


def point_multiply(scalar: int, point: Point) -> Point:
    result: Point = (0, 1, 1, 0)
    while scalar:
        if scalar & 1:
            result = point_add(result, point)
        point = point_add(point, point)
        scalar >>= 1
    return result


def point_decode(data: bytes) -> Point | None:
    """Section 5.1.3; None if the 32 bytes are not a point."""
    y = int.from_bytes(data, "little")
    sign, y = y >> 255, y & (1 << 255) - 1
    if y >= P:
        return None
    square = (y * y - 1) * pow(D * y * y + 1, -1, P) % P
    x = pow(square, (P + 3) // 8, P)
    if (x * x - square) % P:
        x = x * ROOT_OF_MINUS_1 % P
    if (x * x - square) % P or (x == 0 and sign):
        return None
    if x & 1 != sign:
        x = P - x
    return x, y, 1, x * y % P


def point_encode(point: Point) -> bytes:
    inverse = pow(point[2], -1, P)
    x, y = point[0] * inverse % P, point[1] * inverse % P
    return (y | (x & 1) << 255).to_bytes(32, "little")


BASE = point_decode((4 * pow(5, -1, P) % P).to_bytes(32, "little")) or (0, 1, 1, 0)


def ed25519_verify(public: bytes, message: bytes, signature: bytes) -> bool:
    """Section 5.1.7: whether [S]B = R + [k]A. A key of small order, which fits any message, is refused."""
    if len(public) != 32 or len(signature) != 64:
        return False
    key = point_decode(public)
    s = int.from_bytes(signature[32:], "little")
    if key is None or s >= ORDER or point_multiply(8, key)[0] == 0:
        return False
    k = int.from_bytes(hashlib.sha512(signature[:32] + public + message).digest(), "little") % ORDER
    minus_key = (P - key[0], key[1], key[2], P - key[3])
    return point_encode(point_add(point_multiply(s, BASE), point_multiply(k, minus_key))) == signature[:32]


# Signed notes, C2SP signed-note and tlog-checkpoint
@dataclass
class Key:
    name: str
    key_id: bytes
    public: bytes


@dataclass
class Checkpoint:
    origin: str
    size: int
    root: bytes
    text: str
    signatures: list[tuple[str, bytes, bytes]]  # key name, key id, signature

    def signature_fault(self, key: Key) -> str | None:
        """What is wrong with the key's signature; None if it is good."""
        found = [value for name, key_id, value in self.signatures if (name, key_id) == (key.name, key.key_id)]
        if not found:
            names = ", ".join(sorted({name for name, _, _ in self.signatures}))
            return f"not signed by {key.name}+{key.key_id.hex()}, only by {names}"
        if not all(ed25519_verify(key.public, self.text.encode(), value) for value in found):
            return f"the signature of {key.name} is not over this checkpoint"
        return None

    def origin_fault(self, log: str) -> str | None:
        """What is wrong with the origin for entries of `log`; a log may be named below its organisation's name."""
        good = self.origin == log or self.origin.endswith(f"/{log}")
        return None if good else f"the checkpoint is of {self.origin}, the entries are of {log}"


def unbase64(text: str, where: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except ValueError as error:
        raise Malformed(f"{where}: not base64") from error


def parse_key(text: str, where: str) -> Key:
    parts = text.strip().split("+", 2)
    if len(parts) != 3:
        raise Malformed(f"{where}: a key reads name+key id+base64")
    data = unbase64(parts[2], where)
    if len(data) != 33 or data[0] != 1:
        raise Malformed(f"{where}: not an Ed25519 key (type 0x01 and 32 bytes)")
    key_id = hashlib.sha256(parts[0].encode() + b"\n" + data).digest()[:4]
    if key_id.hex() != parts[1]:
        raise Malformed(f"{where}: the key id {parts[1]} is not that of the key, {key_id.hex()}")
    return Key(parts[0], key_id, data[1:])


def parse_checkpoint(note: str, where: str) -> Checkpoint:
    text, blank, block = note.rpartition("\n\n")
    lines = text.split("\n")
    if not blank or not block.endswith("\n") or len(lines) < 3:
        raise Malformed(f"{where}: a checkpoint reads origin, size, root hash, an empty line and signatures")
    if not re.fullmatch("0|[1-9][0-9]{0,18}", lines[1]):
        raise Malformed(f"{where} line 2: {lines[1][:40]!r} is not a number of entries")
    root = unbase64(lines[2], f"{where} line 3")
    if len(root) != 32:
        raise Malformed(f"{where} line 3: the root hash has {len(root)} bytes, not 32")
    signatures = []
    for line in block.rstrip("\n").split("\n"):
        dash, _, rest = line.partition(" ")
        name, _, encoded = rest.partition(" ")
        blob = unbase64(encoded, f"{where}: signature line")
        if dash != "—" or not name or len(blob) <= 4:
            raise Malformed(f"{where}: {line[:40]!r} is not a signature line")
        signatures.append((name, blob[:4], blob[4:]))
    return Checkpoint(lines[0], int(lines[1]), root, text + "\n", signatures)


# Merkle tree, RFC 9162 section 2.1
def leaf_hash(body: bytes) -> bytes:
    return hashlib.sha256(b"\x00" + body).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    return hashlib.sha256(b"\x01" + left + right).digest()


class RunningRoot:
    """Root hash of the leaves so far, from the roots of the complete subtrees alone."""

    def __init__(self) -> None:
        self.size = 0
        self.peaks: list[bytes] = []

    def add(self, leaf: bytes) -> None:
        rest = self.size
        while rest & 1:
            leaf = node_hash(self.peaks.pop(), leaf)
            rest >>= 1
        self.peaks.append(leaf)
        self.size += 1

    def root(self) -> bytes:
        value = self.peaks[-1] if self.peaks else hashlib.sha256().digest()
        for left in reversed(self.peaks[:-1]):
            value = node_hash(left, value)
        return value


def root_from_proof(leaf: bytes, index: int, size: int, proof: Sequence[bytes]) -> bytes | None:
    """The root an inclusion proof leads to (section 2.1.3.2); None if it does not have the right length."""
    if not 0 <= index < size:
        return None
    node, last, value = index, size - 1, leaf
    for sibling in proof:
        if last == 0:
            return None
        if node & 1 or node == last:
            value = node_hash(sibling, value)
            while node and not node & 1:
                node, last = node >> 1, last >> 1
        else:
            value = node_hash(value, sibling)
        node, last = node >> 1, last >> 1
    return value if last == 0 else None


# Entries
def refuse(text: str) -> Any:
    raise Malformed(f"the number {text[:40]} is not an integer; measurements are text")


decode = json.JSONDecoder(parse_float=refuse, parse_constant=refuse).decode
encode = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode


def read_object(text: str | bytes, where: str = "") -> dict[str, Any]:
    try:
        value = decode(text if isinstance(text, str) else text.decode())
    except (ValueError, RecursionError) as error:
        raise Malformed(f"{where}not JSON: {error}") from error
    if not isinstance(value, dict):
        raise Malformed(f"{where}not a JSON object")
    return value


def read_body(text: str) -> tuple[dict[str, Any], bytes]:
    """The entry in a body, canonical JSON (RFC 8785) with at least log, sequence and action; and its leaf hash."""
    body = read_object(text)
    try:
        leaf, canonical = leaf_hash(text.encode()), encode(body)
    except (UnicodeEncodeError, RecursionError) as error:
        raise Malformed(f"the body cannot be encoded: {error}") from error
    if canonical != text:
        raise Malformed("the body is not canonical JSON (RFC 8785)")
    for name, kind in (("log", str), ("sequence", int), ("action", str)):
        if type(body.get(name)) is not kind:
            raise Malformed(f"the body has no {name}")
    changes = body.get("changes", [])
    if not isinstance(changes, list):
        raise Malformed("changes is not a list")
    for position, change in enumerate(changes):
        if not isinstance(change, dict) or type(change.get("record")) is not str or type(change.get("set")) is not dict:
            raise Malformed(f"changes[{position}] does not read record, set")
        for path, pair in change["set"].items():
            if type(pair) is not list or len(pair) != 2:
                raise Malformed(f"changes[{position}], {path}: not a pair of old and new value")
    return body, leaf


def same(one: Any, other: Any) -> bool:
    """Equal as JSON: unlike in Python, true is not 1."""
    if type(one) is str or one is None:
        return bool(one == other)
    return encode(one) == encode(other)


class Fold:
    """State after the changes so far. What an entry without a body may have changed is not known, and counted apart."""

    def __init__(self) -> None:
        self.state: dict[str, dict[str, Any]] = {}
        self.values, self.unverifiable, self.redacted = 0, 0, False
        # Of records that an entry without a body may have changed: paths set since; `redacted`: it may be any record.
        self.known: dict[str, set[str]] = {}

    def apply(self, body: dict[str, Any]) -> Iterator[str]:
        """Follow an entry; yields a sentence for each old value that does not follow on."""
        for change in body.get("changes", ()):
            record = change["record"]
            fields = self.state.setdefault(record, {})
            for path, (old, new) in change["set"].items():
                self.values += 1
                expected = fields.get(path)
                if not same(expected, old) and not self.certain(record, path):
                    self.unverifiable += 1
                elif not same(expected, old):
                    told = f"the old value is given as {show(old)}, the entries before it leave {show(expected)}"
                    yield f"entry {body['sequence']}: {record} {path}: {told}"
                fields[path] = new
                if new is None:
                    del fields[path]
                if self.redacted or record in self.known:
                    self.known.setdefault(record, set()).add(path)
            if not fields:
                del self.state[record]

    def skip(self, touches: Any = None) -> None:
        """Pass over an entry that is said to touch these records; None: any. A lie shows in the next old value."""
        if type(touches) is list:
            self.known |= {str(record): set() for record in touches}
        else:
            self.redacted, self.known = True, {}

    def certain(self, record: str, path: str) -> bool:
        return path in self.known.get(record, ()) if self.redacted or record in self.known else True


def show(value: Any) -> str:
    return "empty" if value is None else json.dumps(value, ensure_ascii=True)[:80]


# Checks and report
@dataclass
class Check:
    name: str
    examined: str = ""
    count: int = 0
    faults: list[str] = field(default_factory=list)

    def fault(self, text: str) -> None:
        self.count += 1
        if self.count <= SHOWN:
            self.faults.append(CONTROL.sub("?", text))


@dataclass
class Report:
    subject: str
    facts: dict[str, str] = field(default_factory=dict)
    checks: list[Check] = field(default_factory=list)

    def check(self, name: str, fault: str | None = None, examined: str = "") -> Check:
        """Add a check, with its fault if that is known already."""
        self.checks.append(Check(name, examined))
        if fault:
            self.checks[-1].fault(fault)
        return self.checks[-1]

    @property
    def faults(self) -> int:
        return sum(check.count for check in self.checks)

    def as_json(self) -> str:
        checks = [{"result": "fault" if check.count else "ok", **vars(check)} for check in self.checks]
        result = "faults" if self.faults else "clean"
        return json.dumps({"result": result, "subject": self.subject, "facts": self.facts, "checks": checks}, indent=1)

    def as_text(self) -> str:
        lines = [f"Verification of {self.subject}", ""]
        lines += [f"  {name + ':':12} {value}" for name, value in self.facts.items()] + [""]
        for check in self.checks:
            word, examined = "FAULT" if check.count else "ok   ", f" ({check.examined})" if check.examined else ""
            lines.append(f"  {word}  {check.name}{examined}")
            lines += [f"         - {text}" for text in check.faults]
            if check.count > SHOWN:
                lines.append(f"         - and {check.count - SHOWN} more")
        lines += ["", f"Result: {self.faults} faults" if self.faults else "Result: no faults"]
        return "\n".join(lines)


def verify_export(folder: Path, key_text: str | None, earlier: Path | None, state: Path | None) -> Report:
    """All checks of an export folder. Raises `Malformed`."""
    report = Report(str(folder))
    checkpoint = parse_checkpoint(read_text(folder / "checkpoint"), "checkpoint")
    key = parse_key(key_text or read_text(folder / "key.txt"), "--key" if key_text else "key.txt")
    old = parse_checkpoint(read_text(earlier), str(earlier)) if earlier else None
    report.facts = {
        "log": checkpoint.origin,
        "entries": str(checkpoint.size),
        "root hash": checkpoint.root.hex(),
        "key": f"{key.name}+{key.key_id.hex()} {key.public.hex()}" + (" (given)" if key_text else " (from the export)"),
    }
    report.check("The checkpoint is signed with the log's key", checkpoint.signature_fault(key))
    entries = Entries(report)
    roots = entries.follow(folder / "entries.jsonl", {checkpoint.size} | ({old.size} if old else set()))
    if entries.log is not None:
        report.check("The checkpoint names this log", checkpoint.origin_fault(entries.log))
    size = entries.tree.size
    check = report.check("The entries are those the checkpoint was signed over", examined=f"{size} entries")
    if size != checkpoint.size:
        check.fault(f"the export holds {size} entries, the checkpoint covers {checkpoint.size}")
    elif roots[checkpoint.size] != checkpoint.root:
        check.fault(f"the entries have root hash {roots[checkpoint.size].hex()}, signed is {checkpoint.root.hex()}")
    if old:
        report.check("The earlier checkpoint is signed with the log's key", old.signature_fault(key))
        check = report.check("The export extends the earlier checkpoint", examined=f"{old.size} entries")
        root = roots.get(old.size)
        if old.origin != checkpoint.origin:
            check.fault(f"the earlier checkpoint is of {old.origin}, this one of {checkpoint.origin}")
        if root is None:
            check.fault(f"the earlier checkpoint covers {old.size} entries, the export holds only {size}")
        elif root != old.root:
            check.fault(f"the first {old.size} entries have root hash {root.hex()}, signed then was {old.root.hex()}")
    if state:
        check_state(report, state, entries.fold)
    return report


class Entries:
    """Follows entries.jsonl line by line: leaves, order, form, redactions and changes."""

    def __init__(self, report: Report) -> None:
        self.order = report.check("No entry is missing or out of order")
        self.form = report.check("Every entry is well formed")
        self.place = report.check("Every entry names its own place and log")
        self.redaction = report.check("Every redaction is recorded by a later entry")
        self.chain = report.check("Every old value is the one left by the entries before it")
        self.tree = RunningRoot()
        self.fold = Fold()
        self.log: str | None = None
        self.awaited: dict[int, list[tuple[int, Any]]] = {}  # redacting entry: the entries it must name, and restate
        self.redactions = self.withheld = 0

    def follow(self, path: Path, sizes: set[int]) -> dict[int, bytes]:
        """Run the checks; returns the root hash at each of `sizes` that the file reaches."""
        roots = {0: self.tree.root()}
        due = 0  # the sequence that comes next
        with path.open("rb") as lines:
            for number, line in enumerate(lines, start=1):
                try:
                    due = self.entry(line, number, due)
                except Malformed as error:
                    self.form.fault(f"line {number}: {error}")
                    self.tree.add(leaf_hash(line))  # a leaf no good tree has: the root hash cannot agree
                    due += 1
                if self.tree.size in sizes:
                    roots[self.tree.size] = self.tree.root()
        for redacting, entries in sorted(self.awaited.items()):
            sequences = [sequence for sequence, _ in entries]
            self.redaction.fault(f"entries {sequences}: redacted by entry {redacting}, which is not a later entry here")
        self.form.examined = f"{self.tree.size} entries" + f", {self.withheld} of them withheld" * bool(self.withheld)
        self.redaction.examined = f"{self.redactions} redacted entries"
        self.chain.examined = f"{self.fold.values} values"
        if self.fold.unverifiable:
            self.chain.examined += f", {self.fold.unverifiable} not verifiable because of a redaction or withheld entry"
        return roots

    def entry(self, raw: bytes, number: int, due: int) -> int:
        """Check one line; returns the sequence that comes next."""
        line = read_object(raw)
        sequence, text = line.get("sequence"), line.get("body")
        if type(sequence) is not int:
            raise Malformed("the line has no sequence")
        if type(text) is not str:
            leaf, redacting, withheld = line.get("leaf"), line.get("redacted_by"), type(line.get("withheld")) is str
            if type(leaf) is not str or not HASH.fullmatch(leaf) or not (withheld or type(redacting) is int):
                raise Malformed("the line has neither a body nor leaf (64 hex digits) and redacted_by or withheld")
            self.tree.add(bytes.fromhex(leaf))
            if withheld:
                self.withheld += 1
                self.awaited.pop(sequence, None)  # what it restates of others cannot be seen
                self.fold.skip(line.get("touches"))
            else:
                self.redacted(sequence, int(redacting or 0), line.get("residue"))
        else:
            body, body_leaf = read_body(text)
            self.tree.add(body_leaf)
            self.check_body(body, sequence)
        if sequence != due:
            gap = f"entries {due} to {sequence - 1} are missing" if sequence > due else f"entry {due} should stand here"
            self.order.fault(f"line {number}: entry {sequence}; {gap}")
        return sequence + 1

    def redacted(self, sequence: int, redacting: int, residue: Any) -> None:
        """Follow what is left of a redacted entry; the redacting entry has to say the same of it."""
        self.redactions += 1
        self.awaited.setdefault(redacting, []).append((sequence, residue))
        if residue is None:
            self.fold.skip()
        else:
            self.check_body(read_body(encode(residue))[0], sequence)

    def check_body(self, body: dict[str, Any], sequence: int) -> None:
        self.log = self.log or body["log"]
        if body["sequence"] != sequence:
            self.place.fault(f"entry {sequence}: its body says it is entry {body['sequence']}")
        if body["log"] != self.log:
            self.place.fault(f"entry {sequence}: its body says it is of log {body['log']}, not {self.log}")
        named = body.get("redacts") if body["action"] == "ledger.redact" else None
        restated = body.get("residue", [])
        for redacted, residue in self.awaited.pop(sequence, ()):
            if type(named) is not list or redacted not in named:
                self.redaction.fault(f"entry {redacted}: entry {sequence} does not record its redaction")
            elif residue is not None and {"sequence": redacted, "body": residue} not in restated:
                self.redaction.fault(f"entry {redacted}: entry {sequence} restates it otherwise")
        for fault in self.fold.apply(body):
            self.chain.fault(fault)


def check_state(report: Report, path: Path, fold: Fold) -> None:
    """Compare the tables, one {"record": ..., "fields": {path: value}} a line, with the fold of the entries."""
    check = report.check("The current data is what the entries lead to")
    seen: set[str] = set()
    differ = 0
    for number, raw in enumerate(path.read_bytes().splitlines(), start=1):
        try:
            line = read_object(raw)
            record, fields = line.get("record"), line.get("fields")
            if type(record) is not str or type(fields) is not dict:
                raise Malformed("the line does not read record, fields")
        except Malformed as error:
            check.fault(f"{path.name} line {number}: {error}")
            continue
        if record in seen:
            check.fault(f"{path.name} line {number}: {record} stands there twice")
        seen.add(record)
        folded = fold.state.get(record, {})
        for name in sorted(folded.keys() | fields.keys()):
            if not same(folded.get(name), fields.get(name)) and not fold.certain(record, name):
                differ += 1
            elif not same(folded.get(name), fields.get(name)):
                found, due = show(fields.get(name)), show(folded.get(name))
                check.fault(f"{record} {name}: the data has {found}, the entries lead to {due}")
    for record in sorted(fold.state.keys() - seen):
        if not any(fold.certain(record, name) for name in fold.state[record]):
            differ += len(fold.state[record])
            continue
        check.fault(f"{record}: the entries lead to this record, the data does not have it")
    check.examined = f"{len(seen)} records"
    if differ:
        check.examined += f", {differ} values not verifiable because of a redaction or withheld entry"


def verify_proof(path: Path, key_text: str | None) -> Report:
    """Check one entry by its inclusion proof. Raises `Malformed`."""
    report = Report(str(path))
    proof = read_object(read_text(path), f"{path}: ")
    for name, kind in (("checkpoint", str), ("key", str), ("sequence", int), ("body", str), ("inclusion", list)):
        if type(proof.get(name)) is not kind:
            raise Malformed(f"{path}: {name} is missing or not {kind.__name__}")
    checkpoint = parse_checkpoint(proof["checkpoint"], "checkpoint")
    key = parse_key(key_text or proof["key"], "--key" if key_text else "key")
    if not all(type(text) is str and HASH.fullmatch(text) for text in proof["inclusion"]):
        raise Malformed(f"{path}: inclusion is not a list of hashes of 64 hex digits")
    sequence, text = proof["sequence"], proof["body"]
    report.facts = {
        "log": checkpoint.origin,
        "entry": f"{sequence} of {checkpoint.size}",
        "key": f"{key.name}+{key.key_id.hex()} {key.public.hex()}" + (" (given)" if key_text else " (from the proof)"),
    }
    report.check("The checkpoint is signed with the log's key", checkpoint.signature_fault(key))
    form = report.check("The entry is well formed")
    try:
        body, leaf = read_body(text)
    except Malformed as error:
        form.fault(str(error))
        return report
    fault = None if body["sequence"] == sequence else f"entry {sequence}: its body says it is entry {body['sequence']}"
    report.check("The entry names its own place", fault)
    report.check("The checkpoint names this log", checkpoint.origin_fault(body["log"]))
    hashes = [bytes.fromhex(each) for each in proof["inclusion"]]
    good = root_from_proof(leaf, sequence, checkpoint.size, hashes) == checkpoint.root
    fault = None if good else f"the proof does not lead from entry {sequence} to root hash {checkpoint.root.hex()}"
    report.check("The entry is among those the checkpoint was signed over", fault)
    return report


def read_text(path: Path) -> str:
    return path.read_text(encoding="utf-8", errors="replace")  # what was replaced fails its check later


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", nargs="?", type=Path, help="folder of the export")
    parser.add_argument("--key", help="the log's public key from your own records: a file or the text itself")
    parser.add_argument("--checkpoint", type=Path, help="an earlier checkpoint from your own records")
    parser.add_argument("--state", type=Path, help="current data to compare, one record a line")
    parser.add_argument("--proof", type=Path, help="check one entry by its proof instead of an export")
    parser.add_argument("--json", action="store_true", help="report as JSON")
    options = parser.parse_args(arguments)
    if (options.folder is None) == (options.proof is None):
        parser.error("give either an export folder or --proof FILE")
    try:
        key_text = options.key
        if key_text and key_text.count("+") < 2:
            key_text = read_text(Path(key_text))
        export = (options.folder, key_text, options.checkpoint, options.state)
        report = verify_proof(options.proof, key_text) if options.proof else verify_export(*export)
    except (Malformed, OSError) as error:
        print(json.dumps({"result": "unusable", "problem": str(error)}) if options.json else f"Cannot verify: {error}")
        return 2
    print(report.as_json() if options.json else report.as_text())
    return 1 if report.faults else 0


if __name__ == "__main__":
    gc.disable()  # nothing here is cyclic, and looking for cycles in millions of values takes a tenth of the time
    sys.stdout.reconfigure(errors="backslashreplace")  # type: ignore[union-attr]  # consoles that lack a character
    sys.exit(main())
