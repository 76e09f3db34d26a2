"""Who may take which decisions for the board. Ended, never changed or deleted.

One registers it and another confirms it; until then nothing can be decided under it.

Law: KL 6 kap. 37-39 §§, 7 kap. 5-8 §§
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    CheckConstraint,
    Column,
    ColumnElement,
    Date,
    ForeignKey,
    Index,
    Row,
    String,
    Table,
    and_,
    insert,
    or_,
    select,
    update,
)

from app.domain.organisation import Period
from app.domain.staff import Delegation
from app.records.schema import ID, UtcTime, entry_column, id_column, metadata
from app.records.transaction import Transaction

MOST_LISTED = 1000

delegation = Table(
    "delegation",
    metadata,
    id_column(),
    Column("organisation_id", ID, ForeignKey("organisation.id"), nullable=False),
    Column("staff_id", ID, ForeignKey("staff.id")),
    Column("role", String(40)),
    Column("decision", String(60), nullable=False),
    Column("item", String(40), nullable=False),
    Column("valid_from", Date, nullable=False),
    Column("valid_until", Date),
    # Null: registered and confirmed at the terminal, by the technician who sets the service up.
    Column("registered_by", ID, ForeignKey("staff.id")),
    Column("confirmed_by", ID, ForeignKey("staff.id")),
    Column("confirmed_at", UtcTime),
    Column("ended_at", UtcTime),
    entry_column(),
    entry_column("confirmed_audit_id", nullable=True),
    entry_column("ended_audit_id", nullable=True),
    CheckConstraint("confirmed_by <> registered_by", name="two_persons"),
    CheckConstraint("confirmed_by <> staff_id", name="not_to_oneself"),
    CheckConstraint("registered_by <> staff_id", name="not_by_oneself"),
    CheckConstraint(
        "(confirmed_at IS NULL) = (confirmed_audit_id IS NULL)", name="confirmed_with_entry"
    ),
    CheckConstraint("(staff_id IS NULL) <> (role IS NULL)", name="person_or_role"),
    CheckConstraint("valid_until IS NULL OR valid_until >= valid_from", name="period"),
    CheckConstraint("(ended_at IS NULL) = (ended_audit_id IS NULL)", name="ended_with_entry"),
    Index(None, "organisation_id", "decision"),
)


def insert_delegation(tx: Transaction, new: Delegation, *, entry_id: str) -> None:
    """Give the right to take a kind of decision."""
    tx.execute(
        insert(delegation).values(
            id=new.id,
            organisation_id=new.organisation_id,
            staff_id=new.staff_id,
            role=new.role,
            decision=new.decision,
            item=new.item,
            valid_from=new.period.valid_from,
            valid_until=new.period.valid_until,
            registered_by=new.registered_by,
            confirmed_at=new.confirmed_at,
            confirmed_audit_id=entry_id if new.confirmed_at else None,
            audit_id=entry_id,
        )
    )


def confirm_delegation(
    tx: Transaction, delegation_id: str, *, by: str, at: datetime, entry_id: str
) -> None:
    """Let decisions be taken under it from now on."""
    tx.execute(
        update(delegation)
        .where(
            delegation.c.id == delegation_id,
            delegation.c.confirmed_at.is_(None),
            delegation.c.ended_at.is_(None),
        )
        .values(confirmed_by=by, confirmed_at=at, confirmed_audit_id=entry_id)
    )


def delegation_of(
    tx: Transaction, delegation_id: str, *, organisation_id: str
) -> Delegation | None:
    """One of the organisation's, held for writing until the transaction ends."""
    row = tx.execute(
        select(delegation)
        .where(delegation.c.id == delegation_id, delegation.c.organisation_id == organisation_id)
        .with_for_update()
    ).one_or_none()
    return None if row is None else from_row(row)


def end_delegation(tx: Transaction, delegation_id: str, *, at: datetime, entry_id: str) -> bool:
    """End it from an instant on. False if it was not there or had ended already."""
    ended = tx.execute(
        update(delegation)
        .where(delegation.c.id == delegation_id, delegation.c.ended_at.is_(None))
        .values(ended_at=at, ended_audit_id=entry_id)
    )
    return ended.rowcount == 1


@dataclass(frozen=True)
class GivenDelegation:
    """A delegation in force, and the entries that its row says registered and confirmed it."""

    delegation: Delegation
    entry_id: str
    confirmed_by_entry: str


def delegations_held(
    tx: Transaction,
    *,
    organisation_id: str,
    staff_id: str,
    roles: frozenset[str],
    on: date,
    at: datetime,
    lock: bool = False,
) -> tuple[Delegation, ...]:
    """Those that speak of the person, by name or by one of `roles`, on that day. One query.

    With `lock` none of them ends before the transaction does, and one that has been ended is
    ended, even if a clock says that it will be.
    """
    given = delegations_given(
        tx,
        organisation_id=organisation_id,
        staff_id=staff_id,
        roles=roles,
        on=on,
        at=at,
        lock=lock,
    )
    return tuple(one.delegation for one in given)


def delegations_given(
    tx: Transaction,
    *,
    organisation_id: str,
    staff_id: str,
    roles: frozenset[str],
    on: date,
    at: datetime,
    lock: bool = False,
) -> tuple[GivenDelegation, ...]:
    """The same, each with the entries that its row names. One query."""
    columns = delegation.c
    asked = (
        select(delegation)
        .where(
            columns.organisation_id == organisation_id,
            or_(columns.staff_id == staff_id, columns.role.in_(roles)),
            in_force(on, at),
        )
        .order_by(columns.decision, columns.item, columns.id)
    )
    rows = tx.execute(
        asked.where(columns.ended_at.is_(None)).with_for_update(read=True) if lock else asked
    )
    return tuple(
        GivenDelegation(from_row(row), row.audit_id, row.confirmed_audit_id or "") for row in rows
    )


def delegations_of(tx: Transaction, organisation_id: str) -> tuple[Delegation, ...]:
    """The organisation's whole delegation, ended ones too, by decision. One query."""
    rows = tx.execute(
        select(delegation)
        .where(delegation.c.organisation_id == organisation_id)
        .order_by(delegation.c.decision, delegation.c.valid_from, delegation.c.id)
        .limit(MOST_LISTED)
    )
    return tuple(from_row(row) for row in rows)


def in_force(on: date, at: datetime) -> ColumnElement[bool]:
    """Those that are confirmed and hold on a legal day at an instant, as a question."""
    columns = delegation.c
    return and_(
        columns.confirmed_at.is_not(None),
        columns.valid_from <= on,
        or_(columns.valid_until.is_(None), columns.valid_until >= on),
        or_(columns.ended_at.is_(None), columns.ended_at > at),
    )


def from_row(row: Row[Any]) -> Delegation:
    """A delegation out of a row that has the table's columns by name."""
    return Delegation(
        id=row.id,
        organisation_id=row.organisation_id,
        staff_id=row.staff_id,
        role=row.role,
        decision=row.decision,
        item=row.item,
        period=Period(valid_from=row.valid_from, valid_until=row.valid_until),
        registered_by=row.registered_by,
        confirmed_by=row.confirmed_by,
        confirmed_at=row.confirmed_at,
        ended_at=row.ended_at,
    )
