"""Sealing the details of log entries, each bound to its entry and its field.

Fits `audit`'s DetailSealer without knowing it.
"""

from __future__ import annotations

from typing import Literal

from app.keys.errors import SealBroken
from app.keys.field_seal import FieldKey
from app.keys.secret import Secret

DetailField = Literal["actor", "object", "detail"]


class DetailKey(Secret):
    """One holder's key for log details, with the id that each sealed detail names."""

    __slots__ = ("_fields", "key_id")

    key_id: str

    def __init__(self, key_id: str, fields: FieldKey) -> None:
        self.key_id = key_id
        self._fields = fields

    def _named(self) -> str:
        return self.key_id

    def seal(self, field: DetailField, entry_id: str, plaintext: bytes) -> tuple[str, bytes]:
        """Key id and ciphertext. Raises TextTooLong above 1 MiB."""
        return self.key_id, self._fields.seal(field, entry_id, plaintext)

    def open(self, field: DetailField, entry_id: str, key_id: str, ciphertext: bytes) -> bytes:
        """What `seal` sealed for the same entry and field. Raises SealBroken."""
        if key_id != self.key_id:
            raise SealBroken(f"the sealed {field} of {entry_id}")
        return self._fields.open(field, entry_id, ciphertext)
