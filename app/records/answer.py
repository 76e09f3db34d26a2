"""What officials answered at a disclosure: assessments, and facts about a described person.

What was asked and what was answered are sealed together under the case key: that somebody's misuse
or risk was spoken of is as much about them as the note is. An answer stays; a later one counts.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
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

from app.records.schema import ID, UtcTime, entry_column, id_column, metadata
from app.records.transaction import Transaction

AnswerKind = Literal["assessment", "circumstance"]

answer = Table(
    "answer",
    metadata,
    id_column(),
    Column("organisation_id", ID, ForeignKey("organisation.id"), nullable=False),
    Column("case_id", ID, ForeignKey("case_file.id"), nullable=False),
    Column("note_id", ID, ForeignKey("note.id"), nullable=False),
    Column("version", Integer, nullable=False),
    Column("recipient_id", ID, ForeignKey("organisation.id"), nullable=False),
    Column("purpose", String(40), nullable=False),
    Column("subject_id", ID, ForeignKey("subject.id"), nullable=False),
    Column("kind", String(12), nullable=False),
    Column("sealed", LargeBinary, nullable=False),
    Column("by_staff", ID, ForeignKey("staff.id"), nullable=False),
    Column("at", UtcTime, nullable=False),
    entry_column(),
    Index("answer_by_note", "note_id", "version"),
)


@dataclass(frozen=True, kw_only=True)
class StoredAnswer:
    """One answer for one note version, recipient and purpose. `at` is aware UTC."""

    id: str
    organisation_id: str
    case_id: str
    note_id: str
    version: int
    recipient_id: str
    purpose: str
    subject_id: str
    kind: AnswerKind
    sealed: bytes
    """The question and the answer, opened with the case key under the label `answer`."""
    by_staff: str
    at: datetime


def insert_answer(tx: Transaction, made: StoredAnswer, *, entry_id: str) -> None:
    """Add one answer. An earlier answer to the same question stays."""
    tx.execute(insert(answer).values(**asdict(made), audit_id=entry_id))


def answers_of(tx: Transaction, note_id: str, version: int) -> tuple[StoredAnswer, ...]:
    """Every answer given about one note version, oldest first, towards all recipients."""
    columns = [c for c in answer.c if c.name != "audit_id"]
    rows = tx.execute(
        select(*columns)
        .where(answer.c.note_id == note_id, answer.c.version == version)
        .order_by(answer.c.at, answer.c.id)
    )
    return tuple(StoredAnswer(**row._mapping) for row in rows)
