"""The entries on some cases, each case held whole against the log by its own numbers.

An entry on a case has a number in it, without gaps, sealed with the case. So an entry that has been
taken out of the index, or put on another case there, is missed, without reading the whole log.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from app.flows.as_logged import numbers_missing
from app.flows.trail_rows import TrailRow, checked_rows
from app.keys import CaseKey, Ring
from app.records.audit_log import counts_of_cases
from app.records.audit_view import EntryFilter, entries_found
from app.records.transaction import Transaction
from audit.check import Checked

MOST_ENTRIES = 100_000


@dataclass(frozen=True)
class CasesHeld:
    """Rows as the log says them, newest first, and the cases of which the index says otherwise."""

    rows: tuple[TrailRow, ...]
    unlike: tuple[str, ...]


def hold_cases(
    tx: Transaction, case_ids: Sequence[str], ring: Ring, keys: Mapping[str, CaseKey]
) -> CasesHeld:
    """All entries of the organisation on the cases. `keys` are theirs, by key id.

    As many queries however many they are.
    """
    # The counts before the rows, because an entry that comes in between is then no gap.
    counted = counts_of_cases(tx, case_ids)
    which = EntryFilter(case_ids=tuple(case_ids))
    entries = entries_found(tx, ring.organisation_id, which, most=MOST_ENTRIES)
    rows = checked_rows(tx, entries, ring, keys, None)
    of_case: dict[str, list[TrailRow]] = {one: [] for one in case_ids}
    for kept, row in zip(entries, rows, strict=True):
        of_case[kept.case_id or ""].append(row)
    unlike = (one for one, theirs in of_case.items() if not _whole(theirs, counted.get(one, 0)))
    return CasesHeld(rows=rows, unlike=tuple(unlike))


def _whole(rows: Sequence[TrailRow], counted: int) -> bool:
    told = ((row.entry.op, row.about, row.detail) for row in rows)
    return all(_holds(row) for row in rows) and not numbers_missing(told, counted)


def _holds(row: TrailRow) -> bool:
    """Whether the entry is the case's own, and the index says of it what it says itself."""
    opened = bool(row.about) or "object" in row.erased
    return opened and (isinstance(row.check, Checked) or row.check.reason == "not-sealed-yet")
