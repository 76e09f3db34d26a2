"""One clear text under one key that is never used again: padded, in chunks, each authenticated.

The nonce counts the chunks and marks the last one (the STREAM construction of Hoang, Reyhanitabar,
Rogaway and Vizár, as in age), so a chunk that is dropped, moved, repeated or added does not open.
Format: docs/formats/note-seal.md.
"""

from __future__ import annotations

from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from app.keys.padding import HEADER, pad, unpad

TAG: Final = 16
CHUNK: Final = 65_536 + HEADER
"""Bytes of padded text in a chunk: the 64 KB class with its header is one chunk, not two."""

_SEALED_CHUNK: Final = CHUNK + TAG
_ONLY: Final = bytes(11) + b"\x01"


def _nonce(index: int, *, last: bool) -> bytes:
    return index.to_bytes(11, "big") + (b"\x01" if last else b"\x00")


def seal_stream(key: bytes, plaintext: bytes, associated: bytes) -> bytes:
    """The sealed text; its length depends on nothing but the size class.

    `key` is 32 bytes and must have been made for this one text, because the nonces start from
    zero each time. Raises TextTooLong.
    """
    padded = pad(plaintext)
    cipher = AESGCM(key)
    if len(padded) <= CHUNK:
        return cipher.encrypt(_ONLY, padded, associated)
    view = memoryview(padded)
    starts = range(0, len(padded), CHUNK)
    sealed = bytearray(len(padded) + TAG * len(starts))
    out = memoryview(sealed)
    for index, start in enumerate(starts):
        chunk = view[start : start + CHUNK]
        at = index * _SEALED_CHUNK
        nonce = _nonce(index, last=index == len(starts) - 1)
        cipher.encrypt_into(nonce, chunk, associated, out[at : at + len(chunk) + TAG])
    return bytes(sealed)


def open_stream(key: bytes, sealed: bytes, associated: bytes) -> bytes | None:
    """The clear text, or None if any part of it is not what was sealed under this key here."""
    cipher = AESGCM(key)
    try:
        if len(sealed) <= _SEALED_CHUNK:
            return unpad(cipher.decrypt(_ONLY, sealed, associated))
        view = memoryview(sealed)
        starts = range(0, len(sealed), _SEALED_CHUNK)
        padded = b"".join(
            cipher.decrypt(
                _nonce(index, last=index == len(starts) - 1),
                view[start : start + _SEALED_CHUNK],
                associated,
            )
            for index, start in enumerate(starts)
        )
    except InvalidTag:
        return None
    return unpad(padded)
