"""From what is recorded to what the law may know. The only place that makes `policies.Facts`.

Nothing favourable is inferred: what is not recorded is unknown, and an assessment is never made
here. What is the same for every recipient is gathered once, so that a page that asks about twenty
organisations reads the database no more than one that asks about one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Literal

import msgspec

from app.domain.actor import Actor
from app.domain.approval import Approval
from app.domain.assessment import Assessment, RecordedAssessment
from app.domain.consent import Consent
from app.domain.disclosure import Circumstance, Intent, PersonFact, RecordedCircumstance
from app.domain.legal_day import birthday, legal_day
from app.domain.note import NoteLine
from app.domain.organisation import Organisation
from app.domain.subject import CasePerson
from app.keys import CaseKey
from app.records.answer import StoredAnswer, answers_of
from app.records.approval import StoredApproval, approvals_of_note
from app.records.consent import consents_of_case
from app.records.transaction import Transaction
from policies import Law
from policies.facts import ConsentState, Facts, Item, Party, Person
from policies.roles import deciding_in_person

ADULT_YEARS = 18
"""Law: FB 9 kap. 1 §"""


@dataclass(frozen=True, kw_only=True)
class Gathered:
    """What is known about one note whoever the recipient is."""

    note: NoteLine
    persons: Mapping[str, CasePerson]
    """Subject id -> person, for everyone in the case."""
    consents: tuple[Consent, ...]
    """Latest first."""
    assessments: tuple[RecordedAssessment, ...]
    """Oldest first, towards all recipients."""
    circumstances: tuple[RecordedCircumstance, ...]
    """Oldest first, towards all recipients."""
    approvals: tuple[Approval, ...]
    """Questions of approval of this version with their answers, oldest first, towards all."""

    def approvals_for(self, intent: Intent) -> tuple[Approval, ...]:
        """Those of exactly this recipient and purpose, oldest first."""
        asked = (intent.recipient_id, intent.purpose)
        return tuple(one for one in self.approvals if (one.recipient_id, one.purpose) == asked)

    def assessments_for(self, intent: Intent) -> tuple[RecordedAssessment, ...]:
        """Those of exactly this recipient and purpose, oldest first."""
        asked = (intent.recipient_id, intent.purpose)
        return tuple(one for one in self.assessments if (one.recipient_id, one.purpose) == asked)

    def assessed_at(self, intent: Intent) -> datetime | None:
        """When anything was last assessed for exactly this recipient and purpose."""
        return max((one.at for one in self.assessments_for(intent)), default=None)


def gather(
    tx: Transaction,
    *,
    key: CaseKey,
    note: NoteLine,
    persons: Sequence[CasePerson],
    lock: bool = False,
) -> Gathered:
    """Read what the facts are made of: three queries. With `lock`, consents hold still.

    `key` is the key of the case the note is in; it opens what was answered before.
    """
    answers = answers_of(tx, note.id, note.version)
    return Gathered(
        note=note,
        persons={person.subject.id: person for person in persons},
        consents=consents_of_case(tx, key.case_id, lock=lock),
        assessments=tuple(_assessment(key, one) for one in answers if one.kind == "assessment"),
        circumstances=tuple(
            _circumstance(key, one) for one in answers if one.kind == "circumstance"
        ),
        approvals=tuple(
            open_approval(key, one) for one in approvals_of_note(tx, note.id, note.version)
        ),
    )


def seal_approval_reasons(key: CaseKey, answered: Approval) -> bytes:
    """The reasons of an answer, sealed to all that the row says in clear, the answer included."""
    return key.seal_text("approval", _approval_place(answered), answered.reasons.encode())


def open_approval(key: CaseKey, stored: StoredApproval) -> Approval:
    """A stored question with its reasons. An answer that somebody wrote into the table opens not.

    Raises SealBroken.
    """
    if stored.approval.answer is None:
        return stored.approval
    place = _approval_place(stored.approval)
    return replace(
        stored.approval, reasons=key.open_text("approval", place, stored.reasons or b"").decode()
    )


def _approval_place(one: Approval) -> str:
    return " ".join(
        (
            one.id,
            one.note_id,
            str(one.version),
            one.recipient_id,
            one.purpose,
            one.name,
            one.asked_by,
            one.answered_by or "",
            one.answered_at.isoformat() if one.answered_at else "",
            one.answer or "",
        )
    )


def seal_answer(
    key: CaseKey, row: StoredAnswer, answered: Assessment | Circumstance
) -> StoredAnswer:
    """The row with the question and its answer sealed in it, as `gather` opens them again."""
    return replace(row, sealed=key.seal_text("answer", _place(row), msgspec.json.encode(answered)))


def open_answer(key: CaseKey, stored: StoredAnswer) -> Assessment | Circumstance:
    """What `seal_answer` sealed, for those who review how a decision was made."""
    if stored.kind == "assessment":
        return _assessment(key, stored).assessment
    return _circumstance(key, stored).circumstance


def _place(row: StoredAnswer) -> str:
    """Everything that the row says in clear: a yes for one recipient opens for no other (H16)."""
    return " ".join(
        (
            row.id,
            row.kind,
            row.note_id,
            str(row.version),
            row.recipient_id,
            row.purpose,
            row.subject_id,
            row.by_staff,
            row.at.isoformat(),
        )
    )


def _assessment(key: CaseKey, stored: StoredAnswer) -> RecordedAssessment:
    opened = key.open_text("answer", _place(stored), stored.sealed)
    return RecordedAssessment(
        assessment=msgspec.json.decode(opened, type=Assessment),
        recipient_id=stored.recipient_id,
        purpose=stored.purpose,
        by=stored.by_staff,
        at=stored.at,
    )


def _circumstance(key: CaseKey, stored: StoredAnswer) -> RecordedCircumstance:
    opened = key.open_text("answer", _place(stored), stored.sealed)
    return RecordedCircumstance(
        circumstance=msgspec.json.decode(opened, type=Circumstance),
        recipient_id=stored.recipient_id,
        purpose=stored.purpose,
    )


def establish(
    gathered: Gathered,
    intent: Intent,
    recipient: Organisation,
    actor: Actor,
    *,
    law: Law,
    answers: Sequence[Assessment] = (),
    at: datetime,
) -> dict[str, Facts]:
    """The facts for each described person, by subject id.

    `answers` are assessments made with this order; they count after those recorded before.
    Law: OSL 8 kap. 1 § (each person, each recipient)
    """
    on = legal_day(at)
    born = next(
        (p.subject.identity.born for p in gathered.persons.values() if p.relation == "subject"),
        None,
    )
    return {
        subject_id: Facts(
            on=on,
            sender=_party(actor.organisation, on),
            recipient=_party(recipient, on),
            item=_item(gathered.note),
            person=_person(gathered, subject_id, intent, answers, on=on, at=at),
            case_subject_born=born,
            purpose=intent.purpose or None,
            initiative=intent.initiative,
            requester_verified=intent.requester_verified,
            investigation_open=intent.investigation_open,
            decider_role=_decider_role(actor, law),
            delegated="yes" if actor.delegation_for("disclose") else "no",
            approvals=_approvals(gathered, intent, actor, assessed_anew=bool(answers)),
            private_use="yes" if "private_use" in intent.quiet else "no",
            standing_access="yes" if "standing_access" in intent.quiet else "no",
            gdpr_breach_assumed="yes" if "gdpr_breach_assumed" in intent.quiet else "no",
        )
        for subject_id in gathered.note.head.described
    }


def consents_relied_on(gathered: Gathered, intent: Intent, *, at: datetime) -> tuple[str, ...]:
    """Ids of the consents in force that speak of exactly this disclosure."""
    on = legal_day(at)
    return tuple(
        consent.id
        for consent in gathered.consents
        if consent.terms.subject_id in gathered.note.head.described
        and _speaks_of(consent, consent.terms.subject_id, gathered.note, intent)
        and _state(gathered, consent, on=on, at=at) == "given"
    )


def approvals_relied_on(gathered: Gathered, intent: Intent, actor: Actor) -> tuple[str, ...]:
    """Ids of the approvals that let the actor decide exactly this."""
    held, assessed_at = gathered.approvals_for(intent), gathered.assessed_at(intent)
    return tuple(one.id for one in held if one.holds_for(actor.staff_id, assessed_at=assessed_at))


def _approvals(
    gathered: Gathered, intent: Intent, actor: Actor, *, assessed_anew: bool
) -> dict[str, Literal["yes", "no"]]:
    """A no settles it for this version; a yes counts for everyone but the one who gave it.

    With what is assessed anew the yes is to something else, and has to be asked for again.
    """
    asked, assessed_at = gathered.approvals_for(intent), gathered.assessed_at(intent)
    given: dict[str, Literal["yes", "no"]] = {
        one.name: "yes"
        for one in asked
        if one.holds_for(actor.staff_id, assessed_at=assessed_at) and not assessed_anew
    }
    return given | {one.name: "no" for one in asked if one.answer == "no"}


def _party(organisation: Organisation, on: date) -> Party:
    return Party(
        kind=organisation.kind,
        unit=organisation.id,
        authority=organisation.authority_id,
        is_authority="yes" if organisation.is_authority(on) else "no",
        municipality=organisation.municipality,
        own_secrecy=organisation.own_secrecy,
    )


def _item(note: NoteLine) -> Item:
    said = note.head.attributes
    return Item(
        category=note.head.category,
        identifiable=said.identifiable,
        contact_kind=said.contact_kind,
        contact_known=said.contact_known,
        presence_only=said.presence_only,
        committed_crime=said.committed_crime,
        crime=said.crime,
        crime_stage=said.crime_stage,
        victim_under_18=said.victim_under_18,
        investigation=said.investigation,
        intelligence=said.intelligence,
        reporter_identity=said.reporter_identity,
        concern_report=said.concern_report,
        health_serious=said.health_serious,
        origin=said.origin,
    )


def _person(
    gathered: Gathered,
    subject_id: str,
    intent: Intent,
    answers: Sequence[Assessment],
    *,
    on: date,
    at: datetime,
) -> Person:
    identity = gathered.persons[subject_id].subject.identity
    said = _circumstances(gathered, subject_id, intent)
    return Person(
        born=identity.born,
        protected=identity.protected,
        substance_misuse=said.get("substance_misuse", "unknown"),
        compulsory_care=said.get("compulsory_care", "unknown"),
        pregnant=said.get("pregnant", "unknown"),
        secrecy_towards_guardian=said.get("secrecy_towards_guardian", "unknown"),
        subject_consent=_consent_state(gathered, subject_id, intent, "subject", on=on, at=at),
        guardian_consent=_consent_state(gathered, subject_id, intent, "guardian", on=on, at=at),
        statements=_statements(gathered, subject_id, intent, answers),
    )


def _circumstances(
    gathered: Gathered, subject_id: str, intent: Intent
) -> dict[PersonFact, Literal["yes", "no"]]:
    """The latest answer to each question about the person, for exactly this disclosure."""
    recorded = {
        made.circumstance.fact: made.circumstance.answer
        for made in gathered.circumstances
        if (made.circumstance.subject_id, made.recipient_id, made.purpose)
        == (subject_id, intent.recipient_id, intent.purpose)
    }
    return recorded | {
        one.fact: one.answer for one in intent.circumstances if one.subject_id == subject_id
    }


def _statements(
    gathered: Gathered, subject_id: str, intent: Intent, answers: Sequence[Assessment]
) -> dict[str, Literal["yes", "no"]]:
    """The latest answer to each statement, for exactly this recipient and purpose (H16)."""
    recorded = {
        made.assessment.statement: made.assessment.answer
        for made in gathered.assessments
        if (made.assessment.subject_id, made.recipient_id, made.purpose)
        == (subject_id, intent.recipient_id, intent.purpose)
    }
    return recorded | {
        answer.statement: answer.answer for answer in answers if answer.subject_id == subject_id
    }


def _consent_state(
    gathered: Gathered,
    subject_id: str,
    intent: Intent,
    giver: str,
    *,
    on: date,
    at: datetime,
) -> ConsentState:
    """The state of the latest consent that speaks of exactly this; else whether any is near."""
    of_giver = [
        consent
        for consent in gathered.consents
        if consent.terms.subject_id == subject_id and consent.terms.giver == giver
    ]
    for consent in of_giver:
        if _speaks_of(consent, subject_id, gathered.note, intent):
            return _state(gathered, consent, on=on, at=at)
    return "out_of_scope" if of_giver else "not_asked"


def _state(gathered: Gathered, consent: Consent, *, on: date, at: datetime) -> ConsentState:
    """A withdrawal that can be read came before this, even if a clock was set back since."""
    if consent.withdrawn_at is not None:
        return "withdrawn"
    return consent.state(on=on, at=at, adult_from=_adult_from(gathered, consent))


def _speaks_of(consent: Consent, subject_id: str, note: NoteLine, intent: Intent) -> bool:
    return consent.covers(
        subject_id=subject_id,
        recipient_id=intent.recipient_id,
        category=note.head.category,
        purpose=intent.purpose,
    )


def _adult_from(gathered: Gathered, consent: Consent) -> date | None:
    person = gathered.persons.get(consent.terms.subject_id)
    born = person.subject.identity.born if person else None
    return None if born is None else birthday(born, ADULT_YEARS)


def _decider_role(actor: Actor, law: Law) -> str | None:
    """The role in which they decide; a rektor decides as rektor, because some duties are theirs.

    Law: lag (2025:170) 7 §, skollagen 6 a kap. 10 §
    """
    in_person = [role for role in deciding_in_person(law) if actor.has_role(role)]
    return min(in_person or actor.roles, default=None)
