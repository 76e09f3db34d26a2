"""Make the index of entries anew from the log: first what differs, then, if asked, what is right.

The index is derived from the log in the transaction that appends to it, and no signature covers it.
Where somebody has written in it, exports are refused until it says again what the log says. What an
entry no longer tells, because that was erased by decision, is kept as the index has it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from itertools import chain
from typing import Literal, get_args

from app.flows.follow_log import Sound, Unsound, follow_log
from app.flows.index_held import Held, IndexReader
from app.flows.install import Operator
from app.keys import Rings
from app.records.audit_log import StoredLog
from app.records.log_beside_index import Chosen, drop_rows, keep_rows
from app.records.store import Store
from audit.canonical import Json
from audit.key_list import LogKeys

Progress = Callable[[int, int], None]
Fault = Literal["differs", "missing", "surplus"]
FAULTS: tuple[Fault, ...] = get_args(Fault)

STRIDE = 10_000
"""Places that are put right in one transaction, because everybody else waits for it."""
MOST_NAMED = 20
"""So many of each fault are named; all are counted."""
_EVERYTHING = Chosen()


@dataclass
class IndexCompared:
    """What the index says beside what the log says."""

    log: Sound
    faults: dict[Fault, list[Held]] = field(default_factory=lambda: {name: [] for name in FAULTS})
    """The first of each: another thing is said, no row is there, or no entry is."""
    counts: dict[Fault, int] = field(default_factory=lambda: dict.fromkeys(FAULTS, 0))
    underivable: int = 0
    """Entries that no longer tell who, or in which case: the index alone does, if anything does."""

    def take(self, one: Held) -> None:
        """One place."""
        self.underivable += bool(one.unsaid)
        if one.alike:
            return
        fault = fault_of(one)
        self.counts[fault] += 1
        if len(self.faults[fault]) < MOST_NAMED:
            self.faults[fault].append(one)

    @property
    def whole(self) -> bool:
        """Whether the index says just what the log says."""
        return not any(self.counts.values())


def fault_of(one: Held) -> Fault:
    """What is wrong with a place where the two differ."""
    if one.said is None:
        return "surplus"
    return "missing" if one.kept is None else "differs"


@dataclass(frozen=True, kw_only=True)
class Keeper:
    """Who holds the index against the log, and with what."""

    operator: Operator
    at: datetime
    store: Store
    rings: Rings
    log_keys: LogKeys
    progress: Progress


def compare_index(keeper: Keeper) -> IndexCompared | Unsound:
    """What is wrong with the index. Nothing is changed; the look, and a refusal, is an entry."""
    found = _compared(keeper)
    _tell("index.compared", found, keeper)
    return found


def rebuild_index(keeper: Keeper) -> IndexCompared | Unsound:
    """What was wrong with the index, which says what the log says now. As the tables' owner.

    A stride is put right in each transaction. Killed half-way, what was put right is told, and the
    rest is put right the next time.
    """
    found = _compared(keeper)
    if isinstance(found, IndexCompared):
        size = found.log.size
        for start in range(0, size, STRIDE):
            stop = min(start + STRIDE, size)
            _put_right(start, stop, found.log, keeper)
            keeper.progress(stop, size)
    _tell("index.rebuilt", found, keeper)
    return found


def _compared(keeper: Keeper) -> IndexCompared | Unsound:
    """Nothing is compared with a log that does not verify, as a whole or in one entry's part."""
    with keeper.store.look(at=keeper.at) as tx:
        log = follow_log(tx, keeper.rings, keeper.log_keys, keeper.progress)
        if isinstance(log, Unsound):
            return log
        found = IndexCompared(log)
        reader = IndexReader(tx, keeper.rings, log.erasing)
        for one in chain(reader.held(0, log.size, _EVERYTHING), reader.beyond(log.size)):
            if one.broken:
                return Unsound(f"a part of entry {one.n} is gone, or not as it was written", one.n)
            found.take(one)
            if one.n % STRIDE == 0:
                keeper.progress(one.n, log.size)
    return found


def _put_right(start: int, stop: int, log: Sound, keeper: Keeper) -> None:
    with keeper.store.begin(at=keeper.at) as tx:
        reader = IndexReader(tx, keeper.rings, log.erasing)
        held = reader.held(start, stop, _EVERYTHING)
        wrong = [one for one in chain(held, reader.beyond(StoredLog(tx).head().n)) if not one.alike]
        if not wrong:
            return
        keep_rows(tx, [one.said for one in wrong if one.said is not None])
        drop_rows(tx, [one.n for one in wrong if one.said is None])
        faults = [fault_of(one) for one in wrong]
        detail: dict[str, Json] = {name: faults.count(name) for name in FAULTS}
        detail |= {"from": start, "to": stop - 1}
        event = keeper.operator.event("index.put_right", at=tx.at, about={}, detail=detail)
        tx.record(event, sealer=keeper.operator.sealer)


def _tell(op: str, found: IndexCompared | Unsound, keeper: Keeper) -> None:
    detail: dict[str, Json] = {}
    if isinstance(found, Unsound):
        detail |= {"log": "unsound", "entry": found.n}
    else:
        detail |= {"count": found.log.size, "underivable": found.underivable}
        for fault in FAULTS:
            detail[fault] = found.counts[fault]
    operator = keeper.operator
    res: Literal["allow", "deny"] = "deny" if isinstance(found, Unsound) else "allow"
    with keeper.store.begin(at=keeper.at) as tx:
        event = operator.event(op, at=keeper.at, about={}, detail=detail, res=res)
        tx.record(event, sealer=operator.sealer)
