"""Writing an export: everything that someone needs to check the log without us.

An export holds the tree as tiles, the entries, the details that its recipient may see, every
checkpoint, and a manifest. It states its scope (the whole log, an organisation or a case, from one
index to another), and holds what proves that nothing within that scope was left out. The same log,
scope and opener give the same bytes. What is damaged in the log is written as it stands, because
it is for the verifier to name. Source: docs/formats/export.md.
"""

from __future__ import annotations

import base64
import hashlib
import os
from collections.abc import Callable, Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import zip_longest
from pathlib import Path
from typing import BinaryIO, Literal, TypeAlias

from audit.canonical import canonical
from audit.checkpoint import split_note
from audit.entry import DETAIL_CAP, OpenedDetail
from audit.errors import CanonicalError, ExportError, ShownChanged
from audit.key_list import LogKeys, known
from audit.log import CheckpointRow, DetailRow, LeafRow, LogReader
from audit.manifest import (
    CHECKPOINT,
    CHECKPOINTS,
    CONTENTS,
    DETAILS,
    ENTRIES,
    KEYS,
    MANIFEST,
    READ_ME,
    READ_ME_TEXT,
    TIMESTAMPS,
    Manifest,
    Scope,
    ScopeKind,
)
from audit.merkle import HASH_BYTES, Coord, root_at
from audit.pruning import PRUNED
from audit.selection import Selection, select
from audit.shown import SHOWN_PATH, Shown, readable
from audit.tiles import (
    WIDTH,
    all_tiles,
    make_bundle,
    make_tile,
    needed_tiles,
    tile_path,
    tile_width,
)

# Why a detail is not given in clear. An erased detail is not mentioned at all: its absence must
# match an erasure entry. `damaged` is a ciphertext that does not open, or opens to no object.
Unopened = Literal["withheld", "erased", "damaged"]
DetailOpener: TypeAlias = "Callable[[DetailRow], OpenedDetail | Unopened]"

_HOLE = bytes(HASH_BYTES)  # stands where the log has lost a hash; no leaf or node has this hash
_LINE_CAP = 2 * DETAIL_CAP
_PIECE = 1024 * 1024


@dataclass(frozen=True, kw_only=True)
class Beside:
    """Files that go with the log: `contents.json`, each file where it lies now, and the entry that
    vouches for them. See `audit.contents`."""

    contents: bytes
    files: Mapping[str, Path]
    entry: int


@dataclass(frozen=True)
class Exported:
    """Where the export is, what it claims to hold, and how many entries that was."""

    folder: Path
    scope: Scope
    entries: int
    manifest_sha256: str


def write_export(
    reader: LogReader,
    folder: Path,
    *,
    opener: DetailOpener,
    keys: LogKeys,
    kind: ScopeKind = "whole",
    of: str | None = None,
    start: int = 0,
    stop: int | None = None,
    with_unsigned: bool = False,
    beside: Beside | None = None,
    stamps: Mapping[int, bytes] | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> Exported:
    """Write an export of the log, up to its latest checkpoint, into a new folder.

    `kind` and `of` choose the whole log, one organisation or one case; `start` and `stop` the
    indices. Without `stop`, an organisation's or a case's scope ends with its own last entry, which
    should be the entry of this very export. `beside` are files that the log vouches for; they go
    with any scope but the whole log. `stamps` are a time stamping service's answers, by size.
    `with_unsigned` takes what no checkpoint covers too. `progress` is told (entries done, entries
    in all). Raises ExportError; ShownChanged where other things can be shown than are vouched for.
    """
    size = _tree_size(reader, stop, with_unsigned=with_unsigned)
    chosen = select(reader, opener, kind=kind, of=of, start=start, stop=stop, size=size)
    _make_empty(folder)
    output = _Output(folder, reader, opener, size)
    if beside is not None:
        chosen = chosen.with_detail_of(beside.entry, size)
        output.write_beside(beside)
    output.write_keys(keys)
    sizes = output.write_checkpoints(stamps or {}, daily=kind != "whole")
    if kind == "whole" and chosen.scope == Scope(kind="whole", start=0, stop=size):
        entries = output.write_bundles(progress)
        tiles: Iterable[tuple[int, int]] = all_tiles(size)
    else:
        entries = output.write_lines(chosen, progress)
        output.hold_to(beside, chosen)
        tiles = sorted(needed_tiles(size, chosen.indices(), sizes))
    output.write_tiles(tiles)
    manifest = replace(
        output.manifest(chosen.scope),
        layout="bundles" if (0, 0) in output.bundles else "lines",
        entries=entries,
        supporting=tuple(sorted(chosen.supporting)),
    ).to_bytes()
    output.finish(manifest)
    return Exported(folder, chosen.scope, entries, hashlib.sha256(manifest).hexdigest())


@dataclass
class _Output:
    """The folder being written. Every file is flushed; the manifest comes last, so that a folder
    without one is an export that was broken off."""

    folder: Path
    reader: LogReader
    opener: DetailOpener
    size: int
    files: dict[str, str] = field(default_factory=dict)
    bundles: set[tuple[int, int]] = field(default_factory=set)
    shown: Shown = field(default_factory=Shown)

    def write_keys(self, keys: LogKeys) -> None:
        self.write(READ_ME, [READ_ME_TEXT.encode()])
        self.write(KEYS, [f"{key.text()}\n".encode() for key in known(keys)])

    def write_beside(self, beside: Beside) -> None:
        """What goes with the log, byte by byte as it was vouched for."""
        self.write(CONTENTS, [beside.contents])
        for path, source in sorted(beside.files.items()):
            self.write(path, _pieces(source))

    def write_checkpoints(self, stamps: Mapping[int, bytes], *, daily: bool) -> list[int]:
        """The checkpoints, and the latest as a file of its own; the sizes within the tree.

        `daily`: of each day only the last and those that were stamped, because one is made every
        few seconds and would soon be most of an export that is about one case.
        """
        self.write_stamps(stamps)
        sizes: list[int] = []
        latest = b""

        def lines() -> Iterator[bytes]:
            nonlocal latest
            rows = self.reader.checkpoints()
            for row in _last_of_each_day(rows, stamps) if daily else rows:
                latest = row.note
                sizes.append(row.n)
                yield _checkpoint_line(row.n, row.note)

        self.write(CHECKPOINTS, lines())
        self.write(CHECKPOINT, [latest])
        return [n for n in sizes if 0 < n <= self.size]

    def write_stamps(self, stamps: Mapping[int, bytes]) -> None:
        """Each time stamp, beside the very text that was stamped."""
        for row in self.reader.checkpoints() if stamps else ():
            if row.n in stamps and row.n <= self.size:
                text = split_note(row.note)[0].encode()
                self.write(f"{TIMESTAMPS}{row.n}.txt", [text])
                self.write(f"{TIMESTAMPS}{row.n}.tsr", [stamps[row.n]])

    def write_bundles(self, progress: Callable[[int, int], None] | None) -> int:
        """Every entry, in bundles, and its details. A bundle of nothing but pruned ones is none."""
        count = 0

        def lines() -> Iterator[bytes]:
            nonlocal count
            for index in range(-(-self.size // WIDTH)):
                start, stop = index * WIDTH, min((index + 1) * WIDTH, self.size)
                entries = [row.entry for row in self.reader.leaves(start, stop)]
                kept = sum(entry != PRUNED for entry in entries)
                if kept or not entries:
                    path = tile_path("entries", index, stop - start)
                    self.write(path, [make_bundle(entries)])
                self.bundles.add((0, index))
                yield from self.detail_lines(self.reader.details(start, stop))
                count += kept
                if progress:
                    progress(stop, self.size)

        self.write(DETAILS, lines())
        return count

    def write_lines(self, chosen: Selection, progress: Callable[[int, int], None] | None) -> int:
        """The chosen entries, one a line, and their details."""
        indices = chosen.indices()
        wanted = frozenset(indices)
        stretches = sorted({n // WIDTH for n in indices})
        written = 0

        def entries() -> Iterator[bytes]:
            nonlocal written
            for stretch in stretches:
                for row in self.reader.leaves(stretch * WIDTH, (stretch + 1) * WIDTH):
                    if row.n in wanted:
                        written += 1
                        yield _entry_line(row)
                if progress:
                    progress(written, len(indices))

        def details() -> Iterator[bytes]:
            for stretch in stretches:
                rows = self.reader.details(stretch * WIDTH, (stretch + 1) * WIDTH)
                yield from self.detail_lines((row for row in rows if row.n in wanted), chosen)

        self.write(ENTRIES, entries())
        self.write(DETAILS, details())
        return written

    def detail_lines(
        self, rows: Iterable[DetailRow], chosen: Selection | None = None
    ) -> Iterator[bytes]:
        for row in rows:
            withheld = chosen is not None and not chosen.may_show(row.n, row.field)
            opened = readable("withheld" if withheld else self.opener(row))
            if chosen is not None and row.n in chosen.chosen:
                self.shown.note(row.n, row.field, opened)
            if opened != "erased":
                yield _detail_line(row, opened)

    def hold_to(self, beside: Beside | None, chosen: Selection) -> None:
        """What is shown must be what the entry vouches for, or it would not verify."""
        if beside is not None:
            with beside.files[SHOWN_PATH].open("rb") as vouched:
                if not _same_lines(vouched, self.shown.lines(chosen.chosen)):
                    raise ShownChanged("what can be shown has changed since it was vouched for")

    def write_tiles(self, tiles: Iterable[tuple[int, int]]) -> None:
        for tile in tiles:
            path = tile_path(tile[0], tile[1], tile_width(self.size, tile))
            self.write(path, [make_tile(tile, self.size, self.fetch)])

    def manifest(self, scope: Scope) -> Manifest:
        root = root_at(self.size, self.fetch).hex()
        return Manifest(
            size=self.size,
            root=root,
            scope=scope,
            layout="lines",
            entries=0,
            files=self.files,
            minimum=min(self.reader.minimum(), self.size),
        )

    def fetch(self, coords: Sequence[Coord]) -> list[bytes]:
        return [node or _HOLE for node in self.reader.nodes(coords)]

    def finish(self, manifest: bytes) -> None:
        folders = {self.folder / path for path in self.files}
        parents = {parent for path in folders for parent in path.parents}
        for folder in (item for item in parents if item.is_relative_to(self.folder)):
            _flush_folder(folder)
        self.write(MANIFEST, [manifest])
        _flush_folder(self.folder)
        _flush_folder(self.folder.parent)

    def write(self, path: str, parts: Iterable[bytes]) -> None:
        target = self.folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        digest = hashlib.sha256()
        try:
            with target.open("xb") as file:
                for part in parts:
                    digest.update(part)
                    file.write(part)
                _flush_file(file)
        except OSError as error:
            raise ExportError(f"{target} cannot be written: {error.strerror}") from error
        self.files[path] = digest.hexdigest()


def _tree_size(reader: LogReader, stop: int | None, *, with_unsigned: bool) -> int:
    """How many entries the export's tree has; a scope must not go beyond it."""
    head, latest = reader.head(), reader.latest_checkpoint()
    if latest is None and not with_unsigned:
        raise ExportError("the log has no checkpoint, so nothing in it could be verified; seal it")
    size = head.n if with_unsigned or latest is None else min(head.n, latest.n)
    if stop is not None and stop > size:
        raise ExportError(f"a scope until {stop} is beyond the {size} sealed entries; seal first")
    return size


def _make_empty(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if any(folder.iterdir()):
            raise ExportError(f"{folder} is not empty; an export is written into a new folder")
    except OSError as error:
        raise ExportError(f"{folder} cannot be made: {error.strerror}") from error


def _last_of_each_day(
    rows: Iterable[CheckpointRow], always: Container[int]
) -> Iterator[CheckpointRow]:
    before: CheckpointRow | None = None
    for row in rows:
        if before is not None and (before.at[:10] != row.at[:10] or before.n in always):
            yield before
        before = row
    if before is not None:
        yield before


def _entry_line(row: LeafRow) -> bytes:
    # A newline can be in a damaged entry only; as a space it can still not pass for a sound one.
    return row.entry.replace(b"\n", b" ") + b"\n"


def _detail_line(row: DetailRow, opened: OpenedDetail | str) -> bytes:
    line: dict[str, object] = {"n": row.n, "f": row.field}
    if isinstance(opened, OpenedDetail):
        line |= {"d": opened.value(), "s": base64.b64encode(opened.salt).decode()}
    else:
        line["why"] = opened
    return canonical(line, limit=_LINE_CAP) + b"\n"


def _checkpoint_line(n: int, note: bytes) -> bytes:
    try:
        return canonical({"n": n, "note": note.decode()}, limit=_LINE_CAP * 16) + b"\n"
    except (UnicodeDecodeError, CanonicalError):
        damaged = base64.b64encode(note).decode()
        return canonical({"n": n, "damaged": damaged}, limit=_LINE_CAP * 16) + b"\n"


def _same_lines(one: Iterable[bytes], other: Iterable[bytes]) -> bool:
    return all(first == second for first, second in zip_longest(one, other))


def _pieces(source: Path) -> Iterator[bytes]:
    with source.open("rb") as file:
        while piece := file.read(_PIECE):
            yield piece


def _flush_file(file: BinaryIO) -> None:
    file.flush()
    os.fsync(file.fileno())


def _flush_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
