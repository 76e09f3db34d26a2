"""Look through the trail of one's own organisation: its staff, and its notes wherever they went.

For a supervisor, who reads the trail and not the notes. What others registered of what the
organisation disclosed is told without telling who did. The look is an entry that names the fields
searched by and never the words searched for.
Law: PDL 4 kap. 3 § (the model followed for all)
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from app.domain.actor import Actor
from app.domain.case import Case
from app.domain.legal_day import legal_day
from app.domain.organisation import Organisation
from app.domain.page_block import PAGE
from app.domain.personal_number import parse_personal_number
from app.domain.staff import StaffMember
from app.domain.trail_search import TrailSearch, ops_of, results_of
from app.flows.happened import happened
from app.flows.not_found import NotFound, tell_not_found
from app.flows.sealing import open_case_key, open_subject
from app.flows.trail_rows import TrailRow, checked_rows, signed_checkpoint, staff_in
from app.flows.witness_log import witnessed_to
from app.keys import Ring, Rings, event_sealer
from app.records.audit_view import EntryFilter, SeenEntry, entries_found, receipts_found
from app.records.case_review import (
    case_ids_by_reference,
    case_ids_of_subjects,
    cases_by_id,
    subjects_of_organisation,
)
from app.records.organisation import all_organisations
from app.records.role_grant import staff_ever_in
from app.records.staff import staff_by_id
from app.records.store import Store
from app.records.transaction import Transaction
from audit.key_list import LogKeys
from audit.witnessing import NOBODY, Witnesses
from policies import Law
from policies.roles import can

"""Rows on one page."""


@dataclass(frozen=True, kw_only=True)
class TrailFound:
    """One page of the organisation's trail, newest first."""

    rows: tuple[TrailRow, ...]
    cases: Mapping[str, Case]
    """The cases spoken of, by id: numbers and no names."""
    staff: Mapping[str, StaffMember]
    organisations: Mapping[str, Organisation]
    choices: tuple[StaffMember, ...]
    """Everyone who has or has had a role in the organisation, by name."""
    sealed_to: int
    witnessed_to: int | None
    """None where no witness is asked."""
    more: int | None
    """Index to go on before, None when there are no older entries."""


def search_trail(
    search: TrailSearch,
    actor: Actor,
    *,
    at: datetime,
    store: Store,
    rings: Rings,
    law: Law,
    log_keys: LogKeys,
    witnesses: Witnesses = NOBODY,
) -> TrailFound | NotFound:
    """The newest entries that pass, at most a page of them. A fixed number of queries."""
    ring = rings.current(actor.organisation_id)
    with store.begin(at=at) as tx:
        if not any(can(law, role, "review_audit") for role in actor.roles):
            return tell_not_found(tx, "trail.search_refused", actor, at=at, rings=rings, about={})
        which = _which(tx, search, actor, ring=ring, at=at)
        entries = _entries(tx, which, actor)
        found = read_page(tx, entries, actor, rings=rings, log_keys=log_keys, witnesses=witnesses)
        tx.record(
            happened(
                "trail.searched",
                "allow",
                actor,
                at=at,
                detail={"entries": len(found.rows), "by": " ".join(search.used())},
            ),
            sealer=event_sealer(ring, None),
        )
    return found


def _which(
    tx: Transaction, search: TrailSearch, actor: Actor, *, ring: Ring, at: datetime
) -> EntryFilter:
    where = actor.organisation_id
    narrowed: list[set[str]] = []
    if search.person:
        subjects = list(_subjects(tx, search.person, ring, at=at))
        narrowed.append(set(case_ids_of_subjects(tx, subjects, organisation_id=where)))
    if search.reference:
        narrowed.append(set(case_ids_by_reference(tx, search.reference, organisation_id=where)))
    return EntryFilter(
        case_ids=tuple(sorted(set.intersection(*narrowed))) if narrowed else None,
        staff_id=search.staff_id or None,
        ops=ops_of(search.act),
        res=results_of(search.act),
        since=search.since,
        until=search.until,
        before=search.before,
    )


def _subjects(tx: Transaction, person: str, ring: Ring, *, at: datetime) -> Iterable[str]:
    """Ids of those who have that number or that name. Names are opened in memory, one by one."""
    number = parse_personal_number(person, on=legal_day(at))
    words = person.casefold().split()
    for sealed in subjects_of_organisation(tx, ring.organisation_id):
        identity = open_subject(ring, sealed).identity
        if number is not None:
            known = identity.number
            if known is not None and known.digits == number.digits:
                yield sealed.id
        elif all(word in identity.name.casefold() for word in words):
            yield sealed.id


def _entries(tx: Transaction, which: EntryFilter, actor: Actor) -> tuple[SeenEntry, ...]:
    """A page and one more, of both kinds in the order of the log."""
    where, most = actor.organisation_id, PAGE + 1
    own = entries_found(tx, where, which, most=most)
    # Who registered it is the recipient's own, so no search by person of ours finds it.
    receipts = () if which.staff_id else receipts_found(tx, where, which, most=most)
    return tuple(sorted((*own, *receipts), key=lambda one: -one.n)[:most])


def read_page(
    tx: Transaction,
    entries: tuple[SeenEntry, ...],
    actor: Actor,
    *,
    rings: Rings,
    log_keys: LogKeys,
    most: int = PAGE,
    witnesses: Witnesses = NOBODY,
) -> TrailFound:
    """The first of the entries, opened and checked. The caller enters the look in the log."""
    page = entries[:most]
    where = actor.organisation_id
    cases = cases_by_id(tx, {one.case_id for one in page if one.case_id}, organisation_id=where)
    keys = {key.key_id: key for key in (open_case_key(rings, one.key) for one in cases.values())}
    checkpoint = signed_checkpoint(tx, log_keys)
    rows = checked_rows(tx, page, rings.current(where), keys, checkpoint)
    return TrailFound(
        rows=rows,
        cases={one.case.id: one.case for one in cases.values()},
        staff=staff_by_id(tx, staff_in(rows)),
        organisations={one.id: one for one in all_organisations(tx)},
        choices=staff_ever_in(tx, where),
        sealed_to=checkpoint.size if checkpoint else 0,
        witnessed_to=witnessed_to(tx, log_keys, witnesses),
        more=page[-1].n if len(entries) > most else None,
    )
