"""Head and body under one fresh key, with a commitment to it: what notes and deliveries share.

A fresh 32-byte key (DEK) is made for each version of a note and for each delivery. Head and body
get keys of their own from it, so that titles can be listed without touching texts and neither can
stand in the other's place. AES-GCM does not commit to its key: a ciphertext can be crafted that
two keys open to two texts. The commitment, checked before anything is opened, makes the row's
reader and the log's reader see the same text. Formats: docs/formats/note-seal.md.
"""

from __future__ import annotations

import hmac
import secrets
from dataclasses import dataclass
from typing import Final, Literal

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDFExpand

from app.keys.framing import framed_hash
from app.keys.stream import open_stream, seal_stream

KEY: Final = 32
COMMITMENT: Final = 32

Part = Literal["head", "body"]

_CT_LABEL: Final = "sluss/ct-hash/1"
_WRAPS_LABEL: Final = "sluss/wraps-hash/1"


@dataclass(frozen=True, slots=True, repr=False)
class SealedParts:
    """Head, body and the commitment to the key that both are sealed under."""

    commitment: bytes
    head: bytes
    body: bytes


def fresh_key() -> bytes:
    """32 bytes from the operating system, for one use."""
    return secrets.token_bytes(KEY)


def derived(key: bytes, info: bytes) -> bytes:
    """A 32-byte key for one use of `key`, which must itself be uniformly random.

    HKDF-Expand alone, because extraction adds nothing to a random key. Source: RFC 5869, 3.3.
    """
    return HKDFExpand(SHA256(), KEY, info).derive(key)


def commitment_to(dek: bytes, associated: bytes) -> bytes:
    """32 bytes that no second key can be found for."""
    return hmac.digest(dek, b"commit" + associated, "sha256")


def seal_parts(dek: bytes, associated: bytes, *, head: bytes, body: bytes) -> SealedParts:
    """Deterministic, so `dek` must be fresh. Raises TextTooLong above 1 MiB for either."""
    return SealedParts(
        commitment=commitment_to(dek, associated),
        head=seal_stream(derived(dek, b"head" + associated), head, b"head" + associated),
        body=seal_stream(derived(dek, b"body" + associated), body, b"body" + associated),
    )


def open_part(
    dek: bytes, associated: bytes, part: Part, sealed: bytes, *, commitment: bytes
) -> bytes | None:
    """The clear head or body, or None if the key, the place or the bytes are not the right ones."""
    if not hmac.compare_digest(commitment_to(dek, associated), commitment):
        return None
    label = part.encode() + associated
    return open_stream(derived(dek, label), sealed, label)


def ct_hash(head: bytes, body: bytes) -> str:
    """SHA-256 in hex over both ciphertexts: what the log entry's `ct` binds."""
    return framed_hash(_CT_LABEL, head, body)


def wraps_hash(commitment: bytes, *wraps: bytes) -> str:
    """SHA-256 in hex over the commitment and the sorted wraps: what the log entry's `wr` binds."""
    return framed_hash(_WRAPS_LABEL, commitment, *sorted(wraps))
