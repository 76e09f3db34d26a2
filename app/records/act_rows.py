"""Rows that acts leave besides decisions and consents: deliveries, emergency openings, rounds."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from sqlalchemy import Table, select

from app.records.audit_view import audit_view
from app.records.delivery import delivery
from app.records.emergency import emergency_opening
from app.records.export_rows import Stretch, within
from app.records.review_round import review_item, review_round
from app.records.transaction import Transaction

ActTable = Literal["delivery", "emergency_opening", "review_round", "review_item"]
_TABLES: dict[ActTable, Table] = {
    "delivery": delivery,
    "emergency_opening": emergency_opening,
    "review_round": review_round,
    "review_item": review_item,
}


@dataclass(frozen=True)
class NamedEntry:
    """An entry that a row says made it or changed it."""

    n: int
    op: str
    row_id: str


def act_rows(
    tx: Transaction, table: ActTable, ids: Collection[str]
) -> dict[str, Mapping[str, Any]]:
    """The rows with these ids, by id. One query."""
    named = _TABLES[table]
    rows = tx.execute(select(named).where(named.c.id.in_(ids)))
    return {str(row.id): dict(row._mapping) for row in rows}


def deliveries_by(tx: Transaction, entry_ids: Collection[str]) -> dict[str, Mapping[str, Any]]:
    """The deliveries that these entries sent, by entry. One query."""
    rows = tx.execute(select(delivery).where(delivery.c.audit_id.in_(entry_ids)))
    return {str(row.audit_id): dict(row._mapping) for row in rows}


def items_of_rounds(tx: Transaction, round_ids: Collection[str]) -> dict[str, list[str]]:
    """What each round drew, as its entry tells it, in order. One query."""
    columns = review_item.c
    asked = select(columns.round_id, columns.why, columns.key)
    found: dict[str, list[str]] = {one: [] for one in round_ids}
    for row in tx.execute(asked.where(columns.round_id.in_(round_ids))):
        found[row.round_id].append(f"{row.why} {row.key}")
    return {one: sorted(items) for one, items in found.items()}


def entries_named(
    tx: Transaction, stretch: Stretch, table: ActTable, column: str
) -> Iterator[NamedEntry]:
    """The entries of the stretch that rows of the table name in a column. One query."""
    named = _TABLES[table]
    asked = select(audit_view.c.n, audit_view.c.op, named.c.id).where(
        named.c[column] == audit_view.c.id, *within(stretch)
    )
    for row in tx.execute(asked):
        yield NamedEntry(row.n, row.op, row.id)
