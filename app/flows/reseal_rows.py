"""Sealing rows anew under the newest version of an organisation's ring, kind by kind.

Each takes at most a number of rows, opens them with the version that sealed them, and gives a hash
for every row that it sealed anew. None where no row is left.
"""

from __future__ import annotations

import hashlib

from app.flows.ring_texts import RING_TEXTS
from app.flows.sealing import open_subject, seal_subject, sealed_delivery
from app.keys import Ring, Rings, WrappedCaseKey, sealed_before
from app.records.case import StoredCaseKey
from app.records.ring_rows import (
    RingMark,
    case_keys_under_older,
    deliveries_under_older,
    details_under_older,
    replace_delivery_wrap,
    replace_detail,
    replace_text,
    replace_wrap,
    subjects_under_older,
    texts_under_older,
)
from app.records.subject import replace_identity
from app.records.transaction import Transaction


def mark_of(ring: Ring) -> RingMark:
    """The ring as what it has sealed names it."""
    return RingMark(
        organisation_id=ring.organisation_id,
        version=ring.version,
        key_id=ring.key_id,
        begins=sealed_before(ring.version),
    )


def rewrap_case_keys(
    tx: Transaction, ring: Ring, rings: Rings, entry_id: str, most: int
) -> list[str]:
    """Case keys, and with them all that is sealed under a case."""
    where, hashes = ring.organisation_id, []
    for stored in case_keys_under_older(tx, mark_of(ring), most=most):
        new = rings.version(where, stored.ring_version).rewrap_case_key(
            WrappedCaseKey(
                case_id=stored.case_id,
                organisation_id=where,
                ring_version=stored.ring_version,
                sealed=stored.wrapped,
            ),
            ring_version=ring.version,
            public_key=ring.public_key,
        )
        put = StoredCaseKey(
            case_id=stored.case_id,
            organisation_id=where,
            ring_version=ring.version,
            wrapped=new.sealed,
        )
        if replace_wrap(tx, stored, put, entry_id=entry_id):
            hashes.append(new.wraps_hash)
    return hashes


def rewrap_deliveries(
    tx: Transaction, ring: Ring, rings: Rings, _entry_id: str, most: int
) -> list[str]:
    """The keys of deliveries. Their texts, which the log has the hash of, are left as they are."""
    hashes = []
    for stored in deliveries_under_older(tx, mark_of(ring), most=most):
        new = rings.version(ring.organisation_id, stored.ring_version).rewrap_delivery(
            sealed_delivery(stored), ring_version=ring.version, public_key=ring.public_key
        )
        if replace_delivery_wrap(
            tx,
            stored,
            version=ring.version,
            wrapped_key=new.wrapped_key,
            wraps_hash=new.wraps_hash,
        ):
            hashes.append(new.wraps_hash)
    return hashes


def reseal_subjects(
    tx: Transaction, ring: Ring, _rings: Rings, entry_id: str, most: int
) -> list[str]:
    """Identities, and the index by which a number finds them."""
    hashes = []
    for stored in subjects_under_older(tx, mark_of(ring), most=most):
        new = seal_subject(ring, open_subject(ring, stored))
        replace_identity(tx, new, entry_id=entry_id)
        hashes.append(_hash(new.identity))
    return hashes


def reseal_texts(
    tx: Transaction, ring: Ring, _rings: Rings, _entry_id: str, most: int
) -> list[str]:
    """Every text in `RING_TEXTS`, of one column at a time."""
    for text in RING_TEXTS:
        rows = texts_under_older(tx, text.column, mark_of(ring), most=most)
        hashes = []
        for row in rows:
            label, name = text.place(row)
            plain = ring.open_text(label, name, row[text.column.name])
            sealed = ring.seal_text(label, name, plain)
            if replace_text(tx, text.column, row, sealed):
                hashes.append(_hash(sealed))
        if hashes:
            return hashes
    return []


def reseal_details(
    tx: Transaction, ring: Ring, _rings: Rings, _entry_id: str, most: int
) -> list[str]:
    """Details of the log. An entry is committed to what they say, so no root changes."""
    hashes, sealer = [], ring.detail_sealer()
    for stored in details_under_older(tx, mark_of(ring), most=most):
        plain = ring.open_detail(stored.field, stored.id, stored.key_id, stored.body)
        key_id, body = sealer.seal(stored.field, stored.id, plain)
        replace_detail(tx, stored, key_id, body)
        hashes.append(_hash(body))
    return hashes


def _hash(sealed: bytes) -> str:
    return hashlib.sha256(sealed).hexdigest()
