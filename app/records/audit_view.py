"""Which entries there are to look at, by organisation, case and member of staff.

Derived from the log in the transaction that appends to it, and can be made again from the log and
the keys. It holds ids only: what happened, in words, is in the sealed details. An entry counts as
an organisation's own if that organisation acted.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import (
    Column,
    ColumnElement,
    ForeignKey,
    Index,
    Row,
    Select,
    String,
    Table,
    null,
    or_,
    select,
)

from app.records.audit_log import audit_leaf
from app.records.delivery import delivery
from app.records.disclosure import disclosure
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


@dataclass(frozen=True, kw_only=True)
class EntryFilter:
    """Which entries to find; None finds all. `since` is included and `until` is not."""

    case_ids: tuple[str, ...] | None = None
    staff_id: str | None = None
    ops: tuple[str, ...] | None = None
    res: tuple[str, ...] | None = None
    without: tuple[str, ...] = ()
    """Kinds left out where they were plainly allowed: not one refused or by an emergency."""
    since: datetime | None = None
    until: datetime | None = None
    before: int | None = None


def entries_found(
    tx: Transaction, organisation_id: str, which: EntryFilter, *, most: int
) -> tuple[SeenEntry, ...]:
    """The newest of the organisation's entries that pass, at most `most`. One query."""
    own = audit_view.c.organisation_id == organisation_id
    return _read(tx, _narrowed(select(audit_view).where(own), which).limit(most))


def receipts_found(
    tx: Transaction, sender_id: str, which: EntryFilter, *, most: int
) -> tuple[SeenEntry, ...]:
    """Entries by which others registered what the sender disclosed to them. One query.

    That it was registered is told, and never by whom: that is the recipient's own.
    """
    asked = (
        select(
            audit_view.c.n,
            audit_view.c.id,
            audit_view.c.organisation_id,
            disclosure.c.case_id,
            null().label("staff_id"),
            audit_view.c.op,
            audit_view.c.res,
            audit_view.c.at,
        )
        .join(delivery, delivery.c.acknowledged_audit_id == audit_view.c.id)
        .join(disclosure, disclosure.c.delivery_id == delivery.c.id)
        .where(disclosure.c.organisation_id == sender_id)
    )
    return _read(tx, _narrowed(asked, which, case_column=disclosure.c.case_id).limit(most))


def receipts_among(tx: Transaction, sender_id: str, ids: Sequence[str]) -> frozenset[str]:
    """Those of the ids under which others registered what the sender disclosed. One query."""
    asked = (
        select(delivery.c.acknowledged_audit_id)
        .join(disclosure, disclosure.c.delivery_id == delivery.c.id)
        .where(disclosure.c.organisation_id == sender_id, delivery.c.acknowledged_audit_id.in_(ids))
    )
    return frozenset(tx.execute(asked).scalars())


def newest_from(tx: Transaction, organisation_id: str, stop: int, most: int) -> int:
    """Where the newest `most` of the organisation's entries below an index begin; 0 if there are
    not so many. One query."""
    columns = audit_view.c
    asked = (
        select(columns.n)
        .where(columns.organisation_id == organisation_id, columns.n < stop)
        .order_by(columns.n.desc())
        .offset(most - 1)
        .limit(1)
    )
    return int(tx.execute(asked).scalar_one_or_none() or 0)


def _narrowed(
    asked: Select[Any],
    which: EntryFilter,
    *,
    case_column: ColumnElement[str] = audit_view.c.case_id,
) -> Select[Any]:
    seen = audit_view.c
    conditions: list[ColumnElement[bool]] = []
    if which.case_ids is not None:
        conditions.append(case_column.in_(which.case_ids))
    if which.ops is not None:
        conditions.append(seen.op.in_(which.ops))
    if which.res is not None:
        conditions.append(seen.res.in_(which.res))
    if which.without:
        conditions.append(or_(seen.op.not_in(which.without), seen.res != "allow"))
    if which.staff_id is not None:
        conditions.append(seen.staff_id == which.staff_id)
    if which.since is not None:
        conditions.append(seen.at >= which.since)
    if which.until is not None:
        conditions.append(seen.at < which.until)
    if which.before is not None:
        conditions.append(seen.n < which.before)
    return asked.where(*conditions)


def entry_at(tx: Transaction, entry_id: str) -> SeenEntry | None:
    """The entry with that id. One query."""
    place = select(audit_leaf.c.n).where(audit_leaf.c.id == entry_id).scalar_subquery()
    found = _read(tx, select(audit_view).where(audit_view.c.n == place))
    return found[0] if found else None


def has_entry_since(tx: Transaction, since: int, *, ops: Sequence[str], res: Sequence[str]) -> bool:
    """Whether an entry at `since` or later is one of `ops` or ended in one of `res`. One query."""
    columns = audit_view.c
    asked = select(columns.n).where(
        columns.n >= since, or_(columns.op.in_(ops), columns.res.in_(res))
    )
    return tx.execute(asked.limit(1)).first() is not None


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
