"""Which details of entries are gone, and whether an erasure entry of the organisation says so."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property

from app.flows.open_details import opened_only
from app.keys import Ring
from app.records.audit_log import details_at
from app.records.audit_view import EntryFilter, entries_found
from app.records.transaction import Transaction
from audit.entry import ERASURE_OP, FIELDS, Field, read_erasure
from audit.errors import AuditFault

_MOST = 10_000

Runs = tuple[list[int], list[int]]
"""Where runs of indices begin, and where each ends (included), apart from each other in order."""


class Erasures:
    """Those of one organisation, read within one transaction when the first is asked of."""

    def __init__(self, tx: Transaction, ring: Ring, told: Sequence[int] | None = None) -> None:
        """`told` are the indices of the erasure entries, where they are not to be asked of the
        index."""
        self._tx, self._ring, self._indices = tx, ring, told

    def told(self, n: int, lacking: Iterable[Field]) -> frozenset[Field]:
        """Those of an entry's lacking fields that an erasure entry after it says are gone."""
        return frozenset(name for name in lacking if _within(self._runs[name], n))

    @cached_property
    def _runs(self) -> dict[Field, Runs]:
        found: dict[Field, list[tuple[int, int]]] = {name: [] for name in FIELDS}
        for first, last, names in self._told():
            for name in names:
                found[name].append((first, last))
        return {name: _joined(runs) for name, runs in found.items()}

    def _told(self) -> Iterator[tuple[int, int, frozenset[Field]]]:
        """What each says is gone of what was there before it. Two queries."""
        indices = self._indices
        if indices is None:
            which = EntryFilter(ops=(ERASURE_OP,))
            found = entries_found(self._tx, self._ring.organisation_id, which, most=_MOST)
            indices = [entry.n for entry in found]
        rows = details_at(self._tx, indices)
        for n in indices:
            part = opened_only(rows.get(n, {}), self._ring, {}).get("detail")
            try:
                ranges = read_erasure(part.value()) if part else []
            except AuditFault:
                continue  # another entry, which the index says is one of these
            for first, last, names in ranges:
                yield first, min(last, n - 1), names


def _joined(runs: list[tuple[int, int]]) -> Runs:
    starts: list[int] = []
    ends: list[int] = []
    for first, last in sorted(runs):
        if ends and first <= ends[-1] + 1:
            ends[-1] = max(ends[-1], last)
        elif first <= last:
            starts.append(first)
            ends.append(last)
    return starts, ends


def _within(runs: Runs, n: int) -> bool:
    starts, ends = runs
    place = bisect_right(starts, n) - 1
    return place >= 0 and n <= ends[place]
