"""The decisions taken under delegation in a period, for the board. Nobody written about is named.

Law: KL 6 kap. 40 §, 7 kap. 8 § (decisions taken under delegation are reported)
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Literal

from app.domain.actor import Actor
from app.domain.disclosure import Disclosure
from app.domain.legal_day import SWEDEN
from app.domain.organisation import Organisation
from app.domain.staff import StaffMember
from app.flows.happened import happened
from app.flows.list_approvals import may
from app.flows.not_found import NotFound, tell_not_found
from app.keys import Rings, event_sealer
from app.records.disclosure import disclosures_decided
from app.records.organisation import all_organisations
from app.records.staff import staff_by_id
from app.records.store import Store
from policies import Law

MOST_DECISIONS = 2000


@dataclass(frozen=True, kw_only=True)
class DecisionList:
    """Decisions of a period, oldest first, each with the number of its case."""

    decisions: tuple[tuple[Disclosure, str], ...]
    staff: Mapping[str, StaffMember]
    organisations: Mapping[str, Organisation]
    cut: bool
    """Whether there are more than one list holds; a shorter period shows them."""


def list_decisions(
    actor: Actor,
    *,
    since: date,
    until: date,
    form: Literal["page", "table"],
    at: datetime,
    store: Store,
    rings: Rings,
    law: Law,
) -> DecisionList | NotFound:
    """What the organisation decided from `since` to `until`, both legal days included."""
    with store.begin(at=at) as tx:
        if not may(actor, law, "list_decisions"):
            return tell_not_found(tx, "decision.list_refused", actor, at=at, rings=rings, about={})
        found = disclosures_decided(
            tx,
            organisation_id=actor.organisation_id,
            since=_midnight(since),
            before=_midnight(until + timedelta(days=1)),
            most=MOST_DECISIONS + 1,
        )
        kept = found[:MOST_DECISIONS]
        named = {made.decided_by for made, _ in kept}
        listed = DecisionList(
            decisions=kept,
            staff=staff_by_id(tx, named) if named else {},
            organisations={one.id: one for one in all_organisations(tx)},
            cut=len(found) > MOST_DECISIONS,
        )
        event = happened(
            "decision.listed",
            "allow",
            actor,
            at=at,
            detail={
                "from": since.isoformat(),
                "until": until.isoformat(),
                "count": len(kept),
                "form": form,
            },
        )
        tx.record(event, sealer=event_sealer(rings.current(actor.organisation_id), None))
    return listed


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), tzinfo=SWEDEN)
