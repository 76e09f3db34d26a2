"""What every test of a kind begins with: founded once a process, and put back as it was.

A town takes longer to found than most tests take to use it, and is founded in the same way each
time. So the rows are kept that the founding wrote, and the next test's empty database gets them.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from typing import Any, Generic, TypeVar

from app.records.schema import all_tables
from app.records.store import Store

Home = TypeVar("Home")


class _SqliteRows:
    def __init__(self, connection: sqlite3.Connection) -> None:
        self._kept = sqlite3.connect(":memory:")
        connection.backup(self._kept)

    def put_back(self, connection: sqlite3.Connection) -> None:
        self._kept.backup(connection)


class _PostgresRows:
    def __init__(self, connection: Any) -> None:
        self._kept: dict[str, bytes] = {}
        for table in all_tables().tables:
            with connection.cursor().copy(f'COPY "{table}" TO STDOUT') as rows:
                kept = b"".join(rows)
            if kept:
                self._kept[table] = kept
        connection.rollback()

    def put_back(self, connection: Any) -> None:
        cursor = connection.cursor()
        # As a replica, because the log's own triggers rightly refuse another head.
        cursor.execute("SET LOCAL session_replication_role = replica; DELETE FROM audit_head")
        for table, kept in self._kept.items():
            with cursor.copy(f'COPY "{table}" FROM STDIN') as rows:
                rows.write(kept)
        connection.commit()


class Founded(Generic[Home]):
    """Homes of tests on databases of either kind.

    `found` makes one on an empty database. `again` makes the same one over from one that is
    already there: it shares nothing with it that a test may change.
    """

    def __init__(
        self, found: Callable[[Store], Home], again: Callable[[Home, Store], Home]
    ) -> None:
        self._found, self._again = found, again
        self._kept: dict[str, tuple[_SqliteRows | _PostgresRows, Home]] = {}

    def on(self, store: Store) -> Home:
        """A home on an empty database."""
        kind = store.engine.dialect.name
        first = self._found(store) if kind not in self._kept else None
        line = store.engine.raw_connection()
        try:
            if first is not None:
                keep = _SqliteRows if kind == "sqlite" else _PostgresRows
                self._kept[kind] = keep(line.driver_connection), first  # type: ignore[arg-type]
            else:
                self._kept[kind][0].put_back(line.driver_connection)  # type: ignore[arg-type]
        finally:
            line.close()
        # Also the first time, because what is kept is nobody's to change.
        return self._again(self._kept[kind][1], store)
