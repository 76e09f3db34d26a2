"""Plans of erasure that somebody has proposed, and who else has released each."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import CheckConstraint, Column, ForeignKey, String, Table, insert, select, update

from app.records.schema import ID, UtcTime, entry_column, id_column, metadata
from app.records.transaction import Transaction

purge_proposal = Table(
    "purge_proposal",
    metadata,
    id_column(),
    Column("code", String(12), nullable=False),
    Column("proposed_by", ID, ForeignKey("staff.id"), nullable=False),
    Column("proposed_at", UtcTime, nullable=False),
    Column("released_by", ID, ForeignKey("staff.id")),
    Column("released_at", UtcTime),
    entry_column(),
    entry_column("released_audit_id", nullable=True),
    # A second wall: the flow refuses it first.
    CheckConstraint("released_by IS NULL OR released_by <> proposed_by", name="two_persons"),
)


@dataclass(frozen=True, kw_only=True)
class PurgeProposal:
    """One that nobody has released yet."""

    id: str
    proposed_by: str


def insert_proposal(
    tx: Transaction, proposal_id: str, code: str, *, by: str, at: datetime, entry_id: str
) -> None:
    """Keep a proposal to erase the plan with that code."""
    tx.execute(
        insert(purge_proposal).values(
            id=proposal_id, code=code, proposed_by=by, proposed_at=at, audit_id=entry_id
        )
    )


def waiting_proposals(tx: Transaction, code: str, *, since: datetime) -> list[PurgeProposal]:
    """Those of the plan that were proposed since then and wait, the latest first."""
    columns = purge_proposal.c
    asked = (
        select(columns.id, columns.proposed_by)
        .where(columns.code == code, columns.proposed_at >= since, columns.released_by.is_(None))
        .order_by(columns.proposed_at.desc())
        .with_for_update()
    )
    return [PurgeProposal(**row._mapping) for row in tx.execute(asked)]


def mark_released(
    tx: Transaction, proposal_id: str, *, by: str, at: datetime, entry_id: str
) -> None:
    """Somebody else has released it."""
    tx.execute(
        update(purge_proposal)
        .where(purge_proposal.c.id == proposal_id)
        .values(released_by=by, released_at=at, released_audit_id=entry_id)
    )
