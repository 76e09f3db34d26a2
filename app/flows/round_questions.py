"""Questions that reviewers of the log have put to somebody: seen and answered by that person only.

Law: PDL 4 kap. 3 § (the model followed for all)
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from app.domain.actor import Actor
from app.domain.log_round import ItemQuestion, RoundItem
from app.domain.staff import StaffMember
from app.flows.answered_already import AnsweredAlready, answered_already
from app.flows.happened import happened
from app.flows.not_found import NotFound, tell_not_found
from app.flows.round_texts import question_in, seal_reply
from app.keys import Rings, event_sealer
from app.records.review_round import item_of, questions_to
from app.records.round_question import count_questions, set_replied
from app.records.staff import staff_by_id
from app.records.store import Store
from audit.canonical import Json


@dataclass(frozen=True, kw_only=True)
class QuestionSeen:
    """One question, and what it is about: one's own acts, by time and case number."""

    item: RoundItem
    reference: str
    question: ItemQuestion


@dataclass(frozen=True, kw_only=True)
class QuestionsSeen:
    """Those that wait for an answer first."""

    lines: tuple[QuestionSeen, ...]
    staff: Mapping[str, StaffMember]


@dataclass(frozen=True)
class Replied:
    """The reviewer has the answer."""


def waiting_questions(actor: Actor, *, at: datetime, store: Store) -> int:
    """What every page tells the person asked. One query, no entry: a number and nothing else."""
    with store.look(at=at) as tx:
        return count_questions(tx, actor.staff_id, organisation_id=actor.organisation_id)


def see_questions(actor: Actor, *, at: datetime, store: Store, rings: Rings) -> QuestionsSeen:
    """Every question ever put to the actor in the organisation they act for."""
    ring = rings.current(actor.organisation_id)
    with store.begin(at=at) as tx:
        found = questions_to(tx, actor.staff_id, organisation_id=actor.organisation_id)
        lines = tuple(
            QuestionSeen(item=one.item, reference=one.reference or "", question=asked)
            for one in found
            if (asked := question_in(ring, one)) is not None
        )
        staff = staff_by_id(tx, {one.question.by for one in lines})
        event = happened("round.questions_seen", "allow", actor, at=at)
        tx.record(event, sealer=event_sealer(ring, None))
    return QuestionsSeen(lines=lines, staff=staff)


def reply_to_question(
    item_id: str, reply: str, actor: Actor, *, at: datetime, store: Store, rings: Rings
) -> Replied | AnsweredAlready | NotFound:
    """Answer once. Only the person asked finds the question."""
    ring = rings.current(actor.organisation_id)
    with store.begin(at=at) as tx:
        stored = item_of(tx, item_id, organisation_id=actor.organisation_id, lock=True)
        about: dict[str, Json] = {"item": item_id}
        if stored is None or stored.asked_at is None or stored.item.staff_id != actor.staff_id:
            return tell_not_found(
                tx, "round.question_not_found", actor, at=at, rings=rings, about=about
            )
        event = happened("round.replied", "allow", actor, at=at, about=about)
        sealed = seal_reply(ring, item_id, reply)
        if not set_replied(tx, item_id, at=at, reply=sealed, entry_id=event.id):
            repeated = replace(event, op="round.reply_repeated", res="deny")
            tx.record(repeated, sealer=event_sealer(ring, None))
            first = question_in(ring, stored)
            # The same words are one answer, sent twice.
            if first is None or first.reply != reply:
                return answered_already(tx, actor.staff_id, stored.replied_at)
        else:
            tx.record(event, sealer=event_sealer(ring, None))
    return Replied()
