"""The question that a reviewer puts about an item of a round, and its answer. Both are sealed."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import func, select, update

from app.records.review_round import review_item
from app.records.transaction import Transaction


def count_questions(tx: Transaction, staff_id: str, *, organisation_id: str) -> int:
    """How many questions wait for the member of staff. One query."""
    waiting: int = tx.execute(
        select(func.count()).where(
            review_item.c.organisation_id == organisation_id,
            review_item.c.staff_id == staff_id,
            review_item.c.asked_at.is_not(None),
            review_item.c.replied_at.is_(None),
        )
    ).scalar_one()
    return waiting


def set_asked(
    tx: Transaction, item_id: str, *, by: str, at: datetime, question: bytes, entry_id: str
) -> bool:
    """Put a question. False if one was put already."""
    done = tx.execute(
        update(review_item)
        .where(review_item.c.id == item_id, review_item.c.asked_at.is_(None))
        .values(asked_by=by, asked_at=at, question=question, asked_audit_id=entry_id)
    )
    return done.rowcount == 1


def set_replied(
    tx: Transaction, item_id: str, *, at: datetime, reply: bytes, entry_id: str
) -> bool:
    """Keep what the person asked said. False if they have answered already."""
    done = tx.execute(
        update(review_item)
        .where(review_item.c.id == item_id, review_item.c.replied_at.is_(None))
        .values(replied_at=at, reply=reply, replied_audit_id=entry_id)
    )
    return done.rowcount == 1
