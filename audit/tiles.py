"""The tree and its entries as files, in the layout of C2SP tlog-tiles.

A hash tile holds up to 256 neighbouring hashes of one level (levels 0, 8, 16 ... of the tree are
tile levels 0, 1, 2 ...); an entry bundle holds the entries of one tile of level 0, each after its
length in two bytes. Source: C2SP tlog-tiles; docs/formats/export.md.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, field

from audit.errors import TreeError
from audit.merkle import HASH_BYTES, Coord, FetchNodes, cover, root_at, tree_root

WIDTH = 256
_LEVELS = 8  # tree levels in one tile level

TileAt = tuple[int, int]  # (tile level, index of the tile within it)


def tile_path(kind: int | str, index: int, width: int) -> str:
    """tile/<level or entries>/<index>[.p/<width>], the index in groups of three digits."""
    groups = [f"{index % 1000:03d}"]
    while index := index // 1000:
        groups.insert(0, f"x{index % 1000:03d}")
    partial = "" if width == WIDTH else f".p/{width}"
    return f"tile/{kind}/{'/'.join(groups)}{partial}"


def hashes_at(size: int, level: int) -> int:
    """How many hashes a tree of `size` has at one tile level."""
    return size >> (_LEVELS * level)


def tile_width(size: int, tile: TileAt) -> int:
    """The width of a tile in a tree of `size`, 0 if it does not exist."""
    level, index = tile
    return max(0, min(WIDTH, hashes_at(size, level) - index * WIDTH))


def first_entry(tile: TileAt) -> int:
    """The index of the first entry that a tile covers."""
    level, index = tile
    return index << (_LEVELS * (level + 1))


def all_tiles(size: int) -> Iterator[TileAt]:
    """Every tile of a tree of `size`, level by level."""
    level = 0
    while count := hashes_at(size, level):
        yield from ((level, index) for index in range(-(-count // WIDTH)))
        level += 1


def needed_tiles(size: int, entries: Collection[int], sizes: Collection[int]) -> set[TileAt]:
    """The tiles that prove these entries, and the roots at these earlier sizes, at `size`."""
    found: set[TileAt] = set()
    for tile in (tile_of((0, n)) for n in entries):
        _add_way_up(size, tile, found)
    for earlier in (size, *sizes):
        for coord in cover(0, earlier):
            _add_way_up(size, tile_of(coord), found)
    return found


def tile_of(coord: Coord) -> TileAt:
    """The tile from which a node of the tree can be worked out."""
    level, index = coord
    below = level % _LEVELS
    return level // _LEVELS, (index << below) // WIDTH


def parent_of(tile: TileAt) -> tuple[TileAt, int]:
    """Where a full tile's own hash stands: the tile above it, and the place within that."""
    level, index = tile
    return (level + 1, index // WIDTH), index % WIDTH


def _add_way_up(size: int, tile: TileAt, found: set[TileAt]) -> None:
    while tile not in found and tile_width(size, tile):
        found.add(tile)
        if tile_width(size, tile) < WIDTH:
            return  # a partial tile is part of the right edge, so the root itself covers it
        tile, _ = parent_of(tile)


def make_tile(
    tile: TileAt, size: int, fetch: Callable[[Sequence[Coord]], Sequence[bytes]]
) -> bytes:
    """The bytes of one tile, its hashes from stored nodes."""
    level, index = tile
    places = range(index * WIDTH, index * WIDTH + tile_width(size, tile))
    return b"".join(fetch([(level * _LEVELS, place) for place in places]))


def split_tile(data: bytes) -> list[bytes]:
    """The hashes of a tile."""
    return [data[at : at + HASH_BYTES] for at in range(0, len(data), HASH_BYTES)]


@dataclass
class TileTree:
    """A tree known by its tiles. A tile of the wrong length counts as not there."""

    size: int
    tiles: dict[TileAt, list[bytes]] = field(default_factory=dict)

    def add(self, tile: TileAt, data: bytes) -> bool:
        """Take one tile in; False if its length is not what a tree of this size has there."""
        if len(data) != tile_width(self.size, tile) * HASH_BYTES:
            return False
        self.tiles[tile] = split_tile(data)
        return True

    def leaf(self, n: int) -> bytes | None:
        """The leaf hash at an index, None if its tile is not there."""
        hashes = self.tiles.get((0, n // WIDTH))
        return hashes[n % WIDTH] if hashes and n % WIDTH < len(hashes) else None

    def nodes(self, coords: Sequence[Coord]) -> list[bytes]:
        """A `merkle.FetchNodes`. Raises TreeError where a tile is not there."""
        return [self._node(coord) for coord in coords]

    def root(self, size: int) -> bytes | None:
        """The root at a size up to this tree's own, None if tiles that it needs are not there."""
        fetch: FetchNodes = self.nodes
        try:
            return root_at(size, fetch)
        except TreeError:
            return None

    def contradictions(self) -> Iterator[TileAt]:
        """Full tiles whose hash is not what the tile above says, or which have none above."""
        for tile, hashes in self.tiles.items():
            if len(hashes) < WIDTH:
                continue
            above, place = parent_of(tile)
            siblings = self.tiles.get(above, [])
            if place >= len(siblings) or tree_root(hashes) != siblings[place]:
                yield tile

    def _node(self, coord: Coord) -> bytes:
        tile = tile_of(coord)
        below = coord[0] % _LEVELS
        start = (coord[1] << below) % WIDTH
        hashes = self.tiles.get(tile, [])[start : start + (1 << below)]
        if len(hashes) != 1 << below:
            raise TreeError(f"tile {tile_path(*tile, WIDTH)} is missing")
        return tree_root(hashes)


def make_bundle(entries: Sequence[bytes]) -> bytes:
    """An entry bundle: each entry after its length in two bytes, big-endian."""
    return b"".join(len(entry).to_bytes(2, "big") + entry for entry in entries)


def split_bundle(data: bytes) -> list[bytes]:
    """The entries of a bundle. Raises TreeError if the lengths do not add up."""
    entries, at = [], 0
    while at < len(data):
        length = int.from_bytes(data[at : at + 2], "big")
        entry = data[at + 2 : at + 2 + length]
        if len(entry) != length or at + 2 > len(data):
            raise TreeError("an entry bundle ends within an entry")
        entries.append(entry)
        at += 2 + length
    return entries
