"""Ask a supervisor to approve one disclosure, and take the question back.

It is asked when an approval is all that remains: the assessments that it rests on are made first,
and are kept whether or not it could be asked. Law: OSL 10 kap. 15 a §
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from app.domain.actor import Actor
from app.domain.approval import Approval
from app.domain.disclosure import DisclosureOrder
from app.domain.ids import new_id
from app.fact_finding import establish, gather
from app.flows.find_case import OpenCase, find_case, find_case_of_note, persons_in
from app.flows.gate_held import read_case_log, stated
from app.flows.happened import happened
from app.flows.hold_case import hold_case, hold_case_of_note
from app.flows.keep_assessments import keep_assessments, told
from app.flows.not_found import NotFound, tell_not_found
from app.flows.sealing import open_line
from app.flows.standing import as_they_stand
from app.keys import Rings
from app.records.approval import (
    StoredApproval,
    approval_of,
    insert_approval,
    mark_approval_withdrawn,
)
from app.records.note import StoredNote, lock_note, newest_head
from app.records.once import already_done, remember_done
from app.records.organisation import organisation_of
from app.records.store import Store
from app.records.transaction import Transaction
from policies import Law, NoteDecision, decide_note

SUPERVISOR = "supervisor"
"""The actor, in the law's vocabulary, whose approvals are given here."""


@dataclass(frozen=True)
class ApprovalAsked:
    """It waits for an answer by somebody else."""

    approval_id: str


@dataclass(frozen=True)
class ApprovalNotAsked:
    """Nothing was asked, and why: `not_ready`, `already`, `newer_version`, `index_differs`."""

    reason: str


@dataclass(frozen=True)
class ApprovalWithdrawn:
    """The question is taken back; nobody can answer it any more."""

    approval: Approval


@dataclass(frozen=True)
class ApprovalNotWithdrawn:
    """It was answered or taken back already."""

    approval: Approval


def approvals_that_remain(law: Law, decision: NoteDecision) -> tuple[str, ...]:
    """Names of the approvals by a supervisor that are all that remains; empty if more does.

    Each described person must be coverable now by nothing but such approvals.
    """
    found: dict[str, None] = {}
    for one in decision.by_person.values():
        if one.outcome in ("must", "may"):
            continue
        ways = [
            [step.condition for step in way]
            for way in one.missing
            if all(step.kind == "approval" and SUPERVISOR in step.by for step in way)
        ]
        named = [way for way in ways if all(_is_given_here(law, name) for name in way)]
        if not named:
            return ()
        found.update(dict.fromkeys(named[0]))
    return tuple(found)


def _is_given_here(law: Law, name: str) -> bool:
    """Whether it is an answer to a question, and not who decides, as with the rektor."""
    return law.vocabulary.conditions[name].fact in ("", f"approval.{name}")


def ask_approval(
    order: DisclosureOrder, actor: Actor, *, at: datetime, store: Store, rings: Rings, law: Law
) -> ApprovalAsked | ApprovalNotAsked | NotFound:
    """Keep the order's assessments and, if an approval is what remains, ask for it."""
    intent = order.intent
    with store.begin(at=at) as tx:
        at = hold_case_of_note(tx, intent.note_id, actor, at=at)
        standing = as_they_stand(tx, actor, at=at, rings=rings)
        opened = note = recipient = None
        if standing is not None:
            opened = find_case_of_note(
                tx, intent.note_id, standing, "assess", at=at, rings=rings, law=law
            )
            recipient = organisation_of(tx, intent.recipient_id)
            lock_note(tx, intent.note_id)
            note = newest_head(tx, intent.note_id) if opened else None
        if (
            standing is None
            or opened is None
            or note is None
            or recipient is None
            or recipient.id == actor.organisation_id
        ):
            about = {"note": intent.note_id, "recipient": intent.recipient_id}
            return tell_not_found(
                tx, "approval.ask_not_found", actor, at=at, rings=rings, about=about
            )
        if done := already_done(tx, order.token, actor.staff_id, "ask_approval"):
            _tell(tx, "approval.ask_repeated", order, opened, actor, at=at, reason="repeated")
            return ApprovalAsked(done)
        asker = _Asker(tx, order, opened, standing, at)
        return asker.ask(note, law)


@dataclass(frozen=True)
class _Asker:
    """One question with everything found that it is about."""

    tx: Transaction
    order: DisclosureOrder
    opened: OpenCase
    actor: Actor
    at: datetime

    def ask(self, note: StoredNote, law: Law) -> ApprovalAsked | ApprovalNotAsked:
        intent = self.order.intent
        if note.version != intent.version:
            return self._refuse("newer_version", keep=False)
        key = self.opened.key
        gathered = gather(
            self.tx,
            key=key,
            note=open_line(key, note),
            persons=persons_in(self.tx, self.opened),
            lock=True,
        )
        recipient = organisation_of(self.tx, intent.recipient_id)
        if recipient is None:
            raise AssertionError("found a moment ago, and organisations are never deleted")
        log = read_case_log(self.tx, self.opened)
        if log is None:
            return self._refuse("index_differs", keep=False)
        facts = establish(
            log.as_asked(gathered, intent),
            intent,
            recipient,
            self.actor,
            law=law,
            answers=self.order.assessments,
            at=self.at,
        )
        remain = approvals_that_remain(law, decide_note(law, facts))
        if not remain:
            return self._refuse("not_ready", keep=True)
        waiting = {one.name for one in gathered.approvals_for(intent) if one.open}
        names = [name for name in remain if name not in waiting]
        if not names:
            return self._refuse("already", keep=True)
        return self._put(names)

    def _put(self, names: Sequence[str]) -> ApprovalAsked:
        intent = self.order.intent
        asked = [
            Approval(
                id=new_id(self.at),
                organisation_id=self.actor.organisation_id,
                case_id=self.opened.case.id,
                note_id=intent.note_id,
                version=intent.version,
                recipient_id=intent.recipient_id,
                purpose=intent.purpose,
                name=name,
                asked_by=self.actor.staff_id,
                asked_at=self.at,
            )
            for name in names
        ]
        ids = [one.id for one in asked]
        entry_id = _tell(
            self.tx, "approval.asked", self.order, self.opened, self.actor, at=self.at, ids=ids
        )
        for one in asked:
            insert_approval(self.tx, one, entry_id=entry_id)
        self._keep(entry_id)
        remember_done(
            self.tx,
            self.order.token,
            self.actor.staff_id,
            "ask_approval",
            ids[0],
            at=self.at,
        )
        return ApprovalAsked(ids[0])

    def _refuse(self, reason: str, *, keep: bool) -> ApprovalNotAsked:
        """What was assessed is kept, because a recorded no must not be asked again."""
        entry_id = _tell(
            self.tx,
            "approval.ask_refused",
            self.order,
            self.opened,
            self.actor,
            at=self.at,
            reason=reason,
        )
        if keep:
            self._keep(entry_id)
        return ApprovalNotAsked(reason)

    def _keep(self, entry_id: str) -> None:
        keep_assessments(
            self.tx,
            self.order,
            self.opened,
            self.actor,
            version=self.order.intent.version,
            at=self.at,
            entry_id=entry_id,
        )


def withdraw_approval(
    approval_id: str, actor: Actor, *, at: datetime, store: Store, rings: Rings, law: Law
) -> ApprovalWithdrawn | ApprovalNotWithdrawn | NotFound:
    """Take one's own question back. Once it is answered the answer stands."""
    with store.begin(at=at) as tx:
        found = approval_of(tx, approval_id, organisation_id=actor.organisation_id)
        if found is not None:
            at = hold_case(tx, found.approval.case_id, actor, at=at)
            found = approval_of(tx, approval_id, organisation_id=actor.organisation_id)
        opened = _case_of(tx, found, actor, at=at, rings=rings, law=law)
        if found is None or opened is None or found.approval.asked_by != actor.staff_id:
            return tell_not_found(
                tx, "approval.not_found", actor, at=at, rings=rings, about={"approval": approval_id}
            )
        asked = found.approval
        event = happened(
            "approval.withdrawn" if asked.open else "approval.withdraw_refused",
            "allow" if asked.open else "deny",
            actor,
            at=at,
            case=asked.case_id,
            about={"note": asked.note_id, "version": asked.version, "approval": asked.id},
            detail={"recipient": asked.recipient_id, "purpose": asked.purpose},
        )
        if asked.open:
            mark_approval_withdrawn(tx, asked.id, at=at, entry_id=event.id)
        tx.record(event, sealer=opened.sealer)
    return ApprovalWithdrawn(asked) if asked.open else ApprovalNotWithdrawn(asked)


def _case_of(
    tx: Transaction,
    found: StoredApproval | None,
    actor: Actor,
    *,
    at: datetime,
    rings: Rings,
    law: Law,
) -> OpenCase | None:
    if found is None:
        return None
    return find_case(tx, found.approval.case_id, actor, "assess", at=at, rings=rings, law=law)


def _tell(
    tx: Transaction,
    op: str,
    order: DisclosureOrder,
    opened: OpenCase,
    actor: Actor,
    *,
    at: datetime,
    reason: str = "",
    ids: Sequence[str] = (),
) -> str:
    """Record the entry; its id."""
    intent = order.intent
    event = happened(
        op,
        "deny" if reason else "allow",
        actor,
        at=at,
        case=opened.case.id,
        about={"note": intent.note_id, "version": intent.version, "approvals": [*ids]},
        detail={
            "recipient": intent.recipient_id,
            "purpose": intent.purpose,
            "reason": reason,
            **stated(intent),
            **told(order),
        },
    )
    tx.record(event, sealer=opened.sealer)
    return event.id
