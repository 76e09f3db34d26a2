"""Members of staff, by the name and title that stand in decisions."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import Column, String, Table, insert, select

from app.domain.staff import StaffMember
from app.records.schema import entry_column, id_column, metadata
from app.records.transaction import Transaction

staff = Table(
    "staff",
    metadata,
    id_column(),
    Column("name", String(200), nullable=False),
    Column("title", String(200), nullable=False),
    entry_column(),
)


def insert_staff(tx: Transaction, member: StaffMember, *, entry_id: str) -> None:
    """Add a member of staff, who has no role yet."""
    tx.execute(
        insert(staff).values(id=member.id, name=member.name, title=member.title, audit_id=entry_id)
    )


def find_staff(tx: Transaction, staff_id: str) -> StaffMember | None:
    """The member of staff with that id. One query."""
    return staff_by_id(tx, (staff_id,)).get(staff_id)


def staff_ids(tx: Transaction) -> frozenset[str]:
    """Those of everybody who has or has had an account. One query."""
    return frozenset(tx.execute(select(staff.c.id)).scalars())


def staff_by_id(tx: Transaction, staff_ids: Collection[str]) -> dict[str, StaffMember]:
    """Those of the ids that exist, for naming who acted on a page. One query."""
    rows = tx.execute(
        select(staff.c.id, staff.c.name, staff.c.title).where(staff.c.id.in_(set(staff_ids)))
    )
    return {row.id: StaffMember(id=row.id, name=row.name, title=row.title) for row in rows}
