"""Prune what the log holds below a minimum index: entries go, and their hashes stay.

So every root, every receipt and every proof of what remains is as it was. Entries about rules, the
log's keys and what has been erased are kept. Which ones went is told in the same transaction, by
each organisation for itself, so that a part of the log that it takes out accounts for itself.
Each case tells how many of its entries were among them, if that was not told when details went.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

from app.domain.ids import INSTALLATION, new_id
from app.flows.install import Operator
from app.flows.renew_exports import begin_exports_again
from app.flows.tell_cases_gone import tell_cases_gone
from app.keys import Rings, event_sealer
from app.records.audit_log import latest_checkpoint
from app.records.organisation import all_organisations
from app.records.pruning import count_to_prune, entries_before, entries_to_prune, prune_entries
from app.records.retention import first_kept
from app.records.store import Store
from app.records.transaction import Transaction
from audit.entry import Event
from audit.pruning import pruning_detail

STRIDE = 10_000
"""Entries that are pruned in one transaction, because everybody else waits for it."""
_RUNS = 400
"""In one pruning entry, which must stay below the size that a detail may have."""


def prunable(tx: Transaction, before: datetime | None) -> tuple[int, int]:
    """The minimum index that time allows, and how many entries below it would go.

    What is not signed yet stays: a signer must have hashed an entry before its bytes go.
    """
    signed = latest_checkpoint(tx)
    if before is None or signed is None:
        return 0, 0
    below = min(first_kept(tx, before), signed.n)
    return below, count_to_prune(tx, below)


def prune(
    below: int, basis: str, operator: Operator, *, at: datetime, store: Store, rings: Rings
) -> int:
    """Prune the entries below the index, a stride in each transaction. How many they were.

    Killed half-way, what went is told, and the rest goes the next time.
    """
    gone = 0
    for start in range(0, below, STRIDE):
        stop = min(start + STRIDE, below)
        with store.begin(at=at) as tx:
            indices = entries_to_prune(tx, start, stop)
            if indices:
                _tell(tx, indices, stop, basis, operator, rings)
                begin_exports_again(tx, indices, operator, rings)
                tell_cases_gone(tx, start, stop, basis, operator, rings)
                prune_entries(tx, start, stop)
        gone += len(indices)
    return gone


def _tell(
    tx: Transaction,
    indices: Sequence[int],
    below: int,
    basis: str,
    operator: Operator,
    rings: Rings,
) -> None:
    """As many pruning entries for each organisation as the runs of indices need."""
    had = entries_before(tx, below)
    for organisation_id in (INSTALLATION, *(one.id for one in all_organisations(tx))):
        sealer = event_sealer(rings.current(organisation_id), None)
        for part in _parts(indices):
            told = pruning_detail(below, had.get(organisation_id, 0), part)
            event = Event(
                id=new_id(tx.at),
                op="entries.pruned",
                res="allow",
                org=organisation_id,
                actor={"operator": operator.name},
                object={},
                detail={**told, "basis": basis},
            )
            tx.record(event, sealer=sealer)


def _parts(indices: Sequence[int]) -> Iterator[Sequence[int]]:
    """The indices in order, cut where a part has as many runs as one entry may tell."""
    begin, runs = 0, 0
    for place, n in enumerate(indices):
        runs += place == 0 or n != indices[place - 1] + 1
        if runs > _RUNS:
            yield indices[begin:place]
            begin, runs = place, 1
    yield indices[begin:]
