"""The root key: one small file that opens everything else, and never has a default.

The file is text so that an operator can see what it is; its format is docs/formats/root-key.md.
The key id is computed from key and purpose, so a demonstration key whose purpose line is edited
gets another id and opens nothing that it sealed before.
"""

from __future__ import annotations

import hmac
import secrets
from hashlib import sha256
from pathlib import Path
from typing import Final, Literal, get_args

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from app.keys.envelope import KEY, derived
from app.keys.errors import (
    RootKeyCorrupt,
    RootKeyPurpose,
    RootKeyWrong,
    SealBroken,
)
from app.keys.key_file import read_private, write_new_private
from app.keys.secret import Secret

Purpose = Literal["production", "demonstration"]

_FIRST_LINE: Final = "sluss root key, version 1"
_NONCE: Final = 12


class RootKey(Secret):
    """Seals the organisations' rings. Made by `create` and `load` only."""

    __slots__ = ("_cipher", "key_id", "purpose")

    key_id: str
    purpose: Purpose
    _cipher: AESGCM

    def __init__(self, key: bytes, purpose: Purpose) -> None:
        self.key_id = _key_id(key, purpose)
        self.purpose = purpose
        # The file's own bytes are not kept: sealing uses a key derived from them.
        self._cipher = AESGCM(derived(key, b"sluss/root-seal/1" + purpose.encode()))

    def _named(self) -> str:
        return f"{self.key_id}, {self.purpose}"

    @classmethod
    def create(cls, path: Path, purpose: Purpose) -> RootKey:
        """Make a new key in a new file that only its owner can read.

        The file appears whole or not at all and never replaces anything; of several at once, one
        makes it. Raises RootKeyExists, RootKeyUnreadable.
        """
        key = secrets.token_bytes(KEY)
        write_new_private(path, file_text(key, purpose).encode())
        return cls(key, purpose)

    @classmethod
    def load(cls, path: Path, purpose: Purpose, *, expected_id: str | None = None) -> RootKey:
        """The key in the file, if it is whole, private, of this purpose and the expected one.

        `expected_id` is the root key id of the stored rings, if there are any. Raises
        RootKeyMissing, RootKeyExposed, RootKeyUnreadable, RootKeyCorrupt, RootKeyPurpose and
        RootKeyWrong, each with a sentence that names path and key id and says what to do.
        """
        content = read_private(path, expected_id)
        key, found_purpose = _parsed(content, path, expected_id)
        root = cls(key, found_purpose)
        if found_purpose != purpose:
            raise RootKeyPurpose(
                f"root key {root.key_id} in {path} is made for {found_purpose} and this"
                f" installation runs as {purpose}; point the configuration to the {purpose} key"
            )
        if expected_id is not None and root.key_id != expected_id:
            raise RootKeyWrong(
                f"root key {root.key_id} in {path} is not {expected_id}, which the stored rings"
                f" are sealed under; put the file of {expected_id} there, or restore the database"
                f" that belongs to {root.key_id}"
            )
        return root

    def seal(self, plaintext: bytes, associated: bytes) -> bytes:
        """Nonce (12 bytes), ciphertext and tag (16 bytes): AES-256-GCM."""
        # A random nonce is safe here because a root seals tens of rings, not 2^32 of them.
        nonce = secrets.token_bytes(_NONCE)
        return nonce + self._cipher.encrypt(nonce, plaintext, associated)

    def unseal(self, sealed: bytes, associated: bytes) -> bytes:
        """What `seal` sealed. Raises SealBroken."""
        try:
            return self._cipher.decrypt(sealed[:_NONCE], sealed[_NONCE:], associated)
        except (InvalidTag, ValueError):
            raise SealBroken(f"a value sealed under root key {self.key_id}") from None


def file_text(key: bytes, purpose: Purpose) -> str:
    """The whole file of a 32-byte key, checksum line and last newline included."""
    checked = f"{_FIRST_LINE}\npurpose: {purpose}\nid: {_key_id(key, purpose)}\nkey: {key.hex()}\n"
    return f"{checked}check: {sha256(checked.encode()).hexdigest()}\n"


def _key_id(key: bytes, purpose: Purpose) -> str:
    tag = hmac.digest(key, b"sluss/root-key-id/1" + purpose.encode(), "sha256")
    return f"root-{tag[:8].hex()}"


def _parsed(content: bytes, path: Path, expected_id: str | None) -> tuple[bytes, Purpose]:
    """Key and purpose of a file that is, byte for byte, one that `file_text` makes."""
    lines = content.decode("ascii", errors="replace").split("\n")
    fields = dict(line.split(": ", 1) for line in lines if ": " in line)
    for purpose in get_args(Purpose):
        try:
            key = bytes.fromhex(fields.get("key", ""))
        except ValueError:
            break
        # Rebuilding the file and comparing it whole leaves no second way to write the same key,
        # and finds a cut, a changed byte, a wrong id and a wrong checksum at once.
        if len(key) == KEY and hmac.compare_digest(file_text(key, purpose).encode(), content):
            return key, purpose
    named = _plausible_id(fields.get("id", "")) or expected_id or "of unknown id"
    raise RootKeyCorrupt(
        f"root key {named} in {path} is not whole: {_flaw(lines)}; restore the file from the"
        " operator's backup. Without it nothing that was sealed under it can be opened"
    )


def _plausible_id(claimed: str) -> str | None:
    """The id that the file claims, if it looks like one; nothing else of the file is shown."""
    digits = claimed.removeprefix("root-")
    shaped = claimed.startswith("root-") and len(digits) == 16
    return claimed if shaped and set(digits) <= set("0123456789abcdef") else None


def _flaw(lines: list[str]) -> str:
    """What is wrong, in words that repeat nothing of the file."""
    if lines == [""]:
        return "the file is empty"
    if lines[0] != _FIRST_LINE:
        return f"its first line is not {_FIRST_LINE!r}"
    if len(lines) != 6 or lines[-1] or not lines[4].startswith("check: ") or len(lines[4]) != 71:
        return "it is cut short or has lines that do not belong there"
    return "its checksum does not match what it holds"
