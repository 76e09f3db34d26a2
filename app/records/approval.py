"""Questions of approval and their answers. Asked, answered or withdrawn once; never deleted.

The reasons are sealed under the case key: they speak of the same people as the note does.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import (
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    Row,
    Select,
    String,
    Table,
    func,
    insert,
    or_,
    select,
    update,
)

from app.domain.approval import Approval
from app.records.case import case_file
from app.records.note import note_version
from app.records.schema import ID, UtcTime, entry_column, id_column, metadata
from app.records.transaction import Transaction

MOST_LISTED = 200

approval = Table(
    "approval",
    metadata,
    id_column(),
    Column("organisation_id", ID, ForeignKey("organisation.id"), nullable=False),
    Column("case_id", ID, ForeignKey("case_file.id"), nullable=False),
    Column("note_id", ID, ForeignKey("note.id"), nullable=False),
    Column("version", Integer, nullable=False),
    Column("recipient_id", ID, ForeignKey("organisation.id"), nullable=False),
    Column("purpose", String(40), nullable=False),
    Column("name", String(60), nullable=False),
    Column("asked_by", ID, ForeignKey("staff.id"), nullable=False),
    Column("asked_at", UtcTime, nullable=False),
    Column("withdrawn_at", UtcTime),
    Column("answered_by", ID, ForeignKey("staff.id")),
    Column("answered_at", UtcTime),
    Column("answer", String(3)),
    Column("reasons", LargeBinary),
    entry_column(),
    entry_column("withdrawn_audit_id", nullable=True),
    entry_column("answered_audit_id", nullable=True),
    CheckConstraint("answered_by IS NULL OR answered_by <> asked_by", name="never_the_asker"),
    CheckConstraint("answer IS NULL OR answer IN ('yes', 'no')", name="yes_or_no"),
    CheckConstraint(
        "(answer IS NULL) = (answered_by IS NULL) AND (answer IS NULL) = (answered_at IS NULL) "
        "AND (answer IS NULL) = (reasons IS NULL) "
        "AND (answer IS NULL) = (answered_audit_id IS NULL)",
        name="answered_whole",
    ),
    CheckConstraint(
        "(withdrawn_at IS NULL) = (withdrawn_audit_id IS NULL)", name="withdrawn_with_entry"
    ),
    CheckConstraint("withdrawn_at IS NULL OR answer IS NULL", name="answered_or_withdrawn"),
    Index("approval_by_note", "note_id", "version"),
    Index("approval_by_organisation", "organisation_id", "asked_at"),
)


@dataclass(frozen=True, kw_only=True)
class StoredApproval:
    """A question of approval with its reasons still sealed."""

    approval: Approval
    reasons: bytes | None


@dataclass(frozen=True, kw_only=True)
class ListedApproval:
    """A question of approval as a list shows it, with the case's number and no names."""

    approval: Approval
    case: str
    """The case's number."""
    newest_version: int


def insert_approval(tx: Transaction, asked: Approval, *, entry_id: str) -> None:
    """Put a question of approval."""
    tx.execute(
        insert(approval).values(
            id=asked.id,
            organisation_id=asked.organisation_id,
            case_id=asked.case_id,
            note_id=asked.note_id,
            version=asked.version,
            recipient_id=asked.recipient_id,
            purpose=asked.purpose,
            name=asked.name,
            asked_by=asked.asked_by,
            asked_at=asked.asked_at,
            audit_id=entry_id,
        )
    )


def mark_answered(tx: Transaction, answered: Approval, *, reasons: bytes, entry_id: str) -> None:
    """Keep the answer to an open question. `reasons` are sealed under the case key."""
    tx.execute(
        update(approval)
        .where(
            approval.c.id == answered.id,
            approval.c.answer.is_(None),
            approval.c.withdrawn_at.is_(None),
        )
        .values(
            answered_by=answered.answered_by,
            answered_at=answered.answered_at,
            answer=answered.answer,
            reasons=reasons,
            answered_audit_id=entry_id,
        )
    )


def mark_approval_withdrawn(
    tx: Transaction, approval_id: str, *, at: datetime, entry_id: str
) -> None:
    """Take an open question back."""
    tx.execute(
        update(approval)
        .where(
            approval.c.id == approval_id,
            approval.c.answer.is_(None),
            approval.c.withdrawn_at.is_(None),
        )
        .values(withdrawn_at=at, withdrawn_audit_id=entry_id)
    )


def approvals_of_note(tx: Transaction, note_id: str, version: int) -> tuple[StoredApproval, ...]:
    """Every question of approval of one note version, oldest first, towards all recipients."""
    rows = tx.execute(
        select(approval)
        .where(approval.c.note_id == note_id, approval.c.version == version)
        .order_by(approval.c.asked_at, approval.c.id)
    )
    return tuple(StoredApproval(approval=_approval(row), reasons=row.reasons) for row in rows)


def approval_of(
    tx: Transaction, approval_id: str, *, organisation_id: str
) -> StoredApproval | None:
    """One question of the organisation. Holds nothing: hold its case first."""
    row = tx.execute(
        select(approval).where(
            approval.c.id == approval_id, approval.c.organisation_id == organisation_id
        )
    ).one_or_none()
    if row is None:
        return None
    return StoredApproval(approval=_approval(row), reasons=row.reasons)


def open_approvals(tx: Transaction, *, organisation_id: str) -> tuple[ListedApproval, ...]:
    """What waits for an answer in the organisation, oldest first. One query."""
    rows = tx.execute(
        _listed()
        .where(
            approval.c.organisation_id == organisation_id,
            approval.c.answer.is_(None),
            approval.c.withdrawn_at.is_(None),
            _newest() == approval.c.version,
        )
        .order_by(approval.c.asked_at, approval.c.id)
        .limit(MOST_LISTED)
    )
    return tuple(_line(row) for row in rows)


def approvals_by(
    tx: Transaction, staff_id: str, *, organisation_id: str
) -> tuple[ListedApproval, ...]:
    """What somebody has asked or answered in the organisation, latest first. One query."""
    rows = tx.execute(
        _listed()
        .where(
            approval.c.organisation_id == organisation_id,
            or_(approval.c.asked_by == staff_id, approval.c.answered_by == staff_id),
        )
        .order_by(approval.c.asked_at.desc(), approval.c.id.desc())
        .limit(MOST_LISTED)
    )
    return tuple(_line(row) for row in rows)


def count_open_approvals(tx: Transaction, *, organisation_id: str, but_by: str) -> int:
    """How many wait for an answer by somebody else than `but_by`."""
    return int(
        tx.execute(
            select(func.count())
            .select_from(approval)
            .where(
                approval.c.organisation_id == organisation_id,
                approval.c.asked_by != but_by,
                approval.c.answer.is_(None),
                approval.c.withdrawn_at.is_(None),
                _newest() == approval.c.version,
            )
        ).scalar_one()
    )


def _newest() -> Any:
    return (
        select(func.max(note_version.c.version))
        .where(note_version.c.note_id == approval.c.note_id)
        .scalar_subquery()
    )


def _listed() -> Select[Any]:
    return select(approval, case_file.c.reference, _newest().label("newest")).join(
        case_file, case_file.c.id == approval.c.case_id
    )


def _line(row: Row[Any]) -> ListedApproval:
    return ListedApproval(
        approval=_approval(row), case=row.reference, newest_version=int(row.newest)
    )


def _approval(row: Row[Any]) -> Approval:
    return Approval(
        id=row.id,
        organisation_id=row.organisation_id,
        case_id=row.case_id,
        note_id=row.note_id,
        version=row.version,
        recipient_id=row.recipient_id,
        purpose=row.purpose,
        name=row.name,
        asked_by=row.asked_by,
        asked_at=row.asked_at,
        withdrawn_at=row.withdrawn_at,
        answered_by=row.answered_by,
        answered_at=row.answered_at,
        answer=row.answer,
    )
