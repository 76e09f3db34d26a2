"""Local accounts: user name and password hash of a member of staff."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Column, ForeignKey, Row, String, Table, insert, select, update

from app.domain.account import LONGEST_USERNAME, Account
from app.records.schema import ID, UtcTime, entry_column, id_column, metadata
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
