"""Count the statements that are run, for the bench and for tests of bounded queries."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import event

from app.records.store import Store

LOG_TABLES = ("audit_head", "audit_counter", "audit_leaf", "audit_detail", "audit_node")


@dataclass
class Counted:
    """What ran, in order: every statement, and the reads of transactions that may write.

    A request's session is recognised in a transaction of its own that only looks; the append to
    the log is the same for every act. Both are in `total` and not in `of_flow`.
    """

    total: int = 0
    of_flow: list[str] = field(default_factory=list)


@contextmanager
def counted_statements(store: Store) -> Iterator[Counted]:
    """Counts while the block runs."""
    counted = Counted()

    def saw(
        connection: Any, _cursor: Any, statement: str, _parameters: Any, _context: Any, _many: bool
    ) -> None:
        counted.total += 1
        looks_only = connection.get_execution_options().get("sluss_reading", False)
        reads = statement.lstrip().upper().startswith(("SELECT", "WITH"))
        if reads and not looks_only and not any(name in statement for name in LOG_TABLES):
            counted.of_flow.append(statement)

    event.listen(store.engine, "before_cursor_execute", saw)
    try:
        yield counted
    finally:
        event.remove(store.engine, "before_cursor_execute", saw)
