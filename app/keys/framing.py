"""One way to turn a versioned label and some fields into bytes that cannot be read two ways.

Every seal is bound to where it belongs by such bytes, as associated data or HPKE `info`.
Format: docs/formats/note-seal.md.
"""

from __future__ import annotations

from hashlib import sha256


def framed(label: str, *fields: str | int | bytes) -> bytes:
    """Length (4 bytes, big-endian) and bytes of the label and of each field, in order.

    Text is UTF-8 and integers are 8 bytes big-endian. Which field is which type is fixed by the
    label, so that two different field lists can never give the same bytes under one label.
    Raises OverflowError on a negative integer or one beyond 64 bits.
    """
    parts: list[bytes] = []
    for field in (label, *fields):
        if isinstance(field, int):
            encoded = field.to_bytes(8, "big")
        elif isinstance(field, str):
            encoded = field.encode()
        else:
            encoded = field
        parts.append(len(encoded).to_bytes(4, "big"))
        parts.append(encoded)
    return b"".join(parts)


def framed_hash(label: str, *fields: bytes) -> str:
    """SHA-256 of `framed(label, *fields)` in lower-case hex, without joining long fields."""
    digest = sha256(framed(label))
    for field in fields:
        # Two updates, because joining a length to a 64 KB ciphertext would copy the ciphertext.
        digest.update(len(field).to_bytes(4, "big"))
        digest.update(field)
    return digest.hexdigest()
