"""Padding to size classes, because the length of a note tells what kind of note it is.

Classes hold 256 bytes, 1, 4, 16 and 64 KB; a longer text is padded to 256 KB or 1 MB, so that
even then its length tells little. Format: docs/formats/note-seal.md.
"""

from __future__ import annotations

from typing import Final

from app.keys.errors import TextTooLong, TooLong

SIZE_CLASSES: Final = (256, 1024, 4096, 16_384, 65_536, 262_144, 1_048_576)
"""Bytes of clear text that each class holds, the last one included."""

LONGEST: Final = SIZE_CLASSES[-1]
"""The longest clear text that can be sealed, in bytes."""

HEADER: Final = 4
"""Bytes before the text that give its length, big-endian."""


def too_long(**parts: bytes) -> TooLong | None:
    """The first of the named parts that cannot be sealed, or None: `too_long(head=h, body=b)`."""
    for part, plaintext in parts.items():
        if len(plaintext) > LONGEST:
            return TooLong(part, len(plaintext), LONGEST)
    return None


def pad(plaintext: bytes) -> bytes:
    """Length, text and zeros up to the text's class. Raises TextTooLong above `LONGEST`."""
    length = len(plaintext)
    for size in SIZE_CLASSES:
        if length <= size:
            return b"".join((length.to_bytes(HEADER, "big"), plaintext, bytes(size - length)))
    raise TextTooLong(str(TooLong("text", length, LONGEST)))


def unpad(padded: bytes) -> bytes | None:
    """The text in a padded block, or None if the block is not one that `pad` makes.

    Exactly one padding exists for each text: the smallest class, and zeros only.
    """
    size = len(padded) - HEADER
    length = int.from_bytes(padded[:HEADER], "big")
    if size not in SIZE_CLASSES or length > size:
        return None
    index = SIZE_CLASSES.index(size)
    if index and length <= SIZE_CLASSES[index - 1]:
        return None
    if padded.count(0, HEADER + length) != size - length:
        return None
    return padded[HEADER : HEADER + length]
