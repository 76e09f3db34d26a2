"""What the log says of one organisation's giving and ending of access, opened and held whole.

Rows of roles, places in case teams and delegations are what somebody with the database's password
can write. The entry that a row names says what was given; later entries say whether it has ended.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from app.flows.erasures import Erasures
from app.flows.follow_log import whole_entry
from app.flows.open_details import opened_only
from app.flows.rows_held import Said
from app.keys import CaseKey, Ring
from app.records.access_entries import FoundEntry, access_entries
from app.records.audit_log import details_at
from app.records.audit_view import EntryFilter, entries_found
from app.records.transaction import Transaction
from audit.entry import FIELDS, commitment
from audit.errors import AuditFault
from audit.pruning import PRUNED, PRUNING_OP, Prunings, read_pruning

_MOST_PRUNINGS = 10_000
NEWEST = 20_000
"""Places at the end of the log where an end is looked for, whatever the index of entries says."""


@dataclass(frozen=True)
class AccessLog:
    """The entries asked for, oldest first."""

    said: Sequence[Said]
    pruned: Mapping[str, int]
    """Ids and indices of those that say nothing any more, by decision."""

    def made(self, entry_id: str) -> Said | int | None:
        """What the entry says; its index alone where it has been pruned; None where it is not
        there, or not as it was written."""
        if entry_id in self.pruned:
            return self.pruned[entry_id]
        return next((one for one in self.said if one.entry.id == entry_id), None)

    def after(self, made: Said | int, *ops: str) -> list[Said]:
        """Acts of some kinds that came later, oldest first."""
        n = made if isinstance(made, int) else made.entry.n
        later = (one for one in self.said if one.entry.n > n and one.entry.res == "allow")
        return [one for one in later if one.entry.op in ops]


def read_access(
    tx: Transaction,
    ring: Ring,
    ids: Collection[str],
    *,
    ops: Collection[str],
    keys: Mapping[str, CaseKey] | None = None,
    case_ids: Collection[str] | None = None,
    newest: int = 0,
) -> AccessLog:
    """The entries with these ids and the organisation's of these kinds; see `access_entries`.

    One query, and two more where a detail is gone.
    """
    where = ring.organisation_id
    found = access_entries(
        tx, ids, organisation_id=where, ops=ops, case_ids=case_ids, newest=newest
    )
    return as_said(tx, ring, found, keys or {})


def as_said(
    tx: Transaction, ring: Ring, found: Iterable[FoundEntry], keys: Mapping[str, CaseKey]
) -> AccessLog:
    """Those of the entries that are the organisation's, opened with its ring and the keys of cases
    by id. Two queries where a detail is gone, two where an entry is, and none else."""
    erasures = Erasures(tx, ring)
    said: list[Said] = []
    gone: dict[str, int] = {}
    for one in found:
        if one.leaf.entry == PRUNED:
            gone[one.leaf.id] = one.leaf.n
        elif opened := _said(one, ring, keys, erasures):
            said.append(opened)
    told = _prunings(tx, ring) if gone else Prunings()
    # Bytes that no pruning entry speaks of were taken away by somebody, and say nothing.
    pruned = {one: n for one, n in gone.items() if not any(told.untold(n, n + 1))}
    return AccessLog(said, pruned)


def _prunings(tx: Transaction, ring: Ring) -> Prunings:
    """What the organisation's own pruning entries tell. Two queries."""
    which = EntryFilter(ops=(PRUNING_OP,))
    indices = [one.n for one in entries_found(tx, ring.organisation_id, which, most=_MOST_PRUNINGS)]
    told = Prunings()
    for n, sealed in details_at(tx, indices).items():
        part = opened_only(sealed, ring, {}).get("detail")
        try:
            if part is not None:
                told.add(read_pruning(n, ring.organisation_id, part.value()))
        except AuditFault:
            continue  # another entry, which the index says is one of these
    return told


def _said(
    one: FoundEntry, ring: Ring, keys: Mapping[str, CaseKey], erasures: Erasures
) -> Said | None:
    """None where it is another organisation's, or a part of it is not as it was written."""
    entry = whole_entry(one.leaf)
    if entry is None or entry.org != ring.organisation_id:
        return None
    opened = {
        name: part
        for name, part in opened_only(one.details, ring, keys).items()
        if commitment(name, part) == entry.commitment(name)
    }
    lacking = frozenset(FIELDS) - opened.keys()
    if lacking & one.details.keys() or lacking - erasures.told(entry.n, lacking):
        return None
    return Said(entry, {name: part.value() for name, part in opened.items()})
