"""Disclose one note to one organisation: the gate. Read this file first.

The note is found, the facts established, the law asked, a copy sealed for the recipient, put on
its way, and the log told, in one transaction. If any of it fails, none of it happened.
Law: OSL 8 kap. 1 §, 10 kap.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from app.domain.actor import Actor
from app.domain.disclosure import Disclosure, DisclosureOrder
from app.domain.ids import new_id
from app.domain.note import NoteText
from app.domain.organisation import Organisation
from app.domain.refusal import Refusal
from app.fact_finding import (
    Gathered,
    approvals_relied_on,
    consents_relied_on,
    establish,
    gather,
)
from app.flows.disclosure_events import disclosed, refused, repeated
from app.flows.find_case import OpenCase, find_case_of_note, persons_in
from app.flows.gate_held import hold_to_log
from app.flows.hold_case import hold_case_of_note
from app.flows.keep_assessments import keep_assessments
from app.flows.keep_refusal import LAWFUL, keep_refusal, rests_on
from app.flows.not_found import NotFound, tell_not_found
from app.flows.seal_copy import seal_copy
from app.flows.sealing import open_text, seal_decision, seal_facts
from app.flows.second_opinion import SecondOpinion, ask_second
from app.flows.standing import Standing, standing_of
from app.keys import Rings
from app.records.delivery import insert_delivery
from app.records.disclosure import disclosure_of, disclosures_to, insert_disclosure
from app.records.note import StoredNote, all_versions, lock_note
from app.records.once import already_done, remember_done
from app.records.organisation import organisation_of
from app.records.pack_activation import pack_hash_in_use
from app.records.store import Store
from app.records.transaction import Transaction
from policies import Facts, Law, NoteDecision, decide_note


@dataclass(frozen=True)
class Disclosed:
    """It is on its way, or has arrived where there is no undo time."""

    disclosure_id: str
    case_id: str
    arrives_at: datetime
    stopped: bool = False
    """Whether it was stopped since, when the same form comes again."""


@dataclass(frozen=True)
class NotDisclosed:
    """The law, or the organisation's own order, does not allow it as things stand."""

    reason: str
    """`law`, `no_delegation`, `newer_version` when the note was corrected meanwhile,
    `already_sent` when the recipient has this version or will have it and that is not meant,
    `used_form` when the form has disclosed something else already, `pack_not_in_use` when the law
    asked is not the pack in use, an `Unlike` where the database says otherwise than the log,
    `approval_lapsed` when a yes was to something else than is stated, or `second_opinion_differs`
    or `second_opinion_missing` when the other engine does not agree."""
    case_id: str
    decision: NoteDecision | None = None


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
        at = hold_case_of_note(tx, order.intent.note_id, actor, at=at)
        if (standing := standing_of(tx, actor, at=at, rings=rings)) is None:
            return _not_found(tx, order, actor, at=at, rings=rings)
        actor = standing.actor
        question = _find(tx, order, actor, at=at, rings=rings, law=law)
        if question is None:
            return _not_found(tx, order, actor, at=at, rings=rings)
        if done := already_done(tx, order.token, actor.staff_id, "disclose"):
            return _again(tx, done, question, actor, at=at)
        if reason := _not_ready(tx, question, standing, law):
            return _refuse(tx, reason, question, actor, at=at)

        text = open_text(question.opened.key, question.note)
        persons = persons_in(tx, question.opened)
        key = question.opened.key
        gathered = gather(tx, key=key, note=text.line, persons=persons, lock=True)
        held = hold_to_log(tx, question.opened, question.note, gathered, order.intent)
        if isinstance(held, str):
            return _refuse(tx, held, question, actor, at=at)
        facts = question.facts(held, actor, law=law, at=at)
        told = _Told(facts, decide_note(law, facts), law.sha256)
        if told.decision.outcome not in LAWFUL:
            reason = "law" if held == gathered else "approval_lapsed"
            return _refuse(tx, reason, question, actor, told=told, at=at)
        if _already_sent(tx, question):
            return _refuse(tx, "already_sent", question, actor, told=told, at=at)

        second = ask_second(law, facts)
        if reason := second.refuses:
            return _refuse(tx, reason, question, actor, told=told, second=second, at=at)

        answered = _Answered(question, text, held, told, second)
        return _deliver(tx, answered, actor, at=at, rings=rings)


@dataclass(frozen=True, kw_only=True)
class _Question:
    """The order with everything found that it is about."""

    order: DisclosureOrder
    opened: OpenCase
    note: StoredNote
    recipient: Organisation

    def facts(
        self, gathered: Gathered, actor: Actor, *, law: Law, at: datetime
    ) -> dict[str, Facts]:
        """The facts with the answers of this order, for each described person."""
        intent, answers = self.order.intent, self.order.assessments
        return establish(gathered, intent, self.recipient, actor, law=law, answers=answers, at=at)


@dataclass(frozen=True)
class _Told:
    """What the law was asked and what it answered."""

    facts: Mapping[str, Facts]
    decision: NoteDecision
    pack: str
    """Hash of the pack that answered."""


@dataclass(frozen=True)
class _Answered:
    """A question that the law lets the official answer with yes."""

    question: _Question
    text: NoteText
    gathered: Gathered
    told: _Told
    second: SecondOpinion

    @property
    def decision(self) -> NoteDecision:
        """What the law answered."""
        return self.told.decision


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


def _not_ready(tx: Transaction, question: _Question, standing: Standing, law: Law) -> str | None:
    """What stands in the way before the law is asked. Law: KL 6 kap. 37 §, 7 kap. 5 §"""
    # Held, so that another pack is activated before the disclosure or after it, never in between.
    if pack_hash_in_use(tx, hold=True) != law.sha256:
        return "pack_not_in_use"
    if standing.actor.delegation_for("disclose") is None:
        forged = any(one.decision == "disclose" for one in standing.unlike)
        return "delegation_differs" if forged else "no_delegation"
    if question.note.version != question.order.intent.version:
        return "newer_version"
    return None


def _already_sent(tx: Transaction, question: _Question) -> bool:
    """Whether the recipient has this version or will have it, and nobody means to send it twice."""
    note, recipient = question.note, question.recipient
    return not question.order.again and bool(
        disclosures_to(tx, note.note_id, note.version, recipient_id=recipient.id)
    )


def _deliver(
    tx: Transaction, answered: _Answered, actor: Actor, *, at: datetime, rings: Rings
) -> Disclosed:
    """Seal the copy, put it on its way, keep what it rests on, and tell the log."""
    question, order = answered.question, answered.question.order
    opened, key = question.opened, question.opened.key
    made = _disclosure(answered, actor, at=at)
    copy = seal_copy(
        answered.text,
        answered.gathered,
        answered.decision,
        made,
        actor,
        recipient=question.recipient,
        rings=rings,
        at=at,
    )
    approvals = approvals_relied_on(answered.gathered, order.intent, actor)
    event = disclosed(
        made,
        order,
        copy,
        answered.decision,
        actor,
        approvals=approvals,
        second=answered.second,
        at=at,
    )
    insert_delivery(tx, copy, entry_id=event.id)
    insert_disclosure(
        tx,
        made,
        decision=seal_decision(key, made.id, answered.decision),
        facts=seal_facts(key, made.id, answered.told.facts),
        entry_id=event.id,
    )
    keep_assessments(tx, order, opened, actor, version=made.version, at=at, entry_id=event.id)
    remember_done(tx, order.token, actor.staff_id, "disclose", made.id, at=at)
    tx.record(event, sealer=opened.sealer)
    return Disclosed(made.id, made.case_id, made.arrives_at)


def _disclosure(answered: _Answered, actor: Actor, *, at: datetime) -> Disclosure:
    question, intent = answered.question, answered.question.order.intent
    fired = [rule for one in answered.decision.by_person.values() for rule in one.fired]
    duty = answered.decision.outcome == "must"
    # A duty is carried out at once: an undo time would delay what the law says is urgent.
    undo = timedelta(0) if duty else timedelta(seconds=actor.organisation.undo_seconds)
    held = actor.delegation_for("disclose")
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
        consents=consents_relied_on(answered.gathered, intent, at=at) if by_consent else (),
        pack=answered.told.pack,
        decided_by=actor.staff_id,
        decided_at=at,
        arrives_at=at + undo,
        delegation_item=held.item if held else "",
    )


def _refuse(
    tx: Transaction,
    reason: str,
    question: _Question,
    actor: Actor,
    *,
    at: datetime,
    told: _Told | None = None,
    second: SecondOpinion | None = None,
) -> NotDisclosed:
    """Nothing leaves; what was assessed is kept, because a recorded no must not be asked again.

    Where the law was asked, what it was told is kept too, because a no is as much a decision as a
    yes, and must be as easy to explain and to try again.
    """
    order, opened, version = question.order, question.opened, question.note.version
    made = _refusal(question, told, actor, at=at) if told else None
    event = refused(
        order,
        actor,
        case_id=opened.case.id,
        version=version,
        reason=reason,
        refusal_id=made.id if made else "",
        decision=told.decision if told else None,
        second=second,
        at=at,
    )
    if told and made:
        keep_assessments(tx, order, opened, actor, version=version, at=at, entry_id=event.id)
        keep_refusal(tx, made, told.facts, told.decision, key=opened.key, entry_id=event.id)
    tx.record(event, sealer=opened.sealer)
    return NotDisclosed(reason, opened.case.id, told.decision if told else None)


def _refusal(question: _Question, told: _Told, actor: Actor, *, at: datetime) -> Refusal:
    return Refusal(
        id=new_id(at),
        organisation_id=actor.organisation_id,
        case_id=question.opened.case.id,
        note_id=question.order.intent.note_id,
        version=question.note.version,
        recipient_id=question.recipient.id,
        pack=told.pack,
        outcome=told.decision.outcome,
        grounds=rests_on(told.decision),
        decided_at=at,
    )


def _again(
    tx: Transaction, done: str, question: _Question, actor: Actor, *, at: datetime
) -> Disclosed | NotDisclosed:
    """The same form came twice: say so in the log, and answer as the first time."""
    made = disclosure_of(tx, done, organisation_id=actor.organisation_id)
    intent = question.order.intent
    if made is not None and (made.note_id, made.recipient_id, made.purpose) != (
        intent.note_id,
        intent.recipient_id,
        intent.purpose,
    ):
        return _refuse(tx, "used_form", question, actor, at=at)
    case_id = question.opened.case.id
    event = repeated(question.order, done, actor, case_id=case_id, at=at)
    tx.record(event, sealer=question.opened.sealer)
    if made is None:
        return Disclosed(done, case_id, at)
    return Disclosed(done, case_id, made.arrives_at, stopped=made.stopped_at is not None)


def _not_found(
    tx: Transaction, order: DisclosureOrder, actor: Actor, *, at: datetime, rings: Rings
) -> NotFound:
    return tell_not_found(
        tx,
        "note.disclosure_not_found",
        actor,
        at=at,
        rings=rings,
        about={"note": order.intent.note_id, "recipient": order.intent.recipient_id},
    )
