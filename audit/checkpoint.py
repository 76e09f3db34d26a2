"""Signed notes and checkpoints, as C2SP specifies them, with Ed25519 keys.

A checkpoint says: the log of this origin, at this size, has this root; and is signed. Others may
add lines of their own (witnesses, a second algorithm): a line by a key that is not known is
ignored, a bad line by a known key rejects the whole note.
Sources: C2SP signed-note and tlog-checkpoint; docs/formats/checkpoint.md.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from audit.errors import NoteError, UnknownSigner
from audit.merkle import HASH_BYTES

ED25519 = b"\x01"
NOTE_CAP = 1024 * 1024  # bytes
SIGNATURE_CAP = 100
DASH = "\N{EM DASH} "
_SIZE = re.compile(r"0|[1-9][0-9]{0,18}")
_KEY_ID = re.compile(r"[0-9a-f]{8}")
_PRIVATE = "PRIVATE+KEY+"


class NoteKey(Protocol):
    """A public key of any kind that signs notes: the log's own, or one that cosigns."""

    @property
    def name(self) -> str:
        """Whose it is."""
        ...

    @property
    def id(self) -> bytes:
        """The four bytes that point the key out beside its name."""
        ...

    def text(self) -> str:
        """The vkey."""
        ...

    def verifies(self, message: bytes, signature: bytes) -> bool:
        """Whether the signature is this key's over the note text."""
        ...


@dataclass(frozen=True)
class VerifierKey:
    """A public key with its name. `public` is 32 bytes."""

    name: str
    public: bytes

    def __post_init__(self) -> None:
        _refuse_key_name(self.name)
        if len(self.public) != HASH_BYTES:
            raise NoteError(f"the Ed25519 public key of {self.name} is not 32 bytes")

    @property
    def id(self) -> bytes:
        """The four bytes that point the key out beside its name."""
        return _key_id(self.name, self.public)

    def text(self) -> str:
        """The vkey: <name>+<id in hex>+<base64 of 0x01 and the key>."""
        return f"{self.name}+{self.id.hex()}+{_b64(ED25519 + self.public)}"

    def verifies(self, message: bytes, signature: bytes) -> bool:
        """Whether the signature is this key's over the message."""
        try:
            Ed25519PublicKey.from_public_bytes(self.public).verify(signature, message)
        except (InvalidSignature, ValueError):
            return False
        return True


@dataclass(frozen=True)
class SigningKey:
    """A private key with its name. `seed` is 32 bytes and never shown."""

    name: str
    seed: bytes

    def __post_init__(self) -> None:
        _refuse_key_name(self.name)
        if len(self.seed) != HASH_BYTES:
            raise NoteError(f"the Ed25519 seed of {self.name} is not 32 bytes")

    def __repr__(self) -> str:
        return f"SigningKey({self.name}+{self.verifier.id.hex()})"

    @property
    def verifier(self) -> VerifierKey:
        """The public half."""
        private = Ed25519PrivateKey.from_private_bytes(self.seed)
        return VerifierKey(self.name, private.public_key().public_bytes_raw())

    def sign(self, message: bytes) -> bytes:
        """Ed25519 over the message; the same message always gives the same 64 bytes."""
        return Ed25519PrivateKey.from_private_bytes(self.seed).sign(message)

    def cosign(self, checkpoint: Checkpoint, _at: datetime) -> SignatureLine:
        """The line to put under a checkpoint; it holds no time."""
        return SignatureLine(self.name, self.verifier.id, self.sign(checkpoint.text().encode()))

    def text(self) -> str:
        """PRIVATE+KEY+<name>+<id in hex>+<base64 of 0x01 and the seed>, as Go's note package."""
        return f"{_PRIVATE}{self.name}+{self.verifier.id.hex()}+{_b64(ED25519 + self.seed)}"


def parse_verifier_key(text: str) -> VerifierKey:
    """The key that a vkey holds. Raises NoteError."""
    name, key_id, material = _split_key(text, "public key")
    key = VerifierKey(name, material)
    if key.id != key_id:
        raise NoteError("a public key does not match its own key id; ask its owner for it anew")
    return key


def parse_signing_key(text: str) -> SigningKey:
    """The key that a private key text holds. Raises NoteError, which never shows the key."""
    if not text.startswith(_PRIVATE):
        raise NoteError("a signing key must begin with PRIVATE+KEY+")
    name, key_id, material = _split_key(text.removeprefix(_PRIVATE), "signing key")
    key = SigningKey(name, material)
    if key.verifier.id != key_id:
        raise NoteError(f"the signing key of {name} does not match its own key id")
    return key


@dataclass(frozen=True)
class SignatureLine:
    """One line under a note: the signer's key name, key id (4 bytes) and signature."""

    name: str
    key_id: bytes
    signature: bytes

    def text(self) -> str:
        """The line as written, newline included."""
        return f"{DASH}{self.name} {_b64(self.key_id + self.signature)}\n"


@dataclass(frozen=True)
class OpenedNote:
    """A note that at least one known key has signed, and which of the known keys did."""

    text: str
    signed_by: tuple[NoteKey, ...]


@dataclass(frozen=True)
class Checkpoint:
    """Origin, size and root (32 bytes) of a log; `extensions` are lines that others may add."""

    origin: str
    size: int
    root: bytes
    extensions: tuple[str, ...] = ()

    def text(self) -> str:
        """The note text that is signed."""
        lines = (self.origin, str(self.size), _b64(self.root), *self.extensions)
        return "".join(f"{line}\n" for line in lines)


def sign_note(text: str, keys: Sequence[SigningKey], others: Sequence[SignatureLine] = ()) -> bytes:
    """The text with one signature line by each key, after any lines that others have made."""
    _refuse_text(text)
    if not text.endswith("\n"):
        raise NoteError("the text of a note must end with a newline")
    message = text.encode()
    own = [SignatureLine(key.name, key.verifier.id, key.sign(message)) for key in keys]
    return (text + "\n" + "".join(line.text() for line in [*others, *own])).encode()


def split_note(note: bytes) -> tuple[str, tuple[SignatureLine, ...]]:
    """Text and signature lines of a note, nothing verified. Raises NoteError if malformed."""
    if len(note) > NOTE_CAP:
        raise NoteError(f"a note of {len(note)} bytes is above the cap of {NOTE_CAP}")
    try:
        whole = note.decode()
    except UnicodeDecodeError:
        raise NoteError("a note must be UTF-8") from None
    _refuse_text(whole)
    text, blank, below = whole.rpartition("\n\n")
    if not blank or not below.endswith("\n"):
        raise NoteError("a note needs a text, a blank line and signature lines")
    lines = below[:-1].split("\n")
    if len(lines) > SIGNATURE_CAP:
        raise NoteError(f"a note with more than {SIGNATURE_CAP} signatures")
    return text + "\n", tuple(_signature_line(line) for line in lines)


def open_note(note: bytes, keys: Iterable[NoteKey]) -> OpenedNote:
    """The text, if a known key has signed it and no known key's line is bad. Raises NoteError."""
    text, lines = split_note(note)
    known = {(key.name, key.id): key for key in keys}
    signed_by: list[NoteKey] = []
    for line in lines:
        key = known.get((line.name, line.key_id))
        if key is None:
            continue
        if not key.verifies(text.encode(), line.signature):
            raise NoteError(f"the signature by {key.name}+{key.id.hex()} is false")
        if key not in signed_by:
            signed_by.append(key)
    if not signed_by:
        raise UnknownSigner("none of the keys given has signed this note")
    return OpenedNote(text, tuple(signed_by))


def parse_checkpoint(text: str) -> Checkpoint:
    """The checkpoint written in a note's text. Raises NoteError."""
    lines = text.split("\n")
    if len(lines) < 4 or lines.pop() or not all(lines):
        raise NoteError("a checkpoint needs origin, size and root, each on a line of its own")
    origin, size, root, *extensions = lines
    if not _SIZE.fullmatch(size):
        raise NoteError("the size in a checkpoint is not a plain decimal number")
    digest = _unb64(root)
    if len(digest) != HASH_BYTES:
        raise NoteError("the root in a checkpoint is not 32 bytes")
    return Checkpoint(origin, int(size), digest, tuple(extensions))


def open_checkpoint(note: bytes, keys: Iterable[NoteKey]) -> Checkpoint:
    """The checkpoint in a note that a known key has signed. Raises NoteError."""
    return parse_checkpoint(open_note(note, keys).text)


def _signature_line(line: str) -> SignatureLine:
    parts = line.removeprefix(DASH).split(" ")
    if not line.startswith(DASH) or len(parts) != 2:
        raise NoteError("a signature line must be: em dash, key name, base64")
    _refuse_key_name(parts[0])
    data = _unb64(parts[1])
    if len(data) < 5:
        raise NoteError("a signature line is too short to hold a signature")
    return SignatureLine(parts[0], data[:4], data[4:])


def _split_key(text: str, what: str) -> tuple[str, bytes, bytes]:
    parts = text.split("+", 2)
    if len(parts) != 3 or not _KEY_ID.fullmatch(parts[1]):
        raise NoteError(f"a {what} must be <name>+<eight hex digits>+<base64>")
    data = _unb64(parts[2])
    if data[:1] != ED25519 or len(data) != 1 + HASH_BYTES:
        raise NoteError(f"the {what} of {parts[0]} is not an Ed25519 key (type 1, 32 bytes)")
    return parts[0], bytes.fromhex(parts[1]), data[1:]


def _key_id(name: str, public: bytes) -> bytes:
    return hashlib.sha256(name.encode() + b"\n" + ED25519 + public).digest()[:4]


def _refuse_key_name(name: str) -> None:
    if not name or "+" in name or any(char.isspace() or char < " " for char in name):
        raise NoteError("a key name must not be empty, or hold spaces or plus signs")


def _refuse_text(text: str) -> None:
    if any(char < " " and char != "\n" for char in text):
        raise NoteError("a note must not hold control characters other than newline")


def _b64(data: bytes) -> str:
    return base64.b64encode(data).decode()


def _unb64(text: str) -> bytes:
    try:
        data = base64.b64decode(text.encode(), validate=True)
    except (binascii.Error, ValueError):
        raise NoteError("not base64") from None
    if _b64(data) != text:  # unused bits that are set would make two spellings of one signature
        raise NoteError("base64 with stray bits in its last character")
    return data
