"""The cases in whose team the log says that somebody is, and what only such people see.

The database alone can say so too, where somebody with its password has written it: that counts for
nothing, and is told on the case. Law: OSL 7 kap. 1 §
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from app.domain.actor import Actor
from app.flows.access_held import PLACE_OPS, places_held, tell_unlike_place
from app.flows.deliveries_held import tell_unlike_deliveries, unlike_deliveries
from app.flows.sealing import open_case_key
from app.keys import Rings
from app.records.case_access import CaseOfTeam, cases_with_team_entries
from app.records.delivery import StoredDelivery, arrived_delivery
from app.records.transaction import Transaction


def own_cases(
    tx: Transaction, actor: Actor, *, at: datetime, rings: Rings, case_id: str | None = None
) -> Sequence[CaseOfTeam]:
    """All of them, newest first, or the one that is asked for. One query, and three more where any
    is not plainly so."""
    ring = rings.current(actor.organisation_id)
    placed = cases_with_team_entries(
        tx,
        organisation_id=ring.organisation_id,
        staff_id=actor.staff_id,
        at=at,
        ops=PLACE_OPS,
        case_id=case_id,
    )
    held = places_held(tx, placed, ring, rings)
    for one in placed:
        case = one.found.case
        if case.id not in held:
            key = open_case_key(rings, one.found.key)
            tell_unlike_place(tx, case.id, actor, ring, key, at=at)
    return [one for one in placed if one.found.case.id in held]


def delivery_in_sight(
    tx: Transaction, delivery_id: str, actor: Actor, *, at: datetime, rings: Rings
) -> StoredDelivery | None:
    """One arrived delivery of the organisation, unless it is filed in a case of others, or is not
    as the log says, which is told. Held for writing until the transaction ends."""
    stored = arrived_delivery(
        tx, delivery_id, organisation_id=actor.organisation_id, reader=actor.staff_id, at=at
    )
    if stored is None:
        return None
    if unlike := unlike_deliveries(tx, [stored], rings):
        tell_unlike_deliveries(tx, unlike, actor, rings, at=at)
        return None
    if stored.filed_case_id is None:
        return stored
    filed_in = stored.filed_case_id
    return stored if own_cases(tx, actor, at=at, rings=rings, case_id=filed_in) else None
