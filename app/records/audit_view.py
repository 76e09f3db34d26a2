"""Which entries there are to look at, by organisation, case and member of staff.

Derived from the log in the transaction that appends to it, and can be made again from the log and
the keys. It holds ids only: what happened, in words, is in the sealed details. An entry counts as
an organisation's own if that organisation acted.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import (
    Column,
    ForeignKey,
    Index,
    Row,
    Select,
    String,
    Table,
    select,
)

from app.records.audit_log import audit_leaf
from app.records.schema import ID, INDEX, UtcTime, metadata, unlogged

if TYPE_CHECKING:
    from app.records.transaction import Transaction

audit_view = Table(
    "audit_view",
    metadata,
    Column("n", INDEX, ForeignKey("audit_leaf.n"), primary_key=True, autoincrement=False),
    Column("id", ID, nullable=False),
    Column("organisation_id", ID, nullable=False),
    Column("case_id", ID),
    Column("staff_id", ID),
    Column("op", String(60), nullable=False),
    Column("res", String(8), nullable=False),
    Column("at", UtcTime, nullable=False),
    Index(None, "organisation_id", "n"),
    Index(None, "case_id", "n"),
)
unlogged("audit_view", because="derived from the log, which cannot have an entry about itself")


@dataclass(frozen=True, kw_only=True)
class SeenEntry:
    """One entry as the view knows it. `at` is the entry's own time, aware UTC."""

    n: int
    id: str
    organisation_id: str
    case_id: str | None
    staff_id: str | None
    op: str
    res: str
    at: datetime


def entries_of_case(
    tx: Transaction, case_id: str, *, organisation_id: str
) -> tuple[SeenEntry, ...]:
    """Every entry on one case of the organisation, newest first. One query."""
    return _read(
        tx,
        select(audit_view).where(
            audit_view.c.case_id == case_id, audit_view.c.organisation_id == organisation_id
        ),
    )


def entries_of_organisation(
    tx: Transaction,
    organisation_id: str,
    *,
    staff_id: str | None = None,
    before: int | None = None,
    most: int = 200,
) -> tuple[SeenEntry, ...]:
    """The newest entries of the organisation, at most `most`. One query.

    `before` is the index of the last entry already seen, `staff_id` narrows to one person's acts.
    """
    asked = select(audit_view).where(audit_view.c.organisation_id == organisation_id).limit(most)
    if staff_id is not None:
        asked = asked.where(audit_view.c.staff_id == staff_id)
    if before is not None:
        asked = asked.where(audit_view.c.n < before)
    return _read(tx, asked)


def entry_at(tx: Transaction, entry_id: str) -> SeenEntry | None:
    """The entry with that id. One query."""
    place = select(audit_leaf.c.n).where(audit_leaf.c.id == entry_id).scalar_subquery()
    found = _read(tx, select(audit_view).where(audit_view.c.n == place))
    return found[0] if found else None


def _read(tx: Transaction, asked: Select[Any]) -> tuple[SeenEntry, ...]:
    return tuple(seen(row) for row in tx.execute(asked.order_by(audit_view.c.n.desc())))


def seen(row: Row[Any]) -> SeenEntry:
    """One row of the view."""
    return SeenEntry(
        n=row.n,
        id=row.id,
        organisation_id=row.organisation_id,
        case_id=row.case_id,
        staff_id=row.staff_id,
        op=row.op,
        res=row.res,
        at=row.at,
    )
