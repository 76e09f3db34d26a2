"""The tree against the published vectors, a naive recursion, and every proof up to a size."""

from __future__ import annotations

from hashlib import sha256

import pytest

from audit.errors import TreeError
from audit.merkle import (
    EMPTY_ROOT,
    Frontier,
    consistency_proof,
    fold,
    hash_leaves,
    inclusion_proof,
    leaf_hash,
    node_hash,
    root_at,
    tree_root,
    verify_consistency,
    verify_inclusion,
)

LIMIT = 66

# The eight leaves and roots that the certificate transparency projects test with.
LEAVES = [
    bytes.fromhex(text)
    for text in (
        "",
        "00",
        "10",
        "2021",
        "3031",
        "40414243",
        "5051525354555657",
        "606162636465666768696a6b6c6d6e6f",
    )
]
ROOTS = [
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]


def naive_root(leaves: list[bytes]) -> bytes:
    """RFC 6962 section 2.1, word for word."""
    if not leaves:
        return sha256(b"").digest()
    if len(leaves) == 1:
        return sha256(b"\x00" + leaves[0]).digest()
    k = 1
    while k * 2 < len(leaves):
        k *= 2
    return sha256(b"\x01" + naive_root(leaves[:k]) + naive_root(leaves[k:])).digest()


class Grown:
    """A tree grown leaf by leaf, with what the store would hold and the root at each size."""

    def __init__(self, leaves: list[bytes]) -> None:
        self.nodes: dict[tuple[int, int], bytes] = {}
        self.roots = [EMPTY_ROOT]
        frontier = Frontier()
        for index, data in enumerate(leaves):
            self.nodes[0, index] = leaf_hash(data)
            frontier, completed = frontier.append(leaf_hash(data))
            self.nodes |= dict(completed)
            self.roots.append(frontier.root())
        self.frontier = frontier

    def fetch(self, coords: list[tuple[int, int]]) -> list[bytes]:
        return [self.nodes[coord] for coord in coords]


@pytest.fixture(scope="module")
def leaves() -> list[bytes]:
    return [b"leaf %d" % index for index in range(LIMIT)]


@pytest.fixture(scope="module")
def grown(leaves: list[bytes]) -> Grown:
    return Grown(leaves)


def test_the_empty_tree_has_the_hash_of_nothing_as_root() -> None:
    assert Frontier().root() == tree_root([]) == EMPTY_ROOT
    assert EMPTY_ROOT.hex() == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"


@pytest.mark.parametrize("size", range(1, 9))
def test_roots_are_the_published_ones(size: int) -> None:
    assert Grown(LEAVES[:size]).roots[size].hex() == ROOTS[size - 1]
    assert tree_root(hash_leaves(LEAVES[:size])).hex() == ROOTS[size - 1]


def test_a_published_inclusion_proof_is_made_and_verified() -> None:
    tree = Grown(LEAVES)
    path = inclusion_proof(5, 8, tree.fetch)
    assert [item.hex() for item in path] == [
        "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
        "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    ]
    assert verify_inclusion(leaf_hash(LEAVES[5]), 5, 8, path, bytes.fromhex(ROOTS[7]))


def test_a_published_consistency_proof_is_made_and_verified() -> None:
    tree = Grown(LEAVES)
    path = consistency_proof(6, 8, tree.fetch)
    assert [item.hex() for item in path] == [
        "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
        "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    ]
    assert verify_consistency(6, 8, tree.roots[6], tree.roots[8], path)


def test_growing_leaf_by_leaf_gives_the_recursive_root_at_every_size(
    leaves: list[bytes], grown: Grown
) -> None:
    for size in range(LIMIT + 1):
        expected = naive_root(leaves[:size])
        assert grown.roots[size] == expected
        assert root_at(size, grown.fetch) == expected
        assert tree_root(hash_leaves(leaves[:size])) == expected


def test_every_inclusion_proof_verifies_and_no_truncated_or_lengthened_one_does(
    leaves: list[bytes], grown: Grown
) -> None:
    for size in range(1, LIMIT):
        root = grown.roots[size]
        for index in range(size):
            leaf = leaf_hash(leaves[index])
            path = inclusion_proof(index, size, grown.fetch)
            assert verify_inclusion(leaf, index, size, path, root)
            assert not any(
                verify_inclusion(leaf, index, size, path[:cut], root) for cut in range(len(path))
            )
            assert not verify_inclusion(leaf, index, size, path[1:], root) or not path
            assert not verify_inclusion(leaf, index, size, [*path, root], root)


def test_every_consistency_proof_verifies_and_no_truncated_or_lengthened_one_does(
    grown: Grown,
) -> None:
    for new in range(1, LIMIT):
        for old in range(1, new):
            path = consistency_proof(old, new, grown.fetch)
            old_root, new_root = grown.roots[old], grown.roots[new]
            assert verify_consistency(old, new, old_root, new_root, path)
            assert not any(
                verify_consistency(old, new, old_root, new_root, path[:cut])
                for cut in range(len(path))
            )
            assert not verify_consistency(old, new, old_root, new_root, [*path, new_root])
            assert not verify_consistency(old, new, new_root, new_root, path)
            assert not verify_consistency(old, new, old_root, old_root, path)


def test_an_inclusion_proof_holds_for_its_own_leaf_and_index_only(
    leaves: list[bytes], grown: Grown
) -> None:
    size = 21
    for index in range(size):
        path = inclusion_proof(index, size, grown.fetch)
        for other in range(size):
            leaf = leaf_hash(leaves[other])
            accepted = verify_inclusion(leaf, index, size, path, grown.roots[size])
            assert accepted == (other == index)
            moved = verify_inclusion(leaf_hash(leaves[index]), other, size, path, grown.roots[size])
            assert moved == (other == index)


def test_a_changed_hash_in_a_proof_is_refused(leaves: list[bytes], grown: Grown) -> None:
    path = inclusion_proof(12, 40, grown.fetch)
    for place in range(len(path)):
        changed = [*path]
        changed[place] = bytes([path[place][0] ^ 1]) + path[place][1:]
        assert not verify_inclusion(leaf_hash(leaves[12]), 12, 40, changed, grown.roots[40])


def test_an_index_outside_the_tree_is_refused(grown: Grown) -> None:
    root = grown.roots[8]
    assert not verify_inclusion(root, 8, 8, [], root)
    assert not verify_inclusion(root, -1, 8, [], root)
    with pytest.raises(TreeError, match="entry 8 is not in a tree of 8"):
        inclusion_proof(8, 8, grown.fetch)


def test_a_tree_is_consistent_with_itself_and_with_the_empty_tree(grown: Grown) -> None:
    assert verify_consistency(7, 7, grown.roots[7], grown.roots[7], [])
    assert not verify_consistency(7, 7, grown.roots[7], grown.roots[6], [])
    assert verify_consistency(0, 7, EMPTY_ROOT, grown.roots[7], [])
    assert not verify_consistency(0, 7, grown.roots[1], grown.roots[7], [])


def test_a_tree_cannot_be_consistent_with_a_larger_one(grown: Grown) -> None:
    path = consistency_proof(5, 9, grown.fetch)
    assert not verify_consistency(9, 5, grown.roots[9], grown.roots[5], path)
    with pytest.raises(TreeError, match="cannot have grown"):
        consistency_proof(9, 5, grown.fetch)


def test_a_leaf_cannot_be_passed_off_as_an_interior_node() -> None:
    left, right = leaf_hash(b"a"), leaf_hash(b"b")
    assert leaf_hash(left + right) != node_hash(left, right)


def test_a_frontier_survives_its_bytes(grown: Grown) -> None:
    again = Frontier.from_bytes(grown.frontier.size, grown.frontier.to_bytes())
    assert again == grown.frontier
    assert fold(again.hashes) == grown.roots[LIMIT]


def test_a_frontier_of_the_wrong_length_is_refused(grown: Grown) -> None:
    with pytest.raises(TreeError, match="cannot be the right edge"):
        Frontier.from_bytes(grown.frontier.size + 1, grown.frontier.to_bytes())
    with pytest.raises(TreeError, match="no row of 32-byte hashes"):
        Frontier.from_bytes(1, bytes(31))
