"""Who works in a case, and since when. Ended, never changed or deleted.

Law: OSL 7 kap. 1 § (need to know, inside the organisation too)
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import or_, select, update

from app.domain.staff import StaffMember, TeamMember
from app.records.case import case_member
from app.records.staff import staff
from app.records.transaction import Transaction


def team_of(tx: Transaction, case_id: str, *, at: datetime) -> tuple[TeamMember, ...]:
    """Those in the team at an instant, by name. One query."""
    rows = tx.execute(
        select(staff.c.id, staff.c.name, staff.c.title, case_member.c.member_from)
        .join(staff, staff.c.id == case_member.c.staff_id)
        .where(
            case_member.c.case_id == case_id,
            case_member.c.member_from <= at,
            or_(case_member.c.member_to.is_(None), case_member.c.member_to > at),
        )
        .order_by(staff.c.name, staff.c.id)
    )
    return tuple(
        TeamMember(
            staff=StaffMember(id=row.id, name=row.name, title=row.title), since=row.member_from
        )
        for row in rows
    )


def end_member(
    tx: Transaction, case_id: str, staff_id: str, *, at: datetime, entry_id: str
) -> bool:
    """Take a staff member out of the team from an instant on. False if they were not in it."""
    ended = tx.execute(
        update(case_member)
        .where(
            case_member.c.case_id == case_id,
            case_member.c.staff_id == staff_id,
            case_member.c.member_to.is_(None),
        )
        .values(member_to=at, ended_audit_id=entry_id)
    )
    return ended.rowcount == 1
