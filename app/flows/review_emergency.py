"""Review emergency openings: who opened what, why, and what they then saw. Never one's own.

Law: PDL 4 kap. 3 § (the model followed for all)
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from app.domain.actor import Actor
from app.domain.case import Case
from app.domain.emergency import EmergencyOpening, Verdict
from app.domain.page_block import block_with
from app.domain.staff import StaffMember
from app.flows.answered_already import AnsweredAlready, answered_already
from app.flows.emergency_terms import open_remark, open_terms, seal_remark
from app.flows.find_case import open_case
from app.flows.happened import happened
from app.flows.not_found import NotFound, tell_not_found
from app.keys import Ring, Rings, event_sealer
from app.records.audit_view import EntryFilter, entries_found
from app.records.case import case_of_organisation
from app.records.case_review import cases_by_id
from app.records.emergency import count_unreviewed, mark_reviewed, opening_of, openings_of
from app.records.staff import staff_by_id
from app.records.store import Store
from app.records.transaction import Transaction
from policies import Law
from policies.roles import can

_MOST_ACTS = 1000
_MOST_OPENINGS = 1000
_ASKING = ("emergency.asked", "emergency.opened", "emergency.confirmed")


@dataclass(frozen=True, kw_only=True)
class OpeningSeen:
    """One opening as the reviewer sees it: no names of those written about."""

    opening: EmergencyOpening
    case: Case | None
    remark: str
    looks: int
    """Entries that its member of staff left in the case while it stood open."""


@dataclass(frozen=True, kw_only=True)
class OpeningsSeen:
    """Those not reviewed first, then newest first."""

    lines: tuple[OpeningSeen, ...]
    staff: Mapping[str, StaffMember]
    later: bool
    """Whether these are not the first."""
    more: str | None
    """The first one of the next page, if there is one."""


@dataclass(frozen=True)
class Reviewed:
    """The opening has its verdict."""


@dataclass(frozen=True)
class Unreviewed:
    """How many openings wait for review, and how many have waited too long."""

    waiting: int = 0
    overdue: int = 0


def unreviewed_openings(actor: Actor, *, at: datetime, store: Store, law: Law) -> Unreviewed:
    """What every page of a supervisor tells. One query, no entry: numbers and nothing else."""
    if not any(can(law, role, "review_audit") for role in actor.roles):
        return Unreviewed()
    with store.look(at=at) as tx:
        waiting, overdue = count_unreviewed(tx, actor.organisation_id, at=at)
    return Unreviewed(waiting, overdue)


def see_openings(
    actor: Actor, *, opening_id: str = "", at: datetime, store: Store, rings: Rings, law: Law
) -> OpeningsSeen | NotFound:
    """The organisation's emergency openings with their reasons, the fifty among which that one is.

    The look is an entry.
    """
    ring, where = rings.current(actor.organisation_id), actor.organisation_id
    with store.begin(at=at) as tx:
        if not any(can(law, role, "review_audit") for role in actor.roles):
            return tell_not_found(
                tx, "emergency.review_not_found", actor, at=at, rings=rings, about={}
            )
        stored = openings_of(tx, where, most=_MOST_OPENINGS)
        block, more = block_with(opening_id, [one.id for one in stored])
        opened = [(one, open_terms(ring, one)) for one in stored[block]]
        cases = cases_by_id(tx, {one.terms.case_id for _, one in opened}, organisation_id=where)
        looks = _looks(tx, where, [one for _, one in opened])
        lines = tuple(
            OpeningSeen(
                opening=one,
                case=cases[one.terms.case_id].case if one.terms.case_id in cases else None,
                remark=open_remark(ring, row),
                looks=looks[one.terms.id],
            )
            for row, one in opened
        )
        named = {one.terms.staff_id for _, one in opened}
        named |= {by for _, one in opened for by in (one.confirmed_by, one.reviewed_by) if by}
        staff = staff_by_id(tx, named)
        tx.record(
            happened("emergency.seen", "allow", actor, at=at, detail={"count": len(lines)}),
            sealer=event_sealer(ring, None),
        )
    return OpeningsSeen(lines=lines, staff=staff, later=block.start > 0, more=more)


def _looks(
    tx: Transaction, organisation_id: str, openings: list[EmergencyOpening]
) -> dict[str, int]:
    """Opening -> entries its member of staff left in the case while it stood open. One query."""
    if not openings:
        return {}
    which = EntryFilter(
        case_ids=tuple({one.terms.case_id for one in openings}),
        res=("override",),
        since=min(one.terms.asked_at for one in openings),
    )
    entries = entries_found(tx, organisation_id, which, most=_MOST_ACTS)
    return {
        one.terms.id: sum(
            entry.staff_id == one.terms.staff_id
            and entry.case_id == one.terms.case_id
            and entry.op not in _ASKING
            and one.terms.asked_at <= entry.at < one.terms.ends_at
            for entry in entries
        )
        for one in openings
    }


def review_opening(
    opening_id: str,
    verdict: Verdict,
    remark: str,
    actor: Actor,
    *,
    at: datetime,
    store: Store,
    rings: Rings,
    law: Law,
) -> Reviewed | AnsweredAlready | NotFound:
    """Say whether it was justified. Nobody does so of their own, or of what they confirmed."""
    ring, where = rings.current(actor.organisation_id), actor.organisation_id
    with store.begin(at=at) as tx:
        allowed = any(can(law, role, "review_audit") for role in actor.roles)
        stored = opening_of(tx, opening_id, organisation_id=where) if allowed else None
        opening = open_terms(ring, stored) if stored else None
        if opening is None or actor.staff_id in (opening.terms.staff_id, opening.confirmed_by):
            about = {"opening": opening_id}
            return tell_not_found(
                tx, "emergency.review_not_found", actor, at=at, rings=rings, about=dict(about)
            )
        case_id = opening.terms.case_id
        found = case_of_organisation(tx, case_id, organisation_id=where)
        event = happened(
            "emergency.reviewed",
            "allow",
            actor,
            at=at,
            case=case_id,
            about={"opening": opening_id},
            # Not in the object: an export of the case shows that, for the number in its count.
            detail={"verdict": verdict, "of": opening.terms.staff_id},
        )
        sealer = open_case(found, rings).sealer if found else event_sealer(ring, None)
        if not mark_reviewed(
            tx,
            opening_id,
            by=actor.staff_id,
            verdict=verdict,
            remark=seal_remark(ring, opening_id, remark),
            at=at,
            entry_id=event.id,
        ):
            repeated = replace(event, op="emergency.review_repeated", res="deny")
            tx.record(repeated, sealer=sealer)
            return _reviewed_already(tx, ring, opening_id, (actor.staff_id, verdict, remark))
        tx.record(event, sealer=sealer)
    return Reviewed()


def _reviewed_already(
    tx: Transaction, ring: Ring, opening_id: str, sent: tuple[str, Verdict, str]
) -> Reviewed | AnsweredAlready:
    """Who was first. The same words by the same person are one verdict, sent twice."""
    first = opening_of(tx, opening_id, organisation_id=ring.organisation_id)
    if first and (first.reviewed_by, first.verdict, open_remark(ring, first)) != sent:
        return answered_already(tx, first.reviewed_by, first.reviewed_at)
    return Reviewed()
