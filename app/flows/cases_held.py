"""The entries on some cases, each case held whole against the log by its own numbers.

An entry on a case has a number in it, without gaps, sealed with the case. So an entry that has been
taken out of the index, or put on another case there, is missed, without reading the whole log.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from app.flows.as_logged import numbers_missing
from app.flows.open_details import open_detail
from app.flows.trail_rows import TrailRow, checked_rows
from app.keys import CaseKey, Ring, case_of_key_id
from app.records.audit_log import StoredLog, counts_of_cases, details_under
from app.records.audit_view import EntryFilter, entries_found
from app.records.transaction import Transaction
from audit.check import Checked
from audit.entry import OpenedDetail

MOST_ENTRIES = 100_000
MOST_LOOKED_AT = 20_000
"""Places at the end of the log in which a case's own are looked for, whatever the index says."""


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
    counted, size = counts_of_cases(tx, case_ids), StoredLog(tx).head().n
    which = EntryFilter(case_ids=tuple(case_ids))
    entries = entries_found(tx, ring.organisation_id, which, most=MOST_ENTRIES)
    rows = checked_rows(tx, entries, ring, keys, None)
    sealed = last_numbers(tx, ring, keys, seen={one.n for one in entries}, size=size)
    of_case: dict[str, list[TrailRow]] = {one: [] for one in case_ids}
    for kept, row in zip(entries, rows, strict=True):
        of_case[kept.case_id or ""].append(row)
    last = {one: max(counted.get(one, 0), sealed.get(one, 0)) for one in case_ids}
    unlike = (one for one, theirs in of_case.items() if not _whole(theirs, last[one]))
    return CasesHeld(rows=rows, unlike=tuple(unlike))


def last_numbers(
    tx: Transaction,
    ring: Ring,
    keys: Mapping[str, CaseKey],
    *,
    seen: Collection[int],
    size: int,
) -> dict[str, int]:
    """The last of each case's own numbers in what the log's newest places seal under its key, of
    entries that are not `seen`. `size` is read before they are.

    Because the counter is a row as well: whoever takes the last entries out of the index lowers it.
    """
    last: dict[str, int] = {}
    for row in details_under(tx, keys.keys(), "object", size - MOST_LOOKED_AT, size):
        detail = None if row.n in seen else open_detail(row, ring, keys)
        number = detail.value().get("k") if isinstance(detail, OpenedDetail) else None
        case_id = case_of_key_id(row.key_id)
        if case_id is not None and isinstance(number, int):
            last[case_id] = max(last.get(case_id, 0), number)
    return last


def _whole(rows: Sequence[TrailRow], counted: int) -> bool:
    told = ((row.entry.op, row.about, row.detail) for row in rows)
    return all(_holds(row) for row in rows) and not numbers_missing(told, counted)


def _holds(row: TrailRow) -> bool:
    """Whether the entry is the case's own, and the index says of it what it says itself."""
    opened = bool(row.about) or "object" in row.erased
    return opened and (isinstance(row.check, Checked) or row.check.reason == "not-sealed-yet")
