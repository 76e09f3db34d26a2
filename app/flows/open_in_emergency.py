"""Open a case in an emergency, alone or with a second person. It ends by itself.

Only for reading, and only inside one's own organisation: the gate to others is as before. Every
way out is an entry in the trail of the case, and the supervisors are told from that instant on.
Law: OSL 7 kap. 1 §
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from app.domain.actor import Actor
from app.domain.case import Case
from app.domain.emergency import LASTS, EmergencyOpening, EmergencyTerms
from app.domain.ids import new_id
from app.domain.problem import Problem
from app.domain.staff import StaffMember
from app.flows.answered_already import AnsweredAlready, answered_already
from app.flows.emergency_terms import open_terms, opened_in_emergency, seal_terms
from app.flows.find_case import OpenCase, open_case, persons_in
from app.flows.happened import happened
from app.flows.hold_case import instant_of
from app.flows.not_found import NotFound, tell_not_found
from app.flows.standing import as_they_stand
from app.keys import Rings, event_sealer
from app.records.case import case_of_organisation, case_of_team
from app.records.case_review import case_ids_by_reference, cases_by_id
from app.records.emergency import insert_opening, mark_confirmed, opening_of, openings_of
from app.records.once import already_done, remember_done
from app.records.staff import staff_by_id
from app.records.store import Store
from app.records.transaction import Transaction
from policies import Law
from policies.roles import can

ACT = "open_in_emergency"


@dataclass(frozen=True)
class OpenedInEmergency:
    """The case stands open, or waits for a second person."""

    case_id: str
    waits: bool


@dataclass(frozen=True)
class NotOpened:
    """Something typed cannot be used."""

    problems: tuple[Problem, ...]


@dataclass(frozen=True, kw_only=True)
class OpeningLine:
    """One opening with the case it is of."""

    opening: EmergencyOpening
    case: Case | None


@dataclass(frozen=True, kw_only=True)
class Openings:
    """One's own that have not ended, and those of others that wait for a second person."""

    own: tuple[OpeningLine, ...]
    waiting: tuple[OpeningLine, ...]
    staff: dict[str, StaffMember]


def open_in_emergency(
    reference: str,
    reason: str,
    actor: Actor,
    *,
    token: str,
    at: datetime,
    store: Store,
    rings: Rings,
    law: Law,
) -> OpenedInEmergency | NotOpened | NotFound:
    """Ask for it by the case's number. A repeated form asks once."""
    with store.begin(at=at) as tx:
        at = instant_of(tx, at)
        standing = as_they_stand(tx, actor, at=at, rings=rings)
        if standing is None or not any(can(law, role, ACT) for role in standing.roles):
            return tell_not_found(tx, "emergency.not_allowed", actor, at=at, rings=rings, about={})
        if done := already_done(tx, token, actor.staff_id, ACT):
            return _again(tx, done, actor, at=at, rings=rings)
        opened = _by_reference(tx, reference, actor, rings=rings)
        if opened is None or _in_team(tx, opened, actor, at=at):
            tx.record(
                happened("emergency.refused", "deny", actor, at=at),
                sealer=event_sealer(rings.current(actor.organisation_id), None),
            )
            code = "emergency_no_case" if opened is None else "already_in_team"
            return NotOpened((Problem(field="reference", code=code),))
        return _ask(tx, opened, reason, actor, token=token, at=at)


def confirm_opening(
    opening_id: str, actor: Actor, *, at: datetime, store: Store, rings: Rings, law: Law
) -> OpenedInEmergency | AnsweredAlready | NotFound:
    """Stand behind somebody else's opening of a case with protected identity in it."""
    ring = rings.current(actor.organisation_id)
    with store.begin(at=at) as tx:
        at = instant_of(tx, at)
        standing = as_they_stand(tx, actor, at=at, rings=rings)
        allowed = standing is not None and any(can(law, role, ACT) for role in standing.roles)
        stored = opening_of(tx, opening_id, organisation_id=actor.organisation_id)
        opening = open_terms(ring, stored) if stored and allowed else None
        if opening is None or opening.terms.staff_id == actor.staff_id or not opening.for_two(at):
            about = {"opening": opening_id}
            return tell_not_found(
                tx, "emergency.not_found", actor, at=at, rings=rings, about=dict(about)
            )
        case_id = opening.terms.case_id
        found = case_of_organisation(tx, case_id, organisation_id=actor.organisation_id)
        event = happened(
            "emergency.confirmed",
            "override",
            actor,
            at=at,
            case=case_id,
            about={"opening": opening_id},
            # Not in the object: an export of the case shows that, for the number in its count.
            detail={"for": opening.terms.staff_id},
        )
        sealer = open_case(found, rings).sealer if found else event_sealer(ring, None)
        if not mark_confirmed(tx, opening_id, by=actor.staff_id, at=at, entry_id=event.id):
            repeated = replace(event, op="emergency.confirm_repeated", res="deny")
            tx.record(repeated, sealer=sealer)
            first = opening_of(tx, opening_id, organisation_id=actor.organisation_id)
            if first is not None and first.confirmed_by != actor.staff_id:
                return answered_already(tx, first.confirmed_by, first.confirmed_at)
        else:
            tx.record(event, sealer=sealer)
    return OpenedInEmergency(case_id, waits=False)


def list_openings(
    actor: Actor, *, at: datetime, store: Store, rings: Rings, law: Law
) -> Openings | NotFound:
    """What one can use and what one can confirm."""
    ring = rings.current(actor.organisation_id)
    with store.begin(at=at) as tx:
        if not any(can(law, role, ACT) for role in actor.roles):
            return tell_not_found(tx, "emergency.not_allowed", actor, at=at, rings=rings, about={})
        since = at - LASTS
        found = [
            open_terms(ring, one) for one in openings_of(tx, actor.organisation_id, since=since)
        ]
        live = [one for one in found if at < one.terms.ends_at]
        cases = cases_by_id(
            tx, {one.terms.case_id for one in live}, organisation_id=actor.organisation_id
        )
        lines = [
            OpeningLine(
                opening=one,
                case=cases[one.terms.case_id].case if one.terms.case_id in cases else None,
            )
            for one in live
        ]
        own = [one for one in lines if one.opening.terms.staff_id == actor.staff_id]
        waiting = [one for one in lines if one not in own and one.opening.waits_for_second(at)]
        tx.record(
            happened("emergency.listed", "allow", actor, at=at, detail={"count": len(lines)}),
            sealer=event_sealer(ring, None),
        )
        staff = staff_by_id(tx, {one.opening.terms.staff_id for one in waiting})
    return Openings(own=tuple(own), waiting=tuple(waiting), staff=staff)


def _by_reference(
    tx: Transaction, reference: str, actor: Actor, *, rings: Rings
) -> OpenCase | None:
    where = actor.organisation_id
    for case_id in case_ids_by_reference(tx, reference, organisation_id=where):
        found = case_of_organisation(tx, case_id, organisation_id=where)
        return open_case(found, rings) if found else None
    return None


def _in_team(tx: Transaction, opened: OpenCase, actor: Actor, *, at: datetime) -> bool:
    team = case_of_team(
        tx,
        opened.case.id,
        organisation_id=actor.organisation_id,
        staff_id=actor.staff_id,
        at=at,
    )
    return team is not None


def _ask(
    tx: Transaction, opened: OpenCase, reason: str, actor: Actor, *, token: str, at: datetime
) -> OpenedInEmergency:
    # Not known counts as protected: the one who asks must not gain by an empty field.
    guarded = any(one.subject.identity.protected != "no" for one in persons_in(tx, opened))
    terms = EmergencyTerms(
        id=new_id(at),
        organisation_id=actor.organisation_id,
        case_id=opened.case.id,
        staff_id=actor.staff_id,
        reason=reason,
        asked_at=at,
        ends_at=at + LASTS,
        needs_second=guarded,
    )
    event = happened(
        "emergency.asked" if guarded else "emergency.opened",
        "override",
        actor,
        at=at,
        case=opened.case.id,
        about={"opening": terms.id},
        detail={"why": reason, "until": terms.ends_at.isoformat()},
    )
    insert_opening(
        tx,
        seal_terms(opened.ring, terms),
        case_id=terms.case_id,
        staff_id=terms.staff_id,
        asked_at=terms.asked_at,
        ends_at=terms.ends_at,
        needs_second=terms.needs_second,
        entry_id=event.id,
    )
    remember_done(tx, token, actor.staff_id, ACT, terms.id, at=at)
    tx.record(event, sealer=opened.sealer)
    return OpenedInEmergency(opened.case.id, waits=guarded)


def _again(
    tx: Transaction, done: str, actor: Actor, *, at: datetime, rings: Rings
) -> OpenedInEmergency | NotFound:
    """The same form came twice. Nothing is prolonged."""
    ring = rings.current(actor.organisation_id)
    stored = opening_of(tx, done, organisation_id=actor.organisation_id)
    if stored is None:
        return tell_not_found(tx, "emergency.not_found", actor, at=at, rings=rings, about={})
    tx.record(
        happened("emergency.repeated", "deny", actor, at=at, about={"opening": done}),
        sealer=event_sealer(ring, None),
    )
    case_id = open_terms(ring, stored).terms.case_id
    live = opened_in_emergency(tx, case_id, ring, staff_id=actor.staff_id, at=at)
    return OpenedInEmergency(case_id, waits=live is None)
