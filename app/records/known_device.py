"""Browsers that somebody has signed in from before, by the hash of a random text they keep.

It opens nothing: it only gives the browser a count of its own when a stranger keeps guessing.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Column, ForeignKey, String, Table, delete, insert, select

from app.records.schema import ID, UtcTime, entry_column, metadata, unlogged
from app.records.transaction import Transaction

known_device = Table(
    "known_device",
    metadata,
    Column("key", String(64), primary_key=True),
    Column("account_id", ID, ForeignKey("account.id"), nullable=False, index=True),
    Column("made_at", UtcTime, nullable=False, index=True),
    entry_column(),
)
unlogged("known_device", because="forgetting an old browser is no act; making one is a sign-in's")


def insert_device(
    tx: Transaction, key: str, *, account_id: str, at: datetime, entry_id: str
) -> None:
    """Remember a browser that has just signed in."""
    tx.execute(
        insert(known_device).values(key=key, account_id=account_id, made_at=at, audit_id=entry_id)
    )


def is_known_device(tx: Transaction, key: str, *, account_id: str, since: datetime) -> bool:
    """Whether the account has signed in from it since then. One query."""
    found = tx.execute(
        select(known_device.c.key).where(
            known_device.c.key == key,
            known_device.c.account_id == account_id,
            known_device.c.made_at >= since,
        )
    )
    return found.first() is not None


def forget_devices(tx: Transaction, *, before: datetime) -> None:
    """Drop those remembered longer ago."""
    tx.execute(delete(known_device).where(known_device.c.made_at < before))
