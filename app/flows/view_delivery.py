"""Look at one delivery before opening it: from whom, on which ground, about whom. Never its text.

Law: OSL 5 kap. 1 § (what is needed to register it)
"""

from __future__ import annotations

from datetime import datetime

from app.domain.actor import Actor
from app.domain.delivery import Delivery
from app.flows.happened import happened
from app.flows.not_found import NotFound, tell_not_found
from app.flows.own_cases import delivery_in_sight
from app.flows.receive_delivery import EITHER
from app.flows.sealing import open_delivery_head
from app.keys import Rings, event_sealer
from app.records.store import Store
from policies import Law
from policies.roles import can


def view_delivery(
    delivery_id: str, actor: Actor, *, at: datetime, store: Store, rings: Rings, law: Law
) -> Delivery | NotFound:
    """One delivery that has arrived at the actor's organisation."""
    with store.begin(at=at) as tx:
        may = any(can(law, role, act) for role in actor.roles for act in EITHER)
        stored = delivery_in_sight(tx, delivery_id, actor, at=at, rings=rings) if may else None
        if stored is None:
            return tell_not_found(
                tx, "delivery.not_found", actor, at=at, rings=rings, about={"delivery": delivery_id}
            )
        seen = open_delivery_head(rings, stored)
        tx.record(
            happened(
                "delivery.viewed",
                "allow",
                actor,
                at=at,
                case=stored.filed_case_id,
                about={"delivery": stored.id},
                detail={"sender": stored.sender_id},
            ),
            sealer=event_sealer(rings.current(actor.organisation_id), None),
        )
    return seen
