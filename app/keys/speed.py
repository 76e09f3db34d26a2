"""Two callables to time against each other: sealing a delivery, and bare AES-256-GCM.

What is timed is the delivery path whole: fresh key, padding, commitment, hybrid wrap, head, body
and the hash of both ciphertexts. Timing itself is the caller's.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable
from typing import Final

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from app.keys.delivery import SealedDelivery, seal_delivery
from app.keys.envelope import KEY
from app.keys.hybrid import private_from_seed

_HEAD: Final = 200
_ASSOCIATED: Final = 96


def sealing_and_raw(
    length: int = 65_536,
) -> tuple[Callable[[], SealedDelivery], Callable[[], bytes]]:
    """Seal `length` random bytes as a delivery; encrypt the same bytes with AES-256-GCM alone."""
    body = secrets.token_bytes(length)
    head = secrets.token_bytes(_HEAD)
    associated = secrets.token_bytes(_ASSOCIATED)
    _, public_key = private_from_seed(secrets.token_bytes(KEY))
    cipher = AESGCM(secrets.token_bytes(KEY))
    nonce = secrets.token_bytes(12)

    def sealing() -> SealedDelivery:
        return seal_delivery("recipient", 1, public_key, "delivery", head, body)

    def raw() -> bytes:
        # One nonce again and again is safe here only because what it encrypts is noise that
        # nobody keeps; it leaves in the time exactly what AES-GCM itself takes.
        return cipher.encrypt(nonce, body, associated)

    return sealing, raw
