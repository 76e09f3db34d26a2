"""Answer what was drawn for a round: ask the person, remark or not, and sign when all is answered.

Nobody answers for their own acts, or for an emergency opening they stood behind: those wait for
somebody else, and a round can be signed with them open, which its report says.
Law: PDL 4 kap. 3 § (the model followed for all)
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from app.domain.actor import Actor
from app.domain.emergency import Verdict
from app.flows.draw_round import may_review
from app.flows.happened import happened
from app.flows.not_found import NotFound, tell_not_found
from app.flows.round_texts import seal_item_remark, seal_question
from app.keys import Rings, event_sealer
from app.records.emergency import mark_reviewed
from app.records.review_round import (
    StoredItem,
    item_of,
    items_of,
    round_of,
    set_answered,
    set_signed,
)
from app.records.round_question import set_asked
from app.records.signal_answer import SignalAnswer, insert_answer
from app.records.store import Store
from app.records.transaction import Transaction
from audit.canonical import Json
from policies import Law


@dataclass(frozen=True)
class ItemAnswered:
    """It has its answer; `again` if it had one, which stands."""

    again: bool = False


@dataclass(frozen=True)
class ItemAsked:
    """The question waits for the person; `again` if one was put already."""

    again: bool = False


@dataclass(frozen=True)
class RoundSigned:
    """Signed; `left` items wait for somebody else than the one who signed."""

    left: int


@dataclass(frozen=True)
class RoundNotSigned:
    """`items` have no answer that the one who would sign could give."""

    items: int


def answer_item(
    item_id: str,
    verdict: Verdict,
    remark: str,
    actor: Actor,
    *,
    at: datetime,
    store: Store,
    rings: Rings,
    law: Law,
) -> ItemAnswered | NotFound:
    """Say with or without remark. A second answer changes nothing."""
    ring = rings.current(actor.organisation_id)
    with store.begin(at=at) as tx:
        stored = _theirs(tx, item_id, actor, law)
        if stored is None:
            return _not_found(tx, item_id, actor, at=at, rings=rings)
        again = stored.answered_at is not None
        event = happened(
            "round.answer_repeated" if again else "round.answered",
            "deny" if again else "allow",
            actor,
            at=at,
            about=_about(stored),
            detail={"why": stored.item.why, "verdict": verdict},
        )
        if not again:
            sealed = seal_item_remark(ring, stored, remark)
            _keep(tx, stored, verdict, sealed, actor, at=at, entry_id=event.id)
        tx.record(event, sealer=event_sealer(ring, None))
    return ItemAnswered(again)


def ask_about_item(
    item_id: str,
    question: str,
    actor: Actor,
    *,
    at: datetime,
    store: Store,
    rings: Rings,
    law: Law,
) -> ItemAsked | NotFound:
    """Put a question to the person whose acts they were. One for each item."""
    ring = rings.current(actor.organisation_id)
    with store.begin(at=at) as tx:
        stored = _theirs(tx, item_id, actor, law)
        if stored is None or stored.answered_at is not None:
            return _not_found(tx, item_id, actor, at=at, rings=rings)
        again = stored.asked_at is not None
        event = happened(
            "round.ask_repeated" if again else "round.asked",
            "deny" if again else "allow",
            actor,
            at=at,
            about=_about(stored),
        )
        if not again:
            set_asked(
                tx,
                item_id,
                by=actor.staff_id,
                at=at,
                question=seal_question(ring, item_id, question),
                entry_id=event.id,
            )
        tx.record(event, sealer=event_sealer(ring, None))
    return ItemAsked(again)


def sign_round(
    round_id: str, actor: Actor, *, at: datetime, store: Store, rings: Rings, law: Law
) -> RoundSigned | RoundNotSigned | NotFound:
    """Sign the round when everything is answered that the signer can answer."""
    ring, where = rings.current(actor.organisation_id), actor.organisation_id
    with store.begin(at=at) as tx:
        allowed = may_review(actor, law)
        found = round_of(tx, round_id, organisation_id=where, lock=True) if allowed else None
        if found is None:
            about: dict[str, Json] = {"round": round_id}
            return tell_not_found(tx, "round.not_found", actor, at=at, rings=rings, about=about)
        waiting = [
            one for one in items_of(tx, round_id, organisation_id=where) if one.answered_at is None
        ]
        theirs = [one for one in waiting if not _others(one, actor)]
        refused = bool(theirs) or found.signed_at is not None
        event = happened(
            "round.sign_refused" if refused else "round.signed",
            "deny" if refused else "allow",
            actor,
            at=at,
            about={"round": round_id},
            detail={"open": len(waiting)},
        )
        if not refused:
            set_signed(tx, round_id, by=actor.staff_id, at=at, entry_id=event.id)
        tx.record(event, sealer=event_sealer(ring, None))
    return RoundNotSigned(len(theirs)) if theirs else RoundSigned(len(waiting))


def _theirs(tx: Transaction, item_id: str, actor: Actor, law: Law) -> StoredItem | None:
    """The item, if the actor may answer it."""
    if not may_review(actor, law):
        return None
    stored = item_of(tx, item_id, organisation_id=actor.organisation_id, lock=True)
    return None if stored is None or _others(stored, actor) else stored


def _others(stored: StoredItem, actor: Actor) -> bool:
    return actor.staff_id in (stored.item.staff_id, stored.confirmed_by)


def _keep(
    tx: Transaction,
    stored: StoredItem,
    verdict: Verdict,
    sealed: bytes,
    actor: Actor,
    *,
    at: datetime,
    entry_id: str,
) -> None:
    """Where the thing itself has its answer, so that every page of it tells the same."""
    item = stored.item
    if item.why == "emergency":
        mark_reviewed(
            tx,
            item.key,
            by=actor.staff_id,
            verdict=verdict,
            remark=sealed,
            at=at,
            entry_id=entry_id,
        )
    elif item.why == "signal":
        answer = SignalAnswer(
            organisation_id=item.organisation_id,
            signal=item.key,
            staff_id=item.staff_id,
            answered_by=actor.staff_id,
            answered_at=at,
            verdict=verdict,
            remark=sealed,
        )
        insert_answer(tx, answer, entry_id=entry_id)
    else:
        set_answered(
            tx,
            item.id,
            by=actor.staff_id,
            at=at,
            verdict=verdict,
            remark=sealed,
            entry_id=entry_id,
        )


def _about(stored: StoredItem) -> dict[str, Json]:
    item = stored.item
    return {"round": item.round_id, "item": item.id, "of": item.staff_id}


def _not_found(
    tx: Transaction, item_id: str, actor: Actor, *, at: datetime, rings: Rings
) -> NotFound:
    about: dict[str, Json] = {"item": item_id}
    return tell_not_found(tx, "round.item_not_found", actor, at=at, rings=rings, about=about)
