"""Count the statements that are run, for the bench and for tests of bounded queries."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import event

from app.records.store import Store
from app.records.written_tables import written_tables

_ASKS = ("SELECT", "WITH")
# In PostgreSQL the log is added to by functions of the database, called in a SELECT.
_APPENDS = ("audit_lock_head(", "audit_append(")


@dataclass
class Counted:
    """What ran, in order."""

    statements: list[str] = field(default_factory=list)

    @property
    def queries(self) -> list[str]:
        """Those that ask for rows and change none."""
        asks = [one for one in self.statements if one.lstrip().upper().startswith(_ASKS)]
        return [one for one in asks if not _changes(one)]

    @property
    def writes(self) -> list[str]:
        """Those that change rows, the append to the log among them."""
        return [one for one in self.statements if _changes(one)]


def _changes(statement: str) -> bool:
    return bool(written_tables(statement)) or any(name in statement for name in _APPENDS)


@contextmanager
def counted_statements(store: Store) -> Iterator[Counted]:
    """Counts while the block runs."""
    counted = Counted()

    def saw(_connection: Any, _cursor: Any, statement: str, *_more: Any) -> None:
        counted.statements.append(statement)

    event.listen(store.engine, "before_cursor_execute", saw)
    try:
        yield counted
    finally:
        event.remove(store.engine, "before_cursor_execute", saw)
