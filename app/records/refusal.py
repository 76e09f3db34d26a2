"""Refusals at the gate that reached the law, with what it was asked and answered.

Kept as a disclosure's are, sealed under the case key and erased with the case: a no must be as
easy to explain, and to try by other rules, as a yes.
"""

from __future__ import annotations

from sqlalchemy import (
    JSON,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
    insert,
    select,
)

from app.domain.refusal import Refusal
from app.records.disclosure import SealedDecision
from app.records.schema import ID, UtcTime, entry_column, id_column, metadata
from app.records.transaction import Transaction

refusal = Table(
    "refusal",
    metadata,
    id_column(),
    Column("organisation_id", ID, ForeignKey("organisation.id"), nullable=False),
    Column("case_id", ID, ForeignKey("case_file.id"), nullable=False),
    Column("note_id", ID, ForeignKey("note.id"), nullable=False),
    Column("version", Integer, nullable=False),
    Column("recipient_id", ID, ForeignKey("organisation.id"), nullable=False),
    Column("pack", String(64), nullable=False),
    Column("outcome", String(5), nullable=False),
    # The rules that stood in the way; where the law did not, those that it would have rested on.
    Column("grounds", JSON, nullable=False),
    Column("decision", LargeBinary, nullable=False),
    Column("facts", LargeBinary, nullable=False),
    Column("decided_at", UtcTime, nullable=False),
    entry_column(),
    Index("refusal_by_case", "case_id"),
    Index("refusal_by_time", "organisation_id", "decided_at"),
)


def insert_refusal(
    tx: Transaction, made: Refusal, *, decision: bytes, facts: bytes, entry_id: str
) -> None:
    """Add one refusal. `decision` and `facts` are sealed under the case key."""
    tx.execute(
        insert(refusal).values(
            id=made.id,
            organisation_id=made.organisation_id,
            case_id=made.case_id,
            note_id=made.note_id,
            version=made.version,
            recipient_id=made.recipient_id,
            pack=made.pack,
            outcome=made.outcome,
            grounds=list(made.grounds),
            decision=decision,
            facts=facts,
            decided_at=made.decided_at,
            audit_id=entry_id,
        )
    )


def sealed_refusal(tx: Transaction, refusal_id: str) -> SealedDecision | None:
    """What a refusal of any organisation rests on, for replaying it."""
    row = tx.execute(
        select(
            refusal.c.organisation_id, refusal.c.case_id, refusal.c.decision, refusal.c.facts
        ).where(refusal.c.id == refusal_id)
    ).one_or_none()
    return None if row is None else SealedDecision(**row._mapping)
