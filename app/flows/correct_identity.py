"""Correct what is known about who someone is: name, number, birth date, protection.

A person's protection can be raised by anyone in the case team. It is not taken away here, because
that is what a snoop or a threatening relative would want done; `lower_protection` takes two. Nor is
who a protected person is: two rows whose names are exchanged would take the protection away too.
Law: OSL 21 kap. 3, 3 a §§
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from app.domain.actor import Actor
from app.domain.problem import Problem
from app.domain.subject import (
    CasePerson,
    Identity,
    Subject,
    corrected_fields,
    may_be_same_person,
)
from app.flows.find_case import find_case, persons_in
from app.flows.happened import happened
from app.flows.hold_case import hold_case
from app.flows.mark_along import mark_along
from app.flows.not_found import NotFound, tell_not_found
from app.flows.sealing import seal_subject
from app.keys import Rings
from app.records.store import Store
from app.records.subject import replace_identity
from policies import Law


@dataclass(frozen=True)
class IdentityNotCorrected:
    """Nothing was changed, and why."""

    problems: tuple[Problem, ...]


@dataclass(frozen=True)
class IdentityCorrected:
    """The corrected identity counts from now on; what was disclosed before is as it was."""

    subject_id: str


def correct_identity(
    case_id: str,
    subject_id: str,
    identity: Identity,
    actor: Actor,
    *,
    at: datetime,
    store: Store,
    rings: Rings,
    law: Law,
) -> IdentityCorrected | IdentityNotCorrected | NotFound:
    """Replace the identity of a person in a case of the actor's."""
    with store.begin(at=at) as tx:
        at = hold_case(tx, case_id, actor, at=at)
        opened = find_case(tx, case_id, actor, "write_note", at=at, rings=rings, law=law)
        known = persons_in(tx, opened) if opened else ()
        person = next((one for one in known if one.subject.id == subject_id), None)
        if opened is None or person is None:
            return tell_not_found(
                tx,
                "person.not_found",
                actor,
                at=at,
                rings=rings,
                about={"asked_case": case_id, "subject": subject_id},
            )
        before = person.subject.identity
        problem = _in_the_way(person, identity, known)
        identity = identity if problem else mark_along(tx, opened.ring, identity).identity
        event = happened(
            "person.correct_refused" if problem else "person.corrected",
            "deny" if problem else "allow",
            actor,
            at=at,
            case=case_id,
            about={"subject": subject_id},
            detail={
                "protected": identity.protected,
                "protected_before": before.protected,
                "changed": list(corrected_fields(before, identity)),
            },
        )
        if problem is not None:
            tx.record(event, sealer=opened.sealer)
            return IdentityNotCorrected((problem,))
        corrected = Subject(id=subject_id, organisation_id=actor.organisation_id, identity=identity)
        replace_identity(tx, seal_subject(opened.ring, corrected), entry_id=event.id)
        tx.record(event, sealer=opened.sealer)
    return IdentityCorrected(subject_id)


def _in_the_way(
    person: CasePerson, identity: Identity, known: tuple[CasePerson, ...]
) -> Problem | None:
    """What of the correction would take a protection away, by one person alone."""
    before = person.subject.identity
    if before.protected == "yes":
        if identity.protected != "yes":
            return Problem(field="protected", code="protection_by_two")
        changed = corrected_fields(before, identity)
        return Problem(field=changed[0], code="protected_identity_by_two") if changed else None
    if identity.protected == "yes":
        return None
    others = [one.subject for one in known if one.subject.id != person.subject.id]
    taken = any(
        one.identity.protected == "yes" and may_be_same_person(one.identity, identity)
        for one in others
    )
    return Problem(field="name", code="identity_of_protected") if taken else None
