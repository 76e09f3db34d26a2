"""Read what one question of approval rests on, and answer it with reasons.

By somebody of the organisation whose role approves disclosures, inside the case's team or not. What
is read is what the answer needs: the note, whom it describes and the assessments made. The reading
is entered before it is shown. Never by the one who asked, nor by anyone who made an assessment that
it rests on. Law: OSL 10 kap. 15 a §
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal

from app.domain.actor import Actor
from app.domain.approval import Approval, ApprovalAnswer
from app.domain.assessment import RecordedAssessment
from app.domain.case import Case
from app.domain.disclosure import Intent
from app.domain.note import NoteText
from app.domain.organisation import Organisation
from app.domain.staff import StaffMember
from app.domain.subject import CasePerson
from app.fact_finding import Gathered, establish, gather, open_approval, seal_approval_reasons
from app.flows.answered_already import AnsweredAlready, answered_already
from app.flows.find_case import OpenCase, open_case, persons_in
from app.flows.gate_held import read_case_log
from app.flows.happened import happened
from app.flows.hold_case import hold_case
from app.flows.list_approvals import APPROVE, may
from app.flows.not_found import NotFound, tell_not_found
from app.flows.sealing import open_line, open_text
from app.flows.standing import as_they_stand
from app.keys import Rings
from app.records.approval import approval_of, mark_answered
from app.records.case import case_of_organisation
from app.records.note import StoredNote, all_versions, lock_note
from app.records.organisation import organisation_of
from app.records.staff import staff_by_id
from app.records.store import Store
from app.records.transaction import Transaction
from audit.canonical import Json
from policies import Law, NoteDecision, decide_note

WhyNot = Literal["own_question", "own_assessment"]
"""Why the reader cannot answer a question that they can otherwise see."""


@dataclass(frozen=True, kw_only=True)
class ApprovalSeen:
    """One question with what it is about, in outline or with what it rests on."""

    approval: Approval
    newest_version: int
    case: Case
    recipient: Organisation
    staff: Mapping[str, StaffMember]
    why_not: WhyNot | None
    basis: Basis | None = None
    """None until it has been read."""


@dataclass(frozen=True, kw_only=True)
class Basis:
    """What an answer rests on. It has been entered as read."""

    text: NoteText
    persons: Mapping[str, CasePerson]
    assessments: tuple[RecordedAssessment, ...]
    decision: NoteDecision
    """What the law answers as things stand, without the approval."""
    stated: Mapping[str, Json]
    """What the asker stated besides, as the entry of the question tells it."""


@dataclass(frozen=True)
class ApprovalAnswered:
    """The answer stands, and cannot be changed for this version of the note."""

    approval: Approval


@dataclass(frozen=True)
class ApprovalNotAnswered:
    """Not answered, and why: `own_question`, `own_assessment`, `withdrawn`, `superseded`."""

    reason: str


def view_approval(
    approval_id: str, actor: Actor, *, at: datetime, store: Store, rings: Rings, law: Law
) -> ApprovalSeen | NotFound:
    """One question in outline: who asks, to whom, what for, and the answer if there is one."""
    with store.begin(at=at) as tx:
        found = _find(tx, approval_id, actor, rings=rings, law=law)
        if found is None:
            return _not_found(tx, approval_id, actor, at=at, rings=rings)
        seen = found.seen(tx)
        _tell(tx, "approval.viewed", found, actor, at=at)
    return seen


def read_approval(
    approval_id: str, actor: Actor, *, at: datetime, store: Store, rings: Rings, law: Law
) -> ApprovalSeen | NotFound:
    """The question with what it rests on. Shown when the entry of the reading has been committed.

    An answered or withdrawn question, or one about an older version, rests on nothing to read, and
    is then seen in outline.
    """
    with store.begin(at=at) as tx:
        found = _find(tx, approval_id, actor, rings=rings, law=law)
        if found is None or not may(actor, law, APPROVE):
            return _not_found(tx, approval_id, actor, at=at, rings=rings)
        if found.approval.state(found.note.version) != "asked":
            _tell(tx, "approval.viewed", found, actor, at=at)
            return found.seen(tx)
        basis = found.basis(tx, law, at=at)
        seen = found.seen(tx, basis)
        _tell(tx, "approval.read", found, actor, at=at)
    return seen


def answer_approval(
    approval_id: str,
    answer: ApprovalAnswer,
    actor: Actor,
    *,
    at: datetime,
    store: Store,
    rings: Rings,
    law: Law,
) -> ApprovalAnswered | ApprovalNotAnswered | AnsweredAlready | NotFound:
    """Answer once. The answer counts for exactly this version, recipient and purpose."""
    with store.begin(at=at) as tx:
        asked = approval_of(tx, approval_id, organisation_id=actor.organisation_id)
        if asked is not None:
            at = hold_case(tx, asked.approval.case_id, actor, at=at)
            lock_note(tx, asked.approval.note_id)
        standing = as_they_stand(tx, actor, at=at, rings=rings)
        found = (
            _find(tx, approval_id, standing, rings=rings, law=law)
            if standing is not None and may(standing, law, APPROVE)
            else None
        )
        if found is None or standing is None:
            return _not_found(tx, approval_id, actor, at=at, rings=rings)
        if reason := _not_to_answer(found):
            _tell(tx, "approval.answer_refused", found, standing, at=at, reason=reason)
            return _not_answered(tx, found, answer, reason)
        answered = replace(
            found.approval,
            answer=answer.answer,
            reasons=answer.reasons,
            answered_by=actor.staff_id,
            answered_at=at,
        )
        op = "approval.given" if answer.answer == "yes" else "approval.refused"
        entry_id = _tell(tx, op, found, standing, at=at)
        sealed = seal_approval_reasons(found.opened.key, answered)
        mark_answered(tx, answered, reasons=sealed, entry_id=entry_id)
    return ApprovalAnswered(answered)


@dataclass(frozen=True, kw_only=True)
class _Found:
    """A question that the actor may see, with its case open."""

    approval: Approval
    opened: OpenCase
    note: StoredNote
    """The newest version."""
    gathered: Gathered
    recipient: Organisation
    reader: Actor
    """The one who asks to see it."""

    @property
    def intent(self) -> Intent:
        one = self.approval
        return Intent(
            note_id=one.note_id,
            version=one.version,
            recipient_id=one.recipient_id,
            purpose=one.purpose,
        )

    @property
    def assessments(self) -> tuple[RecordedAssessment, ...]:
        """The assessments made for exactly this, oldest first."""
        asked = (self.approval.recipient_id, self.approval.purpose)
        made = self.gathered.assessments
        return tuple(one for one in made if (one.recipient_id, one.purpose) == asked)

    def why_not(self) -> WhyNot | None:
        if self.approval.asked_by == self.reader.staff_id:
            return "own_question"
        if any(one.by == self.reader.staff_id for one in self.assessments):
            return "own_assessment"
        return None

    def basis(self, tx: Transaction, law: Law, *, at: datetime) -> Basis:
        log = read_case_log(tx, self.opened)
        facts = establish(self.gathered, self.intent, self.recipient, self.reader, law=law, at=at)
        return Basis(
            text=open_text(self.opened.key, self.note),
            persons=self.gathered.persons,
            assessments=self.assessments,
            decision=decide_note(law, facts),
            stated=log.stated_with(self.approval.id) if log else {},
        )

    def seen(self, tx: Transaction, basis: Basis | None = None) -> ApprovalSeen:
        named = {self.approval.asked_by, self.approval.answered_by or ""}
        named |= {one.by for one in basis.assessments} if basis else set()
        return ApprovalSeen(
            approval=self.approval,
            newest_version=self.note.version,
            case=self.opened.case,
            recipient=self.recipient,
            staff=staff_by_id(tx, named),
            why_not=self.why_not(),
            basis=basis,
        )


def _find(
    tx: Transaction, approval_id: str, actor: Actor, *, rings: Rings, law: Law
) -> _Found | None:
    """For those who answer, any question of the organisation; for others, their own."""
    stored = approval_of(tx, approval_id, organisation_id=actor.organisation_id)
    if stored is None:
        return None
    if not may(actor, law, APPROVE) and stored.approval.asked_by != actor.staff_id:
        return None
    found = case_of_organisation(tx, stored.approval.case_id, organisation_id=actor.organisation_id)
    recipient = organisation_of(tx, stored.approval.recipient_id)
    if found is None or recipient is None:
        return None
    opened = open_case(found, rings)
    versions = all_versions(tx, opened.case.id, stored.approval.note_id)
    asked_about = next(one for one in versions if one.version == stored.approval.version)
    gathered = gather(
        tx,
        key=opened.key,
        note=open_line(opened.key, asked_about),
        persons=persons_in(tx, opened),
    )
    return _Found(
        approval=open_approval(opened.key, stored),
        opened=opened,
        note=versions[0],
        gathered=gathered,
        recipient=recipient,
        reader=actor,
    )


def _not_answered(
    tx: Transaction, found: _Found, answer: ApprovalAnswer, reason: str
) -> ApprovalAnswered | ApprovalNotAnswered | AnsweredAlready:
    """Why not; for what has an answer, whose. The same words again are one answer, sent twice."""
    one = found.approval
    if reason != "answered":
        return ApprovalNotAnswered(reason)
    sent = (found.reader.staff_id, answer.answer, answer.reasons)
    if (one.answered_by, one.answer, one.reasons) == sent:
        return ApprovalAnswered(one)
    return answered_already(tx, one.answered_by, one.answered_at)


def _not_to_answer(found: _Found) -> str:
    state = found.approval.state(found.note.version)
    if state in ("given", "refused"):
        return "answered"
    if state != "asked":
        return state
    return found.why_not() or ""


def _tell(
    tx: Transaction,
    op: str,
    found: _Found,
    actor: Actor,
    *,
    at: datetime,
    reason: str = "",
) -> str:
    one = found.approval
    event = happened(
        op,
        "deny" if reason else "allow",
        actor,
        at=at,
        case=one.case_id,
        about={"note": one.note_id, "version": one.version, "approval": one.id},
        detail={"recipient": one.recipient_id, "purpose": one.purpose, "reason": reason},
    )
    tx.record(event, sealer=found.opened.sealer)
    return event.id


def _not_found(
    tx: Transaction, approval_id: str, actor: Actor, *, at: datetime, rings: Rings
) -> NotFound:
    return tell_not_found(
        tx, "approval.not_found", actor, at=at, rings=rings, about={"approval": approval_id}
    )
