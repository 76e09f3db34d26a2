"""What an official is today, read again where a decision is taken.

They were recognised in an earlier transaction, and a role may have ended since. The rows are held,
so that it ends before the decision or after it, never in between.
Law: KL 6 kap. 37 §, 7 kap. 5 §
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from app.domain.actor import Actor
from app.domain.legal_day import legal_day
from app.records.delegation import delegations_held
from app.records.role_grant import roles_of
from app.records.transaction import Transaction


def as_they_stand(tx: Transaction, actor: Actor, *, at: datetime) -> Actor | None:
    """The actor with the roles and delegations they still hold; None if no role is left."""
    on = legal_day(at)
    roles = actor.roles & roles_of(
        tx,
        staff_id=actor.staff_id,
        organisation_id=actor.organisation_id,
        on=on,
        at=at,
        lock=True,
    )
    if not roles:
        return None
    held = delegations_held(
        tx,
        organisation_id=actor.organisation_id,
        staff_id=actor.staff_id,
        roles=roles,
        on=on,
        at=at,
        lock=True,
    )
    let_in_with = {one.id for one in actor.delegations}
    return replace(
        actor, roles=roles, delegations=tuple(one for one in held if one.id in let_in_with)
    )
