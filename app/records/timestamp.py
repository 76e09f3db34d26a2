"""Time stamps of checkpoints by an outside service, as it gave them."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Column, ForeignKey, LargeBinary, Table, select
from sqlalchemy.dialects import postgresql, sqlite

from app.records.schema import INDEX, UtcTime, metadata, unlogged
from app.records.transaction import Transaction

checkpoint_timestamp = Table(
    "checkpoint_timestamp",
    metadata,
    Column("n", INDEX, ForeignKey("audit_checkpoint.n"), primary_key=True, autoincrement=False),
    Column("token", LargeBinary, nullable=False),
    Column("stamped_at", UtcTime, nullable=False),
)
unlogged(
    "checkpoint_timestamp",
    because="a service's signature on the log as it stands; an entry about it would need another",
)


def put_timestamp(tx: Transaction, n: int, token: bytes, *, stamped_at: datetime) -> None:
    """Keep the answer for the checkpoint of `n` entries. The first one stays."""
    put = postgresql.insert if tx.dialect == "postgresql" else sqlite.insert
    values = {"n": n, "token": token, "stamped_at": stamped_at}
    tx.execute(put(checkpoint_timestamp).values(**values).on_conflict_do_nothing())


def latest_timestamp(tx: Transaction) -> tuple[int, datetime] | None:
    """Size and time of the newest stamp, None before the first. One query."""
    columns = checkpoint_timestamp.c
    asked = select(columns.n, columns.stamped_at).order_by(columns.n.desc()).limit(1)
    row = tx.execute(asked).first()
    return None if row is None else (row.n, row.stamped_at)


def timestamps_upto(tx: Transaction, size: int) -> dict[int, bytes]:
    """The stamps of all checkpoints of at most that size, by size. One query."""
    columns = checkpoint_timestamp.c
    asked = select(columns.n, columns.token).where(columns.n <= size).order_by(columns.n)
    return {row.n: row.token for row in tx.execute(asked)}
