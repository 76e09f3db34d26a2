"""List what waits for approval, and what one has asked or answered. Nothing sealed is opened."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from app.domain.actor import Actor
from app.domain.organisation import Organisation
from app.domain.staff import StaffMember
from app.flows.happened import happened
from app.flows.not_found import NotFound, tell_not_found
from app.keys import Rings, event_sealer
from app.records.approval import (
    ListedApproval,
    approvals_by,
    count_open_approvals,
    open_approvals,
)
from app.records.organisation import all_organisations
from app.records.staff import staff_by_id
from app.records.store import Store
from policies import Law
from policies.roles import can

APPROVE = "approve_disclosure"
EITHER = (APPROVE, "assess")
"""Acts of those who have a list: those who answer, and those who ask."""


@dataclass(frozen=True, kw_only=True)
class ApprovalList:
    """What waits for the actor, and what they have asked or answered."""

    waiting: tuple[ListedApproval, ...]
    own: tuple[ListedApproval, ...]
    staff: Mapping[str, StaffMember]
    organisations: Mapping[str, Organisation]


def list_approvals(
    actor: Actor, *, at: datetime, store: Store, rings: Rings, law: Law
) -> ApprovalList | NotFound:
    """Questions by number of the case, without names or titles: nothing sealed is opened."""
    organisation_id = actor.organisation_id
    with store.begin(at=at) as tx:
        if not any(may(actor, law, act) for act in EITHER):
            return tell_not_found(tx, "approval.list_refused", actor, at=at, rings=rings, about={})
        found = (
            open_approvals(tx, organisation_id=organisation_id) if may(actor, law, APPROVE) else ()
        )
        waiting = tuple(one for one in found if one.approval.asked_by != actor.staff_id)
        own = approvals_by(tx, actor.staff_id, organisation_id=organisation_id)
        named = {one.approval.asked_by for one in (*waiting, *own)}
        named |= {one.approval.answered_by for one in own if one.approval.answered_by}
        listed = ApprovalList(
            waiting=waiting,
            own=own,
            staff=staff_by_id(tx, named) if named else {},
            organisations={one.id: one for one in all_organisations(tx)},
        )
        tx.record(
            happened(
                "approval.listed",
                "allow",
                actor,
                at=at,
                detail={"waiting": len(waiting), "own": len(own)},
            ),
            sealer=event_sealer(rings.current(organisation_id), None),
        )
    return listed


def count_waiting_approvals(actor: Actor, *, at: datetime, store: Store, law: Law) -> int:
    """How many wait for the actor: a number for the page's head, about nobody."""
    if not may(actor, law, APPROVE):
        return 0
    with store.look(at=at) as tx:
        return count_open_approvals(
            tx, organisation_id=actor.organisation_id, but_by=actor.staff_id
        )


def may(actor: Actor, law: Law, act: str) -> bool:
    """Whether any of the actor's roles can hold the act."""
    return any(can(law, role, act) for role in actor.roles)
