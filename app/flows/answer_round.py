"""Answer what was drawn for a round: ask the person, remark or not, and sign when all is answered.

Nobody answers for their own acts, or for an emergency opening they stood behind: those wait for
somebody else, and a round can be signed with them open, which its report says.
Law: PDL 4 kap. 3 § (the model followed for all)
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from app.domain.actor import Actor
from app.domain.emergency import Verdict
from app.flows.answered_already import AnsweredAlready, answered_already
from app.flows.draw_round import may_review
from app.flows.happened import happened
from app.flows.not_found import NotFound, tell_not_found
from app.flows.round_texts import answer_in, question_in, seal_item_remark, seal_question
from app.keys import Ring, Rings, event_sealer
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
    """It has its answer."""


@dataclass(frozen=True)
class ItemAsked:
    """The question waits for the person."""


@dataclass(frozen=True)
class AskedAlready:
    """The item has its one question, and who put it."""

    first: AnsweredAlready


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
) -> ItemAnswered | AnsweredAlready | NotFound:
    """Say with or without remark. A second answer changes nothing."""
    ring = rings.current(actor.organisation_id)
    with store.begin(at=at) as tx:
        stored = _theirs(tx, item_id, actor, law)
        if stored is None:
            return _not_found(tx, item_id, actor, at=at, rings=rings)
        event = happened(
            "round.answered",
            "allow",
            actor,
            at=at,
            about=_about(stored),
            detail={"why": stored.item.why, "verdict": verdict},
        )
        sealed = seal_item_remark(ring, stored, remark)
        if not _kept(tx, stored, verdict, sealed, actor, at=at, entry_id=event.id):
            repeated = replace(event, op="round.answer_repeated", res="deny")
            tx.record(repeated, sealer=event_sealer(ring, None))
            return _answered_already(tx, ring, item_id, (actor.staff_id, verdict, remark))
        tx.record(event, sealer=event_sealer(ring, None))
    return ItemAnswered()


def ask_about_item(
    item_id: str,
    question: str,
    actor: Actor,
    *,
    at: datetime,
    store: Store,
    rings: Rings,
    law: Law,
) -> ItemAsked | AskedAlready | AnsweredAlready | NotFound:
    """Put a question to the person whose acts they were. One for each item."""
    ring = rings.current(actor.organisation_id)
    with store.begin(at=at) as tx:
        stored = _theirs(tx, item_id, actor, law)
        if stored is None:
            return _not_found(tx, item_id, actor, at=at, rings=rings)
        event = happened("round.asked", "allow", actor, at=at, about=_about(stored))
        sealed = seal_question(ring, item_id, question)
        answered = stored.answered_at is not None
        if answered or not set_asked(
            tx, item_id, by=actor.staff_id, at=at, question=sealed, entry_id=event.id
        ):
            repeated = replace(event, op="round.ask_repeated", res="deny")
            tx.record(repeated, sealer=event_sealer(ring, None))
            if answered:
                return answered_already(tx, stored.answered_by, stored.answered_at)
            return _asked_already(tx, ring, stored, actor, question)
        tx.record(event, sealer=event_sealer(ring, None))
    return ItemAsked()


def sign_round(
    round_id: str, actor: Actor, *, at: datetime, store: Store, rings: Rings, law: Law
) -> RoundSigned | RoundNotSigned | AnsweredAlready | NotFound:
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
        if found.signed_by not in (None, actor.staff_id):
            return answered_already(tx, found.signed_by, found.signed_at)
    return RoundNotSigned(len(theirs)) if theirs else RoundSigned(len(waiting))


def _theirs(tx: Transaction, item_id: str, actor: Actor, law: Law) -> StoredItem | None:
    """The item, if the actor may answer it."""
    if not may_review(actor, law):
        return None
    stored = item_of(tx, item_id, organisation_id=actor.organisation_id, lock=True)
    return None if stored is None or _others(stored, actor) else stored


def _others(stored: StoredItem, actor: Actor) -> bool:
    return actor.staff_id in (stored.item.staff_id, stored.confirmed_by)


def _answered_already(
    tx: Transaction, ring: Ring, item_id: str, sent: tuple[str, Verdict, str]
) -> ItemAnswered | AnsweredAlready:
    """Who was first. The same words by the same person are one answer, sent twice."""
    stored = item_of(tx, item_id, organisation_id=ring.organisation_id)
    first = answer_in(ring, stored) if stored else None
    if first is not None and (first.by, first.verdict, first.remark) != sent:
        return answered_already(tx, first.by, first.at)
    return ItemAnswered()


def _asked_already(
    tx: Transaction, ring: Ring, stored: StoredItem, actor: Actor, question: str
) -> ItemAsked | AskedAlready:
    """As above, for the question."""
    first = question_in(ring, stored)
    if first is not None and (first.by, first.text) == (actor.staff_id, question):
        return ItemAsked()
    return AskedAlready(answered_already(tx, stored.asked_by, stored.asked_at))


def _kept(
    tx: Transaction,
    stored: StoredItem,
    verdict: Verdict,
    sealed: bytes,
    actor: Actor,
    *,
    at: datetime,
    entry_id: str,
) -> bool:
    """Where the thing itself has its answer, so that every page of it tells the same.

    False if it has one. Asked of that place itself, because an opening and a signal are answered
    on pages of their own too, which do not hold the item.
    """
    item = stored.item
    if item.why == "emergency":
        return mark_reviewed(
            tx,
            item.key,
            by=actor.staff_id,
            verdict=verdict,
            remark=sealed,
            at=at,
            entry_id=entry_id,
        )
    if item.why == "signal":
        answer = SignalAnswer(
            organisation_id=item.organisation_id,
            signal=item.key,
            staff_id=item.staff_id,
            answered_by=actor.staff_id,
            answered_at=at,
            verdict=verdict,
            remark=sealed,
        )
        return insert_answer(tx, answer, entry_id=entry_id)
    return set_answered(
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
