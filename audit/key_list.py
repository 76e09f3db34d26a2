"""The keys that whoever verifies has been given: one a line, each with the sizes it may sign.

    sluss.example/log+fbf420af+AQOh...            signs logs of any size
    sluss.example/log+fbf420af+AQOh... 0-5210     was replaced when the log had 5210 entries
    sluss.example/log+0d1c77e2+AQxk... 5100-      replaced it, and has signed from 5100 on

Both lines of an overlap are good for the sizes they share. A checkpoint of another size by the same
key is as good as unsigned. Where an ML-DSA-44 key of the log is given, the checkpoints of its sizes
must bear its line too. Source: docs/formats/checkpoint.md.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from audit.checkpoint import (
    Checkpoint,
    NoteKey,
    OpenedNote,
    open_note,
    parse_checkpoint,
    parse_verifier_key,
)
from audit.cosignature import ML_DSA_44, CosignerKey, parse_cosigner_key
from audit.errors import NoteError, UnknownSigner

_RANGE = re.compile(r"([0-9]{1,19})-([0-9]{0,19})")


@dataclass(frozen=True)
class KnownKey:
    """A public key and the sizes of log that it may sign: from `first`, up to `last` included."""

    key: NoteKey
    first: int = 0
    last: int | None = None

    def covers(self, size: int) -> bool:
        """Whether it may sign a log of that size."""
        return self.first <= size and (self.last is None or size <= self.last)

    def text(self) -> str:
        """The line."""
        if self.first == 0 and self.last is None:
            return self.key.text()
        return f"{self.key.text()} {self.first}-{'' if self.last is None else self.last}"


def parse_known_key(line: str) -> KnownKey:
    """One line. Raises NoteError."""
    text, _, sizes = line.strip().partition(" ")
    try:
        key: NoteKey = parse_verifier_key(text)
    except NoteError as fault:
        try:
            key = parse_cosigner_key(text)
        except NoteError:
            raise fault from None
    if not sizes:
        return KnownKey(key)
    found = _RANGE.fullmatch(sizes.strip())
    if found is None or (found[2] and int(found[2]) < int(found[1])):
        raise NoteError("behind a key may stand the sizes it signs, such as 0-5210 or 5100-")
    return KnownKey(key, int(found[1]), int(found[2]) if found[2] else None)


LogKeys: TypeAlias = "Sequence[NoteKey | KnownKey]"
"""What a log is checked with; a key without sizes may sign any."""


def known(keys: Iterable[NoteKey | KnownKey]) -> list[KnownKey]:
    """Keys without sizes may sign any."""
    return [key if isinstance(key, KnownKey) else KnownKey(key) for key in keys]


def open_signed(note: bytes, keys: Iterable[KnownKey]) -> tuple[Checkpoint, OpenedNote]:
    """The checkpoint in a note that the log's keys of its size have signed. Raises NoteError.

    A witness's cosignature alone does not make a checkpoint the log's.
    """
    given = list(keys)
    opened = open_note(note, [item.key for item in given])
    checkpoint = parse_checkpoint(opened.text)
    size = checkpoint.size
    signed = [item for item in given if item.key in opened.signed_by and item.covers(size)]
    own = [item for item in signed if item.key.name == checkpoint.origin]
    if not any(not isinstance(item.key, CosignerKey) for item in own):
        raise UnknownSigner("no key given for a log of that size has signed this checkpoint")
    for item in given:
        wanted = isinstance(item.key, CosignerKey) and item.key.kind == ML_DSA_44
        if (
            wanted
            and item.key.name == checkpoint.origin
            and item.covers(checkpoint.size)
            and item not in own
        ):
            raise NoteError("the log's ML-DSA-44 line is not there")
    return checkpoint, opened
