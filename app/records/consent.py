"""Consents and refusals of consent. A withdrawal is added to the row's life, never erased from it.

Law: OSL 12 kap. 2 §
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Column, Date, ForeignKey, Index, Row, String, Table, insert, select, update

from app.domain.consent import Consent, ConsentTerms
from app.records.schema import UtcTime, entry_column, metadata
from app.records.transaction import Transaction

consent = Table(
    "consent",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("organisation_id", String(36), ForeignKey("organisation.id"), nullable=False),
    Column("case_id", String(36), ForeignKey("case_file.id"), nullable=False),
    Column("subject_id", String(36), ForeignKey("subject.id"), nullable=False),
    Column("giver", String(10), nullable=False),
    Column("answer", String(10), nullable=False),
    Column("form", String(10), nullable=False),
    Column("recipient_id", String(36), ForeignKey("organisation.id"), nullable=False),
    Column("category", String(10), nullable=False),
    Column("purpose", String(40), nullable=False),
    Column("valid_from", Date, nullable=False),
    Column("valid_until", Date, nullable=False),
    Column("recorded_at", UtcTime, nullable=False),
    Column("withdrawn_at", UtcTime),
    entry_column(),
    entry_column("withdrawal_audit_id", nullable=True),
    Index("consent_by_case", "case_id"),
)


def insert_consent(tx: Transaction, given: Consent, *, entry_id: str) -> None:
    """Record one answer to one question of consent."""
    terms = given.terms
    tx.execute(
        insert(consent).values(
            id=given.id,
            organisation_id=given.organisation_id,
            case_id=given.case_id,
            subject_id=terms.subject_id,
            giver=terms.giver,
            answer=terms.answer,
            form=terms.form,
            recipient_id=terms.recipient_id,
            category=terms.category,
            purpose=terms.purpose,
            valid_from=terms.valid_from,
            valid_until=terms.valid_until,
            recorded_at=given.recorded_at,
            audit_id=entry_id,
        )
    )


def consents_of_case(tx: Transaction, case_id: str, *, lock: bool = False) -> tuple[Consent, ...]:
    """Every consent of a case, latest first.

    With `lock` the rows are held until the transaction ends, so that a withdrawal comes either
    before the reading or after the act that rests on it, never in between.
    """
    question = (
        select(consent)
        .where(consent.c.case_id == case_id)
        .order_by(consent.c.recorded_at.desc(), consent.c.id.desc())
    )
    if lock:
        question = question.with_for_update(read=True)
    return tuple(as_consent(row) for row in tx.execute(question))


def consents_of_cases(tx: Transaction, case_ids: Sequence[str]) -> tuple[Consent, ...]:
    """Every consent of several cases, the one that ends soonest first. One query."""
    rows = tx.execute(
        select(consent)
        .where(consent.c.case_id.in_(case_ids))
        .order_by(consent.c.valid_until, consent.c.id)
    )
    return tuple(as_consent(row) for row in rows)


def consent_in_case(tx: Transaction, consent_id: str, *, case_id: str) -> Consent | None:
    """One consent of a case, held for writing until the transaction ends."""
    row = tx.execute(
        select(consent)
        .where(consent.c.id == consent_id, consent.c.case_id == case_id)
        .with_for_update()
    ).one_or_none()
    return None if row is None else as_consent(row)


def mark_withdrawn(tx: Transaction, consent_id: str, *, at: datetime, entry_id: str) -> None:
    """Withdraw from an instant on."""
    tx.execute(
        update(consent)
        .where(consent.c.id == consent_id, consent.c.withdrawn_at.is_(None))
        .values(withdrawn_at=at, withdrawal_audit_id=entry_id)
    )


def as_consent(row: Row[tuple[object, ...]]) -> Consent:
    """One row of the table."""
    return Consent(
        id=row.id,
        organisation_id=row.organisation_id,
        case_id=row.case_id,
        terms=ConsentTerms(
            subject_id=row.subject_id,
            giver="guardian" if row.giver == "guardian" else "subject",
            answer="refused" if row.answer == "refused" else "given",
            form="oral" if row.form == "oral" else "written",
            recipient_id=row.recipient_id,
            category=row.category,
            purpose=row.purpose,
            valid_from=row.valid_from,
            valid_until=row.valid_until,
        ),
        recorded_at=row.recorded_at,
        withdrawn_at=row.withdrawn_at,
    )
