"""An organisation's ring: its private key and the keys for its index, records and log details.

Opened by a `Keyring` and kept in memory only. Formats: docs/formats/key-ring.md.
"""

from __future__ import annotations

import hmac
from collections.abc import Callable
from dataclasses import replace
from typing import Final

from app.keys.case_key import CaseKey, WrappedCaseKey, wrapped_case_key
from app.keys.delivery import DELIVERY_SUITE, DeliveryContent, SealedDelivery, delivery_place
from app.keys.detail_seal import DetailField, DetailKey
from app.keys.envelope import KEY, open_part, wraps_hash
from app.keys.errors import KeyFault, SealBroken
from app.keys.field_seal import FieldKey, key_version_of
from app.keys.framing import framed
from app.keys.hybrid import private_from_seed, unwrap, wrap
from app.keys.secret import Secret

RING_SECRETS: Final = 4 * KEY
"""Bytes of a ring in clear: X-Wing seed, index key, detail key, record key, 32 each."""

INDEX_BITS: Final = 15
"""So few that values coincide: the index finds candidates and identifies nobody.

Source: CipherSweet's planner gives 8 to 15 bits for a population of 50,000.
"""


class Ring(Secret):
    """One version of one organisation's keys, open."""

    __slots__ = (
        "_details",
        "_fields",
        "_index",
        "_others",
        "_private",
        "organisation_id",
        "public_key",
        "version",
    )

    organisation_id: str
    version: int
    public_key: bytes

    def __init__(self, organisation_id: str, version: int, secrets: bytes) -> None:
        """`secrets` are the ring's 128 bytes in clear; see `RING_SECRETS`."""
        if len(secrets) != RING_SECRETS:
            raise ValueError(f"a ring is {RING_SECRETS} bytes, got {len(secrets)}")
        seed, index, detail, record = (secrets[at : at + KEY] for at in range(0, RING_SECRETS, KEY))
        self.organisation_id = organisation_id
        self.version = version
        self._private, self.public_key = private_from_seed(seed)
        self._index = index
        self._others: Callable[[int], Ring] | None = None
        self._details = DetailKey(
            f"ring:{organisation_id}:{version}",
            FieldKey(detail, "sluss/ring-detail/1", holder=organisation_id, version=version),
        )
        self._fields = FieldKey(
            record, "sluss/ring-text/1", holder=organisation_id, version=version
        )

    def _named(self) -> str:
        return f"{self.organisation_id}, version {self.version}"

    @property
    def key_id(self) -> str:
        """What a sealed log detail names as its key."""
        return self._details.key_id

    def stands_among(self, others: Callable[[int], Ring]) -> None:
        """Let it open what the other versions of the organisation's ring have sealed.

        `others` gives a version, or raises KeyFault.
        """
        self._others = others

    def holds(self, key_id: str) -> bool:
        """Whether a log detail names this ring as its key, in whichever version."""
        owner, _, version = key_id.rpartition(":")
        return owner == f"ring:{self.organisation_id}" and version.isdecimal()

    def unwrap_case_key(self, wrapped: WrappedCaseKey) -> CaseKey:
        """The key of one of the organisation's cases. Raises SealBroken."""
        return CaseKey(wrapped.case_id, self._case_key_bytes(wrapped))

    def rewrap_case_key(
        self, wrapped: WrappedCaseKey, *, ring_version: int, public_key: bytes
    ) -> WrappedCaseKey:
        """The same case key, sealed to another version of the organisation's ring.

        Raises SealBroken, and ValueError if `public_key` is not a public key.
        """
        return wrapped_case_key(
            self._case_key_bytes(wrapped),
            wrapped.case_id,
            self.organisation_id,
            ring_version,
            public_key,
        )

    def open_delivery(self, sealed: SealedDelivery) -> DeliveryContent:
        """What was delivered to this organisation. Raises SealBroken."""
        dek, place = self._delivery_key(sealed)
        head = open_part(dek, place, "head", sealed.head, commitment=sealed.commitment)
        body = open_part(dek, place, "body", sealed.body, commitment=sealed.commitment)
        if head is None or body is None:
            raise _broken_delivery(sealed)
        return DeliveryContent(head, body)

    def open_delivery_head(self, sealed: SealedDelivery) -> bytes:
        """The head alone; the body is not looked at and may be left out. Raises SealBroken."""
        dek, place = self._delivery_key(sealed)
        head = open_part(dek, place, "head", sealed.head, commitment=sealed.commitment)
        if head is None:
            raise _broken_delivery(sealed)
        return head

    def rewrap_delivery(
        self, sealed: SealedDelivery, *, ring_version: int, public_key: bytes
    ) -> SealedDelivery:
        """The same delivery, its key sealed to another version of the organisation's ring.

        Raises SealBroken, and ValueError if `public_key` is not a public key.
        """
        dek, _ = self._delivery_key(sealed)
        place = delivery_place(sealed.suite, sealed.delivery_id, self.organisation_id, ring_version)
        wrapped = wrap(dek, public_key, place)
        return replace(
            sealed,
            ring_version=ring_version,
            wrapped_key=wrapped,
            wraps_hash=wraps_hash(sealed.commitment, wrapped),
        )

    def seal_text(self, label: str, row_id: str, plaintext: bytes) -> bytes:
        """A field of the organisation's own, bound to its label and row. Raises TextTooLong."""
        return self._fields.seal(label, row_id, plaintext)

    def open_text(self, label: str, row_id: str, sealed: bytes) -> bytes:
        """What `seal_text` sealed for the same label and row, in any version. Raises SealBroken."""
        what = f"the sealed {label} of {row_id}"
        try:
            version = key_version_of(sealed)
        except SealBroken:
            raise SealBroken(what) from None
        return self._version(version, what)._fields.open(label, row_id, sealed)

    def detail_sealer(self) -> DetailKey:
        """Seals the details of log entries under the organisation's key, as `audit` asks for it."""
        return self._details

    def open_detail(
        self, field: DetailField, entry_id: str, key_id: str, ciphertext: bytes
    ) -> bytes:
        """What `detail_sealer` sealed, in any version. Raises SealBroken, also for another's id."""
        what = f"the sealed {field} of {entry_id}"
        if not self.holds(key_id):
            raise SealBroken(what)
        ring = self._version(int(key_id.rpartition(":")[2]), what)
        return ring._details.open(field, entry_id, key_id, ciphertext)

    def number_index(self, normalised_number: str) -> bytes:
        """Two bytes, of which 15 bits count, by which rows with this number can be found.

        Several numbers share a value, so each candidate is opened and compared. Two organisations'
        values for one number have nothing in common, and nor have two versions of a ring.
        """
        tag = hmac.digest(self._index, framed("sluss/number-index/1", normalised_number), "sha256")
        return (int.from_bytes(tag[:2], "big") >> (16 - INDEX_BITS)).to_bytes(2, "big")

    def _version(self, version: int, what: str) -> Ring:
        """The ring that sealed `what`. One that is gone is told as any seal that does not open."""
        if version == self.version:
            return self
        if self._others is None:
            raise SealBroken(what)
        try:
            return self._others(version)
        except KeyFault:
            raise SealBroken(what) from None

    def _delivery_key(self, sealed: SealedDelivery) -> tuple[bytes, bytes]:
        """The delivery's key, and what its texts are bound to."""
        mine = (self.organisation_id, self.version, DELIVERY_SUITE)
        dek = None
        whose = (sealed.suite, sealed.delivery_id, sealed.recipient_id)
        if (sealed.recipient_id, sealed.ring_version, sealed.suite) == mine:
            place = delivery_place(*whose, sealed.ring_version)
            dek = unwrap(sealed.wrapped_key, self._private, place)
        if dek is None or len(dek) != KEY:
            raise _broken_delivery(sealed)
        return dek, delivery_place(*whose, sealed.sealed_version)

    def _case_key_bytes(self, wrapped: WrappedCaseKey) -> bytes:
        key = None
        if (wrapped.organisation_id, wrapped.ring_version) == (self.organisation_id, self.version):
            key = unwrap(wrapped.sealed, self._private, wrapped.info())
        if key is None or len(key) != KEY:
            raise SealBroken(f"the key of case {wrapped.case_id}")
        return key


def _broken_delivery(sealed: SealedDelivery) -> SealBroken:
    return SealBroken(f"delivery {sealed.delivery_id}")
