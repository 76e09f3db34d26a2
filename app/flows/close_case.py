"""Close a case, or open it again: by its team, with an entry each time.

A closed case stays readable for its team. Nothing new is written in it; what is wrong in it can
still be corrected, and what it holds can still be disclosed, because duties do not end with work.
Law: OSL 7 kap. 1 § (need to know, inside the organisation too)
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from app.domain.actor import Actor
from app.domain.case import CaseState
from app.flows.find_case import find_case
from app.flows.happened import happened
from app.flows.hold_case import hold_case
from app.flows.not_found import NotFound, tell_not_found
from app.keys import Rings
from app.records.case_closing import set_closed
from app.records.store import Store
from policies import Law


@dataclass(frozen=True)
class CaseStateSet:
    """It is as was asked for; `again` if it already was."""

    state: CaseState
    again: bool = False


def set_case_state(
    case_id: str,
    state: CaseState,
    actor: Actor,
    *,
    at: datetime,
    store: Store,
    rings: Rings,
    law: Law,
) -> CaseStateSet | NotFound:
    """Close the case or open it again. Asking for what already is changes nothing."""
    with store.begin(at=at) as tx:
        at = hold_case(tx, case_id, actor, at=at)
        opened = find_case(tx, case_id, actor, "write_note", at=at, rings=rings, law=law)
        if opened is None:
            return tell_not_found(
                tx, "case.state_not_found", actor, at=at, rings=rings, about={"asked_case": case_id}
            )
        again = opened.case.state == state
        op = "case.closed" if state == "closed" else "case.reopened"
        event = happened(
            "case.state_repeated" if again else op,
            "deny" if again else "allow",
            actor,
            at=at,
            case=case_id,
        )
        if not again:
            set_closed(
                tx,
                case_id,
                organisation_id=opened.case.organisation_id,
                closed_at=at if state == "closed" else None,
                entry_id=event.id,
            )
        tx.record(event, sealer=opened.sealer)
    return CaseStateSet(state, again)
