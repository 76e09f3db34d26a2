"""Which key seals which detail of a log entry.

The actor goes under the organisation's key and the rest under the case's, so that erasing a
child's case does not erase who looked at it.
"""

from __future__ import annotations

from app.keys.case_key import CaseKey
from app.keys.detail_seal import DetailField, DetailKey
from app.keys.ring import Ring
from app.keys.secret import Secret


class EventSealer(Secret):
    """Seals and opens the three details of entries on one case, or on none."""

    __slots__ = ("_actor", "_rest")

    def __init__(self, actor: DetailKey, rest: DetailKey) -> None:
        self._actor = actor
        self._rest = rest

    def _named(self) -> str:
        return f"{self._actor.key_id}, {self._rest.key_id}"

    def seal(self, field: DetailField, entry_id: str, plaintext: bytes) -> tuple[str, bytes]:
        """Key id and ciphertext. Raises TextTooLong above 1 MiB."""
        return self._of(field).seal(field, entry_id, plaintext)

    def open(self, field: DetailField, entry_id: str, key_id: str, ciphertext: bytes) -> bytes:
        """What `seal` sealed under the same keys. Raises SealBroken."""
        return self._of(field).open(field, entry_id, key_id, ciphertext)

    def _of(self, field: DetailField) -> DetailKey:
        return self._actor if field == "actor" else self._rest


def event_sealer(ring: Ring, case_key: CaseKey | None) -> EventSealer:
    """The sealer for one event: actor under the ring, object and detail under the case if any."""
    actor = ring.detail_sealer()
    return EventSealer(actor, case_key.detail_sealer() if case_key else actor)
