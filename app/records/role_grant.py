"""Which roles a member of staff has where, and since when. Ended, never changed or deleted."""

from __future__ import annotations

from collections.abc import Collection
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
    Select,
    String,
    Table,
    and_,
    insert,
    or_,
    select,
    update,
)

from app.domain.organisation import Organisation, Period
from app.domain.staff import RoleGrant, StaffMember
from app.records import organisation as organisations
from app.records.organisation import organisation
from app.records.schema import ID, UtcTime, entry_column, id_column, metadata
from app.records.staff import staff
from app.records.transaction import Transaction

role_grant = Table(
    "role_grant",
    metadata,
    id_column(),
    Column("staff_id", ID, ForeignKey("staff.id"), nullable=False),
    Column("organisation_id", ID, ForeignKey("organisation.id"), nullable=False),
    Column("role", String(40), nullable=False),
    Column("valid_from", Date, nullable=False),
    Column("valid_until", Date),
    Column("ended_at", UtcTime),
    entry_column(),
    entry_column("ended_audit_id", nullable=True),
    CheckConstraint("valid_until IS NULL OR valid_until >= valid_from", name="period"),
    CheckConstraint("(ended_at IS NULL) = (ended_audit_id IS NULL)", name="ended_with_entry"),
    Index(None, "staff_id", "organisation_id"),
    Index(None, "organisation_id", "role"),
)


def insert_role_grant(tx: Transaction, grant: RoleGrant, *, entry_id: str) -> None:
    """Give a role."""
    tx.execute(
        insert(role_grant).values(
            id=grant.id,
            staff_id=grant.staff_id,
            organisation_id=grant.organisation_id,
            role=grant.role,
            valid_from=grant.period.valid_from,
            valid_until=grant.period.valid_until,
            audit_id=entry_id,
        )
    )


def end_role_grant(tx: Transaction, grant_id: str, *, at: datetime, entry_id: str) -> bool:
    """Take a role away from an instant on. False if it was not there or had ended already."""
    ended = tx.execute(
        update(role_grant)
        .where(role_grant.c.id == grant_id, role_grant.c.ended_at.is_(None))
        .values(ended_at=at, ended_audit_id=entry_id)
    )
    return ended.rowcount == 1


@dataclass(frozen=True)
class GivenRole:
    """A role that is held, and the entry that its row says gave it."""

    grant: RoleGrant
    entry_id: str


def roles_of(
    tx: Transaction,
    *,
    staff_id: str,
    organisation_id: str,
    on: date,
    at: datetime,
    lock: bool = False,
) -> frozenset[str]:
    """Codes of the roles held there on the legal day `on`, at the instant `at`. One query.

    With `lock` none of them ends before the transaction does, and one that has been ended is
    ended, even if a clock says that it will be.
    """
    given = roles_given(tx, staff_id, on=on, at=at, organisation_id=organisation_id, lock=lock)
    return frozenset(one.grant.role for one in given)


def roles_given(
    tx: Transaction,
    staff_id: str,
    *,
    on: date,
    at: datetime,
    organisation_id: str | None = None,
    lock: bool = False,
) -> tuple[GivenRole, ...]:
    """The roles held then, there or anywhere; `lock` as in `roles_of`. One query."""
    asked = _held(on, at).where(role_grant.c.staff_id == staff_id).order_by(role_grant.c.id)
    if organisation_id is not None:
        asked = asked.where(role_grant.c.organisation_id == organisation_id)
    rows = tx.execute(
        asked.where(role_grant.c.ended_at.is_(None)).with_for_update(read=True) if lock else asked
    )
    return tuple(given_role(row) for row in rows)


def standings_of(
    tx: Transaction, staff_id: str, *, on: date, at: datetime
) -> tuple[tuple[Organisation, frozenset[str]], ...]:
    """The organisations the person has any role in now, by name, with the roles. One query."""
    rows = tx.execute(
        _held(on, at)
        .with_only_columns(organisation, role_grant.c.role)
        .join(organisation, organisation.c.id == role_grant.c.organisation_id)
        .where(role_grant.c.staff_id == staff_id)
        .order_by(organisation.c.name, organisation.c.id)
    )
    found: dict[str, tuple[Organisation, set[str]]] = {}
    for row in rows:
        held = found.setdefault(row.id, (organisations.from_row(row), set()))
        held[1].add(row.role)
    return tuple((one, frozenset(roles)) for one, roles in found.values())


def staff_of(
    tx: Transaction, organisation_id: str, *, on: date, at: datetime
) -> tuple[tuple[StaffMember, frozenset[str]], ...]:
    """Those with a role in the organisation now, by name, each with their roles. One query."""
    rows = tx.execute(
        _held(on, at)
        .with_only_columns(staff.c.id, staff.c.name, staff.c.title, role_grant.c.role)
        .join(staff, staff.c.id == role_grant.c.staff_id)
        .where(role_grant.c.organisation_id == organisation_id)
        .order_by(staff.c.name, staff.c.id)
    )
    found: dict[str, tuple[StaffMember, set[str]]] = {}
    for row in rows:
        member = StaffMember(id=row.id, name=row.name, title=row.title)
        found.setdefault(row.id, (member, set()))[1].add(row.role)
    return tuple((member, frozenset(roles)) for member, roles in found.values())


def staff_ever_in(tx: Transaction, organisation_id: str) -> tuple[StaffMember, ...]:
    """Everyone who has or has had a role in the organisation, by name. One query."""
    held = select(role_grant.c.staff_id).where(role_grant.c.organisation_id == organisation_id)
    rows = tx.execute(
        select(staff.c.id, staff.c.name, staff.c.title)
        .where(staff.c.id.in_(held))
        .order_by(staff.c.name, staff.c.id)
    )
    return tuple(StaffMember(id=row.id, name=row.name, title=row.title) for row in rows)


def grants_in(
    tx: Transaction, organisation_id: str, roles: Collection[str]
) -> tuple[RoleGrant, ...]:
    """Every time one of those roles was given in the organisation, ended or not. One query."""
    rows = tx.execute(
        select(role_grant)
        .where(
            role_grant.c.organisation_id == organisation_id, role_grant.c.role.in_(sorted(roles))
        )
        .order_by(role_grant.c.valid_from, role_grant.c.id)
    )
    return tuple(_grant(row) for row in rows)


def grants_of(tx: Transaction, staff_id: str) -> tuple[RoleGrant, ...]:
    """Every role the member of staff has or has had, oldest first. One query."""
    rows = tx.execute(
        select(role_grant)
        .where(role_grant.c.staff_id == staff_id)
        .order_by(role_grant.c.valid_from, role_grant.c.id)
    )
    return tuple(_grant(row) for row in rows)


def held(on: date, at: datetime) -> ColumnElement[bool]:
    """The grants that `RoleGrant.holds`, as a question to the database."""
    columns = role_grant.c
    return and_(
        columns.valid_from <= on,
        or_(columns.valid_until.is_(None), columns.valid_until >= on),
        or_(columns.ended_at.is_(None), columns.ended_at > at),
    )


def _held(on: date, at: datetime) -> Select[Any]:
    return select(role_grant).where(held(on, at))


def given_role(row: Any) -> GivenRole:
    """A role out of a row that has the table's columns by name."""
    return GivenRole(_grant(row), row.audit_id)


def _grant(row: Any) -> RoleGrant:
    return RoleGrant(
        id=row.id,
        staff_id=row.staff_id,
        organisation_id=row.organisation_id,
        role=row.role,
        period=Period(valid_from=row.valid_from, valid_until=row.valid_until),
        ended_at=row.ended_at,
    )
