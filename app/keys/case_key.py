"""One case's key: seals its notes and fields, and is destroyed with the case.

The organisation's ring opens the wrapped key; the wrap says which case, organisation and version
of the ring it belongs to. Formats: docs/formats/note-seal.md, docs/formats/key-ring.md.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from app.keys.detail_seal import DetailField, DetailKey
from app.keys.envelope import (
    Part,
    ct_hash,
    derived,
    fresh_key,
    open_part,
    seal_parts,
    wraps_hash,
)
from app.keys.errors import SealBroken, TextTooLong
from app.keys.field_seal import FieldKey
from app.keys.framing import framed, framed_hash
from app.keys.hybrid import wrap
from app.keys.padding import too_long
from app.keys.secret import Secret

NOTE_SUITE: Final = 1
"""AES-256-GCM text, AES-256-GCM wrap under the case key."""

_NONCE: Final = 12
_KEY_ID: Final = "case:"
_WRAP_INFO: Final = b"sluss/case-key/wrap/1"
_TEXT_INFO: Final = b"sluss/case-key/text/1"
_DETAIL_INFO: Final = b"sluss/case-key/detail/1"


@dataclass(frozen=True, slots=True, repr=False)
class WrappedCaseKey:
    """A case key, sealed to one version of one organisation's ring."""

    case_id: str
    organisation_id: str
    ring_version: int
    sealed: bytes

    @property
    def wraps_hash(self) -> str:
        """SHA-256 in hex for the `wr` of the entry that opens the case or renews the wrap."""
        return framed_hash("sluss/case-key-hash/1", self.info(), self.sealed)

    def info(self) -> bytes:
        """What the wrap is bound to."""
        return case_key_info(self.case_id, self.organisation_id, self.ring_version)


@dataclass(frozen=True, slots=True, repr=False)
class SealedNote:
    """One version of a note as it is stored. Hashes are lower-case hex, for the log entry."""

    suite: int
    wrapped_key: bytes
    commitment: bytes
    head: bytes
    body: bytes
    ct_hash: str
    wraps_hash: str


class CaseKey(Secret):
    """Opens and seals what belongs to one case."""

    __slots__ = ("_details", "_fields", "_wrap", "case_id")

    case_id: str

    def __init__(self, case_id: str, key: bytes) -> None:
        self.case_id = case_id
        self._wrap = AESGCM(derived(key, _WRAP_INFO))
        self._fields = FieldKey(
            derived(key, _TEXT_INFO), "sluss/case-text/1", holder=case_id, version=1
        )
        self._details = DetailKey(
            f"{_KEY_ID}{case_id}",
            FieldKey(derived(key, _DETAIL_INFO), "sluss/case-detail/1", holder=case_id, version=1),
        )

    def _named(self) -> str:
        return self.case_id

    @property
    def key_id(self) -> str:
        """What a sealed log detail names as its key."""
        return self._details.key_id

    def seal_note(
        self, note_id: str, version: int, owner: str, head: bytes, body: bytes
    ) -> SealedNote:
        """One version of a note under a fresh key.

        `owner` is the organisation; `head` holds title, category and attributes, `body` the text;
        each is at most 1 MiB (ask `too_long` first). Raises TextTooLong.
        """
        if (refusal := too_long(head=head, body=body)) is not None:
            raise TextTooLong(str(refusal))
        dek = fresh_key()
        associated = self._place(NOTE_SUITE, note_id, version, owner)
        parts = seal_parts(dek, associated, head=head, body=body)
        # A random nonce is safe here because a case key wraps thousands of keys, not 2^32.
        nonce = secrets.token_bytes(_NONCE)
        wrapped = nonce + self._wrap.encrypt(nonce, dek, b"wrap" + associated)
        return SealedNote(
            suite=NOTE_SUITE,
            wrapped_key=wrapped,
            commitment=parts.commitment,
            head=parts.head,
            body=parts.body,
            ct_hash=ct_hash(parts.head, parts.body),
            wraps_hash=wraps_hash(parts.commitment, wrapped),
        )

    def open_head(
        self,
        note_id: str,
        version: int,
        owner: str,
        *,
        suite: int,
        wrapped_key: bytes,
        commitment: bytes,
        head: bytes,
    ) -> bytes:
        """Title, category and attributes; the body need not be at hand. Raises SealBroken."""
        place = self._place(suite, note_id, version, owner)
        opened = self._opened(suite, place, wrapped_key, commitment, "head", head)
        if opened is None:
            raise SealBroken(f"the head of note {note_id}, version {version}")
        return opened

    def open_body(
        self,
        note_id: str,
        version: int,
        owner: str,
        *,
        suite: int,
        wrapped_key: bytes,
        commitment: bytes,
        body: bytes,
    ) -> bytes:
        """The text; the head need not be at hand. Raises SealBroken."""
        place = self._place(suite, note_id, version, owner)
        opened = self._opened(suite, place, wrapped_key, commitment, "body", body)
        if opened is None:
            raise SealBroken(f"the body of note {note_id}, version {version}")
        return opened

    def seal_text(self, label: str, row_id: str, plaintext: bytes) -> bytes:
        """A field of the case, bound to its label and row. Raises TextTooLong."""
        return self._fields.seal(label, row_id, plaintext)

    def open_text(self, label: str, row_id: str, sealed: bytes) -> bytes:
        """What `seal_text` sealed for the same label and row. Raises SealBroken."""
        return self._fields.open(label, row_id, sealed)

    def detail_sealer(self) -> DetailKey:
        """Seals the details of log entries under the case's key, as `audit` asks for it."""
        return self._details

    def open_detail(
        self, field: DetailField, entry_id: str, key_id: str, ciphertext: bytes
    ) -> bytes:
        """What `detail_sealer` sealed. Raises SealBroken, also for another key's id."""
        return self._details.open(field, entry_id, key_id, ciphertext)

    def _place(self, suite: int, note_id: str, version: int, owner: str) -> bytes:
        return framed("sluss/note/1", suite, note_id, version, owner, self.case_id)

    def _opened(
        self, suite: int, place: bytes, wrapped: bytes, commitment: bytes, part: Part, sealed: bytes
    ) -> bytes | None:
        if suite != NOTE_SUITE:
            return None
        try:
            dek = self._wrap.decrypt(wrapped[:_NONCE], wrapped[_NONCE:], b"wrap" + place)
        except (InvalidTag, ValueError):
            return None
        return open_part(dek, place, part, sealed, commitment=commitment)


def case_of_key_id(key_id: str) -> str | None:
    """The case whose key a sealed log detail names, None if it names another kind of key."""
    return key_id.removeprefix(_KEY_ID) if key_id.startswith(_KEY_ID) else None


def case_key_info(case_id: str, organisation_id: str, ring_version: int) -> bytes:
    """What the wrap of a case key is bound to."""
    return framed("sluss/case-key/1", case_id, organisation_id, ring_version)


def new_case_key(
    case_id: str, organisation_id: str, ring_version: int, public_key: bytes
) -> tuple[CaseKey, WrappedCaseKey]:
    """A new case's key, and the same sealed to the organisation's ring.

    Take `public_key` from `Keyring.recipient_key`. Raises ValueError if it is not a public key.
    """
    key = fresh_key()
    return CaseKey(case_id, key), wrapped_case_key(
        key, case_id, organisation_id, ring_version, public_key
    )


def wrapped_case_key(
    key: bytes, case_id: str, organisation_id: str, ring_version: int, public_key: bytes
) -> WrappedCaseKey:
    """A case's key, sealed to a ring."""
    info = case_key_info(case_id, organisation_id, ring_version)
    return WrappedCaseKey(case_id, organisation_id, ring_version, wrap(key, public_key, info))
