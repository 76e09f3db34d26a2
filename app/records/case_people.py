"""Who has had to do with a case: its team, the authors of its notes, those who disclosed them."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import or_, select

from app.domain.staff import StaffMember
from app.records.case import case_member
from app.records.disclosure import disclosure
from app.records.note import note, note_version
from app.records.staff import staff
from app.records.transaction import Transaction


def people_of(
    tx: Transaction, case_id: str, *, at: datetime
) -> tuple[dict[str, StaffMember], tuple[str, ...]]:
    """Everyone by id, and the ids of those in the team at an instant, by name. One query."""
    team = select(case_member.c.staff_id).where(
        case_member.c.case_id == case_id,
        case_member.c.member_from <= at,
        or_(case_member.c.member_to.is_(None), case_member.c.member_to > at),
    )
    authors = (
        select(note_version.c.author_id)
        .join(note, note.c.id == note_version.c.note_id)
        .where(note.c.case_id == case_id)
    )
    deciders = select(disclosure.c.decided_by).where(disclosure.c.case_id == case_id)
    in_team = staff.c.id.in_(team)
    rows = tx.execute(
        select(staff.c.id, staff.c.name, staff.c.title, in_team.label("in_team"))
        .where(or_(in_team, staff.c.id.in_(authors), staff.c.id.in_(deciders)))
        .order_by(staff.c.name, staff.c.id)
    ).all()
    people = {row.id: StaffMember(id=row.id, name=row.name, title=row.title) for row in rows}
    return people, tuple(row.id for row in rows if row.in_team)
