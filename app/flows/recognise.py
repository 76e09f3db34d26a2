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
from app.flows.access_held import tell_unlike_roles, unlike_roles
from app.identity.session import is_due_for_touch, is_live, key_of
from app.keys import Rings
from app.records.role_grant import GivenRole, roles_given
from app.records.session import find_session, touch_session
from app.records.store import Store
from app.records.transaction import Transaction
from app.records.visitor import FoundVisitor, find_visitor


@dataclass(frozen=True, kw_only=True)
class Recognised:
    """A person with a live session."""

    staff: StaffMember
    session: Session
    actor: Actor | None
    """None until an organisation is chosen, and again if every role there has been taken away."""
    pack_sha256: str | None
    """The rule pack in use at this moment; None where none is."""
    given: tuple[GivenRole, ...] = ()
    """The roles acted in, with the entries that their rows name."""


@dataclass(frozen=True)
class NotSignedIn:
    """No live session, whatever the reason."""


def recognise(session_token: str, *, at: datetime, store: Store) -> Recognised | NotSignedIn:
    """The person a session's token belongs to. One query, and a touch once a minute."""
    with store.look(at=at) as tx:
        found = find_visitor(tx, key_of(session_token), on=legal_day(at), at=at)
    if found is None or not is_live(found.session, at=at):
        return NotSignedIn()
    if is_due_for_touch(found.session, at=at):
        with store.begin(at=at) as tx:
            touch_session(tx, found.session.id, at=at)
    return Recognised(
        staff=found.staff,
        session=found.session,
        actor=_actor(found),
        pack_sha256=found.pack_sha256,
        given=found.given,
    )


def hold_recognised(found: Recognised, *, at: datetime, store: Store, rings: Rings) -> bool:
    """Whether the roles acted in are as the log says; told where they are not."""
    with store.look(at=at) as tx:
        # Those that are still held: one may have been ended since they were recognised.
        still = roles_given(tx, found.staff.id, on=legal_day(at), at=at)
        unlike = unlike_roles(tx, [one for one in found.given if one in still], rings)
    if unlike:
        with store.begin(at=at) as tx:
            tell_unlike_roles(tx, unlike, rings, at=at, session_id=found.session.id)
    return not unlike


def live_session(
    tx: Transaction, session_token: str, *, at: datetime
) -> tuple[Session, StaffMember] | None:
    """The session with that token, if it still opens anything. One query."""
    found = find_session(tx, key_of(session_token))
    return found if found is not None and is_live(found[0], at=at) else None


def _actor(found: FoundVisitor) -> Actor | None:
    if found.organisation is None or not found.roles:
        return None
    return Actor(
        staff_id=found.staff.id,
        name=found.staff.name,
        title=found.staff.title,
        organisation=found.organisation,
        roles=found.roles,
        delegations=found.delegations,
        session_id=found.session.id,
    )
