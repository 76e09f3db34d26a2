"""What is sealed under one version of an organisation's ring, found so that it can be sealed anew.

Each replacement says what it replaces, because people work meanwhile: a row that somebody else has
changed is left for the next round.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from sqlalchemy import (
    Column,
    ColumnElement,
    RowMapping,
    and_,
    delete,
    func,
    insert,
    literal,
    select,
    update,
)

from app.records.audit_log import audit_detail, audit_leaf
from app.records.audit_view import audit_view
from app.records.case import StoredCaseKey, case_key
from app.records.delivery import StoredDelivery, delivery
from app.records.export_job import export_job, export_part
from app.records.organisation_key import destroyed_ring, organisation_key
from app.records.subject import SealedSubject, subject
from app.records.transaction import Transaction
from audit.log import DetailRow

TextColumn: TypeAlias = "Column[bytes]"


@dataclass(frozen=True, kw_only=True)
class RingMark:
    """One version of an organisation's ring, as what it has sealed names it.

    `key_id` stands in details of the log; `begins` is what its sealed texts begin with.
    """

    organisation_id: str
    version: int
    key_id: str
    begins: bytes


def case_keys_under_older(tx: Transaction, ring: RingMark, *, most: int) -> list[StoredCaseKey]:
    """Case keys that are wrapped to a ring before this one. One query."""
    columns = case_key.c
    asked = (
        select(columns.case_id, columns.organisation_id, columns.ring_version, columns.wrapped)
        .where(columns.organisation_id == ring.organisation_id, columns.ring_version < ring.version)
        .order_by(columns.case_id)
        .limit(most)
    )
    return [StoredCaseKey(**row._mapping) for row in tx.execute(asked)]


def replace_wrap(tx: Transaction, old: StoredCaseKey, new: StoredCaseKey, *, entry_id: str) -> bool:
    """Put the new wrap in the place of the old one; False if somebody else has done it."""
    done = tx.execute(
        update(case_key)
        .where(case_key.c.case_id == old.case_id, case_key.c.ring_version == old.ring_version)
        .values(ring_version=new.ring_version, wrapped=new.wrapped, audit_id=entry_id)
    )
    return done.rowcount == 1


def deliveries_under_older(tx: Transaction, ring: RingMark, *, most: int) -> list[StoredDelivery]:
    """Deliveries to the organisation that are sealed to a ring before this one, without texts."""
    columns = delivery.c
    names = [name for name in StoredDelivery.__dataclass_fields__ if name != "body"]
    asked = (
        select(*(columns[name] for name in names))
        .where(columns.organisation_id == ring.organisation_id, columns.ring_version < ring.version)
        .order_by(columns.id)
        .limit(most)
    )
    return [StoredDelivery(body=None, **row._mapping) for row in tx.execute(asked)]


def replace_delivery_wrap(
    tx: Transaction, old: StoredDelivery, *, version: int, wrapped_key: bytes, wraps_hash: str
) -> bool:
    """Put a delivery's new wrap in the place of the old one; False if it is not there any more."""
    done = tx.execute(
        update(delivery)
        .where(delivery.c.id == old.id, delivery.c.ring_version == old.ring_version)
        .values(ring_version=version, wrapped_key=wrapped_key, wraps_hash=wraps_hash)
    )
    return done.rowcount == 1


def subjects_under_older(tx: Transaction, ring: RingMark, *, most: int) -> list[SealedSubject]:
    """The organisation's own subjects whose identity is sealed before this one. One query."""
    columns = subject.c
    asked = (
        select(columns.id, columns.organisation_id, columns.identity, columns.number_index)
        .where(columns.organisation_id == ring.organisation_id, _before(columns.identity, ring))
        .order_by(columns.id)
        .limit(most)
        # Because an identity may be corrected meanwhile, and that must not be undone.
        .with_for_update()
    )
    return [SealedSubject(**row._mapping) for row in tx.execute(asked)]


def texts_under_older(
    tx: Transaction, column: TextColumn, ring: RingMark, *, most: int
) -> Sequence[RowMapping]:
    """Rows whose text in the column is sealed before this one: their keys, and the text."""
    table = column.table
    keys = list(table.primary_key.columns)
    asked = select(*keys, column).where(_owned(column, ring), _before(column, ring))
    return tx.execute(asked.order_by(*keys).limit(most)).mappings().all()


def replace_text(tx: Transaction, column: TextColumn, row: RowMapping, sealed: bytes) -> bool:
    """Put the text sealed anew in the row; False if somebody has written another there."""
    table = column.table
    same = [key == row[key.name] for key in table.primary_key.columns]
    done = tx.execute(
        update(table).where(*same, column == row[column.name]).values({column.name: sealed})
    )
    return done.rowcount == 1


def details_under_older(tx: Transaction, ring: RingMark, *, most: int) -> list[DetailRow]:
    """Details of the log that are sealed under other versions of the ring."""
    asked = (
        select(audit_detail, audit_leaf.c.id)
        .join(audit_leaf, audit_leaf.c.n == audit_detail.c.n)
        .where(
            *_other_versions(ring),
        )
        .order_by(audit_detail.c.n, audit_detail.c.field)
        .limit(most)
    )
    return [DetailRow(row.n, row.field, row.id, row.key_id, row.body) for row in tx.execute(asked)]


def replace_detail(tx: Transaction, old: DetailRow, key_id: str, body: bytes) -> None:
    """Put the detail sealed anew in the place of the old; what it says is as before."""
    tx.execute(
        update(audit_detail)
        .where(
            audit_detail.c.n == old.n,
            audit_detail.c.field == old.field,
            audit_detail.c.key_id == old.key_id,
        )
        .values(key_id=key_id, body=body)
    )


def count_under_older(tx: Transaction, ring: RingMark, texts: Sequence[TextColumn]) -> int:
    """How much is sealed under a ring before this one, of every kind. A query for each."""
    kinds: list[tuple[Any, list[ColumnElement[bool]]]] = [
        (
            table,
            [table.c.organisation_id == ring.organisation_id, table.c.ring_version < ring.version],
        )
        for table in (case_key, delivery)
    ]
    kinds += [
        (column.table, [_owned(column, ring), _before(column, ring)])
        for column in (subject.c.identity, *texts)
    ]
    kinds.append((audit_detail, _other_versions(ring)))
    counts = [
        tx.execute(select(func.count()).select_from(table).where(*which)).scalar_one()
        for table, which in kinds
    ]
    return sum(counts)


def latest_renewal(tx: Transaction) -> int | None:
    """The index of the latest entry that tells of a ring or of what was sealed anew under one."""
    seen = audit_view.c
    told = and_(seen.op.like("ring.%"), seen.res == "allow")
    asked = select(func.max(seen.n)).where(told)
    found: int | None = tx.execute(asked).scalar_one()
    return found


def destroy_rings_before(tx: Transaction, ring: RingMark, *, entry_id: str) -> list[int]:
    """Delete the older rings. A process that still holds one adds no entry sealed under it."""
    columns = organisation_key.c
    which = and_(columns.organisation_id == ring.organisation_id, columns.version < ring.version)
    gone = list(tx.execute(select(columns.version).where(which)).scalars())
    name = ring.key_id.rpartition(":")[0]
    for version in gone:
        tx.execute(insert(destroyed_ring).values(key_id=f"{name}:{version}", audit_id=entry_id))
    tx.execute(delete(organisation_key).where(which))
    return gone


def _other_versions(ring: RingMark) -> list[ColumnElement[bool]]:
    named = audit_detail.c.key_id
    name = ring.key_id.rpartition(":")[0] + ":"
    return [func.substr(named, 1, len(name)) == name, named != ring.key_id]


def _before(column: TextColumn, ring: RingMark) -> ColumnElement[bool]:
    """Texts of earlier versions sort before what one of this version begins with."""
    return and_(column.is_not(None), column < literal(ring.begins, column.type))


def _owned(column: TextColumn, ring: RingMark) -> ColumnElement[bool]:
    if column.table is export_part:
        jobs = select(export_job.c.id).where(export_job.c.organisation_id == ring.organisation_id)
        return export_part.c.job_id.in_(jobs)
    owner: ColumnElement[bool] = column.table.c.organisation_id == ring.organisation_id
    return owner
