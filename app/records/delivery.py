"""Deliveries in the recipient's own register: a sealed copy, arriving after the undo time.

No column tells anything of the sender's cases, notes or versions.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import (
    Column,
    ColumnElement,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
    delete,
    func,
    insert,
    or_,
    select,
    update,
)

from app.records.case import cases_in_team
from app.records.schema import UtcTime, entry_column, metadata
from app.records.transaction import Transaction

delivery = Table(
    "delivery",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("organisation_id", String(36), ForeignKey("organisation.id"), nullable=False),
    Column("sender_id", String(36), ForeignKey("organisation.id"), nullable=False),
    Column("arrives_at", UtcTime, nullable=False),
    Column("ring_version", Integer, nullable=False),
    Column("sealed_version", Integer, nullable=False),
    Column("suite", Integer, nullable=False),
    Column("wrapped_key", LargeBinary, nullable=False),
    Column("commitment", LargeBinary, nullable=False),
    Column("head", LargeBinary, nullable=False),
    Column("body", LargeBinary, nullable=False),
    Column("ct_hash", String(64), nullable=False),
    Column("wraps_hash", String(64), nullable=False),
    Column("acknowledged_at", UtcTime),
    Column("registered_as", LargeBinary),
    Column("consent_withdrawn_at", UtcTime),
    Column("filed_case_id", String(36), ForeignKey("case_file.id")),
    Column("filed_note_id", String(36), ForeignKey("note.id")),
    entry_column(),
    entry_column("acknowledged_audit_id", nullable=True),
    entry_column("filed_audit_id", nullable=True),
    entry_column("consent_withdrawn_audit_id", nullable=True),
    Index("delivery_by_recipient", "organisation_id", "arrives_at"),
)


@dataclass(frozen=True, kw_only=True)
class StoredDelivery:
    """One sealed delivery. Times are aware UTC; `body` is None where only heads were asked for."""

    id: str
    organisation_id: str
    sender_id: str
    arrives_at: datetime
    ring_version: int
    sealed_version: int
    suite: int
    wrapped_key: bytes
    commitment: bytes
    head: bytes
    body: bytes | None
    ct_hash: str
    wraps_hash: str
    acknowledged_at: datetime | None = None
    registered_as: bytes | None = None
    consent_withdrawn_at: datetime | None = None
    filed_case_id: str | None = None
    filed_note_id: str | None = None


@dataclass(frozen=True, kw_only=True)
class DeliveryEntries:
    """The entries that a delivery's row says sent it and filed it."""

    sent: str
    filed: str | None


_COLUMNS = tuple(c for c in delivery.c if not c.name.endswith("audit_id"))


def insert_delivery(tx: Transaction, sent: StoredDelivery, *, entry_id: str) -> None:
    """Put a sealed copy on its way."""
    tx.execute(
        insert(delivery).values(
            id=sent.id,
            organisation_id=sent.organisation_id,
            sender_id=sent.sender_id,
            arrives_at=sent.arrives_at,
            ring_version=sent.ring_version,
            sealed_version=sent.sealed_version,
            suite=sent.suite,
            wrapped_key=sent.wrapped_key,
            commitment=sent.commitment,
            head=sent.head,
            body=sent.body,
            ct_hash=sent.ct_hash,
            wraps_hash=sent.wraps_hash,
            audit_id=entry_id,
        )
    )


def arrived_deliveries(
    tx: Transaction,
    *,
    organisation_id: str,
    reader: str,
    at: datetime,
    most: int = 200,
    lock: bool = False,
) -> tuple[StoredDelivery, ...]:
    """What has arrived at an organisation, latest first, at most `most`, no texts. One query.

    What is filed in a case is there for the case's team alone.
    With `lock` they are held until the transaction ends, because what is in a list that is shown
    is not taken back any more.
    """
    asked = (
        select(*(c for c in _COLUMNS if c.name != "body"))
        .where(
            delivery.c.organisation_id == organisation_id,
            delivery.c.arrives_at <= at,
            _seen_by(reader, at),
        )
        .order_by(delivery.c.arrives_at.desc(), delivery.c.id.desc())
        .limit(most)
    )
    rows = tx.execute(asked.with_for_update(read=True) if lock else asked)
    return tuple(StoredDelivery(body=None, **row._mapping) for row in rows)


def entries_of_deliveries(
    tx: Transaction, delivery_ids: Collection[str]
) -> dict[str, DeliveryEntries]:
    """Which entries these deliveries name. One query."""
    columns = delivery.c
    asked = select(columns.id, columns.audit_id, columns.filed_audit_id)
    rows = tx.execute(asked.where(columns.id.in_(delivery_ids)))
    return {
        str(row.id): DeliveryEntries(sent=row.audit_id, filed=row.filed_audit_id) for row in rows
    }


def count_unacknowledged(tx: Transaction, *, organisation_id: str, at: datetime) -> int:
    """How many have arrived that nobody has registered."""
    row = tx.execute(
        select(func.count())
        .select_from(delivery)
        .where(
            delivery.c.organisation_id == organisation_id,
            delivery.c.arrives_at <= at,
            delivery.c.acknowledged_at.is_(None),
        )
    ).one()
    return int(row[0])


def arrived_delivery(
    tx: Transaction, delivery_id: str, *, organisation_id: str, reader: str, at: datetime
) -> StoredDelivery | None:
    """One arrived delivery of the organisation, held for writing until the transaction ends.

    What is still on its way does not exist for its recipient, and what is filed in a case does not
    exist for those outside the case's team.
    """
    row = tx.execute(
        select(*_COLUMNS)
        .where(
            delivery.c.id == delivery_id,
            delivery.c.organisation_id == organisation_id,
            delivery.c.arrives_at <= at,
            _seen_by(reader, at),
        )
        .with_for_update()
    ).one_or_none()
    return None if row is None else StoredDelivery(**row._mapping)


def _seen_by(reader: str, at: datetime) -> ColumnElement[bool]:
    return or_(
        delivery.c.filed_case_id.is_(None),
        delivery.c.filed_case_id.in_(cases_in_team(reader, at)),
    )


def mark_acknowledged(
    tx: Transaction, delivery_id: str, *, registered_as: bytes, at: datetime, entry_id: str
) -> None:
    """Register it under the recipient's own, sealed, number. The sender sees that, not by whom."""
    tx.execute(
        update(delivery)
        .where(delivery.c.id == delivery_id)
        .values(acknowledged_at=at, registered_as=registered_as, acknowledged_audit_id=entry_id)
    )


def mark_filed(
    tx: Transaction, delivery_id: str, *, case_id: str, note_id: str, entry_id: str
) -> None:
    """Remember where the recipient filed it."""
    tx.execute(
        update(delivery)
        .where(delivery.c.id == delivery_id)
        .values(filed_case_id=case_id, filed_note_id=note_id, filed_audit_id=entry_id)
    )


def lock_deliveries(tx: Transaction, delivery_ids: Sequence[str]) -> None:
    """Hold deliveries before they are recalled: whoever is looking at one goes first.

    In the order of the list of what has arrived, so that the two never wait for each other.
    """
    tx.execute(
        select(delivery.c.id)
        .where(delivery.c.id.in_(delivery_ids))
        .order_by(delivery.c.arrives_at.desc(), delivery.c.id.desc())
        .with_for_update()
    )


def tell_consent_withdrawn(
    tx: Transaction, delivery_ids: Sequence[str], *, at: datetime, entry_id: str
) -> None:
    """Let recipients see that a consent a delivery rested on was withdrawn. It stays theirs."""
    tx.execute(
        update(delivery)
        .where(delivery.c.id.in_(delivery_ids), delivery.c.consent_withdrawn_at.is_(None))
        .values(consent_withdrawn_at=at, consent_withdrawn_audit_id=entry_id)
    )


def recall(tx: Transaction, delivery_ids: Sequence[str], *, at: datetime) -> int:
    """Take back what is still on its way; returns how many. What has arrived stays for ever."""
    result = tx.execute(
        delete(delivery).where(delivery.c.id.in_(delivery_ids), delivery.c.arrives_at > at)
    )
    return int(result.rowcount)
