"""Tiles give the same tree as stored nodes do, whole or in part."""

from __future__ import annotations

from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from audit.errors import TreeError
from audit.merkle import Coord, Frontier, inclusion_proof, leaf_hash, root_at, verify_inclusion
from audit.tiles import (
    TileTree,
    all_tiles,
    first_entry,
    make_bundle,
    make_tile,
    needed_tiles,
    split_bundle,
)

LIMIT = 1300
LEAVES = [leaf_hash(b"%d" % index) for index in range(LIMIT)]


@cache
def stored() -> dict[Coord, bytes]:
    nodes: dict[Coord, bytes] = {(0, index): leaf for index, leaf in enumerate(LEAVES)}
    frontier = Frontier()
    for leaf in LEAVES:
        frontier, completed = frontier.append(leaf)
        nodes |= dict(completed)
    return nodes


def fetch(coords: list[Coord]) -> list[bytes]:
    return [stored()[coord] for coord in coords]


def tree_of(size: int, tiles: list[tuple[int, int]] | None = None) -> TileTree:
    tree = TileTree(size)
    for tile in all_tiles(size) if tiles is None else tiles:
        assert tree.add(tile, make_tile(tile, size, fetch))
    return tree


@settings(max_examples=60, deadline=None)
@given(st.integers(0, LIMIT), st.data())
def test_all_tiles_give_the_root_at_every_size(size: int, data: st.DataObject) -> None:
    earlier = data.draw(st.integers(0, size))
    tree = tree_of(size)
    assert tree.root(earlier) == root_at(earlier, fetch)
    assert list(tree.contradictions()) == []


@settings(max_examples=60, deadline=None)
@given(st.integers(1, LIMIT), st.data())
def test_the_needed_tiles_are_enough_and_hold_together(size: int, data: st.DataObject) -> None:
    index, earlier = data.draw(st.integers(0, size - 1)), data.draw(st.integers(0, size))
    tree = tree_of(size, sorted(needed_tiles(size, [index], [earlier])))
    assert list(tree.contradictions()) == []
    assert tree.root(earlier) == root_at(earlier, fetch)
    root = tree.root(size)
    assert root == root_at(size, fetch)
    assert tree.leaf(index) == LEAVES[index]
    proof = inclusion_proof(index, size, fetch)
    assert verify_inclusion(LEAVES[index], index, size, proof, root)


@settings(max_examples=60, deadline=None)
@given(st.integers(1, LIMIT), st.data())
def test_any_changed_hash_in_any_tile_is_a_contradiction_or_another_root(
    size: int, data: st.DataObject
) -> None:
    tree = tree_of(size)
    tile = data.draw(st.sampled_from(sorted(tree.tiles)))
    place = data.draw(st.integers(0, len(tree.tiles[tile]) - 1))
    tree.tiles[tile][place] = bytes(32)
    assert list(tree.contradictions()) or tree.root(size) != root_at(size, fetch)


def test_a_tile_of_the_wrong_length_is_not_taken() -> None:
    tree = TileTree(300)
    assert not tree.add((0, 0), bytes(32 * 255))
    assert not tree.add((0, 1), bytes(32 * 45))
    assert not tree.add((0, 2), b"x" * 32)
    assert tree.leaf(0) is None
    assert tree.root(300) is None


def test_the_first_entry_of_a_tile_is_told() -> None:
    assert [first_entry(tile) for tile in [(0, 0), (0, 3), (1, 2), (2, 1)]] == [
        0,
        768,
        131072,
        16777216,
    ]


@given(st.lists(st.binary(max_size=20), max_size=20))
def test_a_bundle_comes_back_as_its_entries(entries: list[bytes]) -> None:
    assert split_bundle(make_bundle(entries)) == entries


@pytest.mark.parametrize("cut", [1, 2, 3])
def test_a_cut_bundle_is_refused(cut: int) -> None:
    with pytest.raises(TreeError, match="ends within an entry"):
        split_bundle(make_bundle([b"one", b"two"])[:-cut])
    with pytest.raises(TreeError, match="ends within an entry"):
        split_bundle(b"\x00")
