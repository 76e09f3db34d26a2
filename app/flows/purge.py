"""Erase what its time has run out for: first a plan to read, then exactly that plan.

A case goes whole: its rows, its key, and the sealed details of its entries. The entries stay, so
every root and every proof is as it was and who looked is still told; an entry says what was erased
and by which decision. By age, what entries tell goes for all organisations at once, below one
index; and later the entries themselves, whose hashes stay (`prune_log`). A backup that is brought
back holds what was erased: it is found again here.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime

from app.domain.ids import INSTALLATION, new_id
from app.domain.retention import Retention
from app.flows.closing_held import Unheld, unheld
from app.flows.install import Operator
from app.flows.prune_log import prunable, prune
from app.flows.renew_exports import begin_exports_again, withdraw_exports
from app.flows.tell_cases_gone import tell_cases_gone
from app.keys import Rings, event_sealer
from app.records.audit_log import erase_details
from app.records.organisation import all_organisations
from app.records.retention import (
    DueCase,
    count_to_erase,
    due_cases,
    entries_on,
    entries_to_erase,
    erase_case,
    first_kept,
    forget_who,
    rows_of_case,
    still_due,
)
from app.records.store import Store
from app.records.transaction import Transaction
from audit.canonical import Json
from audit.entry import FIELDS, Event, Field, erasure_detail

STRIDE = 10_000
"""Entries whose details go in one transaction, because everybody else waits for it."""
_RANGES = 400
"""In one erasure entry, which must stay below the size that a detail may have."""
_OF_A_CASE: tuple[Field, ...] = ("object", "detail")


@dataclass(frozen=True, kw_only=True)
class CaseToErase:
    """One case, with what would go: rows by table, and entries whose details go."""

    case: DueCase
    organisation: str
    basis: str
    rows: Mapping[str, int]
    entries: int


@dataclass(frozen=True, kw_only=True)
class CaseUnheld:
    """One case that stays, because the log does not say of its closing what its row says."""

    case: DueCase
    organisation: str
    why: Unheld


@dataclass(frozen=True, kw_only=True)
class Plan:
    """What would be erased. `below` is the minimum index of the log: older details go."""

    cases: tuple[CaseToErase, ...]
    below: int
    old_entries: int
    log_basis: str
    prune_below: int = 0
    pruned_entries: int = 0
    entries_basis: str = ""
    """Entries below `prune_below` go themselves; so many of them are there."""
    unheld: tuple[CaseUnheld, ...] = ()
    """Cases that would go by their rows, and do not."""

    @property
    def empty(self) -> bool:
        """Whether nothing's time has run out."""
        return not (self.cases or self.old_entries or self.pruned_entries)

    @property
    def code(self) -> str:
        """Names exactly this plan; the one who erases gives it, having read the plan."""
        told = json.dumps(asdict(self), sort_keys=True, default=str)
        return hashlib.sha256(told.encode()).hexdigest()[:12]


@dataclass(frozen=True)
class Purged:
    """How much is gone now."""

    cases: int
    entries: int
    pruned: int = 0


@dataclass(frozen=True)
class PurgeReleased:
    """The plan with this code may be erased: one person has proposed it and another released it."""

    code: str
    proposal_id: str
    only: str | None = None
    """Cases of this organisation alone."""


@dataclass(frozen=True)
class PlanChanged:
    """What would go is no longer what was read; nothing was erased. Read the new plan."""

    plan: Plan


def plan_purge(
    retention: Retention,
    operator: Operator,
    *,
    at: datetime,
    store: Store,
    rings: Rings,
    only: str | None = None,
) -> Plan:
    """What time has run out for. The look is an entry; nothing is erased.

    `only`: the cases of that organisation, and nothing of the log.
    """
    with store.begin(at=at) as tx:
        plan = plan_of(tx, retention, rings, only=only, at=at)
        event = Event(
            id=new_id(at),
            op="purge.planned",
            res="allow",
            org=INSTALLATION,
            actor={"operator": operator.name},
            object={},
            detail={
                "count": len(plan.cases),
                "entries": plan.old_entries,
                "below": plan.below,
                "pruned": plan.pruned_entries,
                "minimum": plan.prune_below,
                "unheld": [one.case.id for one in plan.unheld],
            },
        )
        tx.record(event, sealer=operator.sealer)
    return plan


def purge(
    released: PurgeReleased,
    retention: Retention,
    operator: Operator,
    *,
    at: datetime,
    store: Store,
    rings: Rings,
) -> Purged | PlanChanged:
    """Erase the plan that was released, each case in a transaction of its own.

    Killed half-way, what was erased is told, and the rest is in the next plan.
    """
    with store.look(at=at) as tx:
        plan = plan_of(tx, retention, rings, only=released.only, at=at)
    if plan.empty or plan.code != released.code:
        return PlanChanged(plan)
    cases = sum(
        _erase(one, plan.code, operator, at=at, store=store, rings=rings) for one in plan.cases
    )
    entries = sum(
        _forget(start, min(start + STRIDE, plan.below), plan, operator, at, store, rings)
        for start in range(0, plan.below if plan.old_entries else 0, STRIDE)
    )
    pruned = 0
    if plan.pruned_entries:
        basis = plan.entries_basis
        pruned = prune(plan.prune_below, basis, operator, at=at, store=store, rings=rings)
    return Purged(cases, entries, pruned)


def plan_of(
    tx: Transaction, retention: Retention, rings: Rings, *, only: str | None, at: datetime
) -> Plan:
    """What time has run out for, as it stands now. A case's row is held to the log."""
    organisations = {one.id: one for one in all_organisations(tx)}
    kinds = {one.kind for one in organisations.values()}
    limits = {kind: retention.cases_before(kind, at) for kind in kinds}
    before = {kind: instant for kind, instant in limits.items() if instant is not None}
    oldest = None if only else retention.log_before(at)
    below = 0 if oldest is None else first_kept(tx, oldest)
    prune_below, pruned_entries = prunable(tx, None if only else retention.entries_before(at))
    due = [case for case in due_cases(tx, before) if only in (None, case.organisation_id)]
    names = {case.id: organisations[case.organisation_id].name for case in due}
    wrong = {case.id: why for case in due if (why := unheld(tx, case, rings)) is not None}
    return Plan(
        cases=tuple(
            CaseToErase(
                case=case,
                organisation=names[case.id],
                basis=retention.basis_of(case.kind),
                rows=rows_of_case(tx, case.id),
                entries=len(entries_on(tx, case)),
            )
            for case in due
            if case.id not in wrong
        ),
        unheld=tuple(
            CaseUnheld(case=case, organisation=names[case.id], why=wrong[case.id])
            for case in due
            if case.id in wrong
        ),
        below=below,
        old_entries=count_to_erase(tx, below),
        log_basis=retention.log_basis,
        prune_below=prune_below,
        pruned_entries=pruned_entries,
        entries_basis=retention.entries_basis,
    )


def _erase(
    planned: CaseToErase,
    code: str,
    operator: Operator,
    *,
    at: datetime,
    store: Store,
    rings: Rings,
) -> int:
    case = planned.case
    with store.begin(at=at) as tx:
        if not still_due(tx, case):
            return 0
        indices = entries_on(tx, case)
        withdraw_exports(tx, case.id, case.organisation_id, operator, rings)
        erase_details(tx, indices, _OF_A_CASE)
        entry_id = new_id(at)
        rows: dict[str, Json] = dict(erase_case(tx, case.id, entry_id=entry_id))
        event = Event(
            id=entry_id,
            op="case.erased",
            res="allow",
            org=case.organisation_id,
            actor={"operator": operator.name},
            object={"erased_case": case.id},
            detail={
                "basis": planned.basis,
                # By which the entries on who proposed and released it are found.
                "plan": code,
                "closed": case.closed_at.isoformat(),
                "rows": rows,
                "entries": len(indices),
            },
        )
        tx.record(event, sealer=event_sealer(rings.current(case.organisation_id), None))
        begin_exports_again(tx, indices, operator, rings, organisation_id=case.organisation_id)
        erased = dict.fromkeys(indices, _OF_A_CASE)
        _tell(tx, erased, case.organisation_id, planned.basis, operator, rings)
    return 1


def _forget(
    start: int,
    stop: int,
    plan: Plan,
    operator: Operator,
    at: datetime,
    store: Store,
    rings: Rings,
) -> int:
    """Details of one stride of old entries. Each organisation's own key seals that they are gone.

    Each is told the same runs of indices, of all organisations, because all went at once: so a part
    of the log that one organisation takes out accounts for itself.
    """
    with store.begin(at=at) as tx:
        owners = entries_to_erase(tx, start, stop)
        if not owners:
            return 0
        tell_cases_gone(tx, start, stop, plan.log_basis, operator, rings)
        begin_exports_again(tx, owners, operator, rings)
        erase_details(tx, list(owners), FIELDS)
        forget_who(tx, start, stop)
        erased: dict[int, tuple[Field, ...]] = dict.fromkeys(owners, FIELDS)
        for organisation_id in sorted(set(owners.values())):
            _tell(tx, erased, organisation_id, plan.log_basis, operator, rings)
    return len(owners)


def _tell(
    tx: Transaction,
    erased: Mapping[int, tuple[Field, ...]],
    organisation_id: str,
    basis: str,
    operator: Operator,
    rings: Rings,
) -> None:
    """As many erasure entries as the runs of indices need, sealed so that the owner opens them."""
    sealer = event_sealer(rings.current(organisation_id), None)
    for part in _parts(erased):
        event = Event(
            id=new_id(tx.at),
            op="details.erased",
            res="allow",
            org=organisation_id,
            actor={"operator": operator.name},
            object={},
            detail={**erasure_detail(part), "basis": basis},
        )
        tx.record(event, sealer=sealer)


def _parts(erased: Mapping[int, tuple[Field, ...]]) -> Iterator[dict[int, tuple[Field, ...]]]:
    """The indices in order, cut where a part has as many runs as one entry may tell."""
    part: dict[int, tuple[Field, ...]] = {}
    runs, last = 0, -2
    for n in sorted(erased):
        runs += n != last + 1
        if runs > _RANGES:
            yield part
            part, runs = {}, 1
        part[n] = erased[n]
        last = n
    if part:
        yield part
