"""The log's public keys as the log has been told of them, each with the sizes it may sign.

What signs is in the signer's own files. This is how the service knows which changes of them it has
already made an entry about.
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Column, String, Table, Text, select
from sqlalchemy.dialects import postgresql, sqlite

from app.records.schema import INDEX, entry_column, metadata
from app.records.transaction import Transaction

log_key = Table(
    "log_key",
    metadata,
    # SHA-256 of the key in hex, as a key of two kilobytes is none for an index.
    Column("sha256", String(64), primary_key=True),
    Column("vkey", Text, nullable=False),
    Column("first", INDEX, nullable=False),
    Column("last", INDEX),
    entry_column(),
)


@dataclass(frozen=True, kw_only=True)
class ToldKey:
    """One public key: the log's sizes from `first`, up to `last` included (None: any)."""

    sha256: str
    vkey: str
    first: int
    last: int | None


def told_keys(tx: Transaction) -> dict[str, ToldKey]:
    """Every key that the log has been told of, by its hash. One query."""
    columns = log_key.c
    rows = tx.execute(select(columns.sha256, columns.vkey, columns.first, columns.last))
    return {row.sha256: ToldKey(**row._mapping) for row in rows}


def put_told_key(tx: Transaction, told: ToldKey, *, entry_id: str) -> None:
    """Keep a key, or its new sizes, under the entry that tells of them."""
    put = postgresql.insert if tx.dialect == "postgresql" else sqlite.insert
    sizes = {"first": told.first, "last": told.last, "audit_id": entry_id}
    tx.execute(
        put(log_key)
        .values(sha256=told.sha256, vkey=told.vkey, **sizes)
        .on_conflict_do_update(index_elements=["sha256"], set_=sizes)
    )
