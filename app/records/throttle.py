"""Guesses at passwords, counted where a restart does not forget them.

A row is kept for what was typed, whether or not such an account exists, under a short number made
from it: nothing typed can be read back, and the table cannot grow without limit.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Column, Integer, Table, delete, select, update
from sqlalchemy.dialects import postgresql, sqlite

from app.domain.account import Attempts
from app.records.schema import UtcTime, metadata, unlogged
from app.records.transaction import Transaction

sign_in_attempt = Table(
    "sign_in_attempt",
    metadata,
    Column("bucket", Integer, primary_key=True, autoincrement=False),
    Column("guesses", Integer, nullable=False),
    Column("last_at", UtcTime, nullable=False, index=True),
)
unlogged(
    "sign_in_attempt",
    because="a guess is counted before it is tried; the try itself has an entry",
)


def lock_attempts(tx: Transaction, bucket: int, *, at: datetime) -> Attempts:
    """The guesses so far, kept from others until the transaction ends.

    A row is made first, because one that does not exist cannot be locked: of two first guesses at
    once, both would be the first.
    """
    new = postgresql.insert if tx.dialect == "postgresql" else sqlite.insert
    tx.execute(
        new(sign_in_attempt)
        .values(bucket=bucket, guesses=0, last_at=at)
        .on_conflict_do_nothing(index_elements=["bucket"])
    )
    row = tx.execute(
        select(sign_in_attempt).where(sign_in_attempt.c.bucket == bucket).with_for_update()
    ).one()
    return Attempts(count=row.guesses, last_at=row.last_at)


def save_attempts(tx: Transaction, bucket: int, attempts: Attempts) -> None:
    """Store the count of a bucket that `lock_attempts` has locked."""
    tx.execute(
        update(sign_in_attempt)
        .where(sign_in_attempt.c.bucket == bucket)
        .values(guesses=attempts.count, last_at=attempts.last_at)
    )


def clear_attempts(tx: Transaction, bucket: int) -> None:
    """Forget the count after a right password."""
    tx.execute(delete(sign_in_attempt).where(sign_in_attempt.c.bucket == bucket))


def forget_attempts(tx: Transaction, *, before: datetime) -> None:
    """Drop the counts that no longer delay anybody."""
    tx.execute(delete(sign_in_attempt).where(sign_in_attempt.c.last_at < before))
