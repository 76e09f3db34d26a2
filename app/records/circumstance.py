"""Facts about described persons that an official answered at a disclosure. An answer stays."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Literal

from sqlalchemy import Column, ForeignKey, Index, Integer, String, Table, insert, select

from app.domain.disclosure import PersonFact
from app.records.schema import ID, UtcTime, entry_column, id_column, metadata
from app.records.transaction import Transaction

circumstance = Table(
    "circumstance",
    metadata,
    id_column(),
    Column("organisation_id", ID, ForeignKey("organisation.id"), nullable=False),
    Column("case_id", ID, ForeignKey("case_file.id"), nullable=False),
    Column("note_id", ID, ForeignKey("note.id"), nullable=False),
    Column("version", Integer, nullable=False),
    Column("recipient_id", ID, ForeignKey("organisation.id"), nullable=False),
    Column("purpose", String(40), nullable=False),
    Column("subject_id", ID, ForeignKey("subject.id"), nullable=False),
    Column("fact", String(40), nullable=False),
    Column("answer", String(3), nullable=False),
    Column("by_staff", ID, ForeignKey("staff.id"), nullable=False),
    Column("at", UtcTime, nullable=False),
    entry_column(),
    Index("circumstance_by_note", "note_id", "version"),
)


@dataclass(frozen=True, kw_only=True)
class StoredCircumstance:
    """One answer, for one note version, recipient and purpose. `at` is aware UTC."""

    id: str
    organisation_id: str
    case_id: str
    note_id: str
    version: int
    recipient_id: str
    purpose: str
    subject_id: str
    fact: PersonFact
    answer: Literal["yes", "no"]
    by_staff: str
    at: datetime


def insert_circumstance(tx: Transaction, made: StoredCircumstance, *, entry_id: str) -> None:
    """Add one answer. An earlier answer to the same question stays."""
    tx.execute(insert(circumstance).values(**asdict(made), audit_id=entry_id))


def circumstances_of(tx: Transaction, note_id: str, version: int) -> tuple[StoredCircumstance, ...]:
    """Every answer given about one note version, oldest first, towards all recipients."""
    columns = [c for c in circumstance.c if c.name != "audit_id"]
    rows = tx.execute(
        select(*columns)
        .where(circumstance.c.note_id == note_id, circumstance.c.version == version)
        .order_by(circumstance.c.at, circumstance.c.id)
    )
    return tuple(StoredCircumstance(**row._mapping) for row in rows)
