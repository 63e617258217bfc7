#!/usr/bin/env python3
"""Check a certified copy with nothing but Python 3.11: python3 check.py [FOLDER]

Exit code: 0 it is whole, 1 it is not, 2 there is nothing to check.
"""

import hashlib
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

BESIDE = {"MANIFEST.sha256", "certificate.json"}


def differences(folder: Path) -> Iterator[str]:
    """What of the files does not agree with the manifest."""
    listed = dict(line.split("  ", 1)[::-1] for line in (folder / "MANIFEST.sha256").read_text().splitlines())
    present = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
    # What Python leaves behind when it runs is not part of the copy.
    present = {name for name in present if "__pycache__" not in name} - BESIDE
    yield from (f"{name}: missing" for name in sorted(listed.keys() - present))
    yield from (f"{name}: not in the manifest" for name in sorted(present - listed.keys()))
    for name in sorted(listed.keys() & present):
        if hashlib.sha256((folder / name).read_bytes()).hexdigest() != listed[name]:
            yield f"{name}: changed"


def certificate_faults(folder: Path) -> Iterator[str]:
    """What of the certificate does not fit the manifest and the ledger beside it."""
    certificate = json.loads((folder / "certificate.json").read_text())
    copy = json.loads(certificate["body"]).get("copy", {})
    if copy.get("manifest") != hashlib.sha256((folder / "MANIFEST.sha256").read_bytes()).hexdigest():
        yield "MANIFEST.sha256: not the one that the certificate names"
    if certificate["key"].strip() != (folder / "ledger" / "key.txt").read_text().strip():
        yield "certificate.json: signed with another key than the ledger"


def main() -> int:
    folder = Path(sys.argv[1] if len(sys.argv) > 1 else __file__).resolve()
    folder = folder.parent if folder.is_file() else folder
    try:
        faults = [*differences(folder), *certificate_faults(folder)]
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        print(f"{folder}: this is not a certified copy, or its manifest or certificate cannot be read: {error!r}")
        return 2
    for fault in faults:
        print(fault)
    ledger = folder / "ledger"
    whole = not faults
    for arguments in (
        [str(ledger), "--state", str(ledger / "state.jsonl")],
        ["--proof", str(folder / "certificate.json")],
    ):
        done = subprocess.run([sys.executable, "-B", str(ledger / "verifier.py"), *arguments], check=False)
        whole = whole and done.returncode == 0
    print("The copy is whole." if whole else "The copy is NOT as it was made.")
    return 0 if whole else 1


if __name__ == "__main__":
    sys.exit(main())
