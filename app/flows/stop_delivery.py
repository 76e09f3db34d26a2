"""Stop a disclosure that is still on its way. What has arrived cannot be taken back.

Law: TF 2 kap. 9 § (what has come in is the recipient's document)
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from app.domain.actor import Actor
from app.domain.disclosure import DisclosureState
from app.flows.find_case import find_case
from app.flows.happened import happened
from app.flows.hold_case import hold_case, instant_of
from app.flows.not_found import NotFound, tell_not_found
from app.keys import Rings
from app.records.delivery import lock_deliveries, recall
from app.records.disclosure import case_of_disclosure, disclosure_of, mark_stopped
from app.records.store import Store
from audit.entry import Result
from policies import Law


@dataclass(frozen=True)
class Stopped:
    """It never reached the recipient."""

    case_id: str


@dataclass(frozen=True)
class TooLate:
    """It had arrived; nothing changed."""

    case_id: str


_OUTCOMES: Final[Mapping[DisclosureState, tuple[str, Result, type[Stopped] | type[TooLate]]]] = {
    "on_its_way": ("delivery.stopped", "allow", Stopped),
    # Whoever presses twice gets what they asked for.
    "stopped": ("delivery.stop_repeated", "deny", Stopped),
    "arrived": ("delivery.stop_too_late", "deny", TooLate),
}


def stop_delivery(
    disclosure_id: str,
    actor: Actor,
    *,
    at: datetime,
    store: Store,
    rings: Rings,
    law: Law,
) -> Stopped | TooLate | NotFound:
    """Stop one disclosure from a case of the actor's."""
    with store.begin(at=at) as tx:
        case_id = case_of_disclosure(tx, disclosure_id, organisation_id=actor.organisation_id)
        if case_id is not None:
            hold_case(tx, case_id, actor, at=at)
        made = disclosure_of(tx, disclosure_id, organisation_id=actor.organisation_id)
        if made is not None:
            # Held before the clock is judged: what somebody has begun to read has arrived.
            lock_deliveries(tx, [made.delivery_id])
            at = instant_of(tx, at)
        opened = (
            find_case(tx, made.case_id, actor, "stop_delivery", at=at, rings=rings, law=law)
            if made
            else None
        )
        if made is None or opened is None:
            return tell_not_found(
                tx,
                "delivery.stop_not_found",
                actor,
                at=at,
                rings=rings,
                about={"disclosure": disclosure_id},
            )
        state = made.state(at)
        op, res, outcome = _OUTCOMES[state]
        event = happened(
            op,
            res,
            actor,
            at=at,
            case=made.case_id,
            about={"note": made.note_id, "version": made.version},
            detail={"disclosure": made.id, "recipient": made.recipient_id},
        )
        if state == "on_its_way":
            recall(tx, [made.delivery_id], at=at)
            mark_stopped(tx, [made.id], at=at, entry_id=event.id)
        tx.record(event, sealer=opened.sealer)
    return outcome(made.case_id)
