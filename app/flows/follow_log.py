"""Follow the whole log as it is stored, and say where it is not the one that was signed.

What `audit verify` does with an export, done where the log is, before anything is made from it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from app.flows.open_details import opened_only
from app.flows.trail_rows import signed_checkpoint
from app.keys import Rings
from app.records.audit_log import StoredLog, details_at
from app.records.transaction import Transaction
from audit.entry import ERASURE_OP, Entry, parse_leaf
from audit.errors import AuditFault
from audit.key_list import LogKeys
from audit.log import LeafRow
from audit.merkle import Frontier, leaf_hash
from audit.pruning import PRUNED, PRUNING_OP, Prunings, read_pruning

_TELL_EVERY = 5_000


@dataclass(frozen=True)
class Unsound:
    """The log does not verify. `why` is for a technician; `n` the entry concerned, if any is."""

    why: str
    n: int | None = None


@dataclass(frozen=True)
class Sound:
    """It is the log that was signed: `size` entries, of which `signed` are under a signature."""

    size: int
    signed: int
    erasing: Mapping[str, Sequence[int]]
    """The entries of each organisation that tell of details erased by decision."""


@dataclass
class _Follower:
    """What has been seen so far."""

    frontier: Frontier = field(default_factory=Frontier)
    pruned: list[tuple[int, int]] = field(default_factory=list)
    """Stretches of entries whose bytes are gone, last not included."""
    pruning: list[Entry] = field(default_factory=list)
    erasing: dict[str, list[int]] = field(default_factory=dict)

    def take(self, row: LeafRow) -> Unsound | None:
        """The next entry."""
        n = self.frontier.size
        if row.n != n:
            return Unsound(f"entry {n} is missing", n)
        if row.entry == PRUNED:
            begun = bool(self.pruned) and self.pruned[-1][1] == n
            start = self.pruned.pop()[0] if begun else n
            self.pruned.append((start, n + 1))
        else:
            entry = whole_entry(row)
            if entry is None:
                return Unsound(f"entry {n} is not as it was written", n)
            if entry.op == PRUNING_OP:
                self.pruning.append(entry)
            if entry.op == ERASURE_OP:
                self.erasing.setdefault(entry.org, []).append(n)
        self.frontier, _ = self.frontier.append(row.leaf_hash)
        return None


def follow_log(
    tx: Transaction, rings: Rings, log_keys: LogKeys, progress: Callable[[int, int], None]
) -> Sound | Unsound:
    """Every entry, every root that was signed, and every pruned entry against what says so."""
    log = StoredLog(tx)
    head, signed = log.head(), signed_checkpoint(tx, log_keys)
    if signed is None or signed.size == 0:
        return Unsound("no checkpoint that the log's keys have signed covers it; run `sluss seal`")
    seen, roots = _Follower(), _roots(log)
    wanted = next(roots, None)
    for row in log.leaves(0, head.n):
        wrong = seen.take(row)
        if wrong is not None:
            return wrong
        size = seen.frontier.size
        while wanted is not None and wanted[0] <= size:
            if wanted != (size, seen.frontier.root()):
                return Unsound(f"the checkpoint of {wanted[0]} entries has another root")
            wanted = next(roots, None)
        if size == signed.size and seen.frontier.root() != signed.root:
            return Unsound(f"the signed checkpoint of {size} entries has another root")
        if size % _TELL_EVERY == 0:
            progress(size, head.n)
    if (seen.frontier.size, seen.frontier.to_bytes()) != (head.n, head.frontier):
        return Unsound("the log's head is not that of its entries")
    if wanted is not None or signed.size > head.n:
        return Unsound(f"more was signed than the {head.n} entries that are there")
    return _untold(tx, rings, seen) or Sound(head.n, signed.size, seen.erasing)


def _roots(log: StoredLog) -> Iterator[tuple[int, bytes]]:
    yield from ((row.n, row.root) for row in log.checkpoints() if row.n > 0)


def whole_entry(row: LeafRow) -> Entry | None:
    """The entry, if it is the one that was written there and can be read."""
    try:
        entry = parse_leaf(row.entry)
    except AuditFault:
        return None
    right = (entry.n, entry.id, leaf_hash(row.entry)) == (row.n, row.id, row.leaf_hash)
    return entry if right else None


def _untold(tx: Transaction, rings: Rings, seen: _Follower) -> Unsound | None:
    """The first entry that is gone and that no pruning entry of the log speaks of."""
    told = Prunings()
    sealed = details_at(tx, [entry.n for entry in seen.pruning])
    for entry in seen.pruning:
        parts = opened_only(sealed.get(entry.n, {}), rings.current(entry.org), {})
        if "detail" in parts:
            told.add(read_pruning(entry.n, entry.org, parts["detail"].value()))
    for start, stop in seen.pruned:
        for first, _ in told.untold(start, stop):
            return Unsound(f"entry {first} is gone, and no entry says that it was pruned", first)
    return None
