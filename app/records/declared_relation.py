"""What staff have declared of their own relations. To whom, is sealed for the organisation."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Column, ForeignKey, Index, LargeBinary, Row, Table, insert, select, update

from app.records.schema import ID, UtcTime, entry_column, id_column, metadata
from app.records.transaction import Transaction

declared_relation = Table(
    "declared_relation",
    metadata,
    id_column(),
    Column("organisation_id", ID, ForeignKey("organisation.id"), nullable=False),
    Column("staff_id", ID, ForeignKey("staff.id"), nullable=False),
    Column("target", LargeBinary, nullable=False),
    Column("declared_at", UtcTime, nullable=False),
    Column("withdrawn_at", UtcTime),
    entry_column(),
    entry_column("withdrawn_audit_id", nullable=True),
    Index(None, "organisation_id", "staff_id"),
)


@dataclass(frozen=True, kw_only=True)
class StoredRelation:
    """A declaration as stored; `target` is opened with the organisation's ring."""

    id: str
    organisation_id: str
    staff_id: str
    target: bytes
    declared_at: datetime
    withdrawn_at: datetime | None


def insert_relation(tx: Transaction, sealed: StoredRelation, *, entry_id: str) -> None:
    """Keep a declaration."""
    tx.execute(
        insert(declared_relation).values(
            id=sealed.id,
            organisation_id=sealed.organisation_id,
            staff_id=sealed.staff_id,
            target=sealed.target,
            declared_at=sealed.declared_at,
            audit_id=entry_id,
        )
    )


def end_relation(
    tx: Transaction,
    relation_id: str,
    *,
    organisation_id: str,
    staff_id: str,
    at: datetime,
    entry_id: str,
) -> bool:
    """Withdraw one of the staff member's own from an instant on. False if none stood."""
    done = tx.execute(
        update(declared_relation)
        .where(
            declared_relation.c.id == relation_id,
            declared_relation.c.organisation_id == organisation_id,
            declared_relation.c.staff_id == staff_id,
            declared_relation.c.withdrawn_at.is_(None),
        )
        .values(withdrawn_at=at, withdrawn_audit_id=entry_id)
    )
    return done.rowcount == 1


def relations_in(
    tx: Transaction, organisation_id: str, *, staff_id: str | None = None
) -> tuple[StoredRelation, ...]:
    """The organisation's declarations, or one staff member's, the newest first. One query."""
    asked = select(declared_relation).where(declared_relation.c.organisation_id == organisation_id)
    if staff_id is not None:
        asked = asked.where(declared_relation.c.staff_id == staff_id)
    rows = tx.execute(
        asked.order_by(declared_relation.c.declared_at.desc(), declared_relation.c.id)
    )
    return tuple(_relation(row) for row in rows)


def _relation(row: Row[Any]) -> StoredRelation:
    return StoredRelation(
        id=row.id,
        organisation_id=row.organisation_id,
        staff_id=row.staff_id,
        target=row.target,
        declared_at=row.declared_at,
        withdrawn_at=row.withdrawn_at,
    )
