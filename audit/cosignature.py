"""Cosignatures: that a key has seen a log at a size with a root, at a time, as C2SP specifies them.

Two kinds: Ed25519 (type 0x04) and ML-DSA-44 (type 0x06). Witnesses make both. The log itself adds
one of the second kind under its own name, because a signature that stands for decades must outlive
the breaking of elliptic curves. Source: C2SP tlog-cosignature; docs/formats/checkpoint.md.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Final, Literal

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA44PrivateKey, MLDSA44PublicKey

from audit.checkpoint import Checkpoint, SignatureLine, parse_checkpoint
from audit.errors import NoteError

Kind = Literal[4, 6]
ED25519: Final[Kind] = 4
ML_DSA_44: Final[Kind] = 6
SEED_BYTES = 32
_PUBLIC_BYTES: dict[int, int] = {ED25519: 32, ML_DSA_44: 1312}
_SIGNATURE_BYTES: dict[int, int] = {ED25519: 64, ML_DSA_44: 2420}
_PRIVATE = "PRIVATE+KEY+"
_LATEST = 2**63  # a time from here on cannot be a POSIX timestamp


@dataclass(frozen=True)
class CosignerKey:
    """A public key that cosigns. `public` is 32 bytes (Ed25519) or 1,312 (ML-DSA-44)."""

    name: str
    kind: Kind
    public: bytes

    def __post_init__(self) -> None:
        _refuse_name(self.name)
        if len(self.public) != _PUBLIC_BYTES.get(self.kind):
            raise NoteError(f"the public key of {self.name} is not as long as its kind wants")

    @property
    def id(self) -> bytes:
        """The four bytes that point the key out beside its name."""
        return key_id(self.name, self.kind, self.public)

    def text(self) -> str:
        """The vkey: <name>+<id in hex>+<base64 of the type byte and the key>."""
        return f"{self.name}+{self.id.hex()}+{_b64(bytes([self.kind]) + self.public)}"

    def verifies(self, message: bytes, signature: bytes) -> bool:
        """Whether this is the key's cosignature of the checkpoint whose text `message` is."""
        if len(signature) != 8 + _SIGNATURE_BYTES[self.kind]:
            return False
        time = int.from_bytes(signature[:8], "big")
        try:
            checkpoint = parse_checkpoint(message.decode())
            signed = signed_message(self.kind, self.name, checkpoint, time)
            if self.kind == ED25519:
                Ed25519PublicKey.from_public_bytes(self.public).verify(signature[8:], signed)
            else:
                _ml_dsa_44(self.public).verify(signature[8:], signed)
        except (InvalidSignature, ValueError):  # NoteError is a ValueError
            return False
        return True


@dataclass(frozen=True)
class CosigningKey:
    """The private half: a seed of 32 bytes, which is never shown."""

    name: str
    kind: Kind
    seed: bytes

    def __post_init__(self) -> None:
        _refuse_name(self.name)
        if len(self.seed) != SEED_BYTES:
            raise NoteError(f"the seed of {self.name} is not {SEED_BYTES} bytes")

    def __repr__(self) -> str:
        return f"CosigningKey({self.name}+{self.verifier.id.hex()})"

    @property
    def verifier(self) -> CosignerKey:
        """The public half."""
        if self.kind == ED25519:
            public = Ed25519PrivateKey.from_private_bytes(self.seed).public_key()
            return CosignerKey(self.name, self.kind, public.public_bytes_raw())
        other = MLDSA44PrivateKey.from_seed_bytes(self.seed).public_key()
        return CosignerKey(self.name, self.kind, other.public_bytes_raw())

    def cosign(self, checkpoint: Checkpoint, at: datetime) -> SignatureLine:
        """The line to put under the checkpoint. `at` is aware; whole seconds are signed."""
        time = int(at.timestamp())
        message = signed_message(self.kind, self.name, checkpoint, time)
        if self.kind == ED25519:
            signature = Ed25519PrivateKey.from_private_bytes(self.seed).sign(message)
        else:
            signature = MLDSA44PrivateKey.from_seed_bytes(self.seed).sign(message)
        return SignatureLine(self.name, self.verifier.id, time.to_bytes(8, "big") + signature)

    def text(self) -> str:
        """PRIVATE+KEY+<name>+<id in hex>+<base64 of the type byte and the seed>."""
        material = _b64(bytes([self.kind]) + self.seed)
        return f"{_PRIVATE}{self.name}+{self.verifier.id.hex()}+{material}"


def new_cosigning_key(name: str, kind: Kind) -> CosigningKey:
    """A key with a fresh seed."""
    return CosigningKey(name, kind, secrets.token_bytes(SEED_BYTES))


def key_id(name: str, kind: int, public: bytes) -> bytes:
    """SHA-256(name || newline || type || public key), its first four bytes."""
    return hashlib.sha256(name.encode() + b"\n" + bytes([kind]) + public).digest()[:4]


def signed_message(kind: Kind, name: str, checkpoint: Checkpoint, time: int) -> bytes:
    """What a cosignature of the kind is over. Raises NoteError for what cannot be written so."""
    if not 0 <= time < _LATEST:
        raise NoteError("the time in a cosignature is none")
    if kind == ED25519:
        return f"cosignature/v1\ntime {time}\n{checkpoint.text()}".encode()
    cosigner, origin = name.encode(), checkpoint.origin.encode()
    if not (0 < len(cosigner) < 256 and 0 < len(origin) < 256):
        raise NoteError("a name of more than 255 bytes cannot be cosigned with ML-DSA-44")
    return b"".join(
        (
            b"subtree/v1\n\0",
            bytes([len(cosigner)]) + cosigner,
            time.to_bytes(8, "big"),
            bytes([len(origin)]) + origin,
            (0).to_bytes(8, "big"),
            checkpoint.size.to_bytes(8, "big"),
            checkpoint.root,
        )
    )


def parse_cosigner_key(text: str) -> CosignerKey:
    """The key that a vkey of type 0x04 or 0x06 holds. Raises NoteError."""
    name, written, kind, public = _split(text)
    key = CosignerKey(name, kind, public)
    if key.id != written:
        raise NoteError("a public key does not match its own key id; ask its owner for it anew")
    return key


def parse_cosigning_key(text: str) -> CosigningKey:
    """The key that a private key text holds. Raises NoteError, which never shows the key."""
    if not text.startswith(_PRIVATE):
        raise NoteError("a signing key must begin with PRIVATE+KEY+")
    name, written, kind, seed = _split(text.removeprefix(_PRIVATE))
    key = CosigningKey(name, kind, seed)
    if key.verifier.id != written:
        raise NoteError(f"the signing key of {name} does not match its own key id")
    return key


@lru_cache(maxsize=64)
def _ml_dsa_44(public: bytes) -> MLDSA44PublicKey:
    """The key, unpacked once: a log has few keys and many checkpoints."""
    return MLDSA44PublicKey.from_public_bytes(public)


def _split(text: str) -> tuple[str, bytes, Kind, bytes]:
    try:
        name, written, encoded = text.split("+", 2)
        data = base64.b64decode(encoded, validate=True)
        identity = bytes.fromhex(written)
    except (ValueError, binascii.Error):
        raise NoteError("a key must be <name>+<eight hex digits>+<base64>") from None
    if data[:1] == bytes([ED25519]):
        return name, identity, ED25519, data[1:]
    if data[:1] == bytes([ML_DSA_44]):
        return name, identity, ML_DSA_44, data[1:]
    raise NoteError(f"the key of {name} is of no kind that cosigns (0x04 or 0x06)")


def _refuse_name(name: str) -> None:
    if not name or "+" in name or any(char.isspace() or char < " " for char in name):
        raise NoteError("a key name must not be empty, or hold spaces or plus signs")


def _b64(data: bytes) -> str:
    return base64.b64encode(data).decode()
