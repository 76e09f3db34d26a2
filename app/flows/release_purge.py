"""Two persons for an erasure: one proposes the plan that was read, and another releases it.

Both hold the act of erasing in every organisation whose cases would go, and where only the log is
concerned, in some organisation. Whoever runs the command may be a third. The installation's log has
it, and that of each organisation which would lose something, so that its own exports tell it.
Law: arkivlagen (1990:782) 10 §
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Literal

from app.domain.ids import INSTALLATION, new_id
from app.domain.legal_day import legal_day
from app.domain.retention import Retention
from app.flows.access_held import roles_held
from app.flows.install import Operator
from app.flows.purge import Plan, PurgeReleased, plan_of
from app.keys import Rings, event_sealer
from app.records.organisation import all_organisations
from app.records.purge_proposal import insert_proposal, mark_released, waiting_proposals
from app.records.role_grant import standings_of
from app.records.store import Store
from app.records.transaction import Transaction
from audit.canonical import Json
from audit.entry import Event
from policies import Law
from policies.roles import can

WAITS = timedelta(days=7)
"""So long a proposal can be released; then what was read is read anew."""

Reason = Literal["plan_changed", "no_right", "not_proposed", "same_person"]


@dataclass(frozen=True)
class PurgeProposed:
    """It waits for another person."""

    proposal_id: str


@dataclass(frozen=True)
class NotSettled:
    """Nothing was proposed or released, and why."""

    reason: Reason


def refuse_unread(
    code: str,
    retention: Retention,
    operator: Operator,
    *,
    releases: bool,
    only: str | None,
    at: datetime,
    store: Store,
    rings: Rings,
) -> NotSettled | None:
    """Why the code stands for nothing that could be proposed, or released, by anybody at all.

    Asked before anybody says who they are; those below ask again, with the plan held still.
    """
    with store.begin(at=at) as tx:
        plan = plan_of(tx, retention, rings, only=only, at=at)
        reason: Reason | None = None
        if plan.empty or plan.code != code:
            reason = "plan_changed"
        elif releases and not waiting_proposals(tx, code, since=at - WAITS):
            reason = "not_proposed"
        return None if reason is None else _refused(tx, reason, code, None, operator, at=at)


def propose_purge(
    code: str,
    staff_id: str,
    retention: Retention,
    operator: Operator,
    *,
    only: str | None,
    at: datetime,
    store: Store,
    rings: Rings,
    law: Law,
) -> PurgeProposed | NotSettled:
    """Propose the plan that `code` names, which this person has read."""
    with store.begin(at=at) as tx:
        plan = plan_of(tx, retention, rings, only=only, at=at)
        reason = _in_the_way(tx, plan, code, staff_id, law, at=at, rings=rings)
        if reason is not None:
            return _refused(tx, reason, code, staff_id, operator, at=at)
        event = _event("purge.proposed", code, staff_id, operator, at=at)
        _tell_concerned(tx, event, plan, rings)
        insert_proposal(tx, event.id, code, by=staff_id, at=at, entry_id=event.id)
        tx.record(event, sealer=operator.sealer)
    return PurgeProposed(event.id)


def release_purge(
    code: str,
    staff_id: str,
    retention: Retention,
    operator: Operator,
    *,
    only: str | None,
    at: datetime,
    store: Store,
    rings: Rings,
    law: Law,
) -> PurgeReleased | NotSettled:
    """Release a plan that somebody else has proposed; `purge` erases what was released."""
    with store.begin(at=at) as tx:
        plan = plan_of(tx, retention, rings, only=only, at=at)
        reason = _in_the_way(tx, plan, code, staff_id, law, at=at, rings=rings)
        waiting = waiting_proposals(tx, code, since=at - WAITS)
        others = [one for one in waiting if one.proposed_by != staff_id]
        if reason is None and not others:
            reason = "same_person" if waiting else "not_proposed"
        if reason is not None:
            return _refused(tx, reason, code, staff_id, operator, at=at)
        event = _event("purge.released", code, staff_id, operator, at=at)
        _tell_concerned(tx, event, plan, rings)
        mark_released(tx, others[0].id, by=staff_id, at=at, entry_id=event.id)
        tx.record(event, sealer=operator.sealer)
    return PurgeReleased(code, others[0].id, only)


def _in_the_way(
    tx: Transaction,
    plan: Plan,
    code: str,
    staff_id: str,
    law: Law,
    *,
    at: datetime,
    rings: Rings,
) -> Reason | None:
    if plan.empty or plan.code != code:
        return "plan_changed"
    unlike = roles_held(rings)(tx, staff_id, at)
    erases = {
        where.id
        for where, roles in standings_of(tx, staff_id, on=legal_day(at), at=at)
        if where.id not in unlike and any(can(law, role, "erase_case") for role in roles)
    }
    concerned = _losing_cases(plan).keys()
    return None if erases and concerned <= erases else "no_right"


def _losing_cases(plan: Plan) -> Counter[str]:
    """How many cases each organisation would lose."""
    return Counter(one.case.organisation_id for one in plan.cases)


def _tell_concerned(tx: Transaction, event: Event, plan: Plan, rings: Rings) -> None:
    """The same act, sealed for each organisation that it concerns: all, where the log loses too."""
    losing = _losing_cases(plan)
    everybody = plan.old_entries or plan.pruned_entries
    concerned = {one.id for one in all_organisations(tx)} if everybody else set(losing)
    for organisation_id in sorted(concerned):
        detail: dict[str, Json] = {
            **event.detail,
            "cases": losing[organisation_id],
            "below": plan.below,
            "minimum": plan.prune_below,
        }
        told = replace(event, id=new_id(tx.at), org=organisation_id, detail=detail)
        tx.record(told, sealer=event_sealer(rings.current(organisation_id), None))


def _refused(
    tx: Transaction,
    reason: Reason,
    code: str,
    staff_id: str | None,
    operator: Operator,
    *,
    at: datetime,
) -> NotSettled:
    event = _event("purge.refused", code, staff_id, operator, at=at, reason=reason)
    tx.record(event, sealer=operator.sealer)
    return NotSettled(reason)


def _event(
    op: str,
    code: str,
    staff_id: str | None,
    operator: Operator,
    *,
    at: datetime,
    reason: str = "",
) -> Event:
    told: dict[str, Json] = {"plan": code}
    person: dict[str, Json] = {"staff": staff_id} if staff_id else {}
    return Event(
        id=new_id(at),
        op=op,
        res="deny" if reason else "allow",
        org=INSTALLATION,
        actor=person | {"operator": operator.name},
        object={},
        detail=told | ({"reason": reason} if reason else {}),
    )
