"""Entries of the log that are pruned: their bytes go, and id and hash stay. Used by `purge` alone.

Runs as the role that owns the tables: the service's own role changes nothing in the log.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import delete, func, select, update

from app.records.audit_log import audit_counter, audit_detail, audit_head, audit_leaf
from app.records.audit_view import audit_view
from app.records.retention import by_age
from app.records.transaction import Transaction
from audit.pruning import PRUNED


def entries_to_prune(tx: Transaction, start: int, stop: int) -> list[int]:
    """The indices from `start` up to `stop` of entries that nothing says are to be kept."""
    asked = select(audit_view.c.n).where(*by_age(start, stop)).order_by(audit_view.c.n)
    return list(tx.execute(asked).scalars())


def count_to_prune(tx: Transaction, stop: int) -> int:
    """How many there are below `stop`."""
    asked = select(func.count()).select_from(audit_view).where(*by_age(0, stop))
    return int(tx.execute(asked).scalar_one())


def prune_entries(tx: Transaction, start: int, stop: int) -> None:
    """Take away the bytes, the details and the view of those; `stop` is the minimum index then.

    The caller records an entry naming them (`audit.pruning.pruning_detail`).
    """
    which = select(audit_view.c.n).where(*by_age(start, stop))
    with tx.pruning():
        tx.execute(update(audit_head).where(audit_head.c.minimum < stop).values(minimum=stop))
        tx.execute(delete(audit_detail).where(audit_detail.c.n.in_(which)))
        tx.execute(update(audit_leaf).where(audit_leaf.c.n.in_(which)).values(entry=PRUNED))
    tx.execute(delete(audit_view).where(*by_age(start, stop)))


def entries_before(tx: Transaction, n: int) -> dict[str, int]:
    """How many entries each organisation has had below that index, pruned ones too.

    One statement, because the service may add entries meanwhile.
    """
    later = (
        select(audit_view.c.organisation_id, func.count().label("later"))
        .where(audit_view.c.n >= n)
        .group_by(audit_view.c.organisation_id)
        .subquery()
    )
    scope = audit_counter.c.scope
    asked = (
        select(scope, audit_counter.c.k - func.coalesce(later.c.later, 0))
        .outerjoin(later, scope == "org:" + later.c.organisation_id)
        .where(scope.like("org:%"))
    )
    rows: Sequence[Any] = tx.execute(asked).all()
    return {name.removeprefix("org:"): int(count) for name, count in rows}
