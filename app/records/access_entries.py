"""Entries that gave somebody access or ended it: those that rows name, and those of some kinds.

Of the log's newest places each is asked for its kind itself, whatever the index of entries says.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import ColumnElement, Subquery, and_, func, or_, select, union

from app.records.audit_log import audit_detail, audit_leaf
from app.records.audit_view import audit_view
from app.records.transaction import Transaction
from audit.entry import FIELDS, Field
from audit.log import DetailRow, LeafRow


@dataclass(frozen=True)
class FoundEntry:
    """One entry as it is stored, with its sealed details."""

    leaf: LeafRow
    details: dict[Field, DetailRow] = field(default_factory=dict)


def access_entries(
    tx: Transaction,
    ids: Collection[str],
    *,
    organisation_id: str,
    ops: Collection[str],
    case_ids: Collection[str] | None = None,
    newest: int = 0,
    after: int = -1,
) -> tuple[FoundEntry, ...]:
    """Entries with these ids, and those of the kinds `ops` that the index has of the organisation,
    on the cases if any are named; with those of the log's `newest` places that say so themselves,
    whosever they are. Of these, only those that come `after` a place. In order. One query."""
    seen = audit_view.c
    of_kind = seen.organisation_id == organisation_id, seen.op.in_(ops), seen.n > after
    indexed = select(seen.n).where(*of_kind)
    if case_ids is not None:
        indexed = select(seen.n).where(seen.case_id.in_(case_ids), *of_kind)
    places = [select(audit_leaf.c.n).where(audit_leaf.c.id.in_(ids)), indexed]
    if newest:
        # Where the entries end, and not where the head says so: that is a row of its own.
        end = select(func.max(audit_leaf.c.n)).scalar_subquery()
        late = audit_leaf.c.n > end - newest, audit_leaf.c.n > after
        places.append(select(audit_leaf.c.n).where(*late, _tells_one_of(tx, ops)))
    return _entries_at(tx, union(*places).subquery())


def entries_between(
    tx: Transaction, spans: Sequence[tuple[str, str]], ops: Collection[str]
) -> tuple[FoundEntry, ...]:
    """Entries of these kinds, whosever they are, with an id from the first of one of the spans on
    and before its last. By what they say themselves, so whatever the index has. One query."""
    identity = audit_leaf.c.id
    within = or_(*(and_(identity >= first, identity < last) for first, last in spans))
    places = select(audit_leaf.c.n).where(within, _tells_one_of(tx, ops))
    return _entries_at(tx, places.subquery())


def _entries_at(tx: Transaction, wanted: Subquery) -> tuple[FoundEntry, ...]:
    leaf, detail = audit_leaf.c, audit_detail.c
    rows = tx.execute(
        select(
            leaf.n,
            leaf.id.label("entry_id"),
            leaf.leaf_hash,
            leaf.entry,
            detail.field,
            detail.key_id,
            detail.body,
        )
        .join(wanted, wanted.c.n == leaf.n)
        .join(audit_detail, detail.n == leaf.n, isouter=True)
        .order_by(leaf.n)
    )
    return found_entries(rows)


def found_entries(rows: Iterable[Any]) -> tuple[FoundEntry, ...]:
    """Entries out of rows, one for each detail, in which an entry's id is called `entry_id`."""
    found: dict[int, FoundEntry] = {}
    for row in rows:
        leaf = LeafRow(row.n, row.entry_id, row.leaf_hash, row.entry)
        one = found.setdefault(row.n, FoundEntry(leaf))
        if row.field is not None:
            name = next(name for name in FIELDS if name == row.field)
            one.details[name] = DetailRow(row.n, name, row.entry_id, row.key_id, row.body)
    return tuple(found.values())


def _tells_one_of(tx: Transaction, ops: Iterable[str]) -> ColumnElement[bool]:
    return or_(*(_tells(tx, op) for op in ops))


def _tells(tx: Transaction, op: str) -> ColumnElement[bool]:
    """Whether an entry's own bytes have the kind, which stands open in them."""
    wanted = f'"op":"{op}"'.encode()
    if tx.dialect == "postgresql":
        return func.pg_catalog.position(audit_leaf.c.entry, wanted) > 0
    return func.instr(audit_leaf.c.entry, wanted) > 0
