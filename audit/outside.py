"""Checkpoints kept outside: a file on another path or host that is only added to.

It is what shows that the log was cut or rewritten when everything inside was put back to an old
state, signer and all. One line a checkpoint, as in an export's checkpoints.jsonl; each is on the
disk before the signer goes on.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from audit.canonical import canonical
from audit.checkpoint import Checkpoint, NoteKey, open_checkpoint
from audit.errors import CannotRead, NoteError

_LINE_CAP = 2 * 1024 * 1024
_TAIL = 1024 * 1024  # bytes from the end in which the last checkpoint is looked for


@dataclass(frozen=True)
class OutsideFile:
    """The file. It may be on another host's disk; the signer needs to add to it, and to read it."""

    path: Path

    def add(self, size: int, note: bytes) -> None:
        """Add one checkpoint; on return it is on the disk. Raises OSError."""
        line = canonical({"n": size, "note": note.decode()}, limit=_LINE_CAP) + b"\n"
        flags = os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC
        descriptor = os.open(self.path, flags, 0o640)
        try:
            end = os.fstat(descriptor).st_size
            if end and os.pread(descriptor, 1, end - 1) != b"\n":
                line = b"\n" + line  # an earlier line was cut short by a crash or a full disk
            written = os.write(descriptor, line)
            if written != len(line):
                raise OSError(28, "the line could not be written whole")
            os.fsync(descriptor)
        finally:
            os.close(descriptor)

    def latest(self, keys: Sequence[NoteKey]) -> Checkpoint | None:
        """The last checkpoint in it by one of the keys, None if there is none yet."""
        try:
            with self.path.open("rb") as file:
                file.seek(max(0, os.fstat(file.fileno()).st_size - _TAIL))
                lines = file.read().splitlines()
        except FileNotFoundError:
            return None
        for line in reversed(lines):
            try:
                return open_checkpoint(json.loads(line)["note"].encode(), keys)
            except (NoteError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
                continue  # cut short by a crash, or by another key
        return None


def read_notes(data: bytes) -> Iterator[bytes]:
    """The notes in a file that holds one checkpoint as it is, or one a line. Raises CannotRead."""
    if not data.lstrip().startswith(b"{"):
        yield data
        return
    for line in data.splitlines():
        try:
            content = json.loads(line) if line.strip() else None
        except (ValueError, RecursionError):
            continue  # a line that a crash cut short
        if content is None:
            continue
        if not isinstance(content, dict) or not isinstance(content.get("note"), str):
            raise CannotRead("a line of the kept checkpoints holds none")
        yield content["note"].encode("utf-8", "replace")
