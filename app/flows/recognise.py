"""Who is behind a cookie, asked afresh for every request.

Nothing is remembered between requests: a session that was ended, a role that was taken away and an
account that was disabled count on the very next one. No entry: to be recognised is no act.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from app.domain.actor import Actor
from app.domain.legal_day import legal_day
from app.domain.session import Session
from app.domain.staff import StaffMember
from app.identity.session import is_due_for_touch, is_live, key_of
from app.records.delegation import delegations_held
from app.records.organisation import organisation_of
from app.records.role_grant import roles_of
from app.records.session import find_session, touch_session
from app.records.store import Store
from app.records.transaction import Transaction


@dataclass(frozen=True, kw_only=True)
class Recognised:
    """A person with a live session."""

    staff: StaffMember
    session: Session
    actor: Actor | None
    """None until an organisation is chosen, and again if every role there has been taken away."""


@dataclass(frozen=True)
class NotSignedIn:
    """No live session, whatever the reason."""


def recognise(session_token: str, *, at: datetime, store: Store) -> Recognised | NotSignedIn:
    """The person a session's token belongs to. At most four queries, and a touch once a minute."""
    with store.look(at=at) as tx:
        found = live_session(tx, session_token, at=at)
        if found is None:
            return NotSignedIn()
        session, member = found
        actor = _actor(tx, session, member, at=at)
    if is_due_for_touch(session, at=at):
        with store.begin(at=at) as tx:
            touch_session(tx, session.id, at=at)
    return Recognised(staff=member, session=session, actor=actor)


def live_session(
    tx: Transaction, session_token: str, *, at: datetime
) -> tuple[Session, StaffMember] | None:
    """The session with that token, if it still opens anything. One query."""
    found = find_session(tx, key_of(session_token))
    return found if found is not None and is_live(found[0], at=at) else None


def _actor(tx: Transaction, session: Session, member: StaffMember, *, at: datetime) -> Actor | None:
    if session.organisation_id is None:
        return None
    where, today = session.organisation_id, legal_day(at)
    roles = roles_of(tx, staff_id=member.id, organisation_id=where, on=today, at=at)
    organisation = organisation_of(tx, where)
    if not roles or organisation is None:
        return None
    return Actor(
        staff_id=member.id,
        name=member.name,
        title=member.title,
        organisation=organisation,
        roles=roles,
        delegations=delegations_held(
            tx, organisation_id=where, staff_id=member.id, roles=roles, on=today, at=at
        ),
        session_id=session.id,
    )
