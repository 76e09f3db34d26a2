"""Look through the trail of one's own organisation: its staff, and its notes wherever they went.

For a supervisor, who reads the trail and not the notes. What others registered of what the
organisation disclosed is told without telling who did. The look is an entry that names the fields
searched by and never the words searched for.
Law: PDL 4 kap. 3 § (the model followed for all)
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

from app.domain.actor import Actor
from app.domain.legal_day import legal_day
from app.domain.page_block import PAGE
from app.domain.personal_number import parse_personal_number
from app.domain.trail_search import TrailSearch, looks_left_out, ops_of, results_of
from app.flows.happened import happened
from app.flows.hold_stretch import hold_stretch
from app.flows.not_found import NotFound, tell_not_found
from app.flows.sealing import open_subject
from app.flows.trail_page import TrailFound, read_page, unlike_page
from app.keys import Ring, Rings, event_sealer
from app.records.audit_log import StoredLog, index_at, time_at
from app.records.audit_view import EntryFilter, SeenEntry, entries_found, receipts_found
from app.records.case_review import (
    case_ids_by_reference,
    case_ids_of_subjects,
    subjects_of_organisation,
)
from app.records.store import Store
from app.records.transaction import Transaction
from audit.canonical import Json
from audit.key_list import LogKeys
from audit.witnessing import NOBODY, Witnesses
from policies import Law
from policies.roles import can

MOST_HELD = 20_000
"""So many places of the log, of all organisations, are held against the index for one page."""


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
        found = held_page(tx, found, which, actor, rings)
        detail: dict[str, Json] = {"entries": len(found.rows), "by": " ".join(search.used())}
        detail |= {"unlike": found.unlike.count} if found.unlike.count else {}
        tx.record(
            happened("trail.searched", "allow", actor, at=at, detail=detail),
            sealer=event_sealer(ring, None),
        )
    return found


def held_page(
    tx: Transaction, found: TrailFound, which: EntryFilter, actor: Actor, rings: Rings
) -> TrailFound:
    """The page, with where the index is not as the log in the time that it was chosen from."""
    stop = StoredLog(tx).head().n if which.before is None else which.before
    if which.until is not None:
        after = index_at(tx, which.until)
        stop = stop if after is None else min(stop, after)
    start = 0 if found.more is None else found.more
    if found.more is None and which.since is not None:
        first = index_at(tx, which.since)
        start = stop if first is None else first
    held_from = max(start, stop - MOST_HELD)
    held = hold_stretch(tx, rings, actor.organisation_id, held_from, stop, receipts=True)
    return replace(
        found,
        unlike=unlike_page(tx, held.unlike, actor, rings),
        held_since=time_at(tx, held_from) if held_from > start else None,
    )


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
        without=looks_left_out(search.act),
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
