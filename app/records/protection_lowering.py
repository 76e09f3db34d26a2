"""Marks of protected identity that somebody has asked to take away, and who else has settled it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import (
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    LargeBinary,
    String,
    Table,
    insert,
    select,
    update,
)

from app.domain.protection import LoweredTo, LoweringOutcome
from app.records.schema import ID, UtcTime, entry_column, id_column, metadata
from app.records.transaction import Transaction

protection_lowering = Table(
    "protection_lowering",
    metadata,
    id_column(),
    Column("organisation_id", ID, ForeignKey("organisation.id"), nullable=False),
    Column("case_id", ID, ForeignKey("case_file.id"), nullable=False),
    Column("subject_id", ID, ForeignKey("subject.id"), nullable=False),
    Column("lowered_to", String(7), nullable=False),
    Column("reason", LargeBinary, nullable=False),
    Column("asked_by", ID, ForeignKey("staff.id"), nullable=False),
    Column("asked_at", UtcTime, nullable=False),
    Column("settled_by", ID, ForeignKey("staff.id")),
    Column("settled_at", UtcTime),
    Column("outcome", String(9)),
    entry_column(),
    entry_column("settled_audit_id", nullable=True),
    # A second wall: the flow refuses it first.
    CheckConstraint(
        "outcome IS NULL OR (outcome = 'withdrawn') = (settled_by = asked_by)", name="two_persons"
    ),
    CheckConstraint(
        "(outcome IS NULL) = (settled_by IS NULL) AND (outcome IS NULL) = (settled_at IS NULL) "
        "AND (outcome IS NULL) = (settled_audit_id IS NULL)",
        name="settled_whole",
    ),
    CheckConstraint("lowered_to IN ('no', 'unknown')", name="lowered"),
    Index("lowering_by_case", "case_id", "subject_id"),
)


@dataclass(frozen=True, kw_only=True)
class StoredLowering:
    """As stored: `reason` is opened with the case's key, bound to all that the row asks for."""

    id: str
    organisation_id: str
    case_id: str
    subject_id: str
    lowered_to: LoweredTo
    reason: bytes
    asked_by: str
    asked_at: datetime
    settled_by: str | None = None
    settled_at: datetime | None = None
    outcome: LoweringOutcome | None = None


def insert_lowering(tx: Transaction, asked: StoredLowering, *, entry_id: str) -> None:
    """Keep what was asked for. It is never changed, only settled."""
    tx.execute(
        insert(protection_lowering).values(
            id=asked.id,
            organisation_id=asked.organisation_id,
            case_id=asked.case_id,
            subject_id=asked.subject_id,
            lowered_to=asked.lowered_to,
            reason=asked.reason,
            asked_by=asked.asked_by,
            asked_at=asked.asked_at,
            audit_id=entry_id,
        )
    )


def latest_lowering(tx: Transaction, case_id: str, subject_id: str) -> StoredLowering | None:
    """What was asked last of a person in a case. Holds nothing: hold the case first. One query."""
    columns = protection_lowering.c
    row = tx.execute(
        select(*(columns[name] for name in StoredLowering.__dataclass_fields__))
        .where(columns.case_id == case_id, columns.subject_id == subject_id)
        .order_by(columns.asked_at.desc(), columns.id.desc())
        .limit(1)
    ).first()
    return None if row is None else StoredLowering(**row._mapping)


def settle_stored(
    tx: Transaction,
    lowering_id: str,
    outcome: LoweringOutcome,
    *,
    by: str,
    at: datetime,
    entry_id: str,
) -> None:
    """What became of it."""
    tx.execute(
        update(protection_lowering)
        .where(protection_lowering.c.id == lowering_id, protection_lowering.c.outcome.is_(None))
        .values(settled_by=by, settled_at=at, outcome=outcome, settled_audit_id=entry_id)
    )
