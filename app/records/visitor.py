"""Who is behind a cookie and what they may do, asked once for every request."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from types import SimpleNamespace
from typing import Any

from sqlalchemy import LABEL_STYLE_TABLENAME_PLUS_COL, Row, Select, Table, and_, or_, select

from app.domain.organisation import Organisation
from app.domain.session import Session
from app.domain.staff import Delegation, StaffMember
from app.records import delegation as delegations
from app.records import organisation as organisations
from app.records import session as sessions
from app.records.account import account
from app.records.delegation import delegation
from app.records.organisation import organisation
from app.records.pack_activation import hash_in_use
from app.records.role_grant import GivenRole, given_role, held, role_grant
from app.records.session import session, session_seen
from app.records.staff import staff
from app.records.transaction import Transaction

_PACK = hash_in_use().label("pack_sha256")


@dataclass(frozen=True, kw_only=True)
class FoundVisitor:
    """A session, whose it is, and what they hold now in the organisation it acts for."""

    session: Session
    staff: StaffMember
    organisation: Organisation | None
    given: tuple[GivenRole, ...]
    delegations: tuple[Delegation, ...]
    pack_sha256: str | None
    """The rule pack in use, told here because every request needs it; None: none is."""

    @property
    def roles(self) -> frozenset[str]:
        """Codes of the roles held."""
        return frozenset(one.grant.role for one in self.given)


def find_visitor(tx: Transaction, key: str, *, on: date, at: datetime) -> FoundVisitor | None:
    """The session with that key and all that goes with it; None if the account is disabled.

    Sessions that have ended are found: whether one is live is for identity to say. One query: a
    row for each role held and each delegation that speaks of the person or of that role.
    """
    rows = tx.execute(_asked(key, on, at)).all()
    if not rows:
        return None
    found = _columns(rows[0], session)
    member = _columns(rows[0], staff)
    where = _columns(rows[0], organisation)
    found.last_seen_at = rows[0]._mapping[session_seen.c.last_seen_at]
    return FoundVisitor(
        session=sessions.from_row(found),
        staff=StaffMember(id=member.id, name=member.name, title=member.title),
        organisation=None if where.id is None else organisations.from_row(where),
        given=_given(rows),
        delegations=_delegations(rows),
        pack_sha256=rows[0]._mapping[_PACK],
    )


def _asked(key: str, on: date, at: datetime) -> Select[Any]:
    roles, given = role_grant.c, delegation.c
    of_session = and_(
        roles.staff_id == session.c.staff_id,
        roles.organisation_id == session.c.organisation_id,
        held(on, at),
    )
    of_role = and_(
        given.organisation_id == roles.organisation_id,
        or_(given.staff_id == session.c.staff_id, given.role == roles.role),
        delegations.in_force(on, at),
    )
    return (
        select(
            session, session_seen.c.last_seen_at, staff, organisation, role_grant, delegation, _PACK
        )
        .join(session_seen, session_seen.c.session_id == session.c.id)
        .join(staff, staff.c.id == session.c.staff_id)
        .join(account, account.c.staff_id == session.c.staff_id, isouter=True)
        .join(organisation, organisation.c.id == session.c.organisation_id, isouter=True)
        .join(role_grant, of_session, isouter=True)
        .join(delegation, of_role, isouter=True)
        .where(session.c.key == key, account.c.disabled_at.is_(None))
        .set_label_style(LABEL_STYLE_TABLENAME_PLUS_COL)
    )


def _delegations(rows: Sequence[Row[Any]]) -> tuple[Delegation, ...]:
    found = {
        one.id: delegations.from_row(one)
        for one in (_columns(row, delegation) for row in rows)
        if one.id is not None
    }
    return tuple(sorted(found.values(), key=lambda one: (one.decision, one.item, one.id)))


def _given(rows: Sequence[Row[Any]]) -> tuple[GivenRole, ...]:
    each = (_columns(row, role_grant) for row in rows)
    found = {one.id: given_role(one) for one in each if one.id is not None}
    return tuple(found[grant_id] for grant_id in sorted(found))


def _columns(row: Row[Any], table: Table) -> Any:
    """The part of a joined row that is one table's, by its own names."""
    return SimpleNamespace(**{column.name: row._mapping[column] for column in table.c})
