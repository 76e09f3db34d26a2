"""*Inkommet*: see what has arrived, open it and register it.

Law: OSL 5 kap. 1 § (registration without delay)
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from app.domain.actor import Actor
from app.domain.case import parse_reference
from app.domain.delivery import Delivery
from app.domain.problem import Problem
from app.flows.deliveries_held import tell_unlike_deliveries, unlike_deliveries
from app.flows.happened import happened
from app.flows.not_found import NotFound, tell_not_found
from app.flows.own_cases import delivery_in_sight
from app.flows.sealing import open_delivery_head, open_delivery_text
from app.keys import Rings, event_sealer
from app.records.delivery import (
    StoredDelivery,
    arrived_deliveries,
    count_unacknowledged,
    mark_acknowledged,
)
from app.records.store import Store
from app.records.transaction import Transaction
from policies import Law
from policies.roles import can

EITHER = ("receive_delivery", "register_delivery")
"""Acts of those who see the list: a records officer registers what arrives and opens no text."""


@dataclass(frozen=True, kw_only=True)
class DeliveryOpened:
    """A delivery with its text."""

    delivery: Delivery
    text: str

    def __repr__(self) -> str:
        return f"DeliveryOpened({self.delivery.id!r})"


@dataclass(frozen=True)
class DeliveryFiled:
    """Its text is read in the case it was filed in, as a note there, by the case's team."""

    case_id: str


@dataclass(frozen=True)
class Registered:
    """Acknowledged under the recipient's own number; the sender sees that, and not by whom."""

    delivery_id: str


@dataclass(frozen=True)
class NotRegistered:
    """The number cannot be used, or it has one already."""

    problems: tuple[Problem, ...]


def list_deliveries(
    actor: Actor, *, at: datetime, store: Store, rings: Rings, law: Law
) -> tuple[Delivery, ...] | NotFound:
    """What has arrived at the actor's organisation, latest first. What is not as the log says has
    not arrived, and is told."""
    with store.begin(at=at) as tx:
        if not _may(actor, law, *EITHER):
            return tell_not_found(tx, "delivery.list_refused", actor, at=at, rings=rings, about={})
        stored = arrived_deliveries(
            tx, organisation_id=actor.organisation_id, reader=actor.staff_id, at=at, lock=True
        )
        unlike = unlike_deliveries(tx, stored, rings)
        stored = tuple(one for one in stored if one.id not in unlike)
        # Opened before the entry stands: it tells of no list that nobody could be given.
        deliveries = tuple(open_delivery_head(rings, one) for one in stored)
        tx.record(
            happened("delivery.listed", "allow", actor, at=at, detail={"count": len(stored)}),
            sealer=event_sealer(rings.current(actor.organisation_id), None),
        )
        tell_unlike_deliveries(tx, unlike, actor, rings, at=at)
    return deliveries


def count_new_deliveries(actor: Actor, *, at: datetime, store: Store, law: Law) -> int:
    """How many wait to be registered: a number for the page's head, about nobody."""
    if not _may(actor, law, *EITHER):
        return 0
    with store.look(at=at) as tx:
        return count_unacknowledged(tx, organisation_id=actor.organisation_id, at=at)


def open_delivery(
    delivery_id: str, actor: Actor, *, at: datetime, store: Store, rings: Rings, law: Law
) -> DeliveryOpened | DeliveryFiled | NotFound:
    """Open one delivery that is in no case yet. The entry is committed before the text is shown."""
    with store.begin(at=at) as tx:
        stored = _find(tx, delivery_id, actor, "receive_delivery", at=at, rings=rings, law=law)
        if stored is None:
            return _nothing(tx, "delivery.not_found", delivery_id, actor, at=at, rings=rings)
        if stored.filed_case_id is not None:
            _tell(tx, "delivery.viewed", stored, actor, at=at, rings=rings)
            return DeliveryFiled(stored.filed_case_id)
        opened = DeliveryOpened(
            delivery=open_delivery_head(rings, stored), text=open_delivery_text(rings, stored)
        )
        _tell(tx, "delivery.opened", stored, actor, at=at, rings=rings)
    return opened


def register_delivery(
    delivery_id: str,
    reference: str,
    actor: Actor,
    *,
    at: datetime,
    store: Store,
    rings: Rings,
    law: Law,
) -> Registered | NotRegistered | NotFound:
    """Give it the organisation's own number. Registering again with the same number is no error."""
    number = parse_reference(reference)
    with store.begin(at=at) as tx:
        stored = _find(tx, delivery_id, actor, "register_delivery", at=at, rings=rings, law=law)
        if stored is None:
            return _nothing(
                tx, "delivery.register_not_found", delivery_id, actor, at=at, rings=rings
            )
        ring = rings.current(actor.organisation_id)
        if isinstance(number, Problem):
            _tell(tx, "delivery.register_refused", stored, actor, at=at, rings=rings, ok=False)
            return NotRegistered((number,))
        if stored.acknowledged_at is not None:
            _tell(tx, "delivery.register_repeated", stored, actor, at=at, rings=rings, ok=False)
            known = open_delivery_head(rings, stored).registered_as
            if known == number:
                return Registered(delivery_id)
            return NotRegistered((Problem(field="reference", code="already_registered"),))
        event = happened(
            "delivery.registered",
            "allow",
            actor,
            at=at,
            about={"delivery": stored.id},
            detail={"sender": stored.sender_id},
        )
        mark_acknowledged(
            tx,
            stored.id,
            registered_as=ring.seal_text("registered_as", stored.id, number.encode()),
            at=at,
            entry_id=event.id,
        )
        tx.record(event, sealer=event_sealer(ring, None))
    return Registered(delivery_id)


def _may(actor: Actor, law: Law, *acts: str) -> bool:
    return any(can(law, role, act) for role in actor.roles for act in acts)


def _find(
    tx: Transaction,
    delivery_id: str,
    actor: Actor,
    act: str,
    *,
    at: datetime,
    rings: Rings,
    law: Law,
) -> StoredDelivery | None:
    if not _may(actor, law, act):
        return None
    return delivery_in_sight(tx, delivery_id, actor, at=at, rings=rings)


def _nothing(
    tx: Transaction, op: str, delivery_id: str, actor: Actor, *, at: datetime, rings: Rings
) -> NotFound:
    return tell_not_found(tx, op, actor, at=at, rings=rings, about={"delivery": delivery_id})


def _tell(
    tx: Transaction,
    op: str,
    stored: StoredDelivery,
    actor: Actor,
    *,
    at: datetime,
    rings: Rings,
    ok: bool = True,
) -> None:
    tx.record(
        happened(
            op,
            "allow" if ok else "deny",
            actor,
            at=at,
            case=stored.filed_case_id,
            about={"delivery": stored.id},
            detail={"sender": stored.sender_id},
            ct=stored.ct_hash if ok else None,
        ),
        sealer=event_sealer(rings.current(actor.organisation_id), None),
    )
