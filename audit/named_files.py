"""What may lie in an export by its name, and what its list of keys may say.

A file that no step reads could say anything in the export's name, so there is none: whoever writes
a manifest anew to hold one more is found by the name alone. Source: docs/formats/export.md.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from audit.checkpoint import Checkpoint
from audit.errors import NoteError
from audit.key_list import KnownKey, parse_known_key
from audit.manifest import (
    CHECKPOINT,
    CHECKPOINTS,
    CONTENTS,
    CONTENTS_FOLDER,
    DETAILS,
    ENTRIES,
    KEYS,
    READ_ME,
    TIMESTAMPS,
    Manifest,
)
from audit.report import Findings
from audit.tiles import first_entry, tile_path, tile_width

_TILE = re.compile(r"tile/(entries|[0-9]{1,2})/((?:x[0-9]{3}/)*[0-9]{3})(?:\.p/[0-9]{1,3})?")
_STAMP = re.compile(rf"{TIMESTAMPS}([1-9][0-9]{{0,18}})\.(tsr|txt)")
_FIXED = {CHECKPOINT, CHECKPOINTS, CONTENTS, DETAILS, KEYS, READ_ME}
_MOST_LEVELS = 8
"""Of tiles: no tree of that many entries is ever made."""


def is_named(manifest: Manifest, path: str) -> bool:
    """Whether an export of this size and layout has a file of that name."""
    if path in _FIXED or (path == ENTRIES and manifest.layout == "lines"):
        return True
    if path.startswith(CONTENTS_FOLDER):
        return ".." not in path  # each is held to what contents.json says of it
    stamp = _STAMP.fullmatch(path)
    if stamp is not None:
        return int(stamp[1]) <= manifest.size
    tile = parse_tile(path)
    if tile is None or tile[0] not in (None, *range(_MOST_LEVELS)):
        return False
    level, index = tile
    if level is None and manifest.layout != "bundles":
        return False
    width = tile_width(manifest.size, (level or 0, index))
    kind = "entries" if level is None else level
    return width > 0 and path == tile_path(kind, index, width)


def parse_tile(path: str) -> tuple[int | None, int] | None:
    """The level of a tile by its name, None for a bundle of entries, and its index."""
    match = _TILE.fullmatch(path)
    if match is None:
        return None
    index = int(match[2].replace("x", "").replace("/", ""))
    return (None if match[1] == "entries" else int(match[1])), index


def first_of(path: str) -> int | None:
    """The first entry that a tile or a bundle is about; None for any other file."""
    tile = parse_tile(path)
    return None if tile is None else first_entry((tile[0] or 0, tile[1]))


def surplus(folder: Path, manifest: Manifest, own: str) -> Iterator[tuple[str, str]]:
    """Names in the folder that the manifest does not name, each with what it is: a file, a folder
    with nothing of the export in it, or a way to another place. `own` is the manifest's name."""
    files = {own, *manifest.files}
    folders = {name[:at] for name in files for at, char in enumerate(name) if char == "/"}
    for above, inside, names in os.walk(folder):
        for kind, name in (*(("folder", one) for one in inside), *(("file", one) for one in names)):
            path = (Path(above) / name).relative_to(folder).as_posix()
            path = path.encode("utf-8", "replace").decode()  # a name need not be UTF-8
            if (Path(above) / name).is_symlink():
                yield path, "link"
            elif path not in (folders if kind == "folder" else files):
                yield path, kind


def check_keys(
    lines: Iterable[bytes],
    size: int,
    keys: Sequence[KnownKey],
    trusted: Sequence[Checkpoint],
    findings: Findings,
) -> tuple[str, ...]:
    """The keys that the export says the log has, and that were not given; they prove nothing.

    Each line is a key and nothing else, once; of the keys given, those that sign a log of this
    size are among them.
    """
    listed: list[str] = []
    for number, line in enumerate(lines, 1):
        where = f"{KEYS} line {number}"
        try:
            key = parse_known_key(line.decode())
            if key.text().encode() != line:
                raise NoteError("it is not as an export writes it")
        except (NoteError, UnicodeDecodeError) as fault:
            findings.add("edited", None, where, f"the line holds no key: {fault}")
            continue
        if key.key.text() in listed:
            findings.add("double-written", None, where, "the key is given twice")
        listed.append(key.key.text())
    own = {item.origin for item in trusted}
    given = {item.key.text() for item in keys}
    if trusted and not given & {*listed}:
        message = "it does not name the key that has signed the checkpoints"
        findings.add("edited", None, KEYS, message)
    lacking = (it for it in keys if it.covers(size) and it.key.name in own)
    if trusted and any(it.key.text() not in listed for it in lacking):
        findings.add("missing", None, KEYS, "a key of the log that was given is not in it")
    return tuple(sorted({*listed} - given))
