"""See the rounds of one's own organisation, and one round with the least that answers it.

Who, what act, when and in which case, and whether they worked in it then. Neither titles nor texts,
nor the names of those written about. Each look is an entry.
Law: PDL 4 kap. 3 § (the model followed for all)
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from app.domain.actor import Actor
from app.domain.log_round import (
    ItemAnswer,
    ItemQuestion,
    ReviewRound,
    RoundItem,
    RoundState,
    month_of,
    state_of,
)
from app.domain.page_block import PAGE
from app.domain.staff import StaffMember
from app.flows.draw_round import draw_again, entries_of_round, may_review
from app.flows.happened import happened
from app.flows.not_found import NotFound, tell_not_found
from app.flows.printed_checkpoint import printed_checkpoint
from app.flows.review_signals import MOST_ENTRIES
from app.flows.round_texts import answer_in, question_in
from app.flows.trail_page import UnlikeFound, unlike_page
from app.keys import Ring, Rings, event_sealer
from app.records.review_round import (
    StoredItem,
    in_team_then,
    items_of,
    left_in,
    round_of,
    rounds_of,
    signed_in_month,
)
from app.records.staff import staff_by_id
from app.records.store import Store
from app.records.transaction import Transaction
from app.signals.draw import Draw
from audit.canonical import Json
from policies import Law


@dataclass(frozen=True, kw_only=True)
class RoundsSeen:
    """The organisation's rounds, the newest first, and whether one is to be drawn or signed."""

    rounds: tuple[ReviewRound, ...]
    staff: Mapping[str, StaffMember]
    state: RoundState
    to_draw: bool
    left: Mapping[str, int]
    """How many items of a signed round wait for somebody else than the one who signed it."""
    more: str | None
    """The last one's month where there are older ones: what the next page comes after."""


@dataclass(frozen=True, kw_only=True)
class ItemSeen:
    """One item as its reviewer sees it."""

    item: RoundItem
    reference: str
    in_team: bool
    """Whether the person was in the case's team at the time."""
    question: ItemQuestion | None
    answer: ItemAnswer | None
    others: bool
    """Not for this reviewer: their own acts, or an opening they stood behind."""


@dataclass(frozen=True, kw_only=True)
class RoundSeen:
    """One round: what has no answer first."""

    round: ReviewRound
    items: tuple[ItemSeen, ...]
    staff: Mapping[str, StaffMember]
    drawn_again: bool
    """Whether the draw, made again from the seed and the log, gave the same; only in the report."""
    whole: bool
    """Whether the draw could read every entry of its time; only in the report."""
    unlike: UnlikeFound
    """Where the index of entries says something else than the log, which the draw is made from."""
    checkpoint: str = ""
    """The log's newest checkpoint as it is printed; only in the report."""

    @property
    def open_items(self) -> tuple[ItemSeen, ...]:
        """Those without an answer."""
        return tuple(one for one in self.items if one.answer is None)

    @property
    def can_be_signed(self) -> bool:
        """Whether all is answered that this reviewer can answer."""
        return self.round.signed_at is None and all(one.others for one in self.open_items)


def round_state(actor: Actor, *, due_day: int, at: datetime, store: Store, law: Law) -> RoundState:
    """What every page of a reviewer tells of this month's round. One query, no entry."""
    if not may_review(actor, law):
        return ""
    with store.look(at=at) as tx:
        signed = signed_in_month(tx, actor.organisation_id, month_of(at))
    return state_of(signed, at=at, due_day=due_day)


def see_rounds(
    actor: Actor,
    *,
    due_day: int,
    before: str | None = None,
    at: datetime,
    store: Store,
    rings: Rings,
    law: Law,
) -> RoundsSeen | NotFound:
    """The rounds that have been drawn, fifty at a time."""
    with store.begin(at=at) as tx:
        if not may_review(actor, law):
            return tell_not_found(tx, "round.not_allowed", actor, at=at, rings=rings, about={})
        newest = rounds_of(tx, actor.organisation_id, most=1)
        found = rounds_of(tx, actor.organisation_id, before=before, most=PAGE + 1)
        rounds = found[:PAGE]
        named = {one.drawn_by for one in rounds} | {one.signed_by or "" for one in rounds}
        staff = staff_by_id(tx, named)
        signed_rounds = [one.id for one in rounds if one.signed_at is not None]
        left = left_in(tx, signed_rounds, organisation_id=actor.organisation_id)
        sealer = event_sealer(rings.current(actor.organisation_id), None)
        tx.record(happened("round.listed", "allow", actor, at=at), sealer=sealer)
    this_month = next((one for one in newest if one.month == month_of(at)), None)
    signed = this_month is not None and this_month.signed_at is not None
    return RoundsSeen(
        rounds=rounds,
        staff=staff,
        state=state_of(signed, at=at, due_day=due_day),
        to_draw=this_month is None,
        left=left,
        more=rounds[-1].month if len(found) > PAGE else None,
    )


def see_round(
    round_id: str,
    actor: Actor,
    *,
    part: Literal["items", "report"],
    at: datetime,
    store: Store,
    rings: Rings,
    law: Law,
) -> RoundSeen | NotFound:
    """One round for answering, or for the report to the board, held against the log.

    For answering, against its newest entries alone.
    """
    with store.begin(at=at) as tx:
        found = (
            round_of(tx, round_id, organisation_id=actor.organisation_id)
            if may_review(actor, law)
            else None
        )
        if found is None:
            about = {"round": round_id}
            return tell_not_found(
                tx, "round.not_found", actor, at=at, rings=rings, about=dict(about)
            )
        seen = _seen(tx, found, actor, rings, again=part == "report")
        detail: dict[str, Json] = {"items": len(seen.items), "open": len(seen.open_items)}
        detail |= {"unlike": seen.unlike.count} if seen.unlike.count else {}
        op = "round.viewed" if part == "items" else "round.reported"
        event = happened(op, "allow", actor, at=at, about={"round": round_id}, detail=detail)
        tx.record(event, sealer=event_sealer(rings.current(actor.organisation_id), None))
    return seen


def _seen(
    tx: Transaction, found: ReviewRound, actor: Actor, rings: Rings, *, again: bool
) -> RoundSeen:
    stored = items_of(tx, found.id, organisation_id=found.organisation_id)
    in_team = in_team_then(tx, stored)
    named = {found.drawn_by, found.signed_by or ""}
    for one in stored:
        named |= {one.item.staff_id, one.answered_by or "", one.asked_by or ""}
    ring = rings.current(actor.organisation_id)
    items = sorted(
        (_item(one, actor, ring, in_team=one.item.id in in_team) for one in stored),
        key=lambda one: one.answer is not None,
    )
    same = False
    if again:
        drawn, held = draw_again(tx, found, rings)
        same = _is_same(drawn, found, stored)
    else:
        held = entries_of_round(tx, found, rings, most=MOST_ENTRIES)
    return RoundSeen(
        round=found,
        items=tuple(items),
        staff=staff_by_id(tx, named),
        drawn_again=same,
        whole=held.whole,
        unlike=unlike_page(tx, held.unlike, actor, rings),
        checkpoint=printed_checkpoint(tx) if again else "",
    )


def _item(stored: StoredItem, actor: Actor, ring: Ring, *, in_team: bool) -> ItemSeen:
    return ItemSeen(
        item=stored.item,
        reference=stored.reference or "",
        in_team=in_team,
        question=question_in(ring, stored),
        answer=answer_in(ring, stored),
        others=actor.staff_id in (stored.item.staff_id, stored.confirmed_by),
    )


def _is_same(drawn: Draw, found: ReviewRound, stored: tuple[StoredItem, ...]) -> bool:
    """Whether the draw made again gave what the round was made of."""
    groups = {
        (why, one.staff_id, one.case_id, one.first.at)
        for why, sample in (("chance", drawn.chance), ("risk", drawn.risk))
        for one in sample
    }
    kept = {
        (one.item.why, one.item.staff_id, one.item.case_id, one.item.at)
        for one in stored
        if one.item.why in ("chance", "risk")
    }
    return drawn.day == found.day and drawn.groups == found.groups and groups == kept
