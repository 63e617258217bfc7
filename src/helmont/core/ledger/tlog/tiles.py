"""The Merkle tree stored as C2SP tlog-tiles (https://c2sp.org/tlog-tiles), height 8.

A tile is up to 256 hashes of 32 bytes, one after the other. Level 0 holds leaf hashes; a hash at level n + 1 is the
root of a full tile at level n. A partial tile is the beginning of the full one, so a store keeps only the longest
version and a tree of any earlier size is read from the same tiles.

    tree = Tree.load(store, size)
    store.put(tree.append(leaf_hashes))     # one write per batch
    tree.root(), tree.inclusion_proof(4711), tree.consistency_proof(4000)
"""

from collections.abc import Iterable, Mapping
from hashlib import sha256
from itertools import islice
from typing import NamedTuple, Protocol

from .merkle import (
    EMPTY_ROOT,
    HASH_SIZE,
    Range,
    complete_root,
    complete_subtrees,
    consistency_ranges,
    inclusion_ranges,
    node_hash,
)

HEIGHT = 8
WIDTH = 1 << HEIGHT
TILE_BYTES = WIDTH * HASH_SIZE


class TileError(LookupError):
    """The store does not hold what a tree of this size needs; the message names the tile."""


class TileId(NamedTuple):
    """Place of a tile: level (0 holds leaf hashes) and number within the level, from 0."""

    level: int
    number: int

    def path(self, width: int = WIDTH) -> str:
        """C2SP path, e.g. `tile/0/x001/x234/067`, with `.p/17` for a partial tile of 17 hashes.

        Raises `ValueError` unless 1 <= width <= 256.
        """
        if not 1 <= width <= WIDTH:
            raise ValueError(f"tile width {width}: accepted is 1 to {WIDTH}")
        digits = str(self.number)
        digits = digits.zfill(-(-len(digits) // 3) * 3)
        parts = [digits[i : i + 3] for i in range(0, len(digits), 3)]
        folders = "".join(f"x{part}/" for part in parts[:-1])
        return f"tile/{self.level}/{folders}{parts[-1]}" + ("" if width == WIDTH else f".p/{width}")


class TileStore(Protocol):
    """Where tiles are read from. Writing is the caller's: `Tree.append` returns what changed."""

    def get(self, level: int, index: int) -> bytes:
        """The longest version of the tile that was ever put, or b"" if there is none."""


def tiles_of(index: int, size: int) -> set[TileId]:
    """Every tile that the right edge of a tree of `size` leaves, or a proof of leaf `index` in it, may need."""
    levels = range(max(1, -(-size.bit_length() // HEIGHT)))
    return {TileId(level, leaf >> HEIGHT * (level + 1)) for level in levels for leaf in (index, size)}


class MemoryTiles:
    """Tiles in a dictionary; the reference store."""

    def __init__(self) -> None:
        self.tiles: dict[TileId, bytes] = {}

    def get(self, level: int, index: int) -> bytes:
        return self.tiles.get(TileId(level, index), b"")

    def put(self, tiles: Mapping[TileId, bytes]) -> None:
        self.tiles.update(tiles)


class Tree:
    """A Merkle tree over a tile store, with its right edge in memory. Not for use by several threads at once.

    `append` changes only the object. After a batch that did not reach the store (a transaction rolled back), drop the
    tree and load it again. Proofs read the store, so put what `append` returned first.
    """

    def __init__(self, store: TileStore) -> None:
        self.size = 0
        self._store = store
        self._edge: list[bytearray] = [bytearray()]  # per level the tile that is being filled, 0 to 255 hashes
        self._roots: list[bytes] | None = []

    @classmethod
    def load(cls, store: TileStore, size: int) -> "Tree":
        """The tree of the first `size` leaves in the store; reads one tile per level.

        Raises `TileError` if the store holds less, `ValueError` if size is negative.
        """
        if size < 0:
            raise ValueError(f"tree size {size}: accepted is 0 or more")
        tree = cls(store)
        tree.size = size
        levels = max(1, -(-size.bit_length() // HEIGHT))
        tree._edge = [bytearray() for _ in range(levels)]
        for level, edge in enumerate(tree._edge):
            width = (size >> HEIGHT * level) % WIDTH
            if width:
                edge += _read(store, TileId(level, size >> HEIGHT * (level + 1)), width)
        tree._roots = None
        return tree

    @property
    def _peaks(self) -> list[bytes]:
        """Roots of the complete subtrees of the whole tree, largest first; a proof does without."""
        if self._roots is None:
            self._roots = [self._subtree(part, {}) for part in complete_subtrees(0, self.size)]
        return self._roots

    def append(self, leaves: Iterable[bytes]) -> dict[TileId, bytes]:
        """Add leaf hashes; return the tiles that changed, in their new, longest version."""
        changed: dict[TileId, bytes] = {}
        grown: set[int] = set()
        peaks = self._peaks
        for leaf in leaves:
            if len(leaf) != HASH_SIZE:
                raise ValueError(f"leaf {self.size}: {len(leaf)} bytes where a hash of {HASH_SIZE} is needed")
            value, height, rest = leaf, 0, self.size
            self._put(0, value, changed, grown)
            while rest & 1:  # two subtrees of the same size become one, as in a binary counter
                value = sha256(b"\x01" + peaks.pop() + value).digest()
                height += 1
                rest >>= 1
                if height % HEIGHT == 0:
                    self._put(height // HEIGHT, value, changed, grown)
            peaks.append(value)
            self.size += 1
        for level in grown:
            if self._edge[level]:
                changed[TileId(level, self.size >> HEIGHT * (level + 1))] = bytes(self._edge[level])
        return changed

    def _put(self, level: int, value: bytes, changed: dict[TileId, bytes], grown: set[int]) -> None:
        if level == len(self._edge):
            self._edge.append(bytearray())
        edge = self._edge[level]
        edge += value
        grown.add(level)
        if len(edge) == TILE_BYTES:
            # Called while leaf number `self.size` is being added, so the tile's span contains that leaf.
            changed[TileId(level, self.size >> HEIGHT * (level + 1))] = bytes(edge)
            edge.clear()

    def root(self, size: int | None = None) -> bytes:
        """Root hash now, or of the first `size` leaves. Raises `ValueError` if the tree is smaller than that."""
        if size is None or size == self.size:
            return _fold(self._peaks)
        self._check_size(size)
        cache: dict[TileId, bytes] = {}
        return _fold([self._subtree(part, cache) for part in complete_subtrees(0, size)])

    def inclusion_proof(self, index: int, size: int | None = None) -> list[bytes]:
        """Proof that leaf `index` is in the tree of `size` leaves (now, if not given), from the leaf up."""
        return self._hashes(inclusion_ranges(index, self._check_size(size)))

    def consistency_proof(self, old_size: int, size: int | None = None) -> list[bytes]:
        """Proof that the tree of `size` leaves (now, if not given) extends the tree of `old_size`."""
        return self._hashes(consistency_ranges(old_size, self._check_size(size)))

    def _check_size(self, size: int | None) -> int:
        if size is None:
            return self.size
        if not 0 <= size <= self.size:
            raise ValueError(f"tree size {size}: accepted is 0 to {self.size}, the leaves there are")
        return size

    def _hashes(self, ranges: list[Range]) -> list[bytes]:
        cache: dict[TileId, bytes] = {}
        return [_fold([self._subtree(part, cache) for part in complete_subtrees(*each)]) for each in ranges]

    def _subtree(self, part: Range, cache: dict[TileId, bytes]) -> bytes:
        """Root of a complete subtree: 2^h leaves are 2^(h mod 8) hashes side by side in one tile of level h div 8."""
        start, end = part
        level, height = divmod((end - start).bit_length() - 1, HEIGHT)
        number, offset = divmod(start >> HEIGHT * level, WIDTH)
        tile = TileId(level, number)
        until = offset + (1 << height)
        hashes = cache.get(tile, b"")
        if len(hashes) < until * HASH_SIZE:
            hashes = cache[tile] = self._tile(tile, until)
        return complete_root(hashes[offset * HASH_SIZE : until * HASH_SIZE])

    def _tile(self, tile: TileId, width: int) -> bytes:
        in_edge = tile.level < len(self._edge) and tile.number == self.size >> HEIGHT * (tile.level + 1)
        return bytes(self._edge[tile.level]) if in_edge else _read(self._store, tile, width)


def _read(store: TileStore, tile: TileId, width: int) -> bytes:
    """At least `width` hashes of a tile; raises `TileError` if the store has fewer."""
    hashes = store.get(*tile)
    if len(hashes) < width * HASH_SIZE:
        raise TileError(f"{tile.path()}: {width} hashes are needed, the store holds {len(hashes) // HASH_SIZE}")
    return hashes


def _fold(peaks: list[bytes]) -> bytes:
    """Root over complete subtrees given largest first."""
    if not peaks:
        return EMPTY_ROOT
    value = peaks[-1]
    for left in islice(reversed(peaks), 1, None):
        value = node_hash(left, value)
    return value
