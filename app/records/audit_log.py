"""The log's tables, and reading them for proofs. Appending to them is in `log_writer`.

What a row means is for the `audit` package; here it is only kept. Triggers made by the migration
refuse to change or delete an entry or a node: a guard against accidents, since whoever owns the
database can drop them. What shows tampering is the signed root outside.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    ForeignKey,
    LargeBinary,
    Row,
    Select,
    SmallInteger,
    String,
    Table,
    delete,
    func,
    select,
    tuple_,
)
from sqlalchemy.dialects import sqlite

from app.records.cosignature import cosignature_lines
from app.records.schema import ID, INDEX, metadata, unlogged
from audit.entry import FIELDS, Field, parse_leaf, time_text
from audit.log import (
    CheckpointRow,
    DetailRow,
    Head,
    LeafRow,
)
from audit.merkle import Coord
from audit.pruning import PRUNED

if TYPE_CHECKING:
    from app.records.transaction import Transaction

_BATCH = 1000
"""Rows asked for at a time, because SQLite takes at most 32,766 values in one statement."""

audit_leaf = Table(
    "audit_leaf",
    metadata,
    Column("n", INDEX, primary_key=True, autoincrement=False),
    Column("id", ID, nullable=False, unique=True),
    Column("leaf_hash", LargeBinary(32), nullable=False),
    Column("entry", LargeBinary, nullable=False),
)

audit_detail = Table(
    "audit_detail",
    metadata,
    Column("n", INDEX, ForeignKey("audit_leaf.n"), primary_key=True, autoincrement=False),
    Column("field", String(6), primary_key=True),
    Column("key_id", String(200), nullable=False),
    Column("body", LargeBinary, nullable=False),
    CheckConstraint("field IN ('actor', 'object', 'detail')", name="field"),
    sqlite_with_rowid=False,
)

audit_node = Table(
    "audit_node",
    metadata,
    Column("level", SmallInteger, primary_key=True, autoincrement=False),
    Column("idx", BigInteger, primary_key=True, autoincrement=False),
    Column("hash", LargeBinary(32), nullable=False),
    sqlite_with_rowid=False,
)

audit_head = Table(
    "audit_head",
    metadata,
    Column("id", SmallInteger, primary_key=True, autoincrement=False),
    Column("n", INDEX, nullable=False),
    Column("t", String(27)),
    Column("frontier", LargeBinary, nullable=False),
    Column("minimum", INDEX, nullable=False, server_default="0"),
    CheckConstraint("id = 1", name="one_row"),
)

audit_counter = Table(
    "audit_counter",
    metadata,
    Column("scope", String(60), primary_key=True),
    Column("k", BigInteger, nullable=False),
    sqlite_with_rowid=False,
)

audit_checkpoint = Table(
    "audit_checkpoint",
    metadata,
    Column("n", INDEX, primary_key=True, autoincrement=False),
    Column("root", LargeBinary(32), nullable=False),
    Column("note", LargeBinary, nullable=False),
    Column("at", String(27), nullable=False),
)
unlogged(
    "audit_checkpoint",
    because="a signature on the log as it stands; an entry about it would need another",
)


class StoredLog:
    """`audit.log.LogReader` within one transaction. `Store.look` gives it one moment to read.

    `sealed_to` leaves out the checkpoints after that one, as if they had not been made yet.
    """

    def __init__(self, tx: Transaction, *, sealed_to: int | None = None) -> None:
        self._tx, self._sealed_to = tx, sealed_to

    def head(self) -> Head:
        """The head row, not locked."""
        columns = (audit_head.c.n, audit_head.c.t, audit_head.c.frontier)
        row: Any = self._tx.execute(select(*columns).where(audit_head.c.id == 1)).one()
        return Head(row[0], row[1], row[2])

    def leaves(self, start: int, stop: int) -> Iterator[LeafRow]:
        """Rows with start <= n < stop in order; a missing one is simply not there."""
        for low in range(start, stop, _BATCH):
            high = min(low + _BATCH, stop)
            rows = self._tx.execute(
                select(audit_leaf)
                .where(audit_leaf.c.n >= low, audit_leaf.c.n < high)
                .order_by(audit_leaf.c.n)
            )
            for row in rows.all():
                yield LeafRow(row.n, row.id, row.leaf_hash, row.entry)

    def details(self, start: int, stop: int) -> Iterator[DetailRow]:
        """Rows with start <= n < stop in order of n and then field."""
        for low in range(start, stop, _BATCH):
            high = min(low + _BATCH, stop)
            rows = self._tx.execute(
                _details()
                .where(audit_detail.c.n >= low, audit_detail.c.n < high)
                .order_by(audit_detail.c.n, audit_detail.c.field)
            )
            yield from (_detail(row) for row in rows.all())

    def minimum(self) -> int:
        """The minimum index: entries below it may have been pruned."""
        asked = select(audit_head.c.minimum).where(audit_head.c.id == 1)
        return int(self._tx.execute(asked).scalar_one())

    def nodes(self, coords: Sequence[Coord]) -> Sequence[bytes | None]:
        """One hash for each (level, index), None where there is none. Two queries a thousand."""
        found: dict[Coord, bytes] = {}
        for low in range(0, len(coords), _BATCH):
            batch = coords[low : low + _BATCH]
            leaves = [idx for level, idx in batch if level == 0]
            inner = [coord for coord in batch if coord[0] > 0]
            if leaves:
                asked = select(audit_leaf.c.n, audit_leaf.c.leaf_hash)
                rows = self._tx.execute(asked.where(audit_leaf.c.n.in_(leaves)))
                found |= {(0, row.n): row.leaf_hash for row in rows}
            if inner:
                place = tuple_(audit_node.c.level, audit_node.c.idx)
                rows = self._tx.execute(select(audit_node).where(place.in_(inner)))
                found |= {(row.level, row.idx): row.hash for row in rows}
        return [found.get(coord) for coord in coords]

    def checkpoints(self) -> Iterator[CheckpointRow]:
        """All checkpoint rows, in order of n. A thousand at a time are in memory."""
        last = -1
        while True:
            asked = select(audit_checkpoint).where(audit_checkpoint.c.n > last)
            if self._sealed_to is not None:
                asked = asked.where(audit_checkpoint.c.n <= self._sealed_to)
            rows = self._tx.execute(asked.order_by(audit_checkpoint.c.n).limit(_BATCH)).all()
            if not rows:
                return
            first, last = rows[0].n, rows[-1].n
            lines = cosignature_lines(self._tx, first, last)
            yield from (_checkpoint(row, lines) for row in rows)

    def latest_checkpoint(self) -> CheckpointRow | None:
        """The checkpoint row of the largest size, None when there is none."""
        if self._sealed_to is not None:
            return checkpoint_at(self._tx, self._sealed_to)
        return latest_checkpoint(self._tx)


def leaves_at(tx: Transaction, indices: Sequence[int]) -> dict[int, LeafRow]:
    """The entries at those indices. One query a thousand."""
    found: dict[int, LeafRow] = {}
    for low in range(0, len(indices), _BATCH):
        rows = tx.execute(select(audit_leaf).where(audit_leaf.c.n.in_(indices[low : low + _BATCH])))
        found |= {row.n: LeafRow(row.n, row.id, row.leaf_hash, row.entry) for row in rows}
    return found


def index_at(tx: Transaction, at: datetime) -> int | None:
    """The index of the first entry not before an instant, None if there is none yet.

    By the times in the entries themselves, which never go back. One query for each halving of the
    log. A pruned entry tells no time, and is never the first.
    """
    wanted, low, high = time_text(at), 0, StoredLog(tx).head().n
    found = None
    while low < high:
        middle = (low + high) // 2
        asked = select(audit_leaf.c.n, audit_leaf.c.entry).where(
            audit_leaf.c.n >= middle, audit_leaf.c.n < high, audit_leaf.c.entry != PRUNED
        )
        row = tx.execute(asked.order_by(audit_leaf.c.n).limit(1)).first()
        if row is None:
            high = middle
        elif parse_leaf(row.entry).t < wanted:
            low = row.n + 1
        else:
            found, high = row.n, middle
    return found


def time_at(tx: Transaction, n: int) -> datetime | None:
    """When the entry at that index was made, None where it is gone. One query."""
    asked = select(audit_leaf.c.entry).where(audit_leaf.c.n == n)
    entry = tx.execute(asked).scalar_one_or_none()
    return datetime.fromisoformat(parse_leaf(entry).t) if entry else None


def index_of_entry(tx: Transaction, entry_id: str) -> int | None:
    """Where the entry with that id stands, None if there is none. One query."""
    asked = select(audit_leaf.c.n).where(audit_leaf.c.id == entry_id)
    return tx.execute(asked).scalar_one_or_none()


def entries_by_id(tx: Transaction, ids: Sequence[str]) -> dict[str, LeafRow]:
    """The entries with those ids. One query a thousand."""
    found: dict[str, LeafRow] = {}
    for low in range(0, len(ids), _BATCH):
        rows = tx.execute(select(audit_leaf).where(audit_leaf.c.id.in_(ids[low : low + _BATCH])))
        found |= {row.id: LeafRow(row.n, row.id, row.leaf_hash, row.entry) for row in rows}
    return found


def count_of_case(tx: Transaction, case_id: str) -> int:
    """The last number that the case's own counter has given an entry; 0 before the first."""
    asked = select(audit_counter.c.k).where(audit_counter.c.scope == f"case:{case_id}")
    return int(tx.execute(asked).scalar_one_or_none() or 0)


def counts_of_cases(tx: Transaction, case_ids: Sequence[str]) -> dict[str, int]:
    """The same of several cases; one that has no entry is not there. One query a thousand."""
    found: dict[str, int] = {}
    for low in range(0, len(case_ids), _BATCH):
        scopes = [f"case:{one}" for one in case_ids[low : low + _BATCH]]
        asked = select(audit_counter).where(audit_counter.c.scope.in_(scopes))
        found |= {row.scope.removeprefix("case:"): row.k for row in tx.execute(asked)}
    return found


def details_at(tx: Transaction, indices: Sequence[int]) -> dict[int, dict[Field, DetailRow]]:
    """The sealed details at those indices; an erased one is not there. One query a thousand."""
    found: dict[int, dict[Field, DetailRow]] = {}
    for low in range(0, len(indices), _BATCH):
        rows = tx.execute(_details().where(audit_detail.c.n.in_(indices[low : low + _BATCH])))
        for row in rows:
            detail = _detail(row)
            found.setdefault(detail.n, {})[detail.field] = detail
    return found


def details_under(
    tx: Transaction, key_ids: Collection[str], field: Field, start: int, stop: int
) -> tuple[DetailRow, ...]:
    """What is sealed under some keys, of entries with start <= n < stop, in order. One query, which
    reads every detail between the two."""
    under = audit_detail.c.key_id.in_(key_ids), audit_detail.c.field == field
    within = audit_detail.c.n >= start, audit_detail.c.n < stop
    asked = _details().where(*within, *under).order_by(audit_detail.c.n)
    return tuple(_detail(row) for row in tx.execute(asked))


def erase_details(tx: Transaction, indices: Sequence[int], fields: Sequence[Field]) -> int:
    """Delete sealed details. The caller records an entry naming them (`entry.erasure_detail`)."""
    erased = 0
    for low in range(0, len(indices), _BATCH):
        gone = tx.execute(
            delete(audit_detail).where(
                audit_detail.c.n.in_(indices[low : low + _BATCH]),
                audit_detail.c.field.in_(fields),
            )
        )
        erased += gone.rowcount
    return erased


def latest_time(tx: Transaction) -> datetime | None:
    """The time of the latest entry, aware UTC; None before the first."""
    t = tx.execute(select(audit_head.c.t).where(audit_head.c.id == 1)).scalar_one_or_none()
    return None if t is None else datetime.fromisoformat(t).astimezone(UTC)


def latest_checkpoint(tx: Transaction) -> CheckpointRow | None:
    """The newest signed root that has been brought back, None before the first."""
    newest = select(audit_checkpoint).order_by(audit_checkpoint.c.n.desc()).limit(1)
    row = tx.execute(newest).first()
    return None if row is None else _checkpoint(row, cosignature_lines(tx, row.n, row.n))


def checkpoint_at(tx: Transaction, n: int) -> CheckpointRow | None:
    """The signed root of exactly `n` entries, with every witness's line. Two queries."""
    row = tx.execute(select(audit_checkpoint).where(audit_checkpoint.c.n == n)).first()
    return None if row is None else _checkpoint(row, cosignature_lines(tx, n, n))


def first_checkpoint_over(tx: Transaction, n: int) -> CheckpointRow | None:
    """The earliest signed root that covers entry `n`, without witnesses' lines. One query."""
    asked = select(audit_checkpoint).where(audit_checkpoint.c.n > n)
    row = tx.execute(asked.order_by(audit_checkpoint.c.n).limit(1)).first()
    return None if row is None else _checkpoint(row, {})


def save_checkpoint(tx: Transaction, new: CheckpointRow) -> None:
    """Keep a signed root beside the log. The signer's own state is elsewhere and decides.

    Keeping the same one again changes nothing, because a signer that was stopped half-way repeats.
    """
    if tx.dialect == "postgresql":
        # The application's role may not write the table; see 0003_log_functions.
        tx.execute(select(func.audit_keep_checkpoint(new.n, new.root, new.note, new.at)))
        return
    tx.execute(sqlite.insert(audit_checkpoint).values(**asdict(new)).on_conflict_do_nothing())


def _details() -> Select[Any]:
    same_entry = audit_leaf.c.n == audit_detail.c.n
    return select(audit_detail, audit_leaf.c.id).join(audit_leaf, same_entry)


def _detail(row: Row[Any]) -> DetailRow:
    field = next(name for name in FIELDS if name == row.field)
    return DetailRow(row.n, field, row.id, row.key_id, row.body)


def _checkpoint(row: Row[Any], lines: Mapping[int, str]) -> CheckpointRow:
    """The row, with the signatures of witnesses under those of the log."""
    return CheckpointRow(row.n, row.root, row.note + lines.get(row.n, "").encode(), row.at)
