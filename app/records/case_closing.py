"""Whether work in a case goes on: closed, and opened again, by those who work in it."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import select, update

from app.records.case import case_file
from app.records.transaction import Transaction


def set_closed(
    tx: Transaction,
    case_id: str,
    *,
    organisation_id: str,
    closed_at: datetime | None,
    entry_id: str,
) -> bool:
    """Close the case from an instant on, or open it again (None). False if it already was so."""
    was = (
        case_file.c.closed_at.is_not(None) if closed_at is None else case_file.c.closed_at.is_(None)
    )
    done = tx.execute(
        update(case_file)
        .where(case_file.c.id == case_id, case_file.c.organisation_id == organisation_id, was)
        .values(
            state="open" if closed_at is None else "closed",
            closed_at=closed_at,
            state_audit_id=entry_id,
        )
    )
    return done.rowcount == 1


def still_open(tx: Transaction, case_id: str) -> bool:
    """Whether the case is open, and stays so until this transaction is over.

    Locked for sharing, because somebody may close it at the same moment: those who write do not
    wait for each other, and whoever closes waits for them.
    """
    asked = select(case_file.c.state).where(case_file.c.id == case_id)
    return tx.execute(asked.with_for_update(read=True)).scalar_one_or_none() == "open"


def numbers_and_closings(
    tx: Transaction, case_ids: Collection[str], *, organisation_id: str
) -> dict[str, tuple[str, datetime | None]]:
    """The number of each of the organisation's cases, and since when it is closed. One query."""
    rows = tx.execute(
        select(case_file.c.id, case_file.c.reference, case_file.c.closed_at).where(
            case_file.c.organisation_id == organisation_id,
            case_file.c.id.in_(set(case_ids)),
        )
    )
    return {row.id: (row.reference, row.closed_at) for row in rows}
