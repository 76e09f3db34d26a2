"""Whether the log says that a case was closed when its row says so, before any of it is erased.

The row is one that whoever has the database's password can write. What the log no longer says,
because the entry has been erased or pruned by decision, is told as the row has it.
"""

from __future__ import annotations

from typing import Literal

from app.flows.cases_held import hold_cases
from app.flows.erasures import Erasures
from app.flows.open_details import opened_only
from app.flows.rows_held import made_at
from app.flows.sealing import open_case_key
from app.flows.trail_rows import TrailRow
from app.keys import CaseKey, Ring, Rings
from app.records.audit_log import details_at, entries_by_id
from app.records.case import case_of_organisation
from app.records.retention import DueCase
from app.records.transaction import Transaction
from audit.entry import FIELDS, parse_leaf
from audit.errors import AuditFault
from audit.log import LeafRow
from audit.pruning import PRUNED

Unheld = Literal["open", "other_day", "index"]
"""The log says that the case is open; that it was closed at another instant; or the index of
entries says something else than the log of the case, so that its entries are not to be found."""
_TURNS = {"case.closed", "case.reopened"}


def unheld(tx: Transaction, case: DueCase, rings: Rings) -> Unheld | None:
    """Why the case is not to be erased, None where the log agrees with its row."""
    found = case_of_organisation(tx, case.id, organisation_id=case.organisation_id)
    if found is None:
        return "index"
    ring = rings.current(case.organisation_id)
    key = open_case_key(rings, found.key)
    held = hold_cases(tx, [case.id], ring, {key.key_id: key})
    if held.unlike:
        return "index"
    turns = [row for row in held.rows if row.entry.op in _TURNS and row.entry.res == "allow"]
    leaf = entries_by_id(tx, [case.closed_by]).get(case.closed_by)
    return _turned(turns[0], case) if turns else _by_row(tx, leaf, case, ring, key)


def _turned(newest: TrailRow, case: DueCase) -> Unheld | None:
    if newest.entry.op != "case.closed":
        return "open"
    return None if made_at(newest.entry.id, case.closed_at) else "other_day"


def _by_row(
    tx: Transaction, leaf: LeafRow | None, case: DueCase, ring: Ring, key: CaseKey
) -> Unheld | None:
    """Of the entry that the row names, where what entries on the case told has been erased."""
    if leaf is None:
        return "open"
    if leaf.entry == PRUNED:
        return None
    try:
        entry = parse_leaf(leaf.entry)
    except AuditFault:
        return "index"
    details = details_at(tx, [leaf.n]).get(leaf.n, {})
    gone = Erasures(tx, ring).told(leaf.n, frozenset(FIELDS) - details.keys())
    about = opened_only(details, ring, {key.key_id: key}).get("object")
    theirs = about.value().get("case") == case.id if about else "object" in gone
    if not theirs or (entry.op, entry.org) != ("case.closed", case.organisation_id):
        return "open"
    return None if made_at(entry.id, case.closed_at) else "other_day"
