"""A page of the trail for whoever reviews it, and where the index of entries is not the log."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from app.domain.actor import Actor
from app.domain.case import Case
from app.domain.organisation import Organisation
from app.domain.page_block import PAGE
from app.domain.staff import StaffMember
from app.flows.hold_stretch import Unlike
from app.flows.index_held import Held
from app.flows.sealing import open_case_key
from app.flows.trail_rows import TrailRow, checked_rows, signed_checkpoint, staff_in
from app.flows.witness_log import witnessed_to
from app.keys import Rings
from app.records.audit_view import SeenEntry
from app.records.case_review import cases_by_id
from app.records.organisation import all_organisations
from app.records.role_grant import staff_ever_in
from app.records.staff import staff_by_id
from app.records.transaction import Transaction
from audit.check import NotChecked, Reason
from audit.key_list import LogKeys
from audit.witnessing import NOBODY, Witnesses


@dataclass(frozen=True, kw_only=True)
class UnlikeFound:
    """Where the index says something else than the log, in as far as it can be told."""

    count: int = 0
    indices: tuple[int, ...] = ()
    """The first of them."""
    found: TrailFound | None = None
    """What those of them say, as the log has it."""


NOTHING_UNLIKE = UnlikeFound()


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
    unlike: UnlikeFound = NOTHING_UNLIKE
    held_since: datetime | None = None
    """Entries before this were not held against the log; None where all were."""


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


def unlike_page(tx: Transaction, unlike: Unlike, actor: Actor, rings: Rings) -> UnlikeFound:
    """What the log says of those that differ. The caller enters the look in the log."""
    if not unlike.count:
        return NOTHING_UNLIKE
    named = [(one, row) for one in unlike.held if (row := _own(one, actor)) is not None]
    page = read_page(tx, tuple(row for _, row in named), actor, rings=rings, log_keys=())
    rows = tuple(
        replace(row, check=NotChecked(_reason(one)))
        for (one, _), row in zip(named, page.rows, strict=True)
    )
    indices = tuple(one.n for one in unlike.held)
    return UnlikeFound(count=unlike.count, indices=indices, found=replace(page, rows=rows))


def _own(one: Held, actor: Actor) -> SeenEntry | None:
    """What is told of it: what the log says, or what the index alone says of nothing in the log.

    What the index only says is the organisation's own is another's to read.
    """
    if one.said is None:
        return one.kept
    return one.said if one.receipt or one.said.organisation_id == actor.organisation_id else None


def _reason(one: Held) -> Reason:
    if one.said is None:
        return "not-in-log"
    if one.broken:
        return "entry-broken"
    return "index-lacks" if one.kept is None else "index-differs"
