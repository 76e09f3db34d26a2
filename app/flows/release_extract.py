"""Release a register extract and an extract of the log to the person they are about.

What this controller holds, what it has disclosed and on which ground, and who has looked: by role,
and by name only after an assessment that is kept. Other persons are left out, and so is what is
marked as part of an investigation, as intelligence or as telling who reported; so is a disclosure
whose letter was withheld, because what must not be told in a letter must not be told here either.
Law: dataskyddsförordningen artikel 15.1; OSL 12 kap. 1 §
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from app.domain.actor import Actor
from app.domain.case import Case
from app.domain.extract_order import MOST_ROWS, ExtractOrder
from app.domain.legal_day import legal_day
from app.domain.personal_number import parse_personal_number
from app.domain.subject import Identity
from app.flows.export_orders import RELEASE, may
from app.flows.extract_tables import Extracted, IndexUnlike, gather
from app.flows.happened import happened
from app.flows.not_found import NotFound, tell_not_found
from app.flows.printed_checkpoint import printed_checkpoint
from app.flows.sealing import open_subject
from app.keys import Ring, Rings, event_sealer
from app.records.case_review import (
    case_counts,
    cases_about,
    subjects_of_organisation,
)
from app.records.store import Store
from app.records.transaction import Transaction
from app.reports.extract import ExtractReport
from audit.canonical import Json
from policies import Law


@dataclass(frozen=True, kw_only=True)
class PersonFound:
    """One row of the register that answers to what was sought."""

    subject_id: str
    identity: Identity
    references: tuple[str, ...]
    """Numbers of the cases about them."""
    elsewhere: int
    """Cases about somebody else that they are in, which the extract leaves out."""


@dataclass(frozen=True)
class PersonsFound:
    """Everyone of that name or number."""

    persons: tuple[PersonFound, ...]


@dataclass(frozen=True)
class ExtractHeldBack:
    """Nothing was released: of these cases the index of entries says something else than the log.
    The entry that tells so is committed."""

    cases: tuple[Case, ...]


@dataclass(frozen=True)
class ExtractReleased:
    """What the paper tells. The entry that it was released is committed."""

    report: ExtractReport


def find_persons(
    sought: str, actor: Actor, *, at: datetime, store: Store, rings: Rings, law: Law
) -> PersonsFound | NotFound:
    """Those with exactly that full name or number. An empty text finds nobody."""
    ring = rings.current(actor.organisation_id)
    with store.begin(at=at) as tx:
        if not may(actor, law, RELEASE):
            return tell_not_found(tx, "extract.not_allowed", actor, at=at, rings=rings, about={})
        found = _persons(tx, sought, ring, at=at) if sought.strip() else ()
        event = happened("extract.sought", "allow", actor, at=at, detail={"count": len(found)})
        tx.record(event, sealer=event_sealer(ring, None))
    return PersonsFound(found)


def release_extract(
    order: ExtractOrder, actor: Actor, *, at: datetime, store: Store, rings: Rings, law: Law
) -> ExtractReleased | ExtractHeldBack | NotFound:
    """Gather the extract and enter its release. Nothing leaves before that is committed."""
    ring, where = rings.current(actor.organisation_id), actor.organisation_id
    with store.begin(at=at) as tx:
        known = {
            one.id: open_subject(ring, one).identity
            for one in subjects_of_organisation(tx, where)
            if one.id in order.subject_ids
        }
        if not may(actor, law, RELEASE) or len(known) != len(order.subject_ids):
            return tell_not_found(tx, "extract.not_found", actor, at=at, rings=rings, about={})
        cases = cases_about(tx, known, organisation_id=where)
        gathered = gather(tx, order, tuple(known.values()), cases, rings, law=law)
        about: dict[str, Json] = {
            "subjects": [*sorted(known)],
            "cases": [one.case.id for one in cases],
        }
        if isinstance(gathered, IndexUnlike):
            unlike = tuple(one.case for one in cases if one.case.id in gathered.case_ids)
            detail: dict[str, Json] = {"cases": [one.id for one in unlike]}
            event = happened(
                "extract.rows_differ", "error", actor, at=at, about=about, detail=detail
            )
            tx.record(event, sealer=event_sealer(ring, None))
            return ExtractHeldBack(unlike)
        checkpoint = printed_checkpoint(tx)
        event = happened(
            "extract.released",
            "allow",
            actor,
            at=at,
            about=about,
            detail={
                "staff_named": order.staff_named,
                "why": order.assessment,
                "language": order.language,
                "left_out": gathered.left_out,
            },
        )
        tx.record(event, sealer=event_sealer(ring, None))
    return ExtractReleased(_report(gathered, order, actor, at=at, checkpoint=checkpoint))


def _persons(tx: Transaction, sought: str, ring: Ring, *, at: datetime) -> tuple[PersonFound, ...]:
    """Names and numbers are opened in memory, for this organisation alone."""
    where = ring.organisation_id
    number = parse_personal_number(sought, on=legal_day(at))
    wanted = " ".join(sought.casefold().split())
    found: dict[str, Identity] = {}
    for sealed in subjects_of_organisation(tx, where):
        identity = open_subject(ring, sealed).identity
        same_name = " ".join(identity.name.casefold().split()) == wanted
        same_number = number is not None and identity.number == number
        if (same_number or same_name) and len(found) < MOST_ROWS:
            found[sealed.id] = identity
    about: dict[str, list[str]] = {}
    for case in cases_about(tx, found, organisation_id=where):
        about.setdefault(case.case.subject_id, []).append(case.case.reference)
    counts = case_counts(tx, found, organisation_id=where)
    return tuple(
        PersonFound(
            subject_id=one,
            identity=identity,
            references=tuple(about.get(one, ())),
            elsewhere=counts.get(one, 0) - len(about.get(one, ())),
        )
        for one, identity in found.items()
    )


def _report(
    gathered: Extracted, order: ExtractOrder, actor: Actor, *, at: datetime, checkpoint: str
) -> ExtractReport:
    organisation = actor.organisation
    return ExtractReport(
        organisation=organisation.name,
        controller=organisation.controller,
        municipality=organisation.municipality,
        released_by=f"{actor.name}, {actor.title}",
        released_at=at,
        identities=_lists(gathered.identities),
        cases=_lists(gathered.cases),
        notes=_lists(gathered.notes),
        consents=_lists(gathered.consents),
        disclosures=_lists(gathered.disclosures),
        looks=_lists(gathered.looks),
        staff_named=order.staff_named,
        checkpoint=checkpoint,
    )


def _lists(rows: Sequence[Sequence[str]]) -> list[list[str]]:
    return [list(row) for row in rows]
