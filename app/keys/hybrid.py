"""Sealing a short secret to an organisation's public key: HPKE with X-Wing.

HPKE (RFC 9180) base mode, KEM MLKEM768-X25519 (0x647a), HKDF-SHA256, AES-256-GCM. Hybrid because
the secrecy of a child's file outlives today's key exchange. Base mode proves nothing about who
sealed: authorship rests on the log entry that names the wrap. Format: docs/formats/key-ring.md.
"""

from __future__ import annotations

from functools import lru_cache
from hashlib import shake_256
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hpke
from cryptography.hazmat.primitives.asymmetric.mlkem import MLKEM768PrivateKey, MLKEM768PublicKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey

SEED: Final = 32
PUBLIC: Final = 1184 + 32
"""Bytes of a public key: ML-KEM-768, then X25519."""

OVERHEAD: Final = 1088 + 32 + 16
"""Bytes that a wrap is longer than the secret: both encapsulations and the tag."""

_ML_KEM_PUBLIC: Final = 1184
_SUITE: Final = hpke.Suite(hpke.KEM.MLKEM768_X25519, hpke.KDF.HKDF_SHA256, hpke.AEAD.AES_256_GCM)


def private_from_seed(seed: bytes) -> tuple[hpke.MLKEM768X25519PrivateKey, bytes]:
    """The private key that a 32-byte X-Wing seed stands for, and its 1,216-byte public key.

    Source: draft-connolly-cfrg-xwing-kem, expandDecapsulationKey.
    """
    if len(seed) != SEED:
        raise ValueError(f"an X-Wing seed is {SEED} bytes, got {len(seed)}")
    expanded = shake_256(seed).digest(96)
    ml_kem = MLKEM768PrivateKey.from_seed_bytes(expanded[:64])
    x25519 = X25519PrivateKey.from_private_bytes(expanded[64:])
    public = ml_kem.public_key().public_bytes_raw() + x25519.public_key().public_bytes_raw()
    return hpke.MLKEM768X25519PrivateKey(ml_kem, x25519), public


@lru_cache(maxsize=256)
def _parsed(public_key: bytes) -> hpke.MLKEM768X25519PublicKey:
    # Cached because checking the lattice key costs a sixth of the whole wrap, and an installation
    # has tens of organisations. Public keys are no secret to keep in memory.
    if len(public_key) != PUBLIC:
        raise ValueError(f"a public key is {PUBLIC} bytes, got {len(public_key)}")
    return hpke.MLKEM768X25519PublicKey(
        MLKEM768PublicKey.from_public_bytes(public_key[:_ML_KEM_PUBLIC]),
        X25519PublicKey.from_public_bytes(public_key[_ML_KEM_PUBLIC:]),
    )


def wrap(secret: bytes, public_key: bytes, info: bytes) -> bytes:
    """The secret, sealed to the public key and bound to `info`.

    Raises ValueError if the public key is not one.
    """
    return _SUITE.encrypt(secret, _parsed(public_key), info=info)


def unwrap(wrapped: bytes, private_key: hpke.MLKEM768X25519PrivateKey, info: bytes) -> bytes | None:
    """The secret, or None if it was not sealed to this key with this `info`."""
    try:
        return _SUITE.decrypt(wrapped, private_key, info=info)
    except InvalidTag:
        return None
