"""An organisation's disclosures by time, some at a time: its disclosure register."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select

from app.domain.disclosure import Disclosure
from app.records.case import case_file
from app.records.delivery import delivery
from app.records.disclosure import DISCLOSURE_COLUMNS, as_disclosure, disclosure
from app.records.staff import staff
from app.records.transaction import Transaction


@dataclass(frozen=True, kw_only=True)
class RegisteredDisclosure:
    """One row of the register, with the case's own number and who decided."""

    disclosure: Disclosure
    reference: str
    decider: str
    acknowledged_at: datetime | None


def register_page(
    tx: Transaction,
    *,
    organisation_id: str,
    since: datetime,
    before: datetime,
    after: str = "",
    most: int = 200,
) -> tuple[RegisteredDisclosure, ...]:
    """Disclosures decided in the time, oldest first, those whose id comes after `after`.

    One query. Ids are in the order in which the rows were made.
    """
    rows = tx.execute(
        select(
            *DISCLOSURE_COLUMNS,
            case_file.c.reference,
            staff.c.name.label("decider"),
            delivery.c.acknowledged_at,
        )
        .join(case_file, case_file.c.id == disclosure.c.case_id)
        .join(staff, staff.c.id == disclosure.c.decided_by)
        .outerjoin(delivery, delivery.c.id == disclosure.c.delivery_id)
        .where(
            disclosure.c.organisation_id == organisation_id,
            disclosure.c.decided_at >= since,
            disclosure.c.decided_at < before,
            disclosure.c.id > after,
        )
        .order_by(disclosure.c.id)
        .limit(most)
    )
    return tuple(
        RegisteredDisclosure(
            disclosure=as_disclosure(row),
            reference=row.reference,
            decider=row.decider,
            acknowledged_at=row.acknowledged_at,
        )
        for row in rows
    )


def count_registered(
    tx: Transaction, *, organisation_id: str, since: datetime, before: datetime
) -> int:
    """How many disclosures were decided in the time."""
    return int(
        tx.execute(
            select(func.count())
            .select_from(disclosure)
            .where(
                disclosure.c.organisation_id == organisation_id,
                disclosure.c.decided_at >= since,
                disclosure.c.decided_at < before,
            )
        ).scalar_one()
    )


def recipients_of(tx: Transaction, *, organisation_id: str) -> dict[tuple[str, str], int]:
    """How often the organisation has disclosed, by recipient and purpose. One query."""
    rows = tx.execute(
        select(disclosure.c.recipient_id, disclosure.c.purpose, func.count().label("count"))
        .where(disclosure.c.organisation_id == organisation_id)
        .group_by(disclosure.c.recipient_id, disclosure.c.purpose)
    )
    return {(row.recipient_id, row.purpose): int(row._mapping["count"]) for row in rows}
