"""Take away somebody's mark of protected identity: one in the case team asks, another does it.

What is asked for cannot be changed; it is done within a week, refused, or taken back. Each step is
an entry of the case, and so is a try that came too late.
Law: OSL 21 kap. 3, 3 a §§
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal

from app.domain.actor import Actor
from app.domain.case import Case
from app.domain.ids import new_id
from app.domain.protection import LoweringOutcome, LoweringTerms, ProtectionLowering
from app.domain.staff import StaffMember
from app.domain.subject import Subject
from app.flows.answered_already import AnsweredAlready, answered_already
from app.flows.find_case import OpenCase, find_case, persons_in
from app.flows.happened import happened
from app.flows.hold_case import hold_case
from app.flows.not_found import NotFound, tell_not_found
from app.flows.sealing import seal_subject
from app.keys import CaseKey, Rings
from app.records.protection_lowering import (
    StoredLowering,
    insert_lowering,
    latest_lowering,
    settle_stored,
)
from app.records.staff import staff_by_id
from app.records.store import Store
from app.records.subject import replace_identity
from app.records.transaction import Transaction
from policies import Law

ACT = "write_note"
_OPS: dict[LoweringOutcome, str] = {
    "lowered": "person.protection_lowered",
    "kept": "person.protection_kept",
    "withdrawn": "person.protection_withdrawn",
}


@dataclass(frozen=True, kw_only=True)
class ProtectionSeen:
    """One person's mark, and what was last asked about it."""

    case: Case
    subject: Subject
    lowering: ProtectionLowering | None
    """None also when it stands no longer: only what can still be done, or was the last word."""
    waits: bool
    staff: Mapping[str, StaffMember]


@dataclass(frozen=True)
class LoweringAsked:
    """It waits for another person in the case team."""


@dataclass(frozen=True)
class NothingToLower:
    """The person has no such mark, any more."""


@dataclass(frozen=True)
class LoweringSettled:
    """What became of the question."""

    outcome: LoweringOutcome


@dataclass(frozen=True)
class OwnQuestion:
    """Whoever asked does not answer. It still waits for another."""


@dataclass(frozen=True, kw_only=True)
class _Found:
    opened: OpenCase
    subject: Subject
    lowering: ProtectionLowering | None

    def waiting(self, at: datetime) -> ProtectionLowering | None:
        """What can be done now: the mark is there, and somebody has asked to take it away."""
        asked = self.subject.identity.protected == "yes" and self.lowering
        return asked if asked and asked.waits(at) else None


def see_protection(
    case_id: str,
    subject_id: str,
    actor: Actor,
    *,
    at: datetime,
    store: Store,
    rings: Rings,
    law: Law,
) -> ProtectionSeen | NotFound:
    """Whether somebody's mark is there, and whether anybody has asked to take it away."""
    with store.begin(at=at) as tx:
        found = _find(tx, case_id, subject_id, actor, at=at, rings=rings, law=law)
        if found is None:
            return _not_found(tx, case_id, subject_id, actor, at=at, rings=rings)
        asked = found.lowering
        seen = ProtectionSeen(
            case=found.opened.case,
            subject=found.subject,
            lowering=asked,
            waits=found.waiting(at) is not None,
            staff=staff_by_id(tx, {asked.asked_by, asked.settled_by or ""} if asked else ()),
        )
        _tell(tx, "person.protection_viewed", "allow", found, actor, at=at)
    return seen


def ask_lowering(
    case_id: str,
    subject_id: str,
    terms: LoweringTerms,
    actor: Actor,
    *,
    at: datetime,
    store: Store,
    rings: Rings,
    law: Law,
) -> LoweringAsked | NothingToLower | AnsweredAlready | NotFound:
    """Ask to take the mark away. Whoever asks does not do it."""
    with store.begin(at=at) as tx:
        at = hold_case(tx, case_id, actor, at=at)
        found = _find(tx, case_id, subject_id, actor, at=at, rings=rings, law=law)
        if found is None:
            return _not_found(tx, case_id, subject_id, actor, at=at, rings=rings)
        waiting = found.waiting(at)
        if waiting is not None or found.subject.identity.protected != "yes":
            _tell(tx, "person.protection_ask_refused", "deny", found, actor, at=at)
            if waiting is None:
                return NothingToLower()
            same = (waiting.asked_by, waiting.terms) == (actor.staff_id, terms)
            # The same words by the same person are one question, sent twice.
            return LoweringAsked() if same else _first(tx, waiting)
        asked = ProtectionLowering(
            id=new_id(at),
            organisation_id=actor.organisation_id,
            case_id=case_id,
            subject_id=subject_id,
            terms=terms,
            asked_by=actor.staff_id,
            asked_at=at,
        )
        entry_id = _tell(
            tx, "person.protection_lowering_asked", "allow", found, actor, at=at, to=terms.to
        )
        insert_lowering(tx, _sealed(found.opened.key, asked), entry_id=entry_id)
    return LoweringAsked()


def settle_lowering(
    case_id: str,
    subject_id: str,
    lowering_id: str,
    outcome: LoweringOutcome,
    actor: Actor,
    *,
    at: datetime,
    store: Store,
    rings: Rings,
    law: Law,
) -> LoweringSettled | OwnQuestion | AnsweredAlready | NotFound:
    """Do it or refuse it, as somebody else than the one who asked; or take one's own back."""
    with store.begin(at=at) as tx:
        at = hold_case(tx, case_id, actor, at=at)
        found = _find(tx, case_id, subject_id, actor, at=at, rings=rings, law=law)
        asked = found.lowering if found and found.lowering else None
        own = asked is not None and asked.asked_by == actor.staff_id
        if found is None or asked is None or asked.id != lowering_id:
            return _not_found(tx, case_id, subject_id, actor, at=at, rings=rings)
        if asked.outcome is not None:
            _tell(tx, "person.protection_settled_late", "deny", found, actor, at=at)
            same = (asked.settled_by, asked.outcome) == (actor.staff_id, outcome)
            first = answered_already(tx, asked.settled_by, asked.settled_at)
            return LoweringSettled(outcome) if same else first
        withdraws = outcome == "withdrawn"
        if found.waiting(at) is None or (withdraws and not own):
            return _not_found(tx, case_id, subject_id, actor, at=at, rings=rings)
        if own and not withdraws:
            _tell(tx, "person.protection_own_question", "deny", found, actor, at=at)
            return OwnQuestion()
        told = {"to": asked.terms.to, "asked_by": asked.asked_by}
        entry_id = _tell(tx, _OPS[outcome], "allow", found, actor, at=at, **told)
        settle_stored(tx, asked.id, outcome, by=actor.staff_id, at=at, entry_id=entry_id)
        if outcome == "lowered":
            identity = replace(found.subject.identity, protected=asked.terms.to)
            lowered = replace(found.subject, identity=identity)
            replace_identity(tx, seal_subject(found.opened.ring, lowered), entry_id=entry_id)
    return LoweringSettled(outcome)


def _find(
    tx: Transaction,
    case_id: str,
    subject_id: str,
    actor: Actor,
    *,
    at: datetime,
    rings: Rings,
    law: Law,
) -> _Found | None:
    opened = find_case(tx, case_id, actor, ACT, at=at, rings=rings, law=law)
    known = persons_in(tx, opened) if opened else ()
    person = next((one for one in known if one.subject.id == subject_id), None)
    if opened is None or person is None:
        return None
    stored = latest_lowering(tx, case_id, subject_id)
    asked = _opened(opened.key, stored) if stored else None
    return _Found(opened=opened, subject=person.subject, lowering=asked)


def _first(tx: Transaction, waiting: ProtectionLowering) -> AnsweredAlready:
    return answered_already(tx, waiting.asked_by, waiting.asked_at)


def _place(one: ProtectionLowering | StoredLowering, to: str) -> str:
    """All that the row asks for in clear, so that nobody changes what a second person stands for.

    Who settled it is in the log.
    """
    parts = (one.id, one.case_id, one.subject_id, to, one.asked_by, one.asked_at.isoformat())
    return " ".join(parts)


def _sealed(key: CaseKey, asked: ProtectionLowering) -> StoredLowering:
    to = asked.terms.to
    return StoredLowering(
        id=asked.id,
        organisation_id=asked.organisation_id,
        case_id=asked.case_id,
        subject_id=asked.subject_id,
        lowered_to=to,
        reason=key.seal_text("protection", _place(asked, to), asked.terms.reason.encode()),
        asked_by=asked.asked_by,
        asked_at=asked.asked_at,
    )


def _opened(key: CaseKey, stored: StoredLowering) -> ProtectionLowering:
    """Raises SealBroken where somebody has changed what was asked for."""
    to = stored.lowered_to
    reason = key.open_text("protection", _place(stored, to), stored.reason).decode()
    return ProtectionLowering(
        id=stored.id,
        organisation_id=stored.organisation_id,
        case_id=stored.case_id,
        subject_id=stored.subject_id,
        terms=LoweringTerms(to=to, reason=reason),
        asked_by=stored.asked_by,
        asked_at=stored.asked_at,
        settled_by=stored.settled_by,
        settled_at=stored.settled_at,
        outcome=stored.outcome,
    )


def _tell(
    tx: Transaction,
    op: str,
    res: Literal["allow", "deny"],
    found: _Found,
    actor: Actor,
    *,
    at: datetime,
    **detail: str,
) -> str:
    about = {"subject": found.subject.id}
    case_id = found.opened.case.id
    event = happened(op, res, actor, at=at, case=case_id, about=dict(about), detail=dict(detail))
    tx.record(event, sealer=found.opened.sealer)
    return event.id


def _not_found(
    tx: Transaction, case_id: str, subject_id: str, actor: Actor, *, at: datetime, rings: Rings
) -> NotFound:
    about = {"asked_case": case_id, "subject": subject_id}
    return tell_not_found(tx, "person.not_found", actor, at=at, rings=rings, about=dict(about))
