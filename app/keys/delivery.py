"""A copy for one recipient: encrypted anew, under a key that nothing else has.

Nothing of the sender's ids is inside: no note, case, version or number can be read out of a
delivery or guessed from it. Format: docs/formats/delivery-seal.md.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from app.keys.envelope import ct_hash, fresh_key, seal_parts, wraps_hash
from app.keys.errors import TextTooLong
from app.keys.framing import framed
from app.keys.hybrid import wrap
from app.keys.padding import too_long
from app.keys.secret import Secret

DELIVERY_SUITE: Final = 2
"""AES-256-GCM text, HPKE MLKEM768-X25519 wrap."""


@dataclass(frozen=True, slots=True, repr=False)
class SealedDelivery:
    """A delivery as it is stored. Hashes are lower-case hex, for the log entry.

    `ring_version` is what its key is wrapped to, and `sealed_version` what that was when it was
    sent. Its texts are bound to that for good: a renewed ring wraps the key anew, and no more.
    """

    suite: int
    delivery_id: str
    recipient_id: str
    ring_version: int
    sealed_version: int
    wrapped_key: bytes
    commitment: bytes
    head: bytes
    body: bytes
    ct_hash: str
    wraps_hash: str


class DeliveryContent(Secret):
    """What a delivery says, in clear: `head` and `body` in bytes, never shown by accident."""

    __slots__ = ("body", "head")

    head: bytes
    body: bytes

    def __init__(self, head: bytes, body: bytes) -> None:
        self.head = head
        self.body = body


def seal_delivery(
    recipient_id: str,
    ring_version: int,
    recipient_public_key: bytes,
    delivery_id: str,
    head: bytes,
    body: bytes,
) -> SealedDelivery:
    """A copy that only the recipient's ring of this version opens, as this delivery.

    Take the public key from `Keyring.recipient_key`. Head and body are at most 1 MiB each (ask
    `too_long` first). Raises TextTooLong, and ValueError if the key is not a public key.
    """
    if (refusal := too_long(head=head, body=body)) is not None:
        raise TextTooLong(str(refusal))
    dek = fresh_key()
    place = delivery_place(DELIVERY_SUITE, delivery_id, recipient_id, ring_version)
    parts = seal_parts(dek, place, head=head, body=body)
    wrapped = wrap(dek, recipient_public_key, place)
    return SealedDelivery(
        suite=DELIVERY_SUITE,
        delivery_id=delivery_id,
        recipient_id=recipient_id,
        ring_version=ring_version,
        sealed_version=ring_version,
        wrapped_key=wrapped,
        commitment=parts.commitment,
        head=parts.head,
        body=parts.body,
        ct_hash=ct_hash(parts.head, parts.body),
        wraps_hash=wraps_hash(parts.commitment, wrapped),
    )


def delivery_place(suite: int, delivery_id: str, recipient_id: str, ring_version: int) -> bytes:
    """What a delivery is bound to."""
    return framed("sluss/delivery/1", suite, delivery_id, recipient_id, ring_version)
