"""The organisation's delegation: registered by one, confirmed by another, ended by either.

Nobody registers or confirms what gives themselves the right, by name or by a role they have.
Law: KL 6 kap. 37-39 §§, 7 kap. 5-8 §§
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from app.domain.actor import Actor
from app.domain.delegation_form import DelegationTerms
from app.domain.ids import new_id
from app.domain.legal_day import legal_day
from app.domain.staff import Delegation, StaffMember
from app.flows.happened import happened
from app.flows.list_approvals import may
from app.flows.not_found import NotFound, tell_not_found
from app.flows.standing import as_they_stand
from app.keys import Rings, event_sealer
from app.records.delegation import (
    confirm_delegation,
    delegation_of,
    delegations_of,
    end_delegation,
    insert_delegation,
)
from app.records.once import already_done, remember_done
from app.records.role_grant import staff_of
from app.records.staff import staff_by_id
from app.records.store import Store
from app.records.transaction import Transaction
from policies import Law

REGISTER, CONFIRM = "grant_role", "confirm_delegation"
SEES = (REGISTER, CONFIRM, "list_decisions")
_REFUSED = {"confirm": "delegation.confirm_refused", "end": "delegation.end_refused"}


@dataclass(frozen=True, kw_only=True)
class DelegationOrder:
    """Everything that the organisation has delegated, ended ones too, and who is who."""

    delegations: tuple[Delegation, ...]
    staff: Mapping[str, StaffMember]
    working: tuple[tuple[StaffMember, frozenset[str]], ...]
    """Those with a role in the organisation today, by name."""


@dataclass(frozen=True)
class Kept:
    """It stands now: registered, confirmed or ended."""

    delegation_id: str


@dataclass(frozen=True)
class NotKept:
    """Nothing changed, and why: `own_delegation`, `own_registration`, `not_theirs_to_hold`,
    `settled`."""

    reason: str


def view_delegations(
    actor: Actor, *, at: datetime, store: Store, rings: Rings, law: Law
) -> DelegationOrder | NotFound:
    """The delegation order as it stands in the service. Three queries."""
    with store.begin(at=at) as tx:
        if not any(may(actor, law, act) for act in SEES):
            return _not_found(tx, "delegation.list_refused", actor, at=at, rings=rings)
        found = delegations_of(tx, actor.organisation_id)
        named = {
            one
            for held in found
            for one in (held.staff_id, held.registered_by, held.confirmed_by)
            if one
        }
        order = DelegationOrder(
            delegations=found,
            staff=staff_by_id(tx, named) if named else {},
            working=staff_of(tx, actor.organisation_id, on=legal_day(at), at=at),
        )
        event = happened("delegation.listed", "allow", actor, at=at, detail={"count": len(found)})
        tx.record(event, sealer=event_sealer(rings.current(actor.organisation_id), None))
    return order


def register_delegation(
    terms: DelegationTerms,
    actor: Actor,
    *,
    token: str,
    at: datetime,
    store: Store,
    rings: Rings,
    law: Law,
) -> Kept | NotKept | NotFound:
    """Register one. It waits for somebody else to confirm it."""
    with store.begin(at=at) as tx:
        actor_now = as_they_stand(tx, actor, at=at, rings=rings)
        if actor_now is None or not may(actor_now, law, REGISTER):
            return _not_found(tx, "delegation.list_refused", actor, at=at, rings=rings)
        new = Delegation(
            id=new_id(at),
            organisation_id=actor.organisation_id,
            staff_id=terms.staff_id,
            role=terms.role,
            decision=terms.decision,
            item=terms.item,
            period=terms.period,
            registered_by=actor.staff_id,
        )
        keeper = _Keeper(tx, actor_now, at, rings)
        if done := already_done(tx, token, actor.staff_id, "register_delegation"):
            keeper.tell("delegation.register_refused", new, reason="repeated")
            return Kept(done)
        if reason := _unfit(tx, new, actor_now, law, at=at):
            keeper.tell("delegation.register_refused", new, reason=reason)
            return NotKept(reason)
        entry_id = keeper.tell("delegation.registered", new)
        insert_delegation(tx, new, entry_id=entry_id)
        remember_done(tx, token, actor.staff_id, "register_delegation", new.id, at=at)
    return Kept(new.id)


def settle_delegation(
    delegation_id: str,
    act: Literal["confirm", "end"],
    actor: Actor,
    *,
    at: datetime,
    store: Store,
    rings: Rings,
    law: Law,
) -> Kept | NotKept | NotFound:
    """Confirm what somebody else registered, or end what stands. Ending counts at once."""
    acts = (CONFIRM,) if act == "confirm" else (CONFIRM, REGISTER)
    with store.begin(at=at) as tx:
        actor_now = as_they_stand(tx, actor, at=at, rings=rings)
        found = delegation_of(tx, delegation_id, organisation_id=actor.organisation_id)
        if actor_now is None or found is None or not any(may(actor_now, law, a) for a in acts):
            about = {"delegation": delegation_id}
            return tell_not_found(
                tx, "delegation.not_found", actor, at=at, rings=rings, about=about
            )
        keeper = _Keeper(tx, actor_now, at, rings)
        if reason := _not_to_settle(found, act, actor_now):
            keeper.tell(_REFUSED[act], found, reason=reason)
            return NotKept(reason)
        if act == "confirm":
            entry_id = keeper.tell("delegation.confirmed", found)
            confirm_delegation(tx, found.id, by=actor.staff_id, at=at, entry_id=entry_id)
        else:
            entry_id = keeper.tell("delegation.ended", found)
            end_delegation(tx, found.id, at=at, entry_id=entry_id)
    return Kept(found.id)


def _not_to_settle(found: Delegation, act: str, actor: Actor) -> str:
    if found.ended_at is not None:
        return "settled"
    if act == "end":
        return ""
    if found.confirmed_at is not None:
        return "settled"
    if found.registered_by == actor.staff_id:
        return "own_registration"
    return "own_delegation" if found.names(actor.staff_id, actor.roles) else ""


def _unfit(tx: Transaction, new: Delegation, actor: Actor, law: Law, *, at: datetime) -> str:
    """Why it cannot be registered; empty when it can.

    Whoever it names must have a role that can hold the decision, or nothing could come of it.
    """
    if new.names(actor.staff_id, actor.roles):
        return "own_delegation"
    working = dict(staff_of(tx, actor.organisation_id, on=legal_day(at), at=at))
    roles = {new.role} if new.role else set[str]()
    for member, held in working.items():
        if member.id == new.staff_id:
            roles = set(held)
    known = law.vocabulary.roles
    fit = any(role in known and new.decision in known[role].acts for role in roles if role)
    return "" if fit else "not_theirs_to_hold"


@dataclass(frozen=True)
class _Keeper:
    tx: Transaction
    actor: Actor
    at: datetime
    rings: Rings

    def tell(self, op: str, one: Delegation, *, reason: str = "") -> str:
        """Record the entry; its id."""
        event = happened(
            op,
            "deny" if reason else "allow",
            self.actor,
            at=self.at,
            about={"delegation": one.id, "staff": one.staff_id or "", "role": one.role or ""},
            detail={
                "decision": one.decision,
                "item": one.item,
                "from": one.period.valid_from.isoformat(),
                "until": one.period.valid_until.isoformat() if one.period.valid_until else "",
                "reason": reason,
            },
        )
        ring = self.rings.current(self.actor.organisation_id)
        self.tx.record(event, sealer=event_sealer(ring, None))
        return event.id


def _not_found(tx: Transaction, op: str, actor: Actor, *, at: datetime, rings: Rings) -> NotFound:
    return tell_not_found(tx, op, actor, at=at, rings=rings, about={})
