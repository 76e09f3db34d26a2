"""One transaction: what it wrote, and what it says happened.

Events wait until the end, tied to the savepoint they were recorded in, and are appended to the
log as the last statements before the commit: the row at the head of the log is the last thing
locked, so no two transactions can wait for each other in a ring.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, CursorResult, Executable, TextClause

from app.records.errors import (
    StoreBusy,
    StoreFault,
    StoreFull,
    UnloggedWriteError,
    faults_told_plainly,
)
from app.records.log_writer import append_events
from app.records.schema import UNLOGGED_TABLES
from app.records.written_tables import controls_transaction, written_tables
from audit.entry import Event
from audit.log import Appended, DetailSealer

LOG_TABLES = frozenset({"audit_leaf", "audit_node", "audit_head", "audit_counter"})
"""Written by the log itself and by nobody else. Details and the view may be erased by a flow."""

_PRUNED = frozenset({"audit_leaf", "audit_head"})
"""Of those, what pruning changes."""


@dataclass
class _Depth:
    """What has been done since one savepoint was set."""

    events: list[tuple[Event, DetailSealer]] = field(default_factory=list)
    wrote: set[str] = field(default_factory=set)
    broken: bool = False


class Transaction:
    """Handed out by `Store.begin`. Statements see their own writes; nobody else does yet."""

    def __init__(self, connection: Connection, at: datetime, *, read_only: bool) -> None:
        self._connection = connection
        self._read_only = read_only
        self._depths = [_Depth()]
        self._appending = False
        self._pruning = False
        self._closed = False
        self.at = at.astimezone(UTC)
        """The time of the act, aware UTC, as the caller's clock told it."""
        self.appended: tuple[Appended, ...] = ()
        """The entries this transaction left in the log, in order; filled at the end."""

    @property
    def dialect(self) -> str:
        """`sqlite` or `postgresql`."""
        return self._connection.dialect.name

    def execute(
        self,
        statement: Executable,
        parameters: Mapping[str, Any] | Sequence[Mapping[str, Any]] | None = None,
    ) -> CursorResult[Any]:
        """Run one statement. A failed statement ends the transaction, or its savepoint."""
        self._refuse_if_over()
        if isinstance(statement, TextClause) and controls_transaction(statement.text):
            raise ValueError("a transaction is ended by its block; use savepoint() to split one")
        try:
            with faults_told_plainly():
                return self._connection.execute(statement, parameters)
        except StoreFault as fault:
            self._mark_broken(fault)
            raise

    def record(self, event: Event, *, sealer: DetailSealer) -> None:
        """Say what happened. The entry is written at the end, and only if this part stands."""
        self._refuse_if_over()
        if self._read_only:
            raise UnloggedWriteError("a reading transaction leaves no entry; use Store.begin")
        self._depths[-1].events.append((event, sealer))

    @contextmanager
    def savepoint(self) -> Iterator[None]:
        """A part that can fail alone: leaving it by an exception undoes its rows and events."""
        self._refuse_if_over()
        self._depths.append(_Depth())
        try:
            with faults_told_plainly(), self._connection.begin_nested():
                yield
                if self._depths[-1].broken:
                    raise StoreFault("a statement in the savepoint failed and was passed over")
        except BaseException:
            self._depths.pop()
            raise
        inner = self._depths.pop()
        self._depths[-1].events += inner.events
        self._depths[-1].wrote |= inner.wrote

    @contextmanager
    def pruning(self) -> Iterator[None]:
        """While entries are pruned: they lose their bytes, and the minimum index goes up.

        What is done meanwhile must be recorded, like all else.
        """
        self._pruning = True
        try:
            yield
        finally:
            self._pruning = False

    def saw(self, statement: str) -> None:
        """Called by the engine before every statement, however it was made."""
        tables = written_tables(statement)
        if not tables or self._appending:
            return
        if self._read_only:
            raise UnloggedWriteError(
                f"a reading transaction tried to write {_named(tables)}; use Store.begin"
            )
        if by_hand := tables & LOG_TABLES - (_PRUNED if self._pruning else frozenset()):
            raise UnloggedWriteError(
                f"{_named(by_hand)} is written by the log alone; use Transaction.record"
            )
        self._depths[-1].wrote |= tables

    def finish(self) -> None:
        """Check that what was written is told, and append it. Nothing can be run after."""
        self._refuse_if_over()
        if len(self._depths) != 1:
            raise StoreFault("the transaction ended inside a savepoint; this is a defect in Sluss")
        events = self._depths[0].events
        untold = self._depths[0].wrote - UNLOGGED_TABLES.keys()
        if untold and not events:
            raise UnloggedWriteError(
                f"the transaction wrote {_named(untold)} and recorded nothing; record what "
                "happened, or exempt the table with a reason"
            )
        if events:
            self._append(events)
        self._closed = True

    def _append(self, events: Sequence[tuple[Event, DetailSealer]]) -> None:
        self._appending = True
        with faults_told_plainly():
            self.appended = append_events(self._connection, events, at=self.at)

    def close(self) -> None:
        """Make sure that a kept reference can do nothing after the block."""
        self._closed = True

    def _refuse_if_over(self) -> None:
        if self._closed:
            raise StoreFault("the transaction is over; begin another")
        if self._depths[-1].broken:
            raise StoreFault("an earlier statement of the transaction failed; let its block end")

    def _mark_broken(self, fault: StoreFault) -> None:
        # A full or locked SQLite file undoes the whole transaction by itself. What ran after that
        # would be committed statement by statement, so nothing may run at any depth.
        everywhere = isinstance(fault, StoreBusy | StoreFull)
        for depth in self._depths if everywhere else self._depths[-1:]:
            depth.broken = True


def _named(tables: frozenset[str] | set[str]) -> str:
    return ", ".join(sorted(tables))
