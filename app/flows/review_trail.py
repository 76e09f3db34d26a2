"""Review the trail of a case: who looked, what was disclosed, refused and withdrawn.

For a supervisor of the organisation, who reads the trail and not the notes. A row is verified when
an inclusion proof leads from it to the latest signed checkpoint and its details, opened, are those
it was committed to. The look at the trail is an entry too.
Law: PDL 4 kap. 3 § (the model followed for all)
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from app.domain.actor import Actor
from app.domain.case import Case, one_way
from app.domain.organisation import Organisation
from app.domain.page_block import PAGE
from app.domain.staff import StaffMember
from app.flows.as_logged import numbers_missing
from app.flows.cases_held import last_numbers
from app.flows.find_case import OpenCase, open_case
from app.flows.happened import happened
from app.flows.not_found import NotFound, tell_not_found
from app.flows.trail_rows import TrailRow, checked_rows, signed_checkpoint, staff_in
from app.flows.witness_log import witnessed_to
from app.keys import Rings, event_sealer
from app.records.audit_log import StoredLog, count_of_case
from app.records.audit_view import entries_of_case
from app.records.case import case_of_organisation, newest_cases
from app.records.organisation import all_organisations
from app.records.staff import staff_by_id
from app.records.store import Store
from app.records.transaction import Transaction
from audit.canonical import Json
from audit.key_list import LogKeys
from audit.witnessing import NOBODY, Witnesses
from policies import Law
from policies.roles import can


@dataclass(frozen=True, kw_only=True)
class Trail:
    """The trail of one case, newest first."""

    case: Case
    rows: tuple[TrailRow, ...]
    missing: int
    """Entries of the case that the log has counted, and that the index of entries lacks."""
    staff: Mapping[str, StaffMember]
    organisations: Mapping[str, Organisation]
    sealed_to: int
    """Entries the latest signed checkpoint covers; 0 when there is none that holds."""
    witnessed_to: int | None
    """Entries that enough witnesses have signed for as well; None where no witness is asked."""


@dataclass(frozen=True, kw_only=True)
class TrailsListed:
    """A page of the organisation's cases by number, the newest first."""

    cases: tuple[Case, ...]
    more: str | None
    """The last one's id where there are older ones: what the next page comes after."""


def list_trails(
    actor: Actor,
    *,
    before: str | None = None,
    reference: str = "",
    at: datetime,
    store: Store,
    rings: Rings,
    law: Law,
) -> TrailsListed | NotFound:
    """The organisation's cases by number, fifty at a time, for choosing one to review; those with
    `reference` in the number where it is looked for, of which the entry tells that and no more."""
    with store.begin(at=at) as tx:
        if not _may_review(actor, law):
            return tell_not_found(tx, "trail.list_refused", actor, at=at, rings=rings, about={})
        where, asked = actor.organisation_id, one_way(reference)
        found = newest_cases(tx, where, before=before, reference=asked, most=PAGE + 1)
        cases = found[:PAGE]
        detail: dict[str, Json] = {"count": len(cases)} | ({"by": "case"} if asked else {})
        tx.record(
            happened("trail.listed", "allow", actor, at=at, detail=detail),
            sealer=event_sealer(rings.current(actor.organisation_id), None),
        )
    return TrailsListed(cases=cases, more=cases[-1].id if len(found) > PAGE else None)


def review_trail(
    case_id: str,
    actor: Actor,
    *,
    at: datetime,
    store: Store,
    rings: Rings,
    law: Law,
    log_keys: LogKeys,
    witnesses: Witnesses = NOBODY,
) -> Trail | NotFound:
    """Every entry on one case of the organisation, checked. A fixed number of queries."""
    with store.begin(at=at) as tx:
        found = (
            case_of_organisation(tx, case_id, organisation_id=actor.organisation_id)
            if _may_review(actor, law)
            else None
        )
        if found is None:
            return tell_not_found(
                tx, "trail.not_found", actor, at=at, rings=rings, about={"asked_case": case_id}
            )
        opened = open_case(found, rings)
        trail = _read(tx, opened, log_keys, witnesses)
        tx.record(
            happened(
                "trail.reviewed",
                "allow",
                actor,
                at=at,
                case=case_id,
                detail={"entries": len(trail.rows)},
            ),
            sealer=opened.sealer,
        )
    return trail


def _may_review(actor: Actor, law: Law) -> bool:
    return any(can(law, role, "review_audit") for role in actor.roles)


def _read(tx: Transaction, opened: OpenCase, log_keys: LogKeys, witnesses: Witnesses) -> Trail:
    # The count before the rows, because an entry that comes in between is then no gap.
    counted, size = count_of_case(tx, opened.case.id), StoredLog(tx).head().n
    entries = entries_of_case(tx, opened.case.id, organisation_id=opened.case.organisation_id)
    checkpoint = signed_checkpoint(tx, log_keys)
    keys = {opened.key.key_id: opened.key}
    rows = checked_rows(tx, entries, opened.ring, keys, checkpoint)
    sealed = last_numbers(tx, opened.ring, keys, seen={one.n for one in entries}, size=size)
    counted = max(counted, sealed.get(opened.case.id, 0))
    return Trail(
        case=opened.case,
        rows=rows,
        missing=numbers_missing(((row.entry.op, row.about, row.detail) for row in rows), counted),
        staff=staff_by_id(tx, staff_in(rows)),
        organisations={one.id: one for one in all_organisations(tx)},
        sealed_to=checkpoint.size if checkpoint else 0,
        witnessed_to=witnessed_to(tx, log_keys, witnesses),
    )
