"""Two acts at once, one of them held at a chosen point until the other is done or must wait.

The points are before the act begins, before each of its statements and before its commit. An act
held there lets the other run as far as the database lets it: to its end, or into a lock that only
the held act can release. So every order that two acts can come in is forced, and none is left to
how fast the machine is.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import psycopg
import sqlalchemy

from app.records.store import Store

Act = Callable[[], Any]
_PATIENCE = 120.0
"""Seconds after which a race that does not end is a failure."""


@dataclass
class Ended:
    """What both acts answered, and whether the first ever came to the point it was held at."""

    first: Any
    second: Any
    held: bool


class Interleaving:
    """Forces the order of two acts on one store."""

    def __init__(self, store: Store) -> None:
        self._engine = store.engine
        self._sqlite = store.engine.dialect.name == "sqlite"
        self._watcher = None if self._sqlite else _watcher(store)
        self._first: int | None = None
        self._second: int | None = None
        self._passed = self._hold_at = 0
        self._held = threading.Event()
        self._over = threading.Event()
        self._waits = threading.Event()
        listen = sqlalchemy.event.listen
        listen(self._engine, "before_cursor_execute", self._statement)
        listen(self._engine, "commit", self._commit)
        if self._sqlite:
            # These tests are about order, not about power cuts.
            listen(self._engine, "checkout", _unflushed)

    def close(self) -> None:
        if self._watcher is not None:
            self._watcher.close()

    def run(self, first: Act, second: Act, *, hold_at: int) -> Ended:
        """Start `first`, hold it at its point number `hold_at` (from 0), and let `second` run."""
        self._passed, self._hold_at = 0, hold_at
        # Idents are reused, so those of an earlier round must not be taken for this round's.
        self._first = self._second = None
        self._held, self._over, self._waits = (threading.Event() for _ in range(3))
        answers: list[Any] = [None, None]

        def one() -> None:
            self._first = threading.get_ident()
            try:
                self._step()
                answers[0] = first()
            except BaseException as fault:  # noqa: BLE001 -- handed to the test's own thread
                answers[0] = fault
            finally:
                self._held.set()

        def other() -> None:
            self._second = threading.get_ident()
            assert self._held.wait(_PATIENCE)
            try:
                answers[1] = second()
            except BaseException as fault:  # noqa: BLE001 -- handed to the test's own thread
                answers[1] = fault
            finally:
                self._over.set()

        threads = [threading.Thread(target=act) for act in (one, other)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(_PATIENCE)
            assert not thread.is_alive(), "the two acts wait for each other for ever"
        for answer in answers:
            if isinstance(answer, BaseException):
                raise answer
        return Ended(answers[0], answers[1], held=self._passed > hold_at)

    def _statement(self, *arguments: Any) -> None:
        if threading.get_ident() == self._second and arguments[2].startswith("BEGIN IMMEDIATE"):
            self._waits.set()
        self._step()

    def _commit(self, *_: Any) -> None:
        self._step()

    def _step(self) -> None:
        if threading.get_ident() != self._first:
            return
        self._passed += 1
        if self._passed != self._hold_at + 1:
            return
        self._held.set()
        while not self._over.wait(0.001):
            if self._other_waits():
                return

    def _other_waits(self) -> bool:
        """Whether the other act can go no further while the first stands still."""
        if self._watcher is None:
            # From its second statement on the first act has SQLite's only write lock.
            return self._passed > 2 and self._waits.is_set()
        waiting = self._watcher.execute(
            "SELECT count(*) FROM pg_stat_activity "
            "WHERE datname = current_database() AND wait_event_type = 'Lock'"
        ).fetchone()
        return bool(waiting and waiting[0])


def _unflushed(connection: Any, *_: Any) -> None:
    connection.execute("PRAGMA synchronous=OFF")


def _watcher(store: Store) -> psycopg.Connection[tuple[int]]:
    plain = store.engine.url.set(drivername="postgresql")
    return psycopg.connect(plain.render_as_string(hide_password=False), autocommit=True)
