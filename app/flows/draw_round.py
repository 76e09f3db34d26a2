"""Draw a round of loggkontroll: everything that must be looked at, and a sample by chance and risk.

Whoever draws chooses nothing: the seed is made in that moment, the time begins where the last
round's ended, and a month's round is drawn once.
Law: PDL 4 kap. 3 § (the model followed for all)
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from app.domain.actor import Actor
from app.domain.ids import new_id
from app.domain.log_round import ReviewRound, RoundItem, Why, month_of
from app.flows.accesses import accesses_in, what_is_known
from app.flows.emergency_terms import open_terms
from app.flows.happened import happened
from app.flows.hold_stretch import StretchHeld, hold_since
from app.flows.not_found import NotFound, tell_not_found
from app.flows.review_signals import LOOKED_AT, SHOWN, name_of
from app.keys import Ring, Rings, event_sealer
from app.records.audit_view import SeenEntry
from app.records.emergency import openings_of
from app.records.review_round import insert_items, insert_round, rounds_of
from app.records.store import Store
from app.records.transaction import Transaction
from app.signals import Signal, detect
from app.signals.draw import Draw, Group, draw
from audit.canonical import Json
from audit.entry import Event
from policies import Law
from policies.roles import can

MOST_OPENINGS = 10_000
MOST_DRAWN = 100_000
"""The newest entries that a draw reads. Where there are more, the report says so."""
_BEFORE = LOOKED_AT - SHOWN
"""So far before the round's own time entries are read, to tell who works in a case."""


@dataclass(frozen=True)
class RoundDrawn:
    """The month has its round; `again` if it had one, which stands as it was drawn."""

    again: bool = False


def may_review(actor: Actor, law: Law) -> bool:
    """Whether loggkontroll is among the actor's tasks."""
    return any(can(law, role, "review_audit") for role in actor.roles)


def draw_round(
    actor: Actor, *, seed: bytes, at: datetime, store: Store, rings: Rings, law: Law
) -> RoundDrawn | NotFound:
    """Draw this month's round from what has happened since the last one."""
    ring = rings.current(actor.organisation_id)
    with store.begin(at=at) as tx:
        if not may_review(actor, law):
            return tell_not_found(tx, "round.not_allowed", actor, at=at, rings=rings, about={})
        earlier = rounds_of(tx, actor.organisation_id, most=1)
        again = bool(earlier) and earlier[0].month == month_of(at)
        made, items, unlike = _drawn(tx, actor, rings, earlier, seed=seed, at=at, law=law)
        event = _event(made, items, unlike, actor, at=at)
        if again or not insert_round(tx, made, entry_id=event.id):
            repeated = happened("round.draw_repeated", "deny", actor, at=at)
            tx.record(repeated, sealer=event_sealer(ring, None))
            return RoundDrawn(again=True)
        insert_items(tx, items, entry_id=event.id)
        tx.record(event, sealer=event_sealer(ring, None))
    return RoundDrawn()


def draw_again(tx: Transaction, drawn: ReviewRound, rings: Rings) -> tuple[Draw, StretchHeld]:
    """The same draw from the same seed and the same entries, with those entries."""
    held = entries_of_round(tx, drawn, rings, most=MOST_DRAWN)
    accesses = accesses_in(held.entries)
    again = draw(bytes.fromhex(drawn.seed), accesses, since=drawn.since, until=drawn.until)
    return again, held


def entries_of_round(
    tx: Transaction, drawn: ReviewRound, rings: Rings, *, most: int
) -> StretchHeld:
    """What a round was drawn from, as the log says it; the newest `most` where there are more."""
    since = drawn.since - _BEFORE
    return hold_since(tx, rings, drawn.organisation_id, since, below=drawn.below, most=most)


def _event(
    made: ReviewRound, items: Sequence[RoundItem], unlike: int, actor: Actor, *, at: datetime
) -> Event:
    detail: dict[str, Json] = {
        "month": made.month,
        "seed": made.seed,
        "day": made.day.isoformat() if made.day else "",
        "below": made.below,
        "groups": made.groups,
        "items": [f"{one.why} {one.key}" for one in items],
    }
    detail |= {"unlike": unlike} if unlike else {}
    about: dict[str, Json] = {"round": made.id}
    return happened("round.drawn", "allow", actor, at=at, about=about, detail=detail)


def _drawn(
    tx: Transaction,
    actor: Actor,
    rings: Rings,
    earlier: Sequence[ReviewRound],
    *,
    seed: bytes,
    at: datetime,
    law: Law,
) -> tuple[ReviewRound, tuple[RoundItem, ...], int]:
    """The round, its items, and how many entries the index did not have as the log has them."""
    where, ring = actor.organisation_id, rings.current(actor.organisation_id)
    since = earlier[0].until if earlier else at - SHOWN
    held = hold_since(tx, rings, where, since - _BEFORE, most=MOST_DRAWN)
    accesses = accesses_in(held.entries)
    drawn = draw(seed, accesses, since=since, until=at)
    known = what_is_known(tx, accesses, actor.organisation, ring, at=at, law=law)
    signals = [
        one
        for one in detect(accesses, known)
        # Emergency openings are in the sample as themselves.
        if since <= one.at < at and one.kind != "emergency"
    ]
    made = ReviewRound(
        id=new_id(at),
        organisation_id=where,
        month=month_of(at),
        seed=seed.hex(),
        day=drawn.day,
        since=since,
        until=at,
        below=max((one.n for one in held.entries), default=-1) + 1,
        groups=drawn.groups,
        drawn_by=actor.staff_id,
        drawn_at=at,
    )
    by_index = {one.n: one for one in held.entries}
    items = (
        *_emergencies(tx, made, ring, since=made.since if earlier else None, at=at),
        *(_of_signal(one, made, at=at) for one in signals),
        *(_of_group(one, "chance", made, by_index, at=at) for one in drawn.chance),
        *(_of_group(one, "risk", made, by_index, at=at) for one in drawn.risk),
    )
    return made, items, held.unlike.count


def _emergencies(
    tx: Transaction, made: ReviewRound, ring: Ring, *, since: datetime | None, at: datetime
) -> Iterator[RoundItem]:
    """Those since the last round; in the first round every one, because each is in one round."""
    stored = openings_of(tx, made.organisation_id, since=since, most=MOST_OPENINGS)
    for one in stored:
        terms = open_terms(ring, one).terms
        yield RoundItem(
            id=new_id(at),
            round_id=made.id,
            organisation_id=made.organisation_id,
            why="emergency",
            key=terms.id,
            staff_id=terms.staff_id,
            case_id=terms.case_id,
            at=terms.asked_at,
            op="emergency.opened",
            count=1,
        )


def _of_signal(signal: Signal, made: ReviewRound, *, at: datetime) -> RoundItem:
    return RoundItem(
        id=new_id(at),
        round_id=made.id,
        organisation_id=made.organisation_id,
        why="signal",
        key=name_of(signal),
        staff_id=signal.staff_id,
        case_id=signal.case_id,
        at=signal.at,
        op="",
        count=signal.count,
    )


def _of_group(
    group: Group, why: Why, made: ReviewRound, entries: dict[int, SeenEntry], *, at: datetime
) -> RoundItem:
    entry = entries[group.first.n]
    return RoundItem(
        id=new_id(at),
        round_id=made.id,
        organisation_id=made.organisation_id,
        why=why,
        key=entry.id,
        staff_id=group.staff_id,
        case_id=group.case_id,
        at=entry.at,
        op=entry.op,
        count=group.count,
    )
