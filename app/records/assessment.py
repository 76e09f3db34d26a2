"""Assessments made by named officials. Reasons and circumstances are sealed under the case key."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from sqlalchemy import (
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

from app.records.schema import UtcTime, entry_column, metadata
from app.records.transaction import Transaction

assessment = Table(
    "assessment",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("organisation_id", String(36), ForeignKey("organisation.id"), nullable=False),
    Column("case_id", String(36), ForeignKey("case_file.id"), nullable=False),
    Column("note_id", String(36), ForeignKey("note.id"), nullable=False),
    Column("version", Integer, nullable=False),
    Column("recipient_id", String(36), ForeignKey("organisation.id"), nullable=False),
    Column("purpose", String(40), nullable=False),
    Column("subject_id", String(36), ForeignKey("subject.id"), nullable=False),
    Column("statement", String(60), nullable=False),
    Column("answer", String(3), nullable=False),
    Column("words", LargeBinary, nullable=False),
    Column("by_staff", String(36), ForeignKey("staff.id"), nullable=False),
    Column("at", UtcTime, nullable=False),
    entry_column(),
    Index("assessment_by_note", "note_id", "version"),
)


@dataclass(frozen=True, kw_only=True)
class StoredAssessment:
    """One answer; `words` (reasons, circumstances) open with the case key."""

    id: str
    organisation_id: str
    case_id: str
    note_id: str
    version: int
    recipient_id: str
    purpose: str
    subject_id: str
    statement: str
    answer: Literal["yes", "no"]
    words: bytes
    by_staff: str
    at: datetime


def insert_assessment(tx: Transaction, made: StoredAssessment, *, entry_id: str) -> None:
    """Add one answer. An earlier answer to the same question stays."""
    tx.execute(
        insert(assessment).values(
            id=made.id,
            organisation_id=made.organisation_id,
            case_id=made.case_id,
            note_id=made.note_id,
            version=made.version,
            recipient_id=made.recipient_id,
            purpose=made.purpose,
            subject_id=made.subject_id,
            statement=made.statement,
            answer=made.answer,
            words=made.words,
            by_staff=made.by_staff,
            at=made.at,
            audit_id=entry_id,
        )
    )


def assessments_of(tx: Transaction, note_id: str, version: int) -> tuple[StoredAssessment, ...]:
    """Every answer given about one note version, oldest first, towards all recipients."""
    columns = [c for c in assessment.c if c.name != "audit_id"]
    rows = tx.execute(
        select(*columns)
        .where(assessment.c.note_id == note_id, assessment.c.version == version)
        .order_by(assessment.c.at, assessment.c.id)
    )
    return tuple(StoredAssessment(**row._mapping) for row in rows)
