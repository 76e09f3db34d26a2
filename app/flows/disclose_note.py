"""Disclose one note to one organisation: the gate. Read this file first.

The note is found, the facts established, the law asked, a copy sealed for the recipient, put on
its way, and the log told, in one transaction. If any of it fails, none of it happened.
Law: OSL 8 kap. 1 §, 10 kap.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from app.domain.actor import Actor
from app.domain.disclosure import Disclosure, DisclosureOrder
from app.domain.ids import new_id
from app.domain.organisation import Organisation
from app.fact_finding import Gathered, consents_relied_on, establish, gather
from app.flows.find_case import OpenCase, find_case_of_note, persons_in
from app.flows.happened import happened
from app.flows.keep_assessments import keep_assessments, told
from app.flows.not_found import NotFound, tell_not_found
from app.flows.seal_copy import seal_copy
from app.flows.sealing import open_text, seal_facts
from app.keys import Rings
from app.records.delivery import insert_delivery
from app.records.disclosure import disclosure_of, insert_disclosure
from app.records.note import StoredNote, all_versions, lock_note
from app.records.once import already_done, remember_done
from app.records.organisation import organisation_of
from app.records.store import Store
from app.records.transaction import Transaction
from policies import Law, NoteDecision, decide_note, decision_bytes


@dataclass(frozen=True)
class Disclosed:
    """It is on its way, or has arrived where there is no undo time."""

    disclosure_id: str
    case_id: str
    arrives_at: datetime


@dataclass(frozen=True)
class NotDisclosed:
    """The law, or the organisation's own order, does not allow it as things stand."""

    reason: str
    """`law`, `no_delegation`, or `newer_version` when the note was corrected meanwhile."""
    case_id: str
    decision: NoteDecision | None = None


@dataclass(frozen=True, kw_only=True)
class _Question:
    """The order with everything found that it is about."""

    order: DisclosureOrder
    opened: OpenCase
    note: StoredNote
    recipient: Organisation


def disclose_note(
    order: DisclosureOrder,
    actor: Actor,
    *,
    at: datetime,
    store: Store,
    rings: Rings,
    law: Law,
) -> Disclosed | NotDisclosed | NotFound:
    """Decide and carry out one disclosure at the instant `at` (aware UTC).

    A token that has disclosed already gives the same answer again and discloses nothing more.
    Raises StoreFault when the database fails; then nothing happened.
    """
    with store.begin(at=at) as tx:
        question = _find(tx, order, actor, at=at, rings=rings, law=law)
        if question is None:
            return tell_not_found(
                tx,
                "note.disclosure_not_found",
                actor,
                at=at,
                rings=rings,
                about={"note": order.intent.note_id, "recipient": order.intent.recipient_id},
            )
        if done := already_done(tx, order.token, actor.staff_id, "disclose"):
            return _again(tx, done, question, actor, at=at)
        if actor.delegation_for("disclose") is None:
            return _refuse(tx, "no_delegation", question, actor, at=at)
        if question.note.version != order.intent.version:
            return _refuse(tx, "newer_version", question, actor, at=at)

        text = open_text(question.opened.key, question.note)
        gathered = gather(
            tx,
            case_id=question.opened.case.id,
            note=text.line,
            persons=persons_in(tx, question.opened),
            lock=True,
        )
        facts = establish(
            gathered, order.intent, question.recipient, actor, answers=order.assessments, at=at
        )
        decision = decide_note(law, facts)
        if decision.outcome not in ("must", "may"):
            return _refuse(tx, "law", question, actor, decision=decision, at=at)

        made = _disclosure(question, gathered, decision, actor, at=at)
        copy = seal_copy(
            text, gathered, decision, made, actor, recipient=question.recipient, rings=rings, at=at
        )
        event = happened(
            "note.disclosed",
            "allow",
            actor,
            at=at,
            case=made.case_id,
            about={"note": made.note_id, "version": made.version},
            detail={
                "recipient": made.recipient_id,
                "purpose": made.purpose,
                "outcome": made.outcome,
                "initiative": order.intent.initiative,
                "request": order.intent.request_reference,
                "circumstances": [
                    {"person": one.subject_id, "fact": one.fact, "answer": one.answer}
                    for one in order.intent.circumstances
                ],
                "delegation": _delegation_item(actor),
                "assessments": told(order.assessments),
                "disclosure": made.id,
                "arrives_at": made.arrives_at.isoformat(),
            },
            rules=made.grounds,
            pack=_pack(decision),
            ct=copy.ct_hash,
            wr=copy.wraps_hash,
        )
        insert_delivery(tx, copy, entry_id=event.id)
        insert_disclosure(
            tx,
            made,
            decision=b"\n".join(decision_bytes(d) for d in decision.by_person.values()),
            facts=seal_facts(question.opened.key, made.id, facts),
            entry_id=event.id,
        )
        keep_assessments(
            tx, order, question.opened, actor, version=made.version, at=at, entry_id=event.id
        )
        remember_done(tx, order.token, actor.staff_id, "disclose", made.id, at=at)
        tx.record(event, sealer=question.opened.sealer)
        return Disclosed(made.id, made.case_id, made.arrives_at)


def _find(
    tx: Transaction,
    order: DisclosureOrder,
    actor: Actor,
    *,
    at: datetime,
    rings: Rings,
    law: Law,
) -> _Question | None:
    """The note in a case of the actor's, locked in its newest version, and the recipient."""
    opened = find_case_of_note(
        tx, order.intent.note_id, actor, "disclose", at=at, rings=rings, law=law
    )
    recipient = organisation_of(tx, order.intent.recipient_id)
    if opened is None or recipient is None or recipient.id == actor.organisation_id:
        return None
    # Held so that a correction comes before the disclosure or after it, never in between.
    lock_note(tx, order.intent.note_id)
    newest = all_versions(tx, opened.case.id, order.intent.note_id)[0]
    return _Question(order=order, opened=opened, note=newest, recipient=recipient)


def _disclosure(
    question: _Question, gathered: Gathered, decision: NoteDecision, actor: Actor, *, at: datetime
) -> Disclosure:
    intent = question.order.intent
    fired = [rule for one in decision.by_person.values() for rule in one.fired]
    duty = decision.outcome == "must"
    # A duty is carried out at once: an undo time would delay what the law says is urgent.
    undo = timedelta(0) if duty else timedelta(seconds=actor.organisation.undo_seconds)
    by_consent = any(rule.effect == "consent" for rule in fired)
    return Disclosure(
        id=new_id(at),
        organisation_id=actor.organisation_id,
        case_id=question.opened.case.id,
        note_id=intent.note_id,
        version=question.note.version,
        recipient_id=intent.recipient_id,
        delivery_id=new_id(at),
        purpose=intent.purpose,
        outcome="must" if duty else "may",
        grounds=tuple(dict.fromkeys(rule.id for rule in fired)),
        consents=consents_relied_on(gathered, intent, at=at) if by_consent else (),
        decided_by=actor.staff_id,
        decided_at=at,
        arrives_at=at + undo,
    )


def _refuse(
    tx: Transaction,
    reason: str,
    question: _Question,
    actor: Actor,
    *,
    at: datetime,
    decision: NoteDecision | None = None,
) -> NotDisclosed:
    """Nothing leaves; what was assessed is kept, because a recorded no must not be asked again."""
    order, opened = question.order, question.opened
    event = happened(
        "note.disclosure_refused",
        "deny",
        actor,
        at=at,
        case=opened.case.id,
        about={"note": order.intent.note_id, "version": question.note.version},
        detail={
            "recipient": order.intent.recipient_id,
            "purpose": order.intent.purpose,
            "reason": reason,
            "outcome": decision.outcome if decision else "",
            "assessments": told(order.assessments),
        },
        rules=_in_the_way(decision),
        pack=_pack(decision) if decision else None,
    )
    if reason == "law":
        keep_assessments(
            tx,
            order,
            opened,
            actor,
            version=question.note.version,
            at=at,
            entry_id=event.id,
        )
    tx.record(event, sealer=opened.sealer)
    return NotDisclosed(reason, opened.case.id, decision)


def _again(
    tx: Transaction, done: str, question: _Question, actor: Actor, *, at: datetime
) -> Disclosed:
    """The same form came twice: say so in the log, and answer as the first time."""
    made = disclosure_of(tx, done, organisation_id=actor.organisation_id)
    arrives_at = made.arrives_at if made else at
    tx.record(
        happened(
            "note.disclosure_repeated",
            "deny",
            actor,
            at=at,
            case=question.opened.case.id,
            about={"note": question.order.intent.note_id},
            detail={"disclosure": done},
        ),
        sealer=question.opened.sealer,
    )
    return Disclosed(done, question.opened.case.id, arrives_at)


def _in_the_way(decision: NoteDecision | None) -> tuple[str, ...]:
    if decision is None:
        return ()
    return tuple(
        dict.fromkeys(
            rule.id for one in decision.by_person.values() for rule in one.stops + one.strikes
        )
    )


def _pack(decision: NoteDecision) -> str | None:
    return next((one.pack_sha256 for one in decision.by_person.values()), None)


def _delegation_item(actor: Actor) -> str:
    delegation = actor.delegation_for("disclose")
    return delegation.item if delegation else ""
