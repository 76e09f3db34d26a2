"""Each entry of the log beside its row in the index, so that one can be held against the other.

The index is a table that whoever has the database's password can write. So which entries there are
is asked of the log, and the index is asked only what it says of them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Row,
    String,
    delete,
    func,
    literal,
    or_,
    select,
    true,
    type_coerce,
)
from sqlalchemy.dialects import postgresql, sqlite

from app.records.audit_log import audit_leaf
from app.records.audit_view import SeenEntry, audit_view
from app.records.transaction import Transaction
from audit.canonical import canonical
from audit.entry import LEAF_CAP
from audit.log import LeafRow

BATCH = 1000
"""Entries in memory at a time."""


@dataclass(frozen=True)
class Pair:
    """One place of the log. `leaf` is None where the log has no such row, `kept` where the index
    has none."""

    n: int
    leaf: LeafRow | None
    kept: SeenEntry | None


@dataclass(frozen=True, kw_only=True)
class Chosen:
    """Which places to look at: what either side says is the organisation's, and acts of anybody's.

    Without an organisation, every place.
    """

    organisation_id: str | None = None
    ops: tuple[str, ...] = ()


def pairs(
    tx: Transaction, start: int, stop: int, chosen: Chosen, *, stride: int = BATCH
) -> Iterator[tuple[Pair, ...]]:
    """Places with start <= n < stop in order, some at a time. One query, or two, for each stride.

    A place of which the log has no row and the index has one is among them; one that neither has is
    told by `missing_rows`.
    """
    beside = audit_leaf.outerjoin(audit_view, audit_view.c.n == audit_leaf.c.n)
    asked = select(*audit_leaf.c, *_ROW).select_from(beside).where(_which(chosen, tx.dialect))
    for low in range(start, stop, stride):
        high = min(low + stride, stop)
        within = (audit_leaf.c.n >= low, audit_leaf.c.n < high)
        found = [_pair(row) for row in tx.execute(asked.where(*within))]
        found += _without_entry(tx, low, high, chosen)
        yield tuple(sorted(found, key=lambda one: one.n))


def beyond(tx: Transaction, size: int) -> tuple[Pair, ...]:
    """Rows of the index after the end of a log of that many entries. One query."""
    after = select(*_ROW).where(audit_view.c.n >= size, ~_has_entry()).order_by(audit_view.c.n)
    return tuple(Pair(row.kept_n, None, _kept(row)) for row in tx.execute(after.limit(BATCH)))


def missing_rows(tx: Transaction, start: int, stop: int) -> int:
    """How many of the places the log itself has no row of. One query."""
    asked = select(func.count()).where(audit_leaf.c.n >= start, audit_leaf.c.n < stop)
    return max(0, stop - start) - int(tx.execute(asked).scalar_one())


def keep_rows(tx: Transaction, rows: Sequence[SeenEntry]) -> None:
    """Write what the log says into the index, where it stands already or not."""
    if not rows:
        return
    made = (sqlite if tx.dialect == "sqlite" else postgresql).insert(audit_view)
    names = [column.name for column in audit_view.c if column.name != "n"]
    tx.execute(
        made.on_conflict_do_update(
            index_elements=["n"], set_={name: made.excluded[name] for name in names}
        ),
        [{"n": one.n, **{name: getattr(one, name) for name in names}} for one in rows],
    )


def drop_rows(tx: Transaction, indices: Sequence[int]) -> None:
    """Take out of the index what the log has no entry for."""
    for low in range(0, len(indices), BATCH):
        tx.execute(delete(audit_view).where(audit_view.c.n.in_(indices[low : low + BATCH])))


def _which(chosen: Chosen, dialect: str) -> ColumnElement[bool]:
    if chosen.organisation_id is None:
        return true()
    own = _holds("org", chosen.organisation_id, dialect)
    others = [_holds("op", op, dialect) for op in chosen.ops]
    return or_(own, audit_view.c.organisation_id == chosen.organisation_id, *others)


def _holds(name: str, value: str, dialect: str) -> ColumnElement[bool]:
    """Whether the entry's bytes hold the field. They are canonical, so it is written in one way,
    and a quotation mark inside another value is escaped."""
    wanted, entry = literal(canonical({name: value}, limit=LEAF_CAP)[1:-1]), audit_leaf.c.entry
    if dialect == "postgresql":
        return func.position(wanted.op("IN")(entry)) > 0
    return func.instr(entry, wanted) > 0


# The time as it is stored, because what somebody wrote by hand in SQLite need not be one.
_ROW = [
    *(column.label(f"kept_{column.name}") for column in audit_view.c if column.name != "at"),
    type_coerce(audit_view.c.at, String).label("kept_at"),
]


def _without_entry(tx: Transaction, low: int, high: int, chosen: Chosen) -> list[Pair]:
    """Rows of the index at places of which the log has none."""
    kept = audit_view.c
    asked = select(*_ROW).where(
        kept.n >= low,
        kept.n < high,
        ~_has_entry(),
    )
    if chosen.organisation_id is not None:
        asked = asked.where(kept.organisation_id == chosen.organisation_id)
    return [Pair(row.kept_n, None, _kept(row)) for row in tx.execute(asked)]


def _has_entry() -> ColumnElement[bool]:
    return select(audit_leaf.c.n).where(audit_leaf.c.n == audit_view.c.n).exists()


def _pair(row: Row[Any]) -> Pair:
    leaf = LeafRow(row.n, row.id, row.leaf_hash, row.entry)
    return Pair(row.n, leaf, None if row.kept_n is None else _kept(row))


def _kept(row: Row[Any]) -> SeenEntry:
    values = {column.name: getattr(row, f"kept_{column.name}") for column in audit_view.c}
    return SeenEntry(**{**values, "at": _time(values["at"])})


def _time(stored: str | datetime) -> datetime:
    """A time that is none stands for the first of all, which no entry has."""
    if isinstance(stored, datetime):
        return stored.astimezone(UTC)
    try:
        return datetime.fromisoformat(stored).replace(tzinfo=UTC)
    except ValueError:
        return datetime.min.replace(tzinfo=UTC)
