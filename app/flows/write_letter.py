"""The letter on a disclosure: proposed to the sender, who sends it or says why not.

The letter tells that, when, to whom, what kind of information, what for and on which ground. It
never holds what the note says, so that sending it discloses nothing more.
Law: OSL 12 kap. 2, 3 §§; dataskyddsförordningen artikel 14.1
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from app.domain.actor import Actor
from app.domain.case import Case
from app.domain.disclosure import Disclosure
from app.domain.disclosure_letter import (
    Caution,
    DisclosureLetter,
    LetterChoice,
    addressees,
    cautions,
)
from app.domain.legal_day import legal_day
from app.domain.note import NoteHead
from app.domain.organisation import Organisation
from app.domain.problem import Problem
from app.domain.staff import StaffMember
from app.domain.subject import CasePerson
from app.flows.answered_already import AnsweredAlready, answered_already
from app.flows.find_case import OpenCase, find_case, persons_in
from app.flows.happened import happened
from app.flows.hold_case import hold_case
from app.flows.not_found import NotFound, tell_not_found
from app.flows.sealing import open_line
from app.keys import Ring, Rings
from app.records.disclosure import case_of_disclosure, disclosure_of
from app.records.disclosure_letter import StoredLetter, keep_letter, letter_on
from app.records.note import all_versions
from app.records.organisation import all_organisations
from app.records.staff import staff_by_id
from app.records.store import Store
from app.records.transaction import Transaction
from audit.canonical import Json
from policies import Law

LABEL = "letter-reason"


@dataclass(frozen=True, kw_only=True)
class LetterPage:
    """The proposal, or what was decided; and everything that the letter tells."""

    case: Case
    made: Disclosure
    head: NoteHead
    recipient: Organisation | None
    decider: StaffMember | None
    letter_by: StaffMember | None
    arrived: bool
    to: tuple[CasePerson, ...]
    cautions: tuple[Caution, ...]
    letter: DisclosureLetter | None

    @property
    def addressee(self) -> CasePerson | None:
        """To whom a released letter is."""
        wanted = self.letter.choice.addressee_id if self.letter else None
        return next((one for one in self.to if one.subject.id == wanted), None)


@dataclass(frozen=True)
class LetterKept:
    """The decision is kept."""


@dataclass(frozen=True)
class LetterNotKept:
    """Nothing was decided."""

    problems: tuple[Problem, ...]


@dataclass(frozen=True, kw_only=True)
class _Found:
    opened: OpenCase
    page: LetterPage


def view_letter(
    disclosure_id: str, actor: Actor, *, at: datetime, store: Store, rings: Rings, law: Law
) -> LetterPage | NotFound:
    """The letter on a disclosure from a case of the actor's."""
    with store.begin(at=at) as tx:
        found = _find(tx, disclosure_id, actor, at=at, rings=rings, law=law)
        if found is None:
            return _not_found(tx, disclosure_id, actor, at=at, rings=rings)
        event = happened(
            "letter.viewed",
            "allow",
            actor,
            at=at,
            case=found.page.case.id,
            about={"disclosure": disclosure_id},
        )
        tx.record(event, sealer=found.opened.sealer)
    return found.page


def decide_letter(
    disclosure_id: str,
    choice: LetterChoice,
    actor: Actor,
    *,
    at: datetime,
    store: Store,
    rings: Rings,
    law: Law,
) -> LetterKept | LetterNotKept | AnsweredAlready | NotFound:
    """Send it, or say why not. A letter that was withheld can be sent later; a sent one is sent."""
    with store.begin(at=at) as tx:
        case_id = case_of_disclosure(tx, disclosure_id, organisation_id=actor.organisation_id)
        if case_id is not None:
            at = hold_case(tx, case_id, actor, at=at)
        found = _find(tx, disclosure_id, actor, at=at, rings=rings, law=law)
        if found is None:
            return _not_found(tx, disclosure_id, actor, at=at, rings=rings)
        known = found.page.letter
        again = known is not None and known.choice.outcome == "released"
        problem = None if again else _problem(found.page, choice)
        op = "letter.released" if choice.outcome == "released" else "letter.withheld"
        event = happened(
            "letter.repeated" if again else "letter.refused" if problem else op,
            "deny" if again or problem else "allow",
            actor,
            at=at,
            case=found.page.case.id,
            about={"disclosure": disclosure_id},
            detail={"recipient": found.page.made.recipient_id},
        )
        if not again and problem is None:
            stored = _stored(found, choice, actor, at=at)
            keep_letter(tx, stored, first=known is None, entry_id=event.id)
        tx.record(event, sealer=found.opened.sealer)
        # The same choice by the same person is one, sent twice.
        if again and known and (known.decided_by, known.choice) != (actor.staff_id, choice):
            return answered_already(tx, known.decided_by, known.decided_at)
    return LetterNotKept((problem,)) if problem else LetterKept()


def _find(
    tx: Transaction, disclosure_id: str, actor: Actor, *, at: datetime, rings: Rings, law: Law
) -> _Found | None:
    made = disclosure_of(tx, disclosure_id, organisation_id=actor.organisation_id)
    opened = (
        find_case(tx, made.case_id, actor, "disclose", at=at, rings=rings, law=law)
        if made
        else None
    )
    if made is None or opened is None:
        return None
    head = next(
        open_line(opened.key, one).head
        for one in all_versions(tx, made.case_id, made.note_id)
        if one.version == made.version
    )
    persons = persons_in(tx, opened)
    organisations = {one.id: one for one in all_organisations(tx)}
    recipient = organisations.get(made.recipient_id)
    stored = letter_on(tx, made.id, organisation_id=made.organisation_id)
    staff = staff_by_id(tx, {made.decided_by, stored.decided_by if stored else made.decided_by})
    page = LetterPage(
        case=opened.case,
        made=made,
        head=head,
        recipient=recipient,
        decider=staff.get(made.decided_by),
        letter_by=staff.get(stored.decided_by) if stored else None,
        arrived=made.state(at) == "arrived",
        to=addressees(persons, head.described, on=legal_day(at)),
        cautions=cautions(head.attributes, persons, recipient.kind if recipient else ""),
        letter=_letter(opened.ring, stored) if stored else None,
    )
    return _Found(opened=opened, page=page)


def _problem(page: LetterPage, choice: LetterChoice) -> Problem | None:
    if not page.arrived:
        return Problem(field="outcome", code="letter_too_early")
    known = {one.subject.id for one in page.to}
    if choice.addressee_id is not None and choice.addressee_id not in known:
        return Problem(field="addressee", code="choose_one")
    return None


def _stored(found: _Found, choice: LetterChoice, actor: Actor, *, at: datetime) -> StoredLetter:
    made = found.page.made
    reason = choice.reason.encode()
    return StoredLetter(
        disclosure_id=made.id,
        organisation_id=made.organisation_id,
        outcome=choice.outcome,
        addressee_id=choice.addressee_id,
        language=choice.language,
        reason=found.opened.ring.seal_text(LABEL, made.id, reason) if reason else None,
        decided_by=actor.staff_id,
        decided_at=at,
    )


def _letter(ring: Ring, stored: StoredLetter) -> DisclosureLetter:
    reason = ring.open_text(LABEL, stored.disclosure_id, stored.reason) if stored.reason else b""
    return DisclosureLetter(
        disclosure_id=stored.disclosure_id,
        organisation_id=stored.organisation_id,
        choice=LetterChoice(
            outcome=stored.outcome,
            addressee_id=stored.addressee_id,
            language=stored.language,
            reason=reason.decode(),
        ),
        decided_by=stored.decided_by,
        decided_at=stored.decided_at,
    )


def _not_found(
    tx: Transaction, disclosure_id: str, actor: Actor, *, at: datetime, rings: Rings
) -> NotFound:
    about: dict[str, Json] = {"disclosure": disclosure_id}
    return tell_not_found(tx, "letter.not_found", actor, at=at, rings=rings, about=about)
