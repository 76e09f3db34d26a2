"""Declare jäv: one's own relation to a person or a case; see what one has declared; withdraw it.

Nothing tells whether the person is in the register: a declaration is no way to search it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime

import msgspec

from app.domain.actor import Actor
from app.domain.declared_relation import DeclaredRelation, DeclaredTarget
from app.domain.ids import new_id
from app.domain.subject import CasePerson, Identity
from app.flows.happened import happened
from app.flows.not_found import NotFound, tell_not_found
from app.keys import Ring, Rings, event_sealer
from app.records.declared_relation import (
    StoredRelation,
    end_relation,
    insert_relation,
    relations_in,
)
from app.records.once import already_done, remember_done
from app.records.store import Store
from app.records.transaction import Transaction

LABEL = "declared-relation"


@dataclass(frozen=True)
class RelationKept:
    """The declaration counts from now on."""


@dataclass(frozen=True)
class RelationWithdrawn:
    """It counts no more; that it did remains."""


def declare_relation(
    target: DeclaredTarget,
    actor: Actor,
    *,
    token: str,
    at: datetime,
    store: Store,
    rings: Rings,
) -> RelationKept:
    """Keep the declaration. The log tells that there is one, and not to whom."""
    ring = rings.current(actor.organisation_id)
    with store.begin(at=at) as tx:
        again = already_done(tx, token, actor.staff_id, "declare_relation")
        relation_id = again or new_id(at)
        event = happened(
            "relation.declare_repeated" if again else "relation.declared",
            "deny" if again else "allow",
            actor,
            at=at,
            about={"relation": relation_id},
        )
        if not again:
            sealed = StoredRelation(
                id=relation_id,
                organisation_id=actor.organisation_id,
                staff_id=actor.staff_id,
                target=ring.seal_text(LABEL, relation_id, msgspec.json.encode(target)),
                declared_at=at,
                withdrawn_at=None,
            )
            insert_relation(tx, sealed, entry_id=event.id)
            remember_done(tx, token, actor.staff_id, "declare_relation", relation_id, at=at)
        tx.record(event, sealer=event_sealer(ring, None))
    return RelationKept()


def withdraw_relation(
    relation_id: str, actor: Actor, *, at: datetime, store: Store, rings: Rings
) -> RelationWithdrawn | NotFound:
    """Withdraw one of one's own that stands."""
    ring = rings.current(actor.organisation_id)
    with store.begin(at=at) as tx:
        event = happened(
            "relation.withdrawn", "allow", actor, at=at, about={"relation": relation_id}
        )
        if not end_relation(
            tx,
            relation_id,
            organisation_id=actor.organisation_id,
            staff_id=actor.staff_id,
            at=at,
            entry_id=event.id,
        ):
            about = {"relation": relation_id}
            return tell_not_found(
                tx, "relation.not_found", actor, at=at, rings=rings, about=dict(about)
            )
        tx.record(event, sealer=event_sealer(ring, None))
    return RelationWithdrawn()


def own_relations(
    actor: Actor, *, at: datetime, store: Store, rings: Rings
) -> tuple[DeclaredRelation, ...]:
    """What the actor has declared in the organisation, the newest first."""
    ring = rings.current(actor.organisation_id)
    with store.begin(at=at) as tx:
        found = declared_in(tx, ring, staff_id=actor.staff_id)
        event = happened("relation.listed", "allow", actor, at=at, detail={"count": len(found)})
        tx.record(event, sealer=event_sealer(ring, None))
    return found


def declared_in(
    tx: Transaction, ring: Ring, *, staff_id: str | None = None
) -> tuple[DeclaredRelation, ...]:
    """The organisation's declarations, opened. One query."""
    stored = relations_in(tx, ring.organisation_id, staff_id=staff_id)
    return tuple(
        DeclaredRelation(
            id=one.id,
            organisation_id=one.organisation_id,
            staff_id=one.staff_id,
            target=msgspec.json.decode(
                ring.open_text(LABEL, one.id, one.target), type=DeclaredTarget
            ),
            declared_at=one.declared_at,
            withdrawn_at=one.withdrawn_at,
        )
        for one in stored
    )


def declared_towards(
    tx: Transaction,
    ring: Ring,
    persons: Collection[CasePerson],
    reference: str,
    actor: Actor,
    *,
    at: datetime,
) -> bool:
    """Whether the actor has declared a relation to the case, or to anyone in it. One query."""
    names = named_with_numbers(one.subject.identity for one in persons)
    return any(
        one.counts(at) and one.target.meets(names=names, reference=reference)
        for one in declared_in(tx, ring, staff_id=actor.staff_id)
    )


def named_with_numbers(identities: Iterable[Identity]) -> list[tuple[str, str]]:
    """Full names with their numbers, empty where none is known."""
    return [(one.name, one.number.digits if one.number else "") for one in identities]
