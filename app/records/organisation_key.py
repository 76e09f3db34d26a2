"""Key rings of organisations: public half in clear, private half sealed by the root key."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Column, Integer, LargeBinary, String, Table, insert, select, update

from app.records.schema import UtcTime, entry_column, metadata
from app.records.transaction import Transaction

organisation_key = Table(
    "organisation_key",
    metadata,
    Column("organisation_id", String(36), primary_key=True),
    Column("version", Integer, primary_key=True),
    Column("public_key", LargeBinary, nullable=False),
    Column("sealed", LargeBinary, nullable=False),
    Column("root_key_id", String(64), nullable=False),
    Column("made_at", UtcTime, nullable=False),
    entry_column(),
)

destroyed_ring = Table(
    "destroyed_ring",
    metadata,
    # As a detail of the log names its key. No detail is added under one of these, so that a process
    # that still holds the ring can do nothing that nobody could read.
    Column("key_id", String(200), primary_key=True),
    entry_column(),
)


@dataclass(frozen=True, kw_only=True)
class StoredRing:
    """One version of one organisation's key ring as stored. Newest version seals; all can open."""

    organisation_id: str
    version: int
    public_key: bytes
    sealed: bytes
    root_key_id: str


def insert_ring(tx: Transaction, ring: StoredRing, *, at: datetime, entry_id: str) -> None:
    """Add one version of a ring. Fails on a version that exists: a ring is never overwritten."""
    tx.execute(
        insert(organisation_key).values(
            organisation_id=ring.organisation_id,
            version=ring.version,
            public_key=ring.public_key,
            sealed=ring.sealed,
            root_key_id=ring.root_key_id,
            made_at=at,
            audit_id=entry_id,
        )
    )


def replace_seal(tx: Transaction, ring: StoredRing, *, entry_id: str) -> None:
    """The same keys under another root: nothing that the ring has sealed changes."""
    columns = organisation_key.c
    tx.execute(
        update(organisation_key)
        .where(
            columns.organisation_id == ring.organisation_id,
            columns.version == ring.version,
        )
        .values(sealed=ring.sealed, root_key_id=ring.root_key_id, audit_id=entry_id)
    )


def all_rings(tx: Transaction) -> tuple[StoredRing, ...]:
    """Every ring of the installation, oldest version first within an organisation."""
    columns = organisation_key.c
    rows = tx.execute(
        select(
            columns.organisation_id,
            columns.version,
            columns.public_key,
            columns.sealed,
            columns.root_key_id,
        ).order_by(columns.organisation_id, columns.version)
    )
    return tuple(StoredRing(**row._mapping) for row in rows)
