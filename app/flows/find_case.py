"""Find a case for someone who asks for it. Being in its team is what makes it findable.

Law: OSL 7 kap. 1 § (and the organisation's own need to know)
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal

from app.domain.actor import Actor
from app.domain.case import Case
from app.domain.emergency import EmergencyOpening
from app.domain.subject import CasePerson, Subject
from app.flows.access_log import as_said
from app.flows.emergency_terms import opened_in_emergency
from app.flows.mark_held import TELLS, as_marked
from app.flows.own_cases import own_cases
from app.flows.sealing import open_case_key, open_subject
from app.keys import CaseKey, EventSealer, Ring, Rings, event_sealer
from app.records.case import FoundCase, case_of_organisation
from app.records.case_access import TeamPlace
from app.records.marked_persons import persons_and_marks
from app.records.note import case_of_note
from app.records.transaction import Transaction
from policies import Law
from policies.roles import can


@dataclass(frozen=True, kw_only=True)
class OpenCase:
    """A case with its subject opened and its key at hand."""

    case: Case
    subject: Subject
    ring: Ring
    key: CaseKey
    places: tuple[TeamPlace, ...] = ()
    """The asker's in its team, where it is open by that."""
    emergency: EmergencyOpening | None = None
    """By what it is open, for somebody outside its team."""

    @property
    def result(self) -> Literal["allow", "override"]:
        """What the entry of a reading says of how it came about."""
        return "allow" if self.emergency is None else "override"

    @property
    def sealer(self) -> EventSealer:
        """Seals an entry's details: the actor under the organisation's key, the rest the case's."""
        return event_sealer(self.ring, self.key)


def find_case(
    tx: Transaction,
    case_id: str,
    actor: Actor,
    act: str,
    *,
    at: datetime,
    rings: Rings,
    law: Law,
) -> OpenCase | None:
    """The case, if the actor is in its team now and holds a role that may do `act`.

    A place in the team that the log does not tell of is none, and is told.

    None in every other case, so that what does not exist and what is not yours look the same.
    """
    if not any(can(law, role, act) for role in actor.roles):
        return None
    for one in own_cases(tx, actor, at=at, rings=rings, case_id=case_id):
        return replace(open_case(one.found, rings), places=one.places)
    if act == "read_note" and any(can(law, role, "open_in_emergency") for role in actor.roles):
        return _find_opened_in_emergency(tx, case_id, actor, at=at, rings=rings)
    return None


def _find_opened_in_emergency(
    tx: Transaction, case_id: str, actor: Actor, *, at: datetime, rings: Rings
) -> OpenCase | None:
    """The case, if the actor has opened it in an emergency that has not ended."""
    ring = rings.current(actor.organisation_id)
    opening = opened_in_emergency(tx, case_id, ring, staff_id=actor.staff_id, at=at)
    if opening is None:
        return None
    found = case_of_organisation(tx, case_id, organisation_id=actor.organisation_id)
    return None if found is None else replace(open_case(found, rings), emergency=opening)


def find_case_of_note(
    tx: Transaction,
    note_id: str,
    actor: Actor,
    act: str,
    *,
    at: datetime,
    rings: Rings,
    law: Law,
) -> OpenCase | None:
    """As `find_case`, for the case a note is in."""
    case_id = case_of_note(tx, note_id, organisation_id=actor.organisation_id)
    if case_id is None:
        return None
    return find_case(tx, case_id, actor, act, at=at, rings=rings, law=law)


def open_case(found: FoundCase, rings: Rings) -> OpenCase:
    """Open a found case's subject and key."""
    ring = rings.current(found.case.organisation_id)
    return OpenCase(
        case=found.case,
        subject=open_subject(ring, found.subject),
        ring=ring,
        key=open_case_key(rings, found.key),
    )


def persons_in(tx: Transaction, opened: OpenCase) -> tuple[CasePerson, ...]:
    """Everyone in the case, the subject first; protected where the log says so. One query, and
    four more where an entry that told of a mark is gone."""
    own = opened.ring.organisation_id
    stored, found = persons_and_marks(tx, opened.case.id, organisation_id=own, ops=TELLS)
    persons = tuple(
        CasePerson(subject=open_subject(opened.ring, sealed), relation=relation)
        for sealed, relation in stored
    )
    told = as_said(tx, opened.ring, found, {opened.key.key_id: opened.key})
    return as_marked(persons, told.said)
