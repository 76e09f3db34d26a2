"""Reading an export's folder: its manifest, its files against their hashes, its lines.

Nothing here decides whether the log is true; it only sees to it that each byte which later steps
read is one that the manifest names, and hands out what it can where something is damaged.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
import os
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, cast

from audit.canonical import Json, parse_canonical
from audit.checkpoint import parse_checkpoint, split_note
from audit.entry import DETAIL_CAP, FIELDS, Field, OpenedDetail
from audit.errors import CannotRead, CanonicalError, NoteError
from audit.manifest import (
    CHECKPOINT,
    CHECKPOINTS,
    DETAILS,
    ENTRIES,
    KEYS,
    MANIFEST,
    READ_ME,
    Manifest,
    parse_manifest,
)
from audit.report import Findings
from audit.tiles import TileAt, first_entry, tile_path, tile_width

_TILE = re.compile(r"tile/(entries|[0-9]{1,2})/((?:x[0-9]{3}/)*[0-9]{3})(?:\.p/[0-9]{1,3})?")
_FIXED = {CHECKPOINT, CHECKPOINTS, DETAILS, ENTRIES, KEYS, READ_ME}
_CHUNK = 1024 * 1024
_decode = json.JSONDecoder().decode
_LINE_CAP = 32 * DETAIL_CAP

Why = Literal["withheld", "damaged"]


@dataclass(frozen=True)
class DetailLine:
    """One line of details: the field in clear, or why it is not."""

    n: int
    field: Field
    opened: OpenedDetail | Why
    value: dict[str, Json]


@dataclass(frozen=True)
class ExportFolder:
    """An export as it lies on the disk. `findings` takes what is wrong with its files."""

    folder: Path
    manifest: Manifest
    findings: Findings

    @classmethod
    def open(cls, folder: Path, findings: Findings) -> ExportFolder:
        """Read the manifest. Raises CannotRead."""
        path = folder / MANIFEST
        try:
            data = path.read_bytes()
        except FileNotFoundError:
            raise CannotRead(
                f"{path} is missing: {folder} is no export, or one that was broken off; "
                "ask for it anew"
            ) from None
        except OSError as error:
            raise CannotRead(f"{path} cannot be read: {error.strerror}") from None
        return cls(folder, parse_manifest(data), findings)

    def check_files(self, progress: Callable[[str, int, int], None]) -> None:
        """Every file against its hash, and no file that the manifest does not name."""
        files = self.manifest.files
        for done, (path, expected) in enumerate(files.items()):
            if not self._known(path):
                self.findings.add("edited", None, path, "an export has no file of this name")
                continue
            actual = self._digest(path)
            if actual is None:
                self.findings.add("missing", self._index(path), path, "the file is missing")
            elif actual != expected:
                message = "the file is not as it was when the export was written"
                self.findings.add("edited", self._index(path), path, message)
            progress("files", done + 1, len(files))
        for name in (CHECKPOINT, CHECKPOINTS, DETAILS):
            if name not in files:
                self.findings.add("missing", None, name, "the manifest does not name this file")
        self._find_surplus()

    def tiles(self) -> Iterator[tuple[TileAt, str]]:
        """The hash tiles that the manifest names, of the width that the tree's size gives them."""
        for path in self.manifest.files:
            match = _TILE.fullmatch(path)
            if match and match[1] != "entries":
                tile = (int(match[1]), _index_of(match[2]))
                if path == self.tile_path(tile):
                    yield tile, path

    def tile_path(self, tile: TileAt) -> str:
        """Where a hash tile lies."""
        return tile_path(tile[0], tile[1], tile_width(self.manifest.size, tile))

    def read(self, path: str) -> bytes | None:
        """A whole file, None if it is not there or not named."""
        if path not in self.manifest.files:
            return None
        try:
            return (self.folder / path).read_bytes()
        except OSError:
            return None

    def lines(self, path: str) -> Iterator[bytes]:
        """The lines of a file, without their newlines; none if it is not there."""
        if path not in self.manifest.files:
            return
        try:
            with (self.folder / path).open("rb") as file:
                while line := file.readline(_LINE_CAP):
                    yield line.removesuffix(b"\n")
        except OSError:
            return

    def checkpoint_notes(self) -> Iterator[bytes]:
        """The notes of all checkpoints; a line that is damaged or contradicts itself is a finding.

        The last must be the one that also stands in a file of its own.
        """
        note = b""
        for number, line in enumerate(self.lines(CHECKPOINTS), 1):
            try:
                content = parse_canonical(line, limit=_LINE_CAP)
                if not isinstance(content, dict):
                    raise CanonicalError("not an object")
                note = cast("str", content["note"]).encode()
                if parse_checkpoint(split_note(note)[0]).size != content["n"]:
                    raise CanonicalError("its size is not the one it is listed under")
            except (CanonicalError, NoteError, KeyError, AttributeError) as fault:
                where = f"{CHECKPOINTS} line {number}"
                message = f"the line holds no sound checkpoint: {fault}"
                self.findings.add("edited", None, where, message)
            else:
                yield note
        if note != self.read(CHECKPOINT):
            message = "it is not the last of all the checkpoints"
            self.findings.add("edited", None, CHECKPOINT, message)

    def details(self) -> DetailLines:
        """The lines of details, to be taken entry by entry."""
        return DetailLines(self._detail_lines())

    def _detail_lines(self) -> Iterator[DetailLine]:
        for number, line in enumerate(self.lines(DETAILS), 1):
            try:
                yield _parse_detail(line)
            except (ValueError, KeyError, TypeError, RecursionError):
                where = f"{DETAILS} line {number}"
                self.findings.add("edited", None, where, "the line holds no detail")

    def _known(self, path: str) -> bool:
        return path in _FIXED or _TILE.fullmatch(path) is not None

    def _index(self, path: str) -> int | None:
        match = _TILE.fullmatch(path)
        if match is None:
            return None
        level = 0 if match[1] == "entries" else int(match[1])
        return first_entry((level, _index_of(match[2])))

    def _digest(self, path: str) -> str | None:
        digest = hashlib.sha256()
        try:
            with (self.folder / path).open("rb") as file:
                while chunk := file.read(_CHUNK):
                    digest.update(chunk)
        except OSError:
            return None
        return digest.hexdigest()

    def _find_surplus(self) -> None:
        for folder, _, names in os.walk(self.folder):
            for name in names:
                path = (Path(folder) / name).relative_to(self.folder).as_posix()
                if path != MANIFEST and path not in self.manifest.files:
                    message = "the manifest does not name this file; it was added later"
                    self.findings.add("edited", self._index(path), path, message)


class DetailLines:
    """Details in order of their entries, of which only those of one stretch are in memory."""

    def __init__(self, lines: Iterator[DetailLine]) -> None:
        self._lines = lines
        self._next = next(lines, None)
        self._loaded: dict[int, dict[Field, DetailLine]] = {}

    def load(self, stop: int | None) -> None:
        """Read on until the first line of an entry at `stop` or later; None: to the end."""
        while self._next is not None and (stop is None or self._next.n < stop):
            self._loaded.setdefault(self._next.n, {})[self._next.field] = self._next
            self._next = next(self._lines, None)

    def take(self, n: int) -> dict[Field, DetailLine]:
        """The loaded details of one entry, once."""
        return self._loaded.pop(n, {})

    def left(self) -> list[int]:
        """Entries whose loaded details nobody took; they are dropped."""
        left = sorted(self._loaded)
        self._loaded.clear()
        return left


def _parse_detail(line: bytes) -> DetailLine:
    content = _decode(line.decode())
    n, field = content["n"], content["f"]
    if not isinstance(n, int) or isinstance(n, bool) or field not in FIELDS:
        raise ValueError("no such entry or field")
    if "why" in content:
        if content != {"f": field, "n": n, "why": content["why"]}:
            raise ValueError("a field that is not shown has nothing else to say")
        if content["why"] not in ("withheld", "damaged"):
            raise ValueError("no such reason")
        return DetailLine(n, field, content["why"], {})
    salt, value = content["s"], content["d"]
    # The bytes committed to are cut out of the line as they stand, not written anew from the
    # value: what was hashed when the entry was made is then what is hashed here.
    head, tail = b'{"d":', f',"f":"{field}","n":{n},"s":"{salt}"}}'.encode()
    body = line[len(head) : -len(tail)]
    if head + body + tail != line or not isinstance(value, dict):
        raise ValueError("not as an export writes it")
    return DetailLine(n, field, OpenedDetail(_salt(salt), body), value)


def _salt(text: str) -> bytes:
    try:
        salt = base64.b64decode(text, validate=True)
    except binascii.Error:
        raise ValueError("the salt is not base64") from None
    if base64.b64encode(salt).decode() != text:
        raise ValueError("the salt has stray bits")
    return salt


def _index_of(groups: str) -> int:
    return int(groups.replace("x", "").replace("/", ""))
