"""Whether a cut still is what was signed, and the ledger what it was when it was cut."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from helmont.core.ledger.checkpoints import signer
from helmont.core.ledger.store import open_tree
from helmont.core.ledger.tlog.notes import Checkpoint, NoteError
from helmont.core.records import record_type
from helmont.core.rows import fetch
from helmont.core.signatures.evidence import hash_of
from helmont.core.signatures.models import Signature
from helmont.core.signatures.queries import Standing, signatures_under
from helmont.datasets.models import Cut


@dataclass(frozen=True)
class Signed:
    """A signature under a cut; ``holds`` while the cut has the hash that was signed and nothing broke the signature."""

    by: Standing
    holds: bool


def signatures_under_cuts(cuts: Iterable[Cut]) -> dict[str, list[Signed]]:
    """The signatures under cuts by their keys, newest first, each compared with the cut as it is."""
    keys = [each.key for each in cuts]
    rows = {row["key"]: row for row in fetch(record_type("cut"), "key", keys)}
    found = signatures_under([f"cut:{key}" for key in keys])
    signatures = Signature.objects.in_bulk({each.key for standing in found.values() for each in standing})
    return {key: [_compared(each, rows[key], signatures) for each in found.get(f"cut:{key}", ())] for key in keys}


def _compared(standing: Standing, row: dict[str, object], signatures: Mapping[str, Signature]) -> Signed:
    same = signatures[standing.key].signed.get(standing.record) == hash_of("cut", row)
    return Signed(standing, standing.valid and same)


def ledger_holds(cut: Cut) -> bool:
    """Whether the checkpoint is signed by this installation, and says of the ledger what its entries say now."""
    try:
        sealed = Checkpoint.open(cut.checkpoint, [signer(cut.study).verifier])
    except NoteError:
        return False
    tree, _ = open_tree(cut.study, cut.size)
    return sealed.size == cut.size and sealed.root == tree.root() and sealed.root.hex() == cut.root
