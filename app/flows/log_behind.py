"""Whether the log is behind what was signed of it, as it is where a backup was brought back.

Asked of the checkpoints that are kept outside the database, before anything adds an entry: what is
added to a log that has lost entries grows over the loss, and a loss then looks like a rewriting.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from app.records.audit_log import StoredLog
from app.records.store import Store
from audit.checkpoint import Checkpoint
from audit.errors import EntryError
from audit.log import LogReader, stored_nodes
from audit.merkle import consistency_proof, verify_consistency


@dataclass(frozen=True)
class Left:
    """How many of the first entries are as they were signed: between these two, both included."""

    least: int
    most: int


def entries_missing(signed: int, *, at: datetime, store: Store) -> int:
    """How many entries the log lacks to have as many as were signed. Read `signed` before."""
    with store.look(at=at) as tx:
        return max(0, signed - StoredLog(tx).head().n)


def entries_left(reader: LogReader, kept: Sequence[Checkpoint]) -> Left:
    """By every checkpoint that is known: the log has grown from some of them, and not from others.

    Exact where nothing was added after the loss, because then all that is there was there before.
    """
    grown = {one.size: _has_grown_from(reader, one) for one in kept}
    least = max((size for size, is_so in grown.items() if is_so), default=0)
    size = reader.head().n
    most = min([size, *(other - 1 for other, is_so in grown.items() if not is_so)])
    return Left(least, max(least, most))


def _has_grown_from(reader: LogReader, kept: Checkpoint) -> bool:
    head = reader.head()
    if kept.size > head.n:
        return False
    try:
        proof = consistency_proof(kept.size, head.n, stored_nodes(reader))
    except EntryError:
        return False
    return verify_consistency(kept.size, head.n, kept.root, head.root(), proof)
