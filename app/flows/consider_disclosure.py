"""Ask the law about one note towards every organisation that can be addressed. Decides nothing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from app.domain.actor import Actor
from app.domain.approval import Approval
from app.domain.assessment import RecordedAssessment
from app.domain.case import Case
from app.domain.disclosure import Disclosure, Intent
from app.domain.legal_day import legal_day
from app.domain.note import NoteLine
from app.domain.organisation import Organisation
from app.domain.staff import StaffMember
from app.domain.subject import CasePerson, Subject
from app.fact_finding import Gathered, establish, gather
from app.flows.find_case import OpenCase, find_case_of_note, persons_in
from app.flows.happened import happened
from app.flows.list_approvals import APPROVE
from app.flows.not_found import NotFound, tell_not_found
from app.flows.sealing import open_line
from app.keys import Rings
from app.records.disclosure import disclosures_to
from app.records.note import newest_head
from app.records.organisation import all_organisations
from app.records.role_grant import staff_of
from app.records.staff import staff_by_id
from app.records.store import Store
from app.records.transaction import Transaction
from audit.entry import Event
from policies import Facts, Law, NoteDecision, decide_note
from policies.roles import can, deciding_in_person


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What the law answers today towards one organisation."""

    recipient: Organisation
    facts: Mapping[str, Facts]
    decision: NoteDecision


@dataclass(frozen=True, kw_only=True)
class Considered:
    """The note asked about and the answers, in the organisations' order of name."""

    case: Case
    subject: Subject
    note: NoteLine
    persons: Mapping[str, CasePerson]
    answers: tuple[Answer, ...]
    recorded: tuple[RecordedAssessment, ...]
    """What has been assessed before about this version for this recipient and purpose, oldest
    first; empty while no recipient is named."""
    assessed_at: datetime | None
    """When the latest of `recorded` was made."""
    sent: tuple[Disclosure, ...]
    """Where this version has gone or is going already, latest first; as `recorded`."""
    approvals: tuple[Approval, ...]
    """Questions of approval of exactly this, oldest first; empty while no recipient is named."""
    approvers: tuple[StaffMember, ...]
    """Those in the organisation who can approve what the actor asks; as `approvals`."""
    in_person: tuple[StaffMember, ...]
    """Those in the organisation who can take the decisions that belong to them in person; as
    `approvals`."""
    staff: Mapping[str, StaffMember]
    """Those who made the recorded assessments, asked and answered, by id."""
    may_decide: bool
    """Whether the organisation's delegation lets the actor decide disclosures."""


def consider_disclosure(
    intent: Intent,
    actor: Actor,
    *,
    at: datetime,
    store: Store,
    rings: Rings,
    law: Law,
) -> Considered | NotFound:
    """Answers for `intent` towards its recipient, or towards everyone when it names none.

    `intent.version` is ignored: the newest version is the one asked about. The number of queries
    does not grow with the number of organisations.
    """
    with store.begin(at=at) as tx:
        note_id = intent.note_id
        opened = find_case_of_note(tx, note_id, actor, "disclose", at=at, rings=rings, law=law)
        stored = newest_head(tx, note_id) if opened else None
        recipients = _recipients(tx, intent, actor)
        if opened is None or stored is None or not recipients:
            return _not_found(tx, intent, actor, at=at, rings=rings)
        line, persons = open_line(opened.key, stored), persons_in(tx, opened)
        gathered = gather(tx, key=opened.key, note=line, persons=persons)
        recorded = gathered.assessments_for(intent)
        staff = _staff_named(tx, recorded, approvals := gathered.approvals_for(intent))
        colleagues = _colleagues(tx, actor, at=at) if intent.recipient_id else ()
        sent = _sent(tx, intent, gathered.note.version)
        tx.record(_told(intent, gathered, opened, actor, recipients, at=at), sealer=opened.sealer)
    return Considered(
        case=opened.case,
        subject=opened.subject,
        note=gathered.note,
        persons=gathered.persons,
        answers=tuple(
            _answer(gathered, intent, recipient, actor, at=at, law=law) for recipient in recipients
        ),
        recorded=recorded,
        assessed_at=gathered.assessed_at(intent),
        sent=sent,
        approvals=approvals,
        approvers=_having(colleagues, (r for r in law.vocabulary.roles if can(law, r, APPROVE))),
        in_person=_having(colleagues, deciding_in_person(law)),
        staff=staff,
        may_decide=actor.delegation_for("disclose") is not None,
    )


def _not_found(
    tx: Transaction, intent: Intent, actor: Actor, *, at: datetime, rings: Rings
) -> NotFound:
    return tell_not_found(
        tx,
        "disclosure.consider_not_found",
        actor,
        at=at,
        rings=rings,
        about={"note": intent.note_id, "recipient": intent.recipient_id},
    )


def _told(
    intent: Intent,
    gathered: Gathered,
    opened: OpenCase,
    actor: Actor,
    recipients: tuple[Organisation, ...],
    *,
    at: datetime,
) -> Event:
    return happened(
        "disclosure.considered",
        "allow",
        actor,
        at=at,
        case=opened.case.id,
        about={"note": intent.note_id, "version": gathered.note.version},
        detail={
            "purpose": intent.purpose,
            "recipient": intent.recipient_id,
            "count": len(recipients),
        },
    )


def _recipients(tx: Transaction, intent: Intent, actor: Actor) -> tuple[Organisation, ...]:
    """The named recipient, or everyone who can be addressed, by name."""
    return tuple(
        one
        for one in all_organisations(tx)
        if one.id != actor.organisation_id and intent.recipient_id in ("", one.id)
    )


def _sent(tx: Transaction, intent: Intent, version: int) -> tuple[Disclosure, ...]:
    if not intent.recipient_id:
        return ()
    return disclosures_to(tx, intent.note_id, version, recipient_id=intent.recipient_id)


def _staff_named(
    tx: Transaction, recorded: tuple[RecordedAssessment, ...], approvals: tuple[Approval, ...]
) -> dict[str, StaffMember]:
    named = {made.by for made in recorded} | {one.asked_by for one in approvals}
    named |= {one.answered_by for one in approvals if one.answered_by}
    return staff_by_id(tx, named) if named else {}


_Colleagues = tuple[tuple[StaffMember, frozenset[str]], ...]
"""The others in the organisation, each with their roles."""


def _colleagues(tx: Transaction, actor: Actor, *, at: datetime) -> _Colleagues:
    """Never the one who asks. One query."""
    found = staff_of(tx, actor.organisation_id, on=legal_day(at), at=at)
    return tuple(one for one in found if one[0].id != actor.staff_id)


def _having(colleagues: _Colleagues, roles: Iterable[str]) -> tuple[StaffMember, ...]:
    """Those of them who have one of the roles."""
    wanted = {*roles}
    return tuple(member for member, held in colleagues if held & wanted)


def _answer(
    gathered: Gathered,
    intent: Intent,
    recipient: Organisation,
    actor: Actor,
    *,
    at: datetime,
    law: Law,
) -> Answer:
    towards = replace(intent, recipient_id=recipient.id)
    facts = establish(gathered, towards, recipient, actor, law=law, at=at)
    return Answer(recipient=recipient, facts=facts, decision=decide_note(law, facts))
