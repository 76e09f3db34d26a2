"""What is timed against each other: sealing a delivery, bare AES-256-GCM, and the parts between.

What is timed is the delivery path whole: fresh key, padding, commitment, hybrid wrap, head, body
and the hash of both ciphertexts. Timing itself is the caller's.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha256
from typing import Final

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from app.keys.delivery import SealedDelivery, seal_delivery
from app.keys.envelope import KEY, fresh_key
from app.keys.hybrid import private_from_seed, wrap

_NONCE: Final = 12
_HEAD: Final = 200
_ASSOCIATED: Final = 96


@dataclass(frozen=True)
class Sealings:
    """Three ways with the same bytes."""

    whole: Callable[[], SealedDelivery]
    """A delivery, as the service seals it."""
    raw: Callable[[], bytes]
    """AES-256-GCM and nothing more, as anybody must use it: a key and a nonce for each message."""
    floor: Callable[[], bytes]
    """The hybrid wrap and the SHA-256 alone, which no sealing of this kind can do without."""


def sealings(length: int = 65_536) -> Sealings:
    """Over `length` random bytes."""
    body = secrets.token_bytes(length)
    head = secrets.token_bytes(_HEAD)
    associated = secrets.token_bytes(_ASSOCIATED)
    _, public_key = private_from_seed(secrets.token_bytes(KEY))

    def whole() -> SealedDelivery:
        return seal_delivery("recipient", 1, public_key, "delivery", head, body)

    def raw() -> bytes:
        return AESGCM(fresh_key()).encrypt(secrets.token_bytes(_NONCE), body, associated)

    def floor() -> bytes:
        return wrap(fresh_key(), public_key, associated) + sha256(body).digest()

    return Sealings(whole, raw, floor)
