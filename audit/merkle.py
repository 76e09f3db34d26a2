"""The Merkle tree of RFC 6962 (section 2) and the two verifying algorithms of RFC 9162.

A tree of `size` leaves is known by the hashes of its complete subtrees: node (level, index) covers
the leaves from index * 2^level up to (index + 1) * 2^level. Such a node never changes once written,
so proofs are made from stored nodes, and the head needs only the few nodes of its right edge.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from hashlib import sha256

from audit.errors import TreeError

HASH_BYTES = 32
EMPTY_ROOT = sha256(b"").digest()

Coord = tuple[int, int]  # (level, index); level 0 is the leaf hashes
FetchNodes = Callable[[Sequence[Coord]], Sequence[bytes]]


def leaf_hash(data: bytes) -> bytes:
    """SHA-256(0x00 || data): the prefix keeps a leaf from being taken for a node."""
    return sha256(b"\x00" + data).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """SHA-256(0x01 || left || right)."""
    return sha256(b"\x01" + left + right).digest()


def hash_leaves(entries: Iterable[bytes]) -> list[bytes]:
    """The leaf hash of each entry."""
    digest = sha256
    return [digest(b"\x00" + data).digest() for data in entries]


def tree_root(leaf_hashes: Sequence[bytes]) -> bytes:
    """The root over leaf hashes, level by level; an unpaired last node moves up as it is."""
    if not leaf_hashes:
        return EMPTY_ROOT
    digest, level = sha256, list(leaf_hashes)
    while len(level) > 1:
        paired = [
            digest(b"\x01" + left + right).digest()
            for left, right in zip(level[::2], level[1::2], strict=False)
        ]
        if len(level) % 2:
            paired.append(level[-1])
        level = paired
    return level[0]


@dataclass(frozen=True)
class Frontier:
    """The right edge of a tree: one hash for each set bit of `size`, the largest subtree first."""

    size: int = 0
    hashes: tuple[bytes, ...] = ()

    def __post_init__(self) -> None:
        if self.size < 0 or len(self.hashes) != self.size.bit_count():
            raise TreeError(f"{len(self.hashes)} hashes cannot be the right edge of {self.size}")
        if any(len(item) != HASH_BYTES for item in self.hashes):
            raise TreeError("a hash of the right edge is not 32 bytes")

    def append(self, leaf: bytes) -> tuple[Frontier, tuple[tuple[Coord, bytes], ...]]:
        """The frontier with one more leaf hash, and the interior nodes that it completed."""
        hashes, completed = list(self.hashes), []
        current, level, index = leaf, 0, self.size
        while index & 1:
            current, level, index = node_hash(hashes.pop(), current), level + 1, index >> 1
            completed.append(((level, index), current))
        return Frontier(self.size + 1, (*hashes, current)), tuple(completed)

    def root(self) -> bytes:
        """The root of the whole tree."""
        return fold(self.hashes) if self.hashes else EMPTY_ROOT

    def to_bytes(self) -> bytes:
        """The hashes end to end, as stored in the head row."""
        return b"".join(self.hashes)

    @classmethod
    def from_bytes(cls, size: int, data: bytes) -> Frontier:
        """Undo `to_bytes`. Raises TreeError where the two cannot belong together."""
        if len(data) % HASH_BYTES:
            raise TreeError(f"a right edge of {len(data)} bytes is no row of 32-byte hashes")
        parts = (data[at : at + HASH_BYTES] for at in range(0, len(data), HASH_BYTES))
        return cls(size, tuple(parts))


def fold(hashes: Sequence[bytes]) -> bytes:
    """The hash over neighbouring subtrees given from the largest, on the left, to the smallest."""
    current = hashes[-1]
    for left in reversed(hashes[:-1]):
        current = node_hash(left, current)
    return current


def cover(start: int, stop: int) -> list[Coord]:
    """The complete subtrees that together cover the leaves from `start` up to `stop`.

    `start` must be a multiple of the largest power of two below the length, as all ranges in RFC
    6962 are; the nodes then come in falling size, ready to `fold`.
    """
    coords = []
    while start < stop:
        level = (stop - start).bit_length() - 1
        coords.append((level, start >> level))
        start += 1 << level
    return coords


def root_at(size: int, fetch: FetchNodes) -> bytes:
    """The root that the tree had at `size`, from its stored nodes."""
    return fold(fetch(cover(0, size))) if size else EMPTY_ROOT


def inclusion_proof(index: int, size: int, fetch: FetchNodes) -> list[bytes]:
    """RFC 6962 section 2.1.1, PATH(index, D[size])."""
    if not 0 <= index < size:
        raise TreeError(f"entry {index} is not in a tree of {size}")
    return _fold_each(_path(index, 0, size), fetch)


def consistency_proof(old: int, new: int, fetch: FetchNodes) -> list[bytes]:
    """RFC 6962 section 2.1.2, PROOF(old, D[new]); empty for an empty or an equal tree."""
    if not 0 <= old <= new:
        raise TreeError(f"a tree of {new} cannot have grown from one of {old}")
    return _fold_each(_subproof(old, 0, new), fetch) if 0 < old < new else []


def _path(index: int, start: int, stop: int) -> list[Coord]:
    """Ranges (start, stop) of the siblings on the way up, the lowest first."""
    ranges = []
    while stop - start > 1:
        split = start + _largest_power_below(stop - start)
        if index < split:
            ranges.append((split, stop))
            stop = split
        else:
            ranges.append((start, split))
            start = split
    return ranges[::-1]


def _subproof(old: int, start: int, stop: int) -> list[Coord]:
    ranges = []
    while old != stop:
        split = start + _largest_power_below(stop - start)
        if old <= split:
            ranges.append((split, stop))
            stop = split
        else:
            ranges.append((start, split))
            start = split
    if start:  # the old root itself is known to the asker where it is a subtree from the very left
        ranges.append((start, stop))
    return ranges[::-1]


def _fold_each(ranges: Sequence[Coord], fetch: FetchNodes) -> list[bytes]:
    covers = [cover(start, stop) for start, stop in ranges]
    nodes = iter(fetch([coord for covered in covers for coord in covered]))
    return [fold([next(nodes) for _ in covered]) for covered in covers]


def _largest_power_below(length: int) -> int:
    return 1 << ((length - 1).bit_length() - 1)


def verify_inclusion(
    leaf: bytes, index: int, size: int, path: Sequence[bytes], root: bytes
) -> bool:
    """RFC 9162 section 2.1.3.2, step by step. `leaf` is a leaf hash."""
    if not 0 <= index < size:
        return False
    fn, sn, r = index, size - 1, leaf
    for p in path:
        if sn == 0:
            return False
        if fn & 1 or fn == sn:
            r = node_hash(p, r)
            if not fn & 1:
                while not (fn & 1 or fn == 0):
                    fn, sn = fn >> 1, sn >> 1
        else:
            r = node_hash(r, p)
        fn, sn = fn >> 1, sn >> 1
    return sn == 0 and r == root


def verify_consistency(
    old: int, new: int, old_root: bytes, new_root: bytes, path: Sequence[bytes]
) -> bool:
    """RFC 9162 section 2.1.4.2, step by step, after the two cases that it leaves out.

    Those are an empty old tree and trees of the same size; both have an empty proof (RFC 6962).
    """
    if old == new or old == 0:
        expected = new_root if old == new else EMPTY_ROOT
        return not path and 0 <= old <= new and old_root == expected
    if not path or not 0 < old < new:
        return False
    proof = [old_root, *path] if old & (old - 1) == 0 else list(path)
    fn, sn = old - 1, new - 1
    while fn & 1:
        fn, sn = fn >> 1, sn >> 1
    fr = sr = proof[0]
    for c in proof[1:]:
        if sn == 0:
            return False
        if fn & 1 or fn == sn:
            fr, sr = node_hash(c, fr), node_hash(c, sr)
            while not (fn & 1 or fn == 0):
                fn, sn = fn >> 1, sn >> 1
        else:
            sr = node_hash(sr, c)
        fn, sn = fn >> 1, sn >> 1
    return sn == 0 and fr == old_root and sr == new_root
