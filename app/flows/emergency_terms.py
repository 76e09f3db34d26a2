"""Emergency openings between sealed rows and values, and the one question asked of them.

The sealed terms decide and not the columns beside them: a row that somebody has moved to another
case, person or time opens nothing.
"""

from __future__ import annotations

from datetime import datetime

import msgspec

from app.domain.emergency import EmergencyOpening, EmergencyTerms
from app.keys import Ring
from app.records.emergency import StoredOpening, live_opening
from app.records.transaction import Transaction

LABEL = "emergency"
REMARK = "emergency-remark"


def seal_terms(ring: Ring, terms: EmergencyTerms) -> StoredOpening:
    """The terms as they are stored, before anything else has happened."""
    return StoredOpening(
        id=terms.id,
        organisation_id=terms.organisation_id,
        terms=ring.seal_text(LABEL, terms.id, msgspec.json.encode(terms)),
        confirmed_by=None,
        confirmed_at=None,
        reviewed_by=None,
        reviewed_at=None,
        verdict=None,
        remark=None,
    )


def open_terms(ring: Ring, stored: StoredOpening) -> EmergencyOpening:
    """The stored opening with its terms. Raises SealBroken if they have been changed."""
    plain = ring.open_text(LABEL, stored.id, stored.terms)
    return EmergencyOpening(
        terms=msgspec.json.decode(plain, type=EmergencyTerms),
        confirmed_by=stored.confirmed_by,
        confirmed_at=stored.confirmed_at,
        reviewed_by=stored.reviewed_by,
        reviewed_at=stored.reviewed_at,
        verdict=stored.verdict,
    )


def seal_remark(ring: Ring, opening_id: str, remark: str) -> bytes:
    """What the reviewer wrote."""
    return ring.seal_text(REMARK, opening_id, remark.encode())


def open_remark(ring: Ring, stored: StoredOpening) -> str:
    """What the reviewer wrote, empty before the review."""
    if stored.remark is None:
        return ""
    return ring.open_text(REMARK, stored.id, stored.remark).decode()


def opened_in_emergency(
    tx: Transaction, case_id: str, ring: Ring, *, staff_id: str, at: datetime
) -> EmergencyOpening | None:
    """The opening by which the case stands open for that member of staff now. One query."""
    stored = live_opening(
        tx, case_id, organisation_id=ring.organisation_id, staff_id=staff_id, at=at
    )
    if stored is None:
        return None
    opening = open_terms(ring, stored)
    terms = opening.terms
    same = (terms.case_id, terms.staff_id, terms.organisation_id) == (
        case_id,
        staff_id,
        ring.organisation_id,
    )
    return opening if same and opening.opens(at) else None
