"""Appending to the log's tables, with as few and as plain statements as each database allows.

Every act waits for this, and on PostgreSQL everybody else waits while the head is locked, so these
statements are written by hand and prepared once: on SQLite one for each table, on PostgreSQL one
call that locks and one that adds everything.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection

from app.records.errors import StoreNotReady
from audit.entry import Event
from audit.log import (
    Appended,
    DetailRow,
    DetailSealer,
    Head,
    LeafRow,
    LogStore,
    NodeRow,
    append_all,
    scopes,
)

ACTOR_STAFF = "staff"
"""The key of an event's actor under which the member of staff's id stands, for the view."""


def append_events(
    connection: Connection, events: Sequence[tuple[Event, DetailSealer]], *, at: datetime
) -> tuple[Appended, ...]:
    """Append a transaction's events, with their rows for searching. Called by Transaction alone."""
    happened = [event for event, _ in events]
    writer: LogStore
    if connection.dialect.name == "postgresql":
        writer = _PostgresWriter(connection, happened)
    else:
        writer = _SqliteWriter(connection, happened)
    return tuple(append_all(writer, events, at=at))


_COUNT = """
INSERT INTO audit_counter (scope, k) VALUES {values}
ON CONFLICT (scope) DO UPDATE SET k = audit_counter.k + excluded.k
RETURNING (SELECT n FROM audit_head WHERE id = 1), (SELECT t FROM audit_head WHERE id = 1),
  (SELECT frontier FROM audit_head WHERE id = 1), scope, k
"""


class _SqliteWriter:
    """`audit.log.LogStore`. The transaction holds the only lock there is, so nothing is locked.

    The counters are taken with the head, in one statement.
    """

    def __init__(self, connection: Connection, events: Sequence[Event]) -> None:
        self._run = connection.exec_driver_sql
        self._events = events
        self._last: dict[str, int] = {}

    def lock_head(self) -> Head:
        wanted = Counter(scope for event in self._events for scope in scopes(event))
        rows = self._run(
            _COUNT.format(values=", ".join(["(?, ?)"] * len(wanted))),
            tuple(value for pair in wanted.items() for value in pair),
        ).all()
        self._last = {row[3]: row[4] for row in rows}
        return _head(rows[0][:3] if rows and rows[0][0] is not None else None)

    def next_counters(self, scopes: Sequence[str]) -> Sequence[int]:
        return _numbered(scopes, Counter(scopes), self._last)

    def insert(
        self,
        leaves: Sequence[LeafRow],
        details: Sequence[DetailRow],
        nodes: Sequence[NodeRow],
        head: Head,
    ) -> None:
        self._run(
            "INSERT INTO audit_leaf (n, id, leaf_hash, entry) VALUES (?, ?, ?, ?)",
            [(row.n, row.id, row.leaf_hash, row.entry) for row in leaves],
        )
        self._run(
            "INSERT INTO audit_detail (n, field, key_id, body) VALUES (?, ?, ?, ?)",
            [(row.n, row.field, row.key_id, row.body) for row in details],
        )
        if nodes:
            self._run(
                "INSERT INTO audit_node (level, idx, hash) VALUES (?, ?, ?)",
                [(row.level, row.idx, row.hash) for row in nodes],
            )
        # The text that UtcTime stores on SQLite.
        at = _time(head).replace(tzinfo=None).isoformat(sep=" ", timespec="microseconds")
        self._run(
            "INSERT INTO audit_view (n, id, organisation_id, case_id, staff_id, op, res, at) "
            "VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            [(*seen, at) for seen in _seen(self._events, leaves)],
        )
        self._run(
            "UPDATE audit_head SET n = ?, t = ?, frontier = ? WHERE id = 1",
            (head.n, head.t, head.frontier),
        )


# Functions of the database, because the application's role may not write the log's tables. See
# migrations/versions/0003_log_functions.py: they hash and count again and refuse what differs.
_LOCK_AND_COUNT = "SELECT n, t, frontier, scope, k FROM audit_lock_head(%s::varchar[])"

_APPEND = """
SELECT audit_append(%s::varchar[], %s::bytea[], %s::varchar[], %s::varchar[],
  %s::bigint[], %s::varchar[], %s::varchar[], %s::bytea[], %s::bytea)
"""


class _PostgresWriter:
    """`audit.log.LogStore`. One call locks the head and reads the counters, one adds everything."""

    def __init__(self, connection: Connection, events: Sequence[Event]) -> None:
        self._run = connection.exec_driver_sql
        self._events = events
        self._last: dict[str, int] = {}

    def lock_head(self) -> Head:
        wanted = Counter(scope for event in self._events for scope in scopes(event))
        rows = self._run(_LOCK_AND_COUNT, (list(wanted),)).all()
        self._last = {row[3]: row[4] + wanted[row[3]] for row in rows}
        return _head(rows[0][:3] if rows else None)

    def next_counters(self, scopes: Sequence[str]) -> Sequence[int]:
        return _numbered(scopes, Counter(scopes), self._last)

    def insert(
        self,
        leaves: Sequence[LeafRow],
        details: Sequence[DetailRow],
        nodes: Sequence[NodeRow],  # noqa: ARG002 - made again in the database
        head: Head,
    ) -> None:
        # The nodes are made again there, and `head.frontier` tells whether they came out alike.
        seen = _seen(self._events, leaves)
        self._run(
            _APPEND,
            (
                *_columns([(row.id, row.entry) for row in leaves], 2),
                *_columns([(case, staff) for _, _, _, case, staff, _, _ in seen], 2),
                *_columns([(row.n, row.field, row.key_id, row.body) for row in details], 4),
                head.frontier,
            ),
        )


def _columns(rows: Sequence[tuple[Any, ...]], width: int) -> list[list[Any]]:
    return [[row[column] for row in rows] for column in range(width)]


def _seen(events: Sequence[Event], leaves: Sequence[LeafRow]) -> list[tuple[Any, ...]]:
    """What the view keeps of each entry, but for its time."""
    rows = []
    for event, leaf in zip(events, leaves, strict=True):
        staff_id = event.actor.get(ACTOR_STAFF)
        known = staff_id if isinstance(staff_id, str) else None
        rows.append((leaf.n, leaf.id, event.org, event.case, known, event.op, event.res))
    return rows


def _time(head: Head) -> datetime:
    """The time of the entries just made, which share it: it becomes the head's."""
    if head.t is None:
        raise ValueError("a head after an entry has a time")
    return datetime.fromisoformat(head.t).astimezone(UTC)


def _numbered(
    scopes: Sequence[str], wanted: Mapping[str, int], last: Mapping[str, int]
) -> list[int]:
    """Number the scopes in order, where `last` is the highest number each was given."""
    given = {scope: last[scope] - wanted[scope] for scope in wanted}
    numbers = []
    for scope in scopes:
        given[scope] += 1
        numbers.append(given[scope])
    return numbers


def _head(row: Sequence[Any] | None) -> Head:
    if row is None:
        raise StoreNotReady(
            "the log's head row is missing; the database was not made by `sluss migrate`, or has "
            "been tampered with. Restore from a backup"
        )
    return Head(row[0], row[1], row[2])
