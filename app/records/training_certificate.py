"""Certificates of training: totals and the rules they go by. No answer is kept anywhere."""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, Index, Integer, String, Table, insert, select

from app.domain.training_certificate import TrainingCertificate
from app.records.schema import ID, UtcTime, entry_column, id_column, metadata
from app.records.transaction import Transaction

training_certificate = Table(
    "training_certificate",
    metadata,
    id_column(),
    Column("organisation_id", ID, ForeignKey("organisation.id"), nullable=False),
    Column("staff_id", ID, ForeignKey("staff.id"), nullable=False),
    Column("cases", Integer, nullable=False),
    Column("alike", Integer, nullable=False),
    Column("pack", String(80), nullable=False),
    Column("pack_sha256", String(64), nullable=False),
    Column("given_at", UtcTime, nullable=False),
    entry_column(),
    Index(None, "organisation_id", "staff_id"),
)


def insert_certificate(tx: Transaction, one: TrainingCertificate, *, entry_id: str) -> None:
    """Keep a certificate."""
    tx.execute(
        insert(training_certificate).values(
            id=one.id,
            organisation_id=one.organisation_id,
            staff_id=one.staff_id,
            cases=one.cases,
            alike=one.alike,
            pack=one.pack,
            pack_sha256=one.pack_sha256,
            given_at=one.given_at,
            audit_id=entry_id,
        )
    )


def certificate_of(
    tx: Transaction, certificate_id: str, *, organisation_id: str, staff_id: str
) -> TrainingCertificate | None:
    """One of the staff member's own in the organisation. One query."""
    row = tx.execute(
        select(training_certificate).where(
            training_certificate.c.id == certificate_id,
            training_certificate.c.organisation_id == organisation_id,
            training_certificate.c.staff_id == staff_id,
        )
    ).one_or_none()
    if row is None:
        return None
    return TrainingCertificate(
        id=row.id,
        organisation_id=row.organisation_id,
        staff_id=row.staff_id,
        cases=row.cases,
        alike=row.alike,
        pack=row.pack,
        pack_sha256=row.pack_sha256,
        given_at=row.given_at,
    )
