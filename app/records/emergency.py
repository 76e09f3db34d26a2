"""Emergency openings. The terms are sealed when asked for; the columns only find them.

Law: OSL 7 kap. 1 §
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    LargeBinary,
    Row,
    String,
    Table,
    func,
    insert,
    select,
    update,
)

from app.domain.emergency import REVIEWED_WITHIN, Verdict
from app.records.schema import ID, UtcTime, entry_column, id_column, metadata
from app.records.transaction import Transaction

emergency_opening = Table(
    "emergency_opening",
    metadata,
    id_column(),
    Column("organisation_id", ID, ForeignKey("organisation.id"), nullable=False),
    Column("case_id", ID, ForeignKey("case_file.id"), nullable=False),
    Column("staff_id", ID, ForeignKey("staff.id"), nullable=False),
    Column("asked_at", UtcTime, nullable=False),
    Column("ends_at", UtcTime, nullable=False),
    Column("needs_second", Boolean, nullable=False),
    Column("terms", LargeBinary, nullable=False),
    Column("confirmed_by", ID, ForeignKey("staff.id")),
    Column("confirmed_at", UtcTime),
    Column("reviewed_by", ID, ForeignKey("staff.id")),
    Column("reviewed_at", UtcTime),
    Column("verdict", String(10)),
    Column("remark", LargeBinary),
    entry_column(),
    entry_column("confirmed_audit_id", nullable=True),
    entry_column("reviewed_audit_id", nullable=True),
    CheckConstraint("confirmed_by <> staff_id", name="confirmed_by_another"),
    CheckConstraint("reviewed_by <> staff_id", name="reviewed_by_another"),
    CheckConstraint("(reviewed_by IS NULL) = (verdict IS NULL)", name="reviewed_with_verdict"),
    Index(None, "organisation_id", "asked_at"),
    Index(None, "case_id", "staff_id"),
)


@dataclass(frozen=True, kw_only=True)
class StoredOpening:
    """An opening as stored; `terms` and `remark` are opened with the organisation's ring."""

    id: str
    organisation_id: str
    terms: bytes
    confirmed_by: str | None
    confirmed_at: datetime | None
    reviewed_by: str | None
    reviewed_at: datetime | None
    verdict: Verdict | None
    remark: bytes | None


def insert_opening(
    tx: Transaction,
    sealed: StoredOpening,
    *,
    case_id: str,
    staff_id: str,
    asked_at: datetime,
    ends_at: datetime,
    needs_second: bool,
    entry_id: str,
) -> None:
    """Keep what was asked for. The columns repeat what the sealed terms say, for finding them."""
    tx.execute(
        insert(emergency_opening).values(
            id=sealed.id,
            organisation_id=sealed.organisation_id,
            case_id=case_id,
            staff_id=staff_id,
            asked_at=asked_at,
            ends_at=ends_at,
            needs_second=needs_second,
            terms=sealed.terms,
            audit_id=entry_id,
        )
    )


def mark_confirmed(
    tx: Transaction, opening_id: str, *, by: str, at: datetime, entry_id: str
) -> bool:
    """A second person stands behind it. False if one already did."""
    done = tx.execute(
        update(emergency_opening)
        .where(emergency_opening.c.id == opening_id, emergency_opening.c.confirmed_by.is_(None))
        .values(confirmed_by=by, confirmed_at=at, confirmed_audit_id=entry_id)
    )
    return done.rowcount == 1


def mark_reviewed(
    tx: Transaction,
    opening_id: str,
    *,
    by: str,
    verdict: Verdict,
    remark: bytes,
    at: datetime,
    entry_id: str,
) -> bool:
    """It has been reviewed. False if it already was."""
    done = tx.execute(
        update(emergency_opening)
        .where(emergency_opening.c.id == opening_id, emergency_opening.c.reviewed_by.is_(None))
        .values(
            reviewed_by=by,
            reviewed_at=at,
            verdict=verdict,
            remark=remark,
            reviewed_audit_id=entry_id,
        )
    )
    return done.rowcount == 1


def live_opening(
    tx: Transaction, case_id: str, *, organisation_id: str, staff_id: str, at: datetime
) -> StoredOpening | None:
    """The staff member's latest opening of the case that has not ended. One query."""
    columns = emergency_opening.c
    row = tx.execute(
        select(emergency_opening)
        .where(
            columns.case_id == case_id,
            columns.organisation_id == organisation_id,
            columns.staff_id == staff_id,
            columns.ends_at > at,
        )
        .order_by((columns.confirmed_by.is_(None) & columns.needs_second), columns.asked_at.desc())
        .limit(1)
    ).first()
    return None if row is None else _opening(row)


def opening_of(tx: Transaction, opening_id: str, *, organisation_id: str) -> StoredOpening | None:
    """The organisation's opening with that id. One query."""
    row = tx.execute(
        select(emergency_opening).where(
            emergency_opening.c.id == opening_id,
            emergency_opening.c.organisation_id == organisation_id,
        )
    ).first()
    return None if row is None else _opening(row)


def openings_of(
    tx: Transaction, organisation_id: str, *, since: datetime | None = None, most: int = 50
) -> tuple[StoredOpening, ...]:
    """The organisation's openings: those not reviewed first, then newest first. One query."""
    columns = emergency_opening.c
    asked = select(emergency_opening).where(columns.organisation_id == organisation_id)
    if since is not None:
        asked = asked.where(columns.asked_at >= since)
    order = (columns.reviewed_at.is_not(None), columns.asked_at.desc(), columns.id)
    return tuple(_opening(row) for row in tx.execute(asked.order_by(*order).limit(most)))


def count_unreviewed(tx: Transaction, organisation_id: str, *, at: datetime) -> tuple[int, int]:
    """How many have not been reviewed, and how many of them should have been. One query."""
    columns = emergency_opening.c
    late = columns.asked_at <= at - REVIEWED_WITHIN
    row = tx.execute(
        select(func.count().label("waiting"), func.count().filter(late).label("late")).where(
            columns.organisation_id == organisation_id, columns.reviewed_at.is_(None)
        )
    ).one()
    return row.waiting, row.late


def _opening(row: Row[Any]) -> StoredOpening:
    return StoredOpening(
        id=row.id,
        organisation_id=row.organisation_id,
        terms=row.terms,
        confirmed_by=row.confirmed_by,
        confirmed_at=row.confirmed_at,
        reviewed_by=row.reviewed_by,
        reviewed_at=row.reviewed_at,
        verdict=row.verdict,
        remark=row.remark,
    )
