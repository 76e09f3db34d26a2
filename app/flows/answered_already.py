"""What only one can say, and somebody has said: whoever comes second is told who and when."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from app.domain.staff import StaffMember
from app.records.staff import staff_by_id
from app.records.transaction import Transaction


@dataclass(frozen=True, kw_only=True)
class AnsweredAlready:
    """It has its answer, which stands. What was sent now is kept nowhere."""

    by: StaffMember | None
    at: datetime


def answered_already(tx: Transaction, by: str | None, at: datetime | None) -> AnsweredAlready:
    """Who was first. One query. What has an answer names who gave it, and when."""
    if by is None or at is None:
        raise LookupError("it was said to be answered, and names nobody; this is a defect in Sluss")
    return AnsweredAlready(by=staff_by_id(tx, {by}).get(by), at=at)
