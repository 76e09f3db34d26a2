"""What an official is today, read again where a decision is taken.

They were recognised in an earlier transaction, and a role may have ended since. The rows are held,
so that it ends before the decision or after it, never in between.
Law: KL 6 kap. 37 §, 7 kap. 5 §
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from app.domain.actor import Actor
from app.domain.legal_day import legal_day
from app.domain.staff import Delegation
from app.flows.access_held import (
    tell_unlike_delegations,
    tell_unlike_roles,
    unlike_delegations,
    unlike_roles,
)
from app.keys import Rings
from app.records.delegation import delegations_given
from app.records.role_grant import roles_given
from app.records.transaction import Transaction


@dataclass(frozen=True)
class Standing:
    """What somebody is where a decision is taken."""

    actor: Actor
    unlike: tuple[Delegation, ...]
    """Delegations that the log does not say stand. They count for nothing."""


def as_they_stand(tx: Transaction, actor: Actor, *, at: datetime, rings: Rings) -> Actor | None:
    """The actor with the roles and delegations they still hold; None if no role is left."""
    found = standing_of(tx, actor, at=at, rings=rings)
    return None if found is None else found.actor


def standing_of(tx: Transaction, actor: Actor, *, at: datetime, rings: Rings) -> Standing | None:
    """The same, with what was not as the log says. None where a role is not, too: each is told."""
    on, ring = legal_day(at), rings.current(actor.organisation_id)
    given = roles_given(
        tx, actor.staff_id, organisation_id=actor.organisation_id, on=on, at=at, lock=True
    )
    roles = actor.roles & {one.grant.role for one in given}
    if not roles:
        return None
    if unlike := unlike_roles(tx, given, rings):
        tell_unlike_roles(tx, unlike, rings, at=at, session_id=actor.session_id)
        return None
    held = delegations_given(
        tx,
        organisation_id=actor.organisation_id,
        staff_id=actor.staff_id,
        roles=roles,
        on=on,
        at=at,
        lock=True,
    )
    forged = unlike_delegations(tx, held, ring, rings)
    tell_unlike_delegations(tx, forged, actor, ring, at=at)
    counts = {one.id for one in actor.delegations} - {one.id for one in forged}
    standing = (one.delegation for one in held if one.delegation.id in counts)
    return Standing(replace(actor, roles=roles, delegations=tuple(standing)), forged)
