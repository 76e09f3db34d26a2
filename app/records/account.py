"""Local accounts: user name and password hash of a member of staff."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Column, ForeignKey, Row, String, Table, insert, select, update

from app.domain.account import LONGEST_USERNAME, Account
from app.records.role_grant import held, role_grant
from app.records.schema import ID, UtcTime, entry_column, id_column, metadata
from app.records.staff import staff
from app.records.transaction import Transaction

account = Table(
    "account",
    metadata,
    id_column(),
    Column("staff_id", ID, ForeignKey("staff.id"), nullable=False, unique=True),
    Column("username", String(LONGEST_USERNAME), nullable=False, unique=True),
    Column("password_hash", String(200), nullable=False),
    Column("disabled_at", UtcTime),
    entry_column(),
)


@dataclass(frozen=True, kw_only=True)
class AccountLine:
    """One account in a list, and the roles its owner holds: (organisation, role)."""

    staff_id: str
    username: str
    name: str
    title: str
    closed: bool
    roles: tuple[tuple[str, str], ...]


def insert_account(tx: Transaction, new: Account, *, entry_id: str) -> None:
    """Add an account. `StoreConflict` if the user name or the member of staff has one."""
    tx.execute(
        insert(account).values(
            id=new.id,
            staff_id=new.staff_id,
            username=new.username,
            password_hash=new.password_hash,
            audit_id=entry_id,
        )
    )


def find_account(tx: Transaction, username: str) -> Account | None:
    """The account with that folded user name. One query."""
    row = tx.execute(select(account).where(account.c.username == username)).first()
    return None if row is None else _account(row)


def account_of(tx: Transaction, staff_id: str) -> Account | None:
    """The account of a member of staff. One query."""
    row = tx.execute(select(account).where(account.c.staff_id == staff_id)).first()
    return None if row is None else _account(row)


def accounts(tx: Transaction, *, on: date, at: datetime) -> tuple[AccountLine, ...]:
    """Everybody with an account, by name, and the roles they hold then. Two queries."""
    holding: dict[str, list[tuple[str, str]]] = {}
    columns = role_grant.c
    for grant in tx.execute(
        select(columns.staff_id, columns.organisation_id, columns.role)
        .where(held(on, at))
        .order_by(columns.organisation_id, columns.role)
    ):
        holding.setdefault(grant.staff_id, []).append((grant.organisation_id, grant.role))
    rows = tx.execute(
        select(
            account.c.staff_id,
            account.c.username,
            account.c.disabled_at,
            staff.c.name,
            staff.c.title,
        )
        .join(staff, staff.c.id == account.c.staff_id)
        .order_by(staff.c.name, account.c.username)
    )
    return tuple(
        AccountLine(
            staff_id=row.staff_id,
            username=row.username,
            name=row.name,
            title=row.title,
            closed=row.disabled_at is not None,
            roles=tuple(holding.get(row.staff_id, ())),
        )
        for row in rows
    )


def set_password_hash(
    tx: Transaction, account_id: str, password_hash: str, *, entry_id: str
) -> None:
    """Replace the hash: a new password, or the same one hashed harder."""
    tx.execute(
        update(account)
        .where(account.c.id == account_id)
        .values(password_hash=password_hash, audit_id=entry_id)
    )


def disable_account(tx: Transaction, account_id: str, *, at: datetime, entry_id: str) -> bool:
    """Let nobody sign in by it. False if it was disabled already. Sessions are ended separately."""
    disabled = tx.execute(
        update(account)
        .where(account.c.id == account_id, account.c.disabled_at.is_(None))
        .values(disabled_at=at, audit_id=entry_id)
    )
    return disabled.rowcount == 1


def _account(row: Row[Any]) -> Account:
    return Account(
        id=row.id,
        staff_id=row.staff_id,
        username=row.username,
        password_hash=row.password_hash,
        disabled_at=row.disabled_at,
    )
