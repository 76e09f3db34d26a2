"""The database: opened once, and then one transaction for each act.

SQLite and PostgreSQL behave alike here. On SQLite every transaction that may write begins with
BEGIN IMMEDIATE, because one that reads first and writes later can find its snapshot stale, which
no waiting heals. Commits are flushed (`synchronous=FULL`), because an acknowledged entry must
survive a power cut.
"""

from __future__ import annotations

import os
import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

import sqlalchemy
from sqlalchemy import URL, Connection, Engine, event

from app.records.database_role import refuse_powerful
from app.records.errors import StoreBusy, StoreNotReady, faults_told_plainly
from app.records.transaction import Transaction

POSTGRES_LOCK_SECONDS = 2.0
SQLITE_LOCK_SECONDS = 5.0
"""Longer than PostgreSQL's, because SQLite has no queue: a waiter polls and may be unlucky."""
STATEMENT_SECONDS = 30.0
"""PostgreSQL only: no statement of a request may run longer."""
_PRIVATE = 0o600
_TRANSACTION = "sluss_transaction"
_READING = "sluss_reading"


class Store:
    """An open database. Safe to share between threads; open it after forking, not before."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    @classmethod
    def open(cls, url: str, *, lock_seconds: float | None = None, limited: bool = False) -> Store:
        """Open the database at `url`, whose tables must be those of this version.

        `url` is `sqlite:////absolute/path` or `postgresql+psycopg://...`. `lock_seconds` is how
        long to wait for someone else's lock before `StoreBusy`; None takes the default. `limited`:
        refuse a PostgreSQL role that could write the log in any other way than by adding to it.
        """
        from app.records.migrations.upgrade import require_current

        store = cls(connect(url, lock_seconds=lock_seconds))
        try:
            with faults_told_plainly():
                require_current(store._engine)
                if limited:
                    with store._engine.connect() as connection:
                        refuse_powerful(connection)
        except BaseException:
            store.close()
            raise
        return store

    @contextmanager
    def begin(self, *, at: datetime) -> Iterator[Transaction]:
        """One act: commits when the block ends, keeps nothing if it ends by an exception."""
        with self._transaction(at, read_only=False) as transaction:
            yield transaction

    @contextmanager
    def look(self, *, at: datetime) -> Iterator[Transaction]:
        """One reading of one moment that leaves no entry, e.g. of a session or the log.

        Never for note text or anything about a person who is written about: such a reading is an
        act and uses `begin`. Refuses every write.
        """
        with self._transaction(at, read_only=True) as transaction:
            yield transaction

    @contextmanager
    def _transaction(self, at: datetime, *, read_only: bool) -> Iterator[Transaction]:
        if at.tzinfo is None:
            raise ValueError("a transaction needs a time with a zone; hand in aware UTC")
        with faults_told_plainly(), self._engine.connect() as plain:
            connection = plain.execution_options(**{_READING: read_only})
            with connection.begin():
                transaction = Transaction(connection, at, read_only=read_only)
                connection.info[_TRANSACTION] = transaction
                try:
                    yield transaction
                    transaction.finish()
                finally:
                    transaction.close()
                    del connection.info[_TRANSACTION]

    @property
    def engine(self) -> Engine:
        """For migrations and tests. A flow uses `begin`."""
        return self._engine

    def close(self) -> None:
        """Close every connection. On SQLite this also folds the write-ahead log into the file."""
        self._engine.dispose()


def role_of(url: str) -> str:
    """The database role that an address names. Raises StoreNotReady if it names none."""
    try:
        name = sqlalchemy.make_url(url).username
    except sqlalchemy.exc.ArgumentError:
        name = None
    if not name:
        raise StoreNotReady(
            "[storage] database must name its role, postgresql+psycopg://ROLE@host/name, because "
            "[storage] owner is another"
        )
    return name


def connect(url: str, *, lock_seconds: float | None = None) -> Engine:
    """The engine for `url`, with the settings the rest of this package relies on."""
    try:
        parsed = sqlalchemy.make_url(url)
    except sqlalchemy.exc.ArgumentError:
        raise StoreNotReady(
            "the database address cannot be read; write sqlite:////absolute/path or "
            "postgresql+psycopg://user@host/name"
        ) from None
    if parsed.get_backend_name() == "sqlite":
        return _connect_sqlite(parsed, lock_seconds or SQLITE_LOCK_SECONDS)
    if parsed.drivername == "postgresql+psycopg":
        return _connect_postgres(parsed, lock_seconds or POSTGRES_LOCK_SECONDS)
    raise StoreNotReady(
        f"Sluss stores in SQLite (sqlite:///) or PostgreSQL (postgresql+psycopg://), not in "
        f"{parsed.drivername}"
    )


def _connect_sqlite(url: URL, lock_seconds: float) -> Engine:
    if not url.database or url.database == ":memory:":
        raise StoreNotReady(
            "Sluss needs a database file: one in memory is gone when the process ends"
        )
    file = Path(url.database)
    try:
        # Made here, because SQLite would make it readable by others; its -wal and -shm files
        # inherit the mode. An existing file's mode is the operator's choice.
        os.close(os.open(file, os.O_RDWR | os.O_CREAT, _PRIVATE))
    except OSError as error:
        raise StoreNotReady(
            f"the database file {file} cannot be opened ({error.strerror}); check that its folder "
            "exists and that the service may write there"
        ) from None
    engine = sqlalchemy.create_engine(
        url, hide_parameters=True, connect_args={"timeout": lock_seconds}
    )

    @event.listens_for(engine, "connect")
    def prepare(connection: Any, _record: Any) -> None:
        # None takes the driver's own habit of beginning transactions away; `begin` below does it.
        connection.isolation_level = None
        connection.execute("PRAGMA foreign_keys=ON")
        connection.execute("PRAGMA secure_delete=ON")
        connection.execute("PRAGMA synchronous=FULL")
        # Without it, INSERT OR REPLACE deletes a log entry and no trigger hears of it.
        connection.execute("PRAGMA recursive_triggers=ON")
        _write_ahead(connection, lock_seconds)

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        reading = connection.get_execution_options().get(_READING, False)
        connection.exec_driver_sql("BEGIN DEFERRED" if reading else "BEGIN IMMEDIATE")

    _watch(engine)
    return engine


def _write_ahead(connection: Any, lock_seconds: float) -> None:
    """Switch to the write-ahead log. The switch does not wait for a lock, so it is retried."""
    until = time.monotonic() + lock_seconds
    while True:
        try:
            mode = connection.execute("PRAGMA journal_mode=WAL").fetchone()[0]
        except sqlite3.OperationalError:
            if time.monotonic() > until:
                raise StoreBusy(
                    "the database is locked by another process; try again in a moment"
                ) from None
            time.sleep(0.01)
            continue
        if mode != "wal":
            raise StoreNotReady(
                f"the database cannot use a write-ahead log here (got {mode}); put it on a local "
                "disk, not on a network share"
            )
        return


def _connect_postgres(url: URL, lock_seconds: float) -> Engine:
    engine = sqlalchemy.create_engine(
        url,
        hide_parameters=True,
        isolation_level="READ COMMITTED",
        pool_pre_ping=True,
    )

    @event.listens_for(engine, "connect")
    def prepare(connection: Any, _record: Any) -> None:
        connection.execute(
            "SELECT set_config('lock_timeout', %s, false),"
            " set_config('statement_timeout', %s, false),"
            " set_config('idle_in_transaction_session_timeout', '60s', false),"
            " set_config('timezone', 'UTC', false)",
            (f"{int(lock_seconds * 1000)}ms", f"{int(STATEMENT_SECONDS * 1000)}ms"),
        )
        connection.commit()

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        if connection.get_execution_options().get(_READING, False):
            connection.exec_driver_sql("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")

    _watch(engine)
    return engine


def _watch(engine: Engine) -> None:
    """Show every statement to the transaction it runs in, also those made of plain text."""

    @event.listens_for(engine, "before_cursor_execute")
    def saw(
        connection: Connection,
        _cursor: Any,
        statement: str,
        _parameters: Any,
        _context: Any,
        _many: bool,
    ) -> None:
        transaction = connection.info.get(_TRANSACTION)
        if transaction is not None:
            transaction.saw(statement)
