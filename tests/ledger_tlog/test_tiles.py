"""Tiles hold what C2SP tlog-tiles says, and a tree read from tiles is the RFC 9162 tree of its leaves."""

from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from helmont.core.ledger.tlog import merkle
from helmont.core.ledger.tlog.tiles import MemoryTiles, TileError, TileId, Tree

LEAVES = [merkle.leaf_hash(b"%d" % i) for i in range(70_000)]


def grown(size: int, batch: int = 1000) -> tuple[Tree, MemoryTiles]:
    store = MemoryTiles()
    tree = Tree(store)
    for start in range(0, size, batch):
        store.put(tree.append(LEAVES[start : min(start + batch, size)]))
    return tree, store


@pytest.mark.parametrize(
    ("tile", "width", "path"),
    [
        (TileId(0, 0), 256, "tile/0/000"),
        (TileId(0, 1234067), 256, "tile/0/x001/x234/067"),
        (TileId(1, 1234), 256, "tile/1/x001/234"),
        (TileId(2, 0), 17, "tile/2/000.p/17"),
    ],
)
def test_paths_are_those_of_the_specification(tile: TileId, width: int, path: str) -> None:
    assert tile.path(width) == path


@pytest.mark.parametrize("width", [0, 257])
def test_a_tile_holds_1_to_256_hashes(width: int) -> None:
    with pytest.raises(ValueError, match="accepted is 1 to 256"):
        TileId(0, 0).path(width)


def test_a_tree_of_70000_has_the_tiles_of_the_specifications_example() -> None:
    _, store = grown(70_000)
    widths = Counter((tile.level, len(data) // 32) for tile, data in store.tiles.items())
    assert widths == {(0, 256): 273, (0, 112): 1, (1, 256): 1, (1, 17): 1, (2, 1): 1}


def test_a_tree_of_256_has_a_full_tile_and_one_hash_above_it() -> None:
    tree, store = grown(256)
    assert {tile: len(data) // 32 for tile, data in store.tiles.items()} == {TileId(0, 0): 256, TileId(1, 0): 1}
    assert store.get(1, 0) == tree.root()


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 1100), st.integers(1, 600), st.data())
def test_roots_and_proofs_are_those_of_the_leaves(size: int, batch: int, data: st.DataObject) -> None:
    tree, store = grown(size, batch)
    old = data.draw(st.integers(0, size))
    for each in (tree, Tree.load(store, size)):
        assert each.root() == merkle.root(LEAVES[:size])
        assert each.root(old) == merkle.root(LEAVES[:old])
        assert each.consistency_proof(old) == merkle.consistency_proof(LEAVES[:size], old)
        if old:
            assert each.inclusion_proof(old - 1) == merkle.inclusion_proof(LEAVES[:size], old - 1)
            assert each.inclusion_proof(0, old) == merkle.inclusion_proof(LEAVES[:old], 0)


@pytest.mark.parametrize("size", [65_535, 65_536, 65_537, 70_000])
def test_proofs_hold_across_three_levels(size: int) -> None:
    tree, _ = grown(size)
    for index in (0, 255, 256, 65_279, size - 1):
        merkle.verify_inclusion(LEAVES[index], index, size, tree.inclusion_proof(index), tree.root())
        old_root = merkle.root(LEAVES[:index])
        merkle.verify_consistency(index, old_root, size, tree.root(), tree.consistency_proof(index))


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 600), st.integers(0, 600))
def test_a_loaded_tree_goes_on_where_the_first_stopped(first: int, second: int) -> None:
    _, store = grown(first)
    tree = Tree.load(store, first)
    store.put(tree.append(LEAVES[first : first + second]))
    assert tree.root() == merkle.root(LEAVES[: first + second])
    assert store.tiles == grown(first + second)[1].tiles


def test_a_batch_that_was_not_stored_is_forgotten_by_loading_again() -> None:
    tree, store = grown(300)
    tree.append(LEAVES[300:700])
    assert Tree.load(store, 300).root() == merkle.root(LEAVES[:300])


def test_a_small_batch_changes_few_tiles_and_reads_none() -> None:
    tree, store = grown(69_000)
    store.tiles.clear()
    assert set(tree.append(LEAVES[69_000:69_050])) == {TileId(0, 269)}
    assert tree.root() == merkle.root(LEAVES[:69_050])


def test_a_proof_reads_a_handful_of_tiles() -> None:
    tree, store = grown(70_000)
    read = []

    class Counting:
        def get(self, level: int, index: int) -> bytes:
            read.append(TileId(level, index))
            return store.get(level, index)

    tree = Tree.load(Counting(), 70_000)
    read.clear()
    tree.inclusion_proof(1234)
    assert sorted(read) == [TileId(0, 4), TileId(1, 0)]


def test_a_missing_tile_is_named() -> None:
    _, store = grown(70_000)
    store.tiles[TileId(0, 4)] = store.tiles[TileId(0, 4)][:64]
    with pytest.raises(TileError, match=r"tile/0/004: 4 hashes are needed, the store holds 2"):
        Tree.load(store, 70_000).inclusion_proof(4 * 256)


def test_sizes_and_leaves_out_of_range_are_refused() -> None:
    tree, store = grown(10)
    with pytest.raises(ValueError, match="tree size 11: accepted is 0 to 10"):
        tree.root(11)
    with pytest.raises(ValueError, match="tree size -1"):
        Tree.load(store, -1)
    with pytest.raises(ValueError, match="leaf 10: 3 bytes"):
        tree.append([b"abc"])
    with pytest.raises(merkle.ProofError, match="leaf 10 is not in a tree of 10"):
        tree.inclusion_proof(10)
