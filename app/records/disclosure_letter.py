"""What was decided about the letter on each disclosure. The reason against it is sealed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import cast

from sqlalchemy import (
    CheckConstraint,
    Column,
    ForeignKey,
    LargeBinary,
    String,
    Table,
    insert,
    select,
    update,
)

from app.domain.disclosure_letter import LetterLanguage, LetterOutcome
from app.records.schema import ID, UtcTime, entry_column, metadata
from app.records.transaction import Transaction

disclosure_letter = Table(
    "disclosure_letter",
    metadata,
    Column("disclosure_id", ID, ForeignKey("disclosure.id"), primary_key=True),
    Column("organisation_id", ID, ForeignKey("organisation.id"), nullable=False),
    Column("outcome", String(8), nullable=False),
    Column("addressee_id", ID, ForeignKey("subject.id")),
    Column("language", String(2), nullable=False),
    Column("reason", LargeBinary),
    Column("decided_by", ID, ForeignKey("staff.id"), nullable=False),
    Column("decided_at", UtcTime, nullable=False),
    entry_column(),
    entry_column("changed_audit_id", nullable=True),
    CheckConstraint("(outcome = 'released') = (addressee_id IS NOT NULL)", name="sent_to_somebody"),
    CheckConstraint("(outcome = 'withheld') = (reason IS NOT NULL)", name="withheld_for_a_reason"),
)


@dataclass(frozen=True, kw_only=True)
class StoredLetter:
    """A decision as stored; `reason` is opened with the case key's organisation."""

    disclosure_id: str
    organisation_id: str
    outcome: LetterOutcome
    addressee_id: str | None
    language: LetterLanguage
    reason: bytes | None
    decided_by: str
    decided_at: datetime


def letter_on(tx: Transaction, disclosure_id: str, *, organisation_id: str) -> StoredLetter | None:
    """What was decided about the letter on a disclosure of the organisation. One query."""
    row = tx.execute(
        select(disclosure_letter).where(
            disclosure_letter.c.disclosure_id == disclosure_id,
            disclosure_letter.c.organisation_id == organisation_id,
        )
    ).first()
    if row is None:
        return None
    return StoredLetter(
        disclosure_id=row.disclosure_id,
        organisation_id=row.organisation_id,
        outcome=cast("LetterOutcome", row.outcome),
        addressee_id=row.addressee_id,
        language=cast("LetterLanguage", row.language),
        reason=row.reason,
        decided_by=row.decided_by,
        decided_at=row.decided_at,
    )


def keep_letter(tx: Transaction, stored: StoredLetter, *, first: bool, entry_id: str) -> None:
    """Keep the first decision, or a later one in the place of a letter that was withheld."""
    values = {
        "outcome": stored.outcome,
        "addressee_id": stored.addressee_id,
        "language": stored.language,
        "reason": stored.reason,
        "decided_by": stored.decided_by,
        "decided_at": stored.decided_at,
    }
    if first:
        tx.execute(
            insert(disclosure_letter).values(
                disclosure_id=stored.disclosure_id,
                organisation_id=stored.organisation_id,
                audit_id=entry_id,
                **values,
            )
        )
        return
    tx.execute(
        update(disclosure_letter)
        .where(
            disclosure_letter.c.disclosure_id == stored.disclosure_id,
            disclosure_letter.c.outcome == "withheld",
        )
        .values(changed_audit_id=entry_id, **values)
    )
