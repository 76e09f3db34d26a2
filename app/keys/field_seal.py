"""Sealed fields: short texts of one holder, each bound to its label and its row.

For subjects' identities, drafts, facts and the details of log entries. Each field gets a key of
its own from a random salt, and is padded like a note. No commitment, because a field has one
holder: nobody else opens it under another key. Format: docs/formats/note-seal.md.
"""

from __future__ import annotations

import secrets
from typing import Final

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from app.keys.envelope import KEY
from app.keys.errors import SealBroken
from app.keys.framing import framed
from app.keys.secret import Secret
from app.keys.stream import open_stream, seal_stream

FORM: Final = 1
SALT: Final = 32
_PREFIX: Final = 1 + 4
_LONGEST_VERSION: Final = 2**32 - 1


class FieldKey(Secret):
    """Seals and opens the fields of one holder for one use, under one version of its key."""

    __slots__ = ("_holder", "_key", "_label", "_version")

    def __init__(self, key: bytes, label: str, *, holder: str, version: int) -> None:
        if not 1 <= version <= _LONGEST_VERSION:
            raise ValueError(f"a key version is 1 to {_LONGEST_VERSION}, got {version}")
        self._key = key
        self._label = label
        self._holder = holder
        self._version = version

    def _named(self) -> str:
        return f"{self._label}, {self._holder}, version {self._version}"

    def seal(self, label: str, row_id: str, plaintext: bytes) -> bytes:
        """Form byte, key version (4 bytes), salt (32 bytes), then the sealed and padded text.

        Raises TextTooLong above 1 MiB.
        """
        salt = secrets.token_bytes(SALT)
        key, associated = self._for(label, row_id, salt)
        return self._prefix() + salt + seal_stream(key, plaintext, associated)

    def open(self, label: str, row_id: str, sealed: bytes) -> bytes:
        """The clear text. Raises SealBroken."""
        salt = sealed[_PREFIX : _PREFIX + SALT]
        key, associated = self._for(label, row_id, salt)
        plaintext = None
        if sealed[:_PREFIX] == self._prefix():
            plaintext = open_stream(key, sealed[_PREFIX + SALT :], associated)
        if plaintext is None:
            raise SealBroken(f"the sealed {label} of {row_id}")
        return plaintext

    def _prefix(self) -> bytes:
        return bytes((FORM,)) + self._version.to_bytes(4, "big")

    def _for(self, label: str, row_id: str, salt: bytes) -> tuple[bytes, bytes]:
        associated = framed(self._label, self._prefix(), self._holder, label, row_id)
        return HKDF(SHA256(), KEY, salt, associated).derive(self._key), associated


def sealed_before(version: int) -> bytes:
    """What a sealed field begins with under that version: fields of earlier ones sort before it."""
    return bytes((FORM,)) + version.to_bytes(4, "big")


def key_version_of(sealed: bytes) -> int:
    """The version of the key that a sealed field was sealed under; says nothing of its truth.

    For choosing the ring to open with while rings are being renewed. Raises SealBroken if the
    bytes are not a sealed field.
    """
    if len(sealed) < _PREFIX + SALT or sealed[0] != FORM:
        raise SealBroken("a sealed field")
    return int.from_bytes(sealed[1:_PREFIX], "big")
