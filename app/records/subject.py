"""Subjects: one organisation's rows for the people it writes about. The identity is sealed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Column, ForeignKey, Index, LargeBinary, String, Table, insert, select, update

from app.records.schema import UtcTime, entry_column, metadata
from app.records.transaction import Transaction

subject = Table(
    "subject",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("organisation_id", String(36), ForeignKey("organisation.id"), nullable=False),
    Column("identity", LargeBinary, nullable=False),
    Column("number_index", LargeBinary),
    Column("added_at", UtcTime, nullable=False),
    entry_column(),
    Index("subject_by_number", "organisation_id", "number_index"),
)


@dataclass(frozen=True, kw_only=True)
class SealedSubject:
    """A subject as stored: `identity` is opened with the organisation's ring."""

    id: str
    organisation_id: str
    identity: bytes
    number_index: bytes | None
    """Truncated blind index of the personal number: candidates, confirmed after opening."""


def insert_subject(tx: Transaction, sealed: SealedSubject, *, at: datetime, entry_id: str) -> None:
    """Add one subject to its organisation's register."""
    tx.execute(
        insert(subject).values(
            id=sealed.id,
            organisation_id=sealed.organisation_id,
            identity=sealed.identity,
            number_index=sealed.number_index,
            added_at=at,
            audit_id=entry_id,
        )
    )


def replace_identity(tx: Transaction, sealed: SealedSubject, *, entry_id: str) -> None:
    """Put a corrected identity in the place of the old one."""
    tx.execute(
        update(subject)
        .where(subject.c.id == sealed.id, subject.c.organisation_id == sealed.organisation_id)
        .values(identity=sealed.identity, number_index=sealed.number_index, audit_id=entry_id)
    )


def subjects_with_index(
    tx: Transaction, organisation_id: str, number_index: bytes
) -> tuple[SealedSubject, ...]:
    """The organisation's own subjects whose blind index coincides, never another's."""
    rows = tx.execute(
        select(
            subject.c.id, subject.c.organisation_id, subject.c.identity, subject.c.number_index
        ).where(
            subject.c.organisation_id == organisation_id, subject.c.number_index == number_index
        )
    )
    return tuple(SealedSubject(**row._mapping) for row in rows)
