"""Order an export, and release or refuse it. Never the same person twice.

What is ordered names its recipient and its purpose, and nothing is written out before somebody
else has released it. Law: dataskyddsförordningen artikel 5.2
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from typing import Literal

import msgspec

from app.domain.actor import Actor
from app.domain.case import Case
from app.domain.export_terms import ExportJob, ExportTerms
from app.domain.ids import new_id
from app.domain.legal_day import SWEDEN
from app.domain.problem import Problem
from app.domain.staff import StaffMember
from app.domain.subject import can_be_matched, same_person
from app.flows.happened import happened
from app.flows.not_found import NotFound, tell_not_found
from app.flows.order_held import decided_detail
from app.flows.sealing import open_subject
from app.flows.standing import as_they_stand
from app.keys import Ring, Rings, event_sealer, is_age_key
from app.records.audit_log import StoredLog, index_at
from app.records.case import case_of_organisation, case_references
from app.records.case_review import cases_about, subjects_of_organisation
from app.records.export_job import StoredJob, decide_job, insert_job, job_of, jobs_of, progress_of
from app.records.export_rows import Stretch, count_entries
from app.records.once import already_done, remember_done
from app.records.staff import staff_by_id
from app.records.store import Store
from app.records.transaction import Transaction
from audit.canonical import Json
from policies import Law
from policies.roles import can

_OPS = {"released": "export.released", "refused": "export.refused"}
ORDER, RELEASE, READ = "export_audit", "release_export", "read_export"


@dataclass(frozen=True)
class ExportOrdered:
    """One export, or one for each case of the subject, waiting for somebody else's release."""

    job_ids: tuple[str, ...]
    only_named: bool = False
    """The person is known by name alone, so no other case of theirs can be found."""


@dataclass(frozen=True)
class NotOrdered:
    """Something in the order cannot be used."""

    problems: tuple[Problem, ...]


@dataclass(frozen=True)
class Decided:
    """Released or refused."""

    state: Literal["released", "refused"]


@dataclass(frozen=True)
class NotDecided:
    """`own_order`: whoever ordered it cannot release it. `decided_already`: somebody has."""

    reason: Literal["own_order", "decided_already"]


@dataclass(frozen=True, kw_only=True)
class ExportList:
    """The organisation's exports, with who did what and the cases that can be ordered."""

    jobs: tuple[ExportJob, ...]
    staff: Mapping[str, StaffMember]
    cases: tuple[Case, ...]
    may_order: bool
    may_release: bool


@dataclass(frozen=True, kw_only=True)
class ExportPage:
    """One export, and how far its writing has come."""

    job: ExportJob
    case: Case | None
    staff: Mapping[str, StaffMember]
    done: int
    total: int
    may_release: bool
    own: bool


def order_export(
    terms: ExportTerms,
    actor: Actor,
    *,
    token: str,
    at: datetime,
    store: Store,
    rings: Rings,
    law: Law,
) -> ExportOrdered | NotOrdered | NotFound:
    """Keep the order. A repeated form orders once."""
    with store.begin(at=at) as tx:
        ring = rings.current(actor.organisation_id)
        chosen = _cases_ordered(tx, terms, ring) if may(actor, law, ORDER) else None
        if chosen is None:
            about: dict[str, Json] = {"asked_case": terms.case_id or ""}
            return tell_not_found(
                tx, "export.order_not_found", actor, at=at, rings=rings, about=about
            )
        sealer = event_sealer(ring, None)
        if terms.age_key and not is_age_key(terms.age_key):
            tx.record(happened("export.order_refused", "deny", actor, at=at), sealer=sealer)
            return NotOrdered((Problem(field="age_key", code="age_key_form"),))
        if done := already_done(tx, token, actor.staff_id, "order_export"):
            again = happened("export.order_repeated", "deny", actor, at=at)
            tx.record(again, sealer=sealer)
            return ExportOrdered(tuple(done.split()))
        case_ids, only_named = chosen.case_ids, chosen.only_named
        several = tuple(one for one in case_ids if one) if len(case_ids) > 1 else ()
        terms = replace(terms, cases=several)
        jobs = [_ordered(terms, one, actor, ring, at=at) for one in case_ids]
        ids = tuple(job.id for job in jobs)
        event = happened(
            "export.ordered",
            "allow",
            actor,
            at=at,
            about={"exports": list(ids), "cases": [one for one in case_ids if one]},
            detail=terms.told(),
        )
        for job in jobs:
            insert_job(tx, job, entry_id=event.id)
        remember_done(tx, token, actor.staff_id, "order_export", " ".join(ids[:5]), at=at)
        tx.record(event, sealer=sealer)
    return ExportOrdered(ids, only_named)


def list_exports(
    actor: Actor, *, at: datetime, store: Store, rings: Rings, law: Law
) -> ExportList | NotFound:
    """The organisation's exports, latest first. Whoever may only read sees those that are ready."""
    with store.begin(at=at) as tx:
        if not may(actor, law, ORDER, RELEASE, READ):
            return tell_not_found(tx, "export.list_refused", actor, at=at, rings=rings, about={})
        found = jobs_of(tx, organisation_id=actor.organisation_id)
        all_of_them = may(actor, law, ORDER, RELEASE)
        jobs = tuple(open_job(rings, one) for one in found if all_of_them or one.state == "ready")
        may_order = may(actor, law, ORDER)
        cases = case_references(tx, organisation_id=actor.organisation_id)
        detail: dict[str, Json] = {"count": len(jobs)}
        tx.record(
            happened("export.listed", "allow", actor, at=at, detail=detail),
            sealer=event_sealer(rings.current(actor.organisation_id), None),
        )
        return ExportList(
            jobs=jobs,
            staff=_people(tx, jobs),
            cases=cases if all_of_them else (),
            may_order=may_order,
            may_release=may(actor, law, RELEASE),
        )


def view_export(
    job_id: str, actor: Actor, *, at: datetime, store: Store, rings: Rings, law: Law
) -> ExportPage | NotFound:
    """One export: what was ordered, by whom, and how far it has come."""
    with store.begin(at=at) as tx:
        stored = find_job(tx, job_id, actor, law)
        if stored is None:
            return tell_export_not_found(tx, job_id, actor, at=at, rings=rings)
        job = open_job(rings, stored)
        organisation = actor.organisation_id
        found = (
            case_of_organisation(tx, job.case_id, organisation_id=organisation)
            if job.case_id
            else None
        )
        total = 0
        if job.state == "released":
            total = count_entries(tx, stretch_of(job))
        tx.record(
            happened("export.viewed", "allow", actor, at=at, about={"export": job.id}),
            sealer=event_sealer(rings.current(organisation), None),
        )
        return ExportPage(
            job=job,
            case=found.case if found else None,
            staff=_people(tx, (job,)),
            done=progress_of(tx, job.id)[2],
            total=total,
            may_release=may(actor, law, RELEASE),
            own=job.ordered_by == actor.staff_id,
        )


def decide_export(
    job_id: str,
    state: Literal["released", "refused"],
    actor: Actor,
    *,
    reason: str = "",
    at: datetime,
    store: Store,
    rings: Rings,
    law: Law,
) -> Decided | NotDecided | NotFound:
    """Release it, from when it can be written, or refuse it. Never by whoever ordered it."""
    with store.begin(at=at) as tx:
        standing = as_they_stand(tx, actor, at=at, rings=rings)
        may_release = standing is not None and may(standing, law, RELEASE)
        stored = (
            job_of(tx, job_id, organisation_id=actor.organisation_id, lock=True)
            if may_release
            else None
        )
        if stored is None:
            return tell_export_not_found(tx, job_id, actor, at=at, rings=rings)
        job, why = open_job(rings, stored), _stands_in_the_way(stored, actor)
        span = (0, 0) if why or state == "refused" else _span(tx, job.terms)
        event = happened(
            "export.decision_refused" if why else _OPS[state],
            "deny" if why else "allow",
            actor,
            at=at,
            about={"export": job.id},
            detail={"reason": why or reason, **decided_detail(job.terms, job.case_id, span)},
        )
        if not why:
            decide_job(
                tx, job.id, state=state, by=actor.staff_id, at=at, span=span, entry_id=event.id
            )
        tx.record(event, sealer=event_sealer(rings.current(actor.organisation_id), None))
    return NotDecided(why) if why else Decided(state)


def may(actor: Actor, law: Law, *acts: str) -> bool:
    """Whether a role of the actor's can hold any of the acts."""
    return any(can(law, role, act) for role in actor.roles for act in acts)


def find_job(tx: Transaction, job_id: str, actor: Actor, law: Law) -> StoredJob | None:
    """The export, if the actor may see it: an external reviewer sees only what is ready."""
    if not may(actor, law, ORDER, RELEASE, READ):
        return None
    found = job_of(tx, job_id, organisation_id=actor.organisation_id)
    if found is None or (found.state != "ready" and not may(actor, law, ORDER, RELEASE)):
        return None
    return found


def tell_export_not_found(
    tx: Transaction, job_id: str, actor: Actor, *, at: datetime, rings: Rings
) -> NotFound:
    """No such export for the actor."""
    return tell_not_found(
        tx, "export.not_found", actor, at=at, rings=rings, about={"asked_export": job_id}
    )


def open_job(rings: Rings, stored: StoredJob) -> ExportJob:
    """A stored job with what was ordered."""
    ring = rings.current(stored.organisation_id)
    plain = ring.open_text("export_terms", stored.id, stored.terms)
    return ExportJob(
        id=stored.id,
        organisation_id=stored.organisation_id,
        case_id=stored.case_id,
        terms=msgspec.json.decode(plain, type=ExportTerms),
        state=stored.state,
        ordered_by=stored.ordered_by,
        ordered_at=stored.ordered_at,
        decided_by=stored.decided_by,
        decided_at=stored.decided_at,
        start=stored.start,
        stop=stored.stop,
        size=stored.size,
        sha256=stored.sha256,
        ready_at=stored.ready_at,
        begun_again=stored.state == "released" and stored.written_audit_id is not None,
    )


def stretch_of(job: ExportJob) -> Stretch:
    """The entries that it is to hold."""
    return Stretch(
        organisation_id=job.organisation_id,
        case_id=job.case_id,
        start=job.start,
        stop=job.stop,
    )


def midnight(day: date) -> datetime:
    """The instant at which a legal day begins."""
    return datetime.combine(day, time(), tzinfo=SWEDEN)


@dataclass(frozen=True)
class _Chosen:
    """The cases to export, `None` among them for the whole organisation."""

    case_ids: tuple[str | None, ...]
    only_named: bool = False


def _cases_ordered(tx: Transaction, terms: ExportTerms, ring: Ring) -> _Chosen | None:
    """What is to be exported; None: not found."""
    if terms.kind == "organisation":
        return _Chosen((None,))
    organisation = ring.organisation_id
    found = case_of_organisation(tx, terms.case_id or "", organisation_id=organisation)
    if found is None:
        return None
    if terms.kind == "case":
        return _Chosen((found.case.id,))
    rows, only_named = _rows_of(tx, found.case.subject_id, ring)
    of_them = cases_about(tx, rows, organisation_id=organisation)
    return _Chosen(tuple(one.case.id for one in of_them), only_named)


def _rows_of(tx: Transaction, subject_id: str, ring: Ring) -> tuple[list[str], bool]:
    """Every row of the register about the same person, because each case has one of its own; and
    whether there was nothing but a name to find them by."""
    opened = {
        sealed.id: open_subject(ring, sealed).identity
        for sealed in subjects_of_organisation(tx, ring.organisation_id)
    }
    asked = opened[subject_id]
    rows = [one for one, it in opened.items() if one == subject_id or same_person(asked, it)]
    return rows, not can_be_matched(asked)


def _ordered(
    terms: ExportTerms, case_id: str | None, actor: Actor, ring: Ring, *, at: datetime
) -> StoredJob:
    job_id = new_id(at)
    return StoredJob(
        id=job_id,
        organisation_id=actor.organisation_id,
        case_id=case_id,
        terms=ring.seal_text("export_terms", job_id, msgspec.json.encode(terms)),
        state="ordered",
        ordered_by=actor.staff_id,
        ordered_at=at,
    )


def _stands_in_the_way(
    stored: StoredJob, actor: Actor
) -> Literal["own_order", "decided_already"] | None:
    if stored.state != "ordered":
        return "decided_already"
    return "own_order" if stored.ordered_by == actor.staff_id else None


def _span(tx: Transaction, terms: ExportTerms) -> tuple[int, int]:
    """The indices of the period: up to what the log holds now, and no later."""
    size = StoredLog(tx).head().n
    start, stop = 0, size
    if terms.day_from is not None:
        first = index_at(tx, midnight(terms.day_from))
        start = size if first is None else first
    if terms.day_until is not None:
        after = index_at(tx, midnight(terms.day_until + timedelta(days=1)))
        stop = size if after is None else after
    return start, max(start, stop)


def _people(tx: Transaction, jobs: tuple[ExportJob, ...]) -> dict[str, StaffMember]:
    named = {one for job in jobs for one in (job.ordered_by, job.decided_by) if one}
    return staff_by_id(tx, named)
