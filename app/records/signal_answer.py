"""Answers to signals: what a reviewer made of something in the log, and why.

A signal has no row: it is found in the log each time. An answer names it by kind, person, case and
day. Law: PDL 4 kap. 3 § (the model followed for all)
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import (
    CheckConstraint,
    Column,
    ForeignKey,
    LargeBinary,
    String,
    Table,
    select,
)
from sqlalchemy.dialects import postgresql, sqlite

from app.domain.emergency import Verdict
from app.records.schema import ID, UtcTime, entry_column, metadata
from app.records.transaction import Transaction

signal_answer = Table(
    "signal_answer",
    metadata,
    Column("organisation_id", ID, ForeignKey("organisation.id"), primary_key=True),
    Column("signal", String(140), primary_key=True),
    Column("staff_id", ID, ForeignKey("staff.id"), nullable=False),
    Column("answered_by", ID, ForeignKey("staff.id"), nullable=False),
    Column("answered_at", UtcTime, nullable=False),
    Column("verdict", String(10), nullable=False),
    Column("remark", LargeBinary, nullable=False),
    entry_column(),
    CheckConstraint("answered_by <> staff_id", name="answered_by_another"),
)


@dataclass(frozen=True, kw_only=True)
class SignalAnswer:
    """What a reviewer made of a signal; `remark` is opened with the organisation's ring."""

    organisation_id: str
    signal: str
    """Kind, member of staff, case and day, which together name it."""
    staff_id: str
    answered_by: str
    answered_at: datetime
    verdict: Verdict
    remark: bytes


def insert_answer(tx: Transaction, answer: SignalAnswer, *, entry_id: str) -> bool:
    """Keep one answer, which is never changed. False if the signal has one, which then stands.

    A signal has no row to hold, so whoever answers at the same moment waits here.
    """
    new = postgresql.insert if tx.dialect == "postgresql" else sqlite.insert
    done = tx.execute(
        new(signal_answer)
        .values(
            organisation_id=answer.organisation_id,
            signal=answer.signal,
            staff_id=answer.staff_id,
            answered_by=answer.answered_by,
            answered_at=answer.answered_at,
            verdict=answer.verdict,
            remark=answer.remark,
            audit_id=entry_id,
        )
        .on_conflict_do_nothing(index_elements=["organisation_id", "signal"])
        .returning(signal_answer.c.signal)
    )
    return done.first() is not None


def answers_to(
    tx: Transaction, signals: Collection[str], *, organisation_id: str
) -> dict[str, SignalAnswer]:
    """The answers to those of the signals that have one. One query."""
    rows = tx.execute(
        select(signal_answer).where(
            signal_answer.c.organisation_id == organisation_id,
            signal_answer.c.signal.in_(set(signals)),
        )
    )
    return {
        row.signal: SignalAnswer(
            organisation_id=row.organisation_id,
            signal=row.signal,
            staff_id=row.staff_id,
            answered_by=row.answered_by,
            answered_at=row.answered_at,
            verdict="remark" if row.verdict == "remark" else "justified",
            remark=row.remark,
        )
        for row in rows
    }
