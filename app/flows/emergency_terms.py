"""Emergency openings between sealed rows and values, and the one question asked of them.

The sealed terms decide and not the columns beside them: a row that somebody has moved to another
case, person or time opens nothing.
"""

from __future__ import annotations

from datetime import datetime

import msgspec

from app.domain.emergency import EmergencyOpening, EmergencyTerms
from app.flows.follow_log import whole_entry
from app.flows.open_details import opened_only
from app.flows.rows_held import made_at
from app.keys import Ring
from app.records.access_entries import FoundEntry, access_entries
from app.records.emergency import StoredOpening, live_opening
from app.records.transaction import Transaction
from audit.entry import commitment

LABEL = "emergency"
REMARK = "emergency-remark"
CONFIRMED = "emergency.confirmed"


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
    """The opening by which the case stands open for that member of staff now. One query, and one
    more where a second person must stand behind it, as the log says that they do."""
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
    if not same or not opening.opens(at):
        return None
    return opening if not terms.needs_second or _confirmed(tx, opening, ring) else None


def _confirmed(tx: Transaction, opening: EmergencyOpening, ring: Ring) -> bool:
    """Whether the log has an entry by which the second person stood behind it, by then."""
    by, at = opening.confirmed_by, opening.confirmed_at
    if by is None or at is None:
        return False
    where, cases = ring.organisation_id, [opening.terms.case_id]
    found = access_entries(tx, (), organisation_id=where, ops=(CONFIRMED,), case_ids=cases)
    return any(_confirms(one, by, at, ring) for one in found)


def _confirms(one: FoundEntry, by: str, at: datetime, ring: Ring) -> bool:
    entry, actor = whole_entry(one.leaf), opened_only(one.details, ring, {}).get("actor")
    if entry is None or actor is None or commitment("actor", actor) != entry.ca:
        return False
    told = entry.op == CONFIRMED and entry.res == "override" and entry.org == ring.organisation_id
    return told and made_at(entry.id, at) and actor.value().get("staff") == by
