"""Reading an export's folder: its manifest, its files against their hashes, its lines.

Nothing here decides whether the log is true; it only sees to it that each byte which later steps
read is one that the manifest names, and hands out what it can where something is damaged.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
import re
from collections.abc import Callable, Iterable, Iterator
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
    KEYS,
    MANIFEST,
    READ_ME,
    READ_ME_TEXTS,
    Manifest,
    Scope,
    parse_manifest,
    recover_manifest,
)
from audit.named_files import first_of, is_named, parse_tile, surplus
from audit.report import Findings
from audit.tiles import TileAt, first_entry, tile_path, tile_width

_PLACE = re.compile(rb'"f":"(actor|object|detail)","n":([0-9]+),"(?:s|why)":"[^"]*"\}?$')
_INDEX_DIGITS = 16
_IN_FILE: tuple[Field, ...] = ("actor", "detail", "object")
"""The fields in the order of their lines."""
_CHUNK = 1024 * 1024
_decode = json.JSONDecoder().decode
_LINE_CAP = 32 * DETAIL_CAP

Why = Literal["withheld", "damaged", "unreadable"]


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
    unreadable: bool = False
    """The manifest says nothing, so nothing else can be read."""

    @classmethod
    def open(cls, folder: Path, findings: Findings) -> ExportFolder:
        """Read the manifest. Raises CannotRead where there is no export at all.

        A manifest that is gone or damaged is a finding, and what it would have said is unknown.
        """
        path = folder / MANIFEST
        try:
            if not path.exists() and _looks_like_export(folder):
                message = "the manifest is gone, or the export was broken off; ask for it anew"
                findings.add("missing", None, MANIFEST, message)
                return cls(folder, _UNKNOWN, findings, unreadable=True)
            if path.exists() and not path.is_file():  # a pipe would be waited for, for ever
                raise CannotRead(f"{path} is no file")
            data = path.read_bytes()
        except FileNotFoundError:
            raise CannotRead(f"{path} is missing: {folder} is no export") from None
        except OSError as error:
            raise CannotRead(f"{path} cannot be read: {error.strerror}") from None
        try:
            return cls(folder, parse_manifest(data), findings)
        except CannotRead as fault:
            if not _looks_like_export(folder):
                raise
            findings.add("edited", None, MANIFEST, str(fault))
        manifest = recover_manifest(data)
        return cls(folder, manifest or _UNKNOWN, findings, unreadable=manifest is None)

    def check_files(self, progress: Callable[[str, int, int], None]) -> None:
        """Every file against its hash, and no file that the manifest does not name."""
        files = self.manifest.files
        for done, (path, expected) in enumerate(files.items()):
            if not is_named(self.manifest, path):
                self.findings.add("edited", None, path, "an export has no file of this name")
                continue
            actual = self._digest(path)
            if actual is None:
                self.findings.add("missing", first_of(path), path, "the file is missing")
            elif actual != expected:
                self._changed(path)
            progress("files", done + 1, len(files))
        for name in (CHECKPOINT, CHECKPOINTS, DETAILS, KEYS, READ_ME):
            if name not in files:
                self.findings.add("missing", None, name, "the manifest does not name this file")
        self._check_read_me()
        self._find_surplus()

    def _check_read_me(self) -> None:
        data = self.read(READ_ME)
        if data is not None and data not in {text.encode() for text in READ_ME_TEXTS}:
            message = "it does not say what an export says there; do not follow it"
            self.findings.add("edited", None, READ_ME, message)

    def _changed(self, path: str) -> None:
        message = "the file is not as it was when the export was written"
        tile = parse_tile(path)
        if tile is None:
            self.findings.add("edited", None, path, message)
            return
        level, index = tile[0] or 0, tile[1]
        start, stop = first_entry((level, index)), first_entry((level, index + 1))
        self.findings.doubt("edited", path, message, start, stop)

    def tiles(self) -> Iterator[tuple[TileAt, str]]:
        """The hash tiles that the manifest names, of the width that the tree's size gives them."""
        for path in self.manifest.files:
            found = parse_tile(path)
            if found and found[0] is not None and path == self.tile_path((found[0], found[1])):
                yield (found[0], found[1]), path

    def tile_path(self, tile: TileAt) -> str:
        """Where a hash tile lies."""
        return tile_path(tile[0], tile[1], tile_width(self.manifest.size, tile))

    def read(self, path: str) -> bytes | None:
        """A whole file, None if it is not there or not named."""
        target = self.folder / path
        if path not in self.manifest.files or not target.is_file():
            return None
        try:
            return target.read_bytes()
        except OSError:
            return None

    def lines(self, path: str) -> Iterator[bytes]:
        """The lines of a file, without their newlines; none if it is not there."""
        target = self.folder / path
        if path not in self.manifest.files or not target.is_file():
            return
        try:
            with target.open("rb") as file:
                while line := file.readline(_LINE_CAP):
                    if not line.endswith(b"\n"):
                        message = "the last line has no end, or a line is far too long"
                        self.findings.add("edited", None, path, message)
                    yield line.removesuffix(b"\n")
        except OSError:
            return

    def checkpoint_notes(self) -> Iterator[bytes]:
        """The notes of all checkpoints; a line that is damaged or contradicts itself is a finding.

        The last must be the one that also stands in a file of its own.
        """
        note, before = b"", -1
        for number, line in enumerate(self.lines(CHECKPOINTS), 1):
            try:
                content = parse_canonical(line, limit=_LINE_CAP)
                if not isinstance(content, dict) or content.keys() != {"n", "note"}:
                    raise CanonicalError("it has not a size and a note, and nothing else")
                note = cast("str", content["note"]).encode()
                if parse_checkpoint(split_note(note)[0]).size != content["n"]:
                    raise CanonicalError("its size is not the one it is listed under")
            except (CanonicalError, NoteError, KeyError, AttributeError) as fault:
                where = f"{CHECKPOINTS} line {number}"
                message = f"the line holds no sound checkpoint: {fault}"
                self.findings.add("edited", None, where, message)
            else:
                self._check_order(number, content["n"], before)
                before = max(before, content["n"])
                yield note
        if note != self.read(CHECKPOINT):
            message = "it is not the last of all the checkpoints"
            self.findings.add("edited", None, CHECKPOINT, message)

    def _check_order(self, number: int, size: int, before: int) -> None:
        where, last = f"{CHECKPOINTS} line {number}", max(size - 1, 0)
        if size == before:
            self.findings.add("double-written", last, where, "the checkpoint is given twice")
        elif size < before:
            message = "the checkpoint stands after one of a larger log"
            self.findings.add("reordered", last, where, message)

    def details(self) -> DetailLines:
        """The lines of details, to be taken entry by entry."""
        return DetailLines(parse_details(self.lines(DETAILS), self.findings))

    def _digest(self, path: str) -> str | None:
        digest = hashlib.sha256()
        if not (self.folder / path).is_file():  # a pipe in its place would be waited for, for ever
            return None
        try:
            with (self.folder / path).open("rb") as file:
                while chunk := file.read(_CHUNK):
                    digest.update(chunk)
        except OSError:
            return None
        return digest.hexdigest()

    def _find_surplus(self) -> None:
        places = {name.split("/")[0] for name in self.manifest.files}
        for path, kind in surplus(self.folder, self.manifest, MANIFEST):
            message = f"the manifest does not name this {kind}; it was added later"
            if path.split("/")[0] not in places:
                message += (
                    ". If the export was unpacked among other files, unpack it in a "
                    "folder of its own, or give the zip as it came"
                )
            self.findings.add("edited", first_of(path), path, message)


_UNKNOWN = Manifest(size=0, root="", scope=Scope(kind="whole", stop=0), layout="lines", entries=0)


def _looks_like_export(folder: Path) -> bool:
    return any((folder / name).exists() for name in (CHECKPOINT, CHECKPOINTS, DETAILS, "tile"))


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


def parse_details(lines: Iterable[bytes], findings: Findings) -> Iterator[DetailLine]:
    """The details in lines, in order of entry and field; what is not so is a finding."""
    last: tuple[int, str] = (-1, _IN_FILE[-1])
    for number, line in enumerate(lines, 1):
        where = f"{DETAILS} line {number}"
        try:
            detail = _parse_detail(line.removesuffix(b"\n"))
        except (ValueError, KeyError, TypeError, RecursionError, AttributeError):
            detail = _guess_place(line, last)
            findings.add("edited", detail.n, where, "the line holds no detail")
        place = (detail.n, detail.field)
        if place == last:
            findings.add("double-written", detail.n, where, "the detail is given twice")
            continue
        if place < last:
            message = "the detail stands after one that follows it"
            findings.add("reordered", detail.n, where, message)
        else:
            last = place
        yield detail


def _parse_detail(line: bytes) -> DetailLine:
    content = _decode(line.decode())
    n, field = content["n"], content["f"]
    if not isinstance(n, int) or isinstance(n, bool) or n < 0 or field not in FIELDS:
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


def _guess_place(line: bytes, last: tuple[int, str]) -> DetailLine:
    """Whose detail a line that cannot be read was: by what is left of it, or by where it stands."""
    match = _PLACE.search(line)
    if match is not None and len(match[2]) < _INDEX_DIGITS:
        field = next(name for name in FIELDS if name.encode() == match[1])
        return DetailLine(int(match[2]), field, "unreadable", {})
    place = _IN_FILE.index(cast("Field", last[1])) + 1
    n = last[0] + place // len(_IN_FILE)
    return DetailLine(n, _IN_FILE[place % len(_IN_FILE)], "unreadable", {})


def _salt(text: str) -> bytes:
    try:
        salt = base64.b64decode(text, validate=True)
    except binascii.Error:
        raise ValueError("the salt is not base64") from None
    if base64.b64encode(salt).decode() != text:
        raise ValueError("the salt has stray bits")
    return salt
