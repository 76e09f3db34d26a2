"""Sign-ins that are going on. A row is found by the hash of what the cookie holds."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import (
    Column,
    ForeignKey,
    Row,
    Select,
    String,
    Table,
    delete,
    insert,
    select,
    update,
)

from app.domain.session import Session
from app.domain.staff import StaffMember
from app.records.account import account
from app.records.schema import ID, UtcTime, entry_column, id_column, metadata, unlogged
from app.records.staff import staff
from app.records.transaction import Transaction

session = Table(
    "session",
    metadata,
    id_column(),
    Column("key", String(64), nullable=False, unique=True),
    Column("staff_id", ID, ForeignKey("staff.id"), nullable=False, index=True),
    Column("organisation_id", ID, ForeignKey("organisation.id")),
    Column("signed_in_at", UtcTime, nullable=False),
    Column("revoked_at", UtcTime),
    entry_column(),
)

session_seen = Table(
    "session_seen",
    metadata,
    Column("session_id", ID, ForeignKey("session.id", ondelete="CASCADE"), primary_key=True),
    Column("last_seen_at", UtcTime, nullable=False),
)
unlogged(
    "session_seen",
    because="that a page was asked for is no act; what it showed has an entry of its own",
)


def insert_session(tx: Transaction, new: Session, *, entry_id: str) -> None:
    """Begin a sign-in."""
    tx.execute(
        insert(session).values(
            id=new.id,
            key=new.key,
            staff_id=new.staff_id,
            organisation_id=new.organisation_id,
            signed_in_at=new.signed_in_at,
            audit_id=entry_id,
        )
    )
    tx.execute(insert(session_seen).values(session_id=new.id, last_seen_at=new.last_seen_at))


def find_session(tx: Transaction, key: str) -> tuple[Session, StaffMember] | None:
    """The session with that key and whose it is; None too if their account has been disabled.

    Those that have ended are found: whether it is live is for identity to say. One query.
    """
    row = tx.execute(
        _sessions()
        .add_columns(staff.c.name, staff.c.title)
        .join(staff, staff.c.id == session.c.staff_id)
        .join(account, account.c.staff_id == session.c.staff_id, isouter=True)
        .where(session.c.key == key, account.c.disabled_at.is_(None))
    ).first()
    if row is None:
        return None
    return from_row(row), StaffMember(id=row.staff_id, name=row.name, title=row.title)


def touch_session(tx: Transaction, session_id: str, *, at: datetime) -> None:
    """Note that it was used. A clock gone backwards does not make it younger."""
    tx.execute(
        update(session_seen)
        .where(session_seen.c.session_id == session_id, session_seen.c.last_seen_at < at)
        .values(last_seen_at=at)
    )


def revoke_session(tx: Transaction, session_id: str, *, at: datetime, entry_id: str) -> bool:
    """End one. False if it had ended already."""
    return _revoke(tx, session.c.id == session_id, at=at, entry_id=entry_id) == 1


def revoke_sessions_of(tx: Transaction, staff_id: str, *, at: datetime, entry_id: str) -> int:
    """End all of a member of staff, e.g. when a password or role is taken away. How many ended."""
    return _revoke(tx, session.c.staff_id == staff_id, at=at, entry_id=entry_id)


def forget_sessions(tx: Transaction, *, before: datetime) -> None:
    """Drop those that began so long ago that they open nothing, whether anybody ended them or not.

    The log keeps when they began and ended.
    """
    tx.execute(delete(session).where(session.c.signed_in_at < before))


def _revoke(tx: Transaction, which: Any, *, at: datetime, entry_id: str) -> int:
    revoked = tx.execute(
        update(session)
        .where(which, session.c.revoked_at.is_(None))
        .values(revoked_at=at, audit_id=entry_id)
    )
    return revoked.rowcount


def _sessions() -> Select[Any]:
    return select(session, session_seen.c.last_seen_at).join(
        session_seen, session_seen.c.session_id == session.c.id
    )


def from_row(row: Row[Any]) -> Session:
    """A session out of a row that has the table's columns and `last_seen_at` by name."""
    return Session(
        id=row.id,
        key=row.key,
        staff_id=row.staff_id,
        organisation_id=row.organisation_id,
        signed_in_at=row.signed_in_at,
        last_seen_at=row.last_seen_at,
        revoked_at=row.revoked_at,
    )
