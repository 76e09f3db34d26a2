"""Choose which organisation to act for. One sign-in acts for one at a time.

The session gets a new id, so that a cookie copied before the change does not follow along; how
long it has lasted is counted from the same sign-in.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime

from app.domain.ids import INSTALLATION, new_id
from app.domain.legal_day import legal_day
from app.domain.organisation import Organisation
from app.domain.session import Session
from app.flows.access_held import HoldRoles, unlike_roles
from app.flows.recognise import NotSignedIn, live_session
from app.flows.sign_in import Sealers
from app.identity.session import key_of, new_token
from app.keys import Rings
from app.records.role_grant import roles_given, standings_of
from app.records.session import insert_session, revoke_session
from app.records.store import Store
from app.records.transaction import Transaction
from audit.entry import Event


@dataclass(frozen=True, kw_only=True)
class ActsFor:
    """The session acts for the organisation from now on; the old token opens nothing."""

    session_token: str = field(repr=False)
    organisation: Organisation


@dataclass(frozen=True)
class NotYourOrganisation:
    """No organisation by that id where the person has a role today, as the log has it too."""


def act_for(
    session_token: str,
    organisation_id: str,
    *,
    at: datetime,
    store: Store,
    sealers: Sealers,
    hold_roles: HoldRoles,
) -> ActsFor | NotYourOrganisation | NotSignedIn:
    """Move the session to one of the person's organisations. One entry, unless nobody is there."""
    with store.begin(at=at) as tx:
        found = live_session(tx, session_token, at=at)
        if found is None:
            return NotSignedIn()
        session = found[0]
        standings = standings_of(tx, session.staff_id, on=legal_day(at), at=at)
        chosen = next((one for one, _ in standings if one.id == organisation_id), None)
        if chosen is None or chosen.id in hold_roles(tx, session.staff_id, at):
            return _refuse(tx, session, organisation_id, at=at, sealers=sealers)
        return _move(tx, session, chosen, at=at, sealers=sealers)


def organisations_to_choose(
    staff_id: str, *, at: datetime, store: Store
) -> tuple[tuple[Organisation, frozenset[str]], ...]:
    """Where the person can act today, by name, with their roles there. One query, no entry."""
    with store.look(at=at) as tx:
        return standings_of(tx, staff_id, on=legal_day(at), at=at)


def organisations_unlike(
    staff_id: str, *, at: datetime, store: Store, rings: Rings
) -> frozenset[str]:
    """Where a role of theirs is not as the log says, so that they cannot act. No entry: the sign-in
    and the choice have theirs."""
    with store.look(at=at) as tx:
        unlike = unlike_roles(tx, roles_given(tx, staff_id, on=legal_day(at), at=at), rings)
    return frozenset(one.grant.organisation_id for one in unlike)


def _move(
    tx: Transaction, old: Session, chosen: Organisation, *, at: datetime, sealers: Sealers
) -> ActsFor:
    token = new_token()
    new = replace(old, id=new_id(at), key=key_of(token), organisation_id=chosen.id, last_seen_at=at)
    event = Event(
        id=new_id(at),
        op="session.organisation_chosen",
        res="allow",
        org=chosen.id,
        actor={"staff": new.staff_id, "session": new.id},
        object={"organisation": chosen.id},
        detail={"before": old.id},
    )
    revoke_session(tx, old.id, at=at, entry_id=event.id)
    insert_session(tx, new, entry_id=event.id)
    tx.record(event, sealer=sealers(chosen.id))
    return ActsFor(session_token=token, organisation=chosen)


def _refuse(
    tx: Transaction, session: Session, asked: str, *, at: datetime, sealers: Sealers
) -> NotYourOrganisation:
    event = Event(
        id=new_id(at),
        op="session.organisation_refused",
        res="deny",
        org=INSTALLATION,
        actor={"staff": session.staff_id, "session": session.id},
        # Cut, because it came from a form and need not be an id at all.
        object={"organisation": asked[:36]},
        detail={},
    )
    tx.record(event, sealer=sealers(INSTALLATION))
    return NotYourOrganisation()
