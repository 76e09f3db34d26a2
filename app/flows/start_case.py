"""Start a case on a young person, with oneself in its team."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from app.domain.actor import Actor
from app.domain.case import Case
from app.domain.ids import new_id
from app.domain.problem import Problem
from app.domain.subject import Identity, Subject
from app.flows.happened import happened
from app.flows.mark_along import (
    MAYBE_MARKED,
    Marked,
    mark_along,
    may_be_marked,
    told_of_mark,
)
from app.flows.not_found import NotFound, tell_not_found
from app.flows.sealing import seal_subject
from app.keys import Rings, WrappedCaseKey, event_sealer, new_case_key
from app.records.case import (
    StoredCaseKey,
    insert_case,
    insert_member,
    insert_person,
    reference_taken,
)
from app.records.once import already_done, remember_done
from app.records.store import Store
from app.records.subject import insert_subject
from app.records.transaction import Transaction
from audit.canonical import Json
from policies import Law
from policies.roles import can


@dataclass(frozen=True)
class CaseStarted:
    """The case is open and its team is the one who started it."""

    case_id: str
    marked: bool = False
    """Whether a mark of protected identity came along from another case."""


@dataclass(frozen=True)
class CaseNotStarted:
    """Something typed cannot be used."""

    problems: tuple[Problem, ...]


def start_case(
    identity: Identity,
    reference: str,
    actor: Actor,
    *,
    another: bool = False,
    token: str,
    at: datetime,
    store: Store,
    rings: Rings,
    law: Law,
) -> CaseStarted | CaseNotStarted | NotFound:
    """Open a case by the organisation's own number. A repeated form opens one case.

    `another`: it has been answered that this is not the marked person with the same name.
    """
    ring = rings.current(actor.organisation_id)
    with store.begin(at=at) as tx:
        if not any(can(law, role, "start_case") for role in actor.roles):
            return tell_not_found(tx, "case.start_refused", actor, at=at, rings=rings, about={})
        if done := already_done(tx, token, actor.staff_id, "start_case"):
            tx.record(
                happened("case.start_repeated", "deny", actor, at=at, about={"asked_case": done}),
                sealer=event_sealer(ring, None),
            )
            return CaseStarted(done)
        found = mark_along(tx, ring, identity)
        asks = may_be_marked(tx, ring, found.identity)
        problem = MAYBE_MARKED if asks and not another else None
        if reference_taken(tx, organisation_id=actor.organisation_id, reference=reference):
            problem = Problem(field="reference", code="reference_taken")
        if problem is not None:
            tx.record(
                happened("case.start_refused", "deny", actor, at=at),
                sealer=event_sealer(ring, None),
            )
            return CaseNotStarted((problem,))
        told = told_of_mark(found.along, another=asks)
        return _start(tx, found, reference, actor, told=told, token=token, at=at, rings=rings)


def refuse_start(actor: Actor, *, at: datetime, store: Store, rings: Rings) -> NotFound:
    """Tell that someone who may not open cases asked for the page where that is done."""
    with store.begin(at=at) as tx:
        return tell_not_found(tx, "case.start_refused", actor, at=at, rings=rings, about={})


def _start(
    tx: Transaction,
    found: Marked,
    reference: str,
    actor: Actor,
    *,
    told: dict[str, Json],
    token: str,
    at: datetime,
    rings: Rings,
) -> CaseStarted:
    ring, where = rings.current(actor.organisation_id), actor.organisation_id
    subject = Subject(id=new_id(at), organisation_id=where, identity=found.identity)
    case = Case(
        id=new_id(at),
        organisation_id=actor.organisation_id,
        subject_id=subject.id,
        reference=reference,
        state="open",
        opened_at=at,
    )
    key, wrapped = new_case_key(case.id, case.organisation_id, ring.version, ring.public_key)
    event = happened(
        "case.started",
        "allow",
        actor,
        at=at,
        case=case.id,
        about={"subject": subject.id},
        detail=told,
        # Binds the wrapped key: HPKE does not tell who wrapped, so the log does.
        wr=wrapped.wraps_hash,
    )
    insert_subject(tx, seal_subject(ring, subject), at=at, entry_id=event.id)
    _insert(tx, case, wrapped, actor, at=at, entry_id=event.id)
    remember_done(tx, token, actor.staff_id, "start_case", case.id, at=at)
    tx.record(event, sealer=event_sealer(ring, key))
    return CaseStarted(case.id, marked=found.along)


def _insert(
    tx: Transaction,
    case: Case,
    wrapped: WrappedCaseKey,
    actor: Actor,
    *,
    at: datetime,
    entry_id: str,
) -> None:
    """The case, its key, its first team member and the one it is about."""
    insert_case(
        tx,
        case,
        StoredCaseKey(
            case_id=case.id,
            organisation_id=case.organisation_id,
            ring_version=wrapped.ring_version,
            wrapped=wrapped.sealed,
        ),
        entry_id=entry_id,
    )
    insert_member(
        tx,
        case_id=case.id,
        organisation_id=case.organisation_id,
        staff_id=actor.staff_id,
        member_from=at,
        entry_id=entry_id,
    )
    insert_person(
        tx,
        case_id=case.id,
        organisation_id=case.organisation_id,
        subject_id=case.subject_id,
        relation="subject",
        entry_id=entry_id,
    )
