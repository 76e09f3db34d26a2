"""Open somebody's whole log from a round, on a suspicion that is stated and kept.

A round shows the least that answers its question. Who needs more says why first, and the reason is
in the log with the look. The log is shown a part at a time, the newest first; each is a look.
Law: PDL 4 kap. 3 § (the model followed for all)
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from app.domain.actor import Actor
from app.domain.log_round import RoundItem
from app.domain.staff import StaffMember
from app.flows.draw_round import may_review
from app.flows.happened import happened
from app.flows.not_found import NotFound, tell_not_found
from app.flows.search_trail import held_page
from app.flows.trail_page import TrailFound, read_page
from app.keys import Rings, event_sealer
from app.records.audit_view import EntryFilter, entries_found
from app.records.review_round import item_of
from app.records.staff import staff_by_id
from app.records.store import Store
from audit.canonical import Json
from audit.key_list import LogKeys
from audit.witnessing import NOBODY, Witnesses
from policies import Law

ENTRIES = 200
"""So many of the person's entries at once."""


@dataclass(frozen=True, kw_only=True)
class WholeLog:
    """Whose log it is, and its rows when a reason has been given."""

    item: RoundItem
    member: StaffMember | None
    found: TrailFound | None


def open_whole_log(
    item_id: str,
    reason: str | None,
    actor: Actor,
    *,
    before: int | None = None,
    at: datetime,
    store: Store,
    rings: Rings,
    law: Law,
    log_keys: LogKeys,
    witnesses: Witnesses = NOBODY,
) -> WholeLog | NotFound:
    """Without a reason only whose log it would be; with one, the log. Never one's own."""
    where = actor.organisation_id
    with store.begin(at=at) as tx:
        stored = item_of(tx, item_id, organisation_id=where) if may_review(actor, law) else None
        if stored is None or stored.item.staff_id == actor.staff_id:
            missing: dict[str, Json] = {"item": item_id}
            return tell_not_found(
                tx, "round.item_not_found", actor, at=at, rings=rings, about=missing
            )
        staff_id, found = stored.item.staff_id, None
        about: dict[str, Json] = {"item": item_id, "of": staff_id}
        if reason is not None:
            which = EntryFilter(staff_id=staff_id, before=before)
            entries = entries_found(tx, where, which, most=ENTRIES + 1)
            found = read_page(
                tx,
                entries,
                actor,
                rings=rings,
                log_keys=log_keys,
                witnesses=witnesses,
                most=ENTRIES,
            )
            found = held_page(tx, found, which, actor, rings)
        event = happened(
            "round.log_asked" if reason is None else "round.log_opened",
            "allow",
            actor,
            at=at,
            about=about,
            detail={} if reason is None else {"why": reason},
        )
        tx.record(event, sealer=event_sealer(rings.current(where), None))
        member = staff_by_id(tx, {staff_id}).get(staff_id)
    return WholeLog(item=stored.item, member=member, found=found)
