"""The Merkle tree of RFC 9162 section 2.1 (the same as RFC 6962): hashes, proofs, and their verification.

A proof is first a list of leaf ranges and only then a list of hashes: `inclusion_ranges` and `consistency_ranges` say
which subtrees a proof consists of, and whoever holds the tree (a list in memory here, tiles in `tiles.py`) supplies
MTH(D[start:end]) for each. All hashes are SHA-256, 32 bytes.
"""

from collections.abc import Iterator, Sequence
from hashlib import sha256

HASH_SIZE = 32
EMPTY_ROOT = sha256().digest()

Range = tuple[int, int]
"""Leaves start (inclusive) to end (exclusive)."""


class ProofError(ValueError):
    """A proof does not show what it is said to show; the message names the proof and what was expected."""


def leaf_hash(body: bytes) -> bytes:
    """SHA-256(0x00 || body)."""
    return sha256(b"\x00" + body).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """SHA-256(0x01 || left || right)."""
    return sha256(b"\x01" + left + right).digest()


def root(leaves: Sequence[bytes]) -> bytes:
    """MTH of the leaf hashes; SHA-256 of nothing for an empty tree."""
    if not leaves:
        return EMPTY_ROOT
    # Pairing level by level and carrying the odd one up gives RFC 9162's left-balanced tree.
    level = list(leaves)
    while len(level) > 1:
        pairs = [node_hash(level[i], level[i + 1]) for i in range(0, len(level) - 1, 2)]
        level = pairs + level[len(pairs) * 2 :]
    return level[0]


def complete_root(hashes: bytes) -> bytes:
    """MTH of a complete tree, whose number of leaves is a power of two, from its leaf hashes side by side."""
    while len(hashes) > HASH_SIZE:
        pairs = range(0, len(hashes), 2 * HASH_SIZE)
        hashes = b"".join([sha256(b"\x01" + hashes[start : start + 2 * HASH_SIZE]).digest() for start in pairs])
    return hashes


def complete_subtrees(start: int, end: int) -> Iterator[Range]:
    """The complete subtrees, largest first, of a range that itself is a subtree of some tree."""
    while start < end:
        width = 1 << ((end - start).bit_length() - 1)
        yield start, start + width
        start += width


def inclusion_ranges(index: int, size: int) -> list[Range]:
    """The subtrees whose hashes prove leaf `index` in the tree of `size` leaves, from the leaf up (section 2.1.3.1).

    Raises `ProofError` unless 0 <= index < size.
    """
    if not 0 <= index < size:
        raise ProofError(f"inclusion: leaf {index} is not in a tree of {size} leaves")
    start, end, ranges = 0, size, []
    while end - start > 1:
        middle = start + _split(end - start)
        if index < middle:
            ranges.append((middle, end))
            end = middle
        else:
            ranges.append((start, middle))
            start = middle
    return ranges[::-1]


def consistency_ranges(old_size: int, size: int) -> list[Range]:
    """The subtrees whose hashes prove that the tree of `size` extends that of `old_size` (section 2.1.4.1).

    Empty when the sizes are equal or the old tree was empty. Raises `ProofError` unless 0 <= old_size <= size.
    """
    if not 0 <= old_size <= size:
        raise ProofError(f"consistency: a tree of {size} leaves cannot extend one of {old_size}")
    if old_size in (0, size):
        return []
    start, end, ranges = 0, size, []
    while end != old_size:
        middle = start + _split(end - start)
        if old_size <= middle:
            ranges.append((middle, end))
            end = middle
        else:
            ranges.append((start, middle))
            start = middle
    if start:  # the old root itself is known to the verifier; a part of it is not
        ranges.append((start, end))
    return ranges[::-1]


def inclusion_proof(leaves: Sequence[bytes], index: int) -> list[bytes]:
    """PATH(index, leaves): the hashes of `inclusion_ranges`."""
    return [root(leaves[start:end]) for start, end in inclusion_ranges(index, len(leaves))]


def consistency_proof(leaves: Sequence[bytes], old_size: int) -> list[bytes]:
    """PROOF(old_size, leaves): the hashes of `consistency_ranges`."""
    return [root(leaves[start:end]) for start, end in consistency_ranges(old_size, len(leaves))]


def verify_inclusion(leaf: bytes, index: int, size: int, proof: Sequence[bytes], tree_root: bytes) -> None:
    """Raise `ProofError` unless `proof` shows `leaf` (a leaf hash) at `index` in the tree (section 2.1.3.2)."""
    ranges = inclusion_ranges(index, size)
    _check_shape("inclusion", proof, len(ranges))
    computed = leaf
    for (start, _), sibling in zip(ranges, proof, strict=True):
        computed = node_hash(computed, sibling) if start > index else node_hash(sibling, computed)
    if computed != tree_root:
        raise ProofError(f"inclusion: leaf {index} of {size} leads to root {computed.hex()}, not {tree_root.hex()}")


def verify_consistency(old_size: int, old_root: bytes, size: int, new_root: bytes, proof: Sequence[bytes]) -> None:
    """Raise `ProofError` unless `proof` shows that the new tree extends the old one (section 2.1.4.2)."""
    ranges = consistency_ranges(old_size, size)
    _check_shape("consistency", proof, len(ranges))
    if old_size == 0:
        if old_root != EMPTY_ROOT:
            raise ProofError(f"consistency: {old_root.hex()} is not the root of an empty tree")
        return
    # The innermost subtree ends the old tree. Subtrees left of it belong to both trees, those right only to the new.
    steps = list(zip(ranges, proof, strict=True))
    if ranges and ranges[0][1] == old_size:
        computed_old = computed_new = steps.pop(0)[1]
    else:
        computed_old = computed_new = old_root
    for (start, _), sibling in steps:
        if start >= old_size:
            computed_new = node_hash(computed_new, sibling)
        else:
            computed_old = node_hash(sibling, computed_old)
            computed_new = node_hash(sibling, computed_new)
    for which, leaves, computed, given in (
        ("old", old_size, computed_old, old_root),
        ("new", size, computed_new, new_root),
    ):
        if computed != given:
            raise ProofError(f"consistency: the {which} root at {leaves} comes to {computed.hex()}, not {given.hex()}")


def _split(width: int) -> int:
    """The largest power of two smaller than `width` (width > 1)."""
    return 1 << ((width - 1).bit_length() - 1)


def _check_shape(name: str, proof: Sequence[bytes], length: int) -> None:
    if len(proof) != length:
        raise ProofError(f"{name}: the proof has {len(proof)} hashes where {length} are needed")
    for position, value in enumerate(proof):
        if len(value) != HASH_SIZE:
            raise ProofError(f"{name}: hash {position} has {len(value)} bytes where {HASH_SIZE} are needed")
