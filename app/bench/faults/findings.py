"""What is found after a crash: is all that was acknowledged there, and is the log a log."""

from __future__ import annotations

from dataclasses import dataclass, field

from app.main import system_clock
from app.records.audit_log import StoredLog
from app.records.store import Store
from audit.entry import parse_leaf
from audit.errors import AuditFault
from audit.log import stored_nodes
from audit.merkle import FetchNodes, Frontier, leaf_hash, root_at


@dataclass
class Findings:
    """All that has been found so far. Everything in `wrong` is a sentence about a loss."""

    crashes: int = 0
    acknowledged: int = 0
    rows: int = 0
    entries: int = 0
    wrong: list[str] = field(default_factory=list)
    _frontier: Frontier = field(default_factory=Frontier)
    _told: set[str] = field(default_factory=set)
    _roots: dict[int, bytes] = field(default_factory=dict)

    @property
    def holds(self) -> bool:
        """Whether nothing was lost, untold, forked or left in between."""
        return not self.wrong and self.acknowledged > 0

    def look(self, store: Store, acknowledged: set[str]) -> None:
        """After one crash; `acknowledged` are the ids of all acts so far that were told of."""
        with store.look(at=system_clock()) as tx:
            self._follow(StoredLog(tx))
        with store.engine.connect() as connection:
            asked = connection.exec_driver_sql("SELECT audit_id FROM staff")
            rows = {str(row[0]) for row in asked}
            count = connection.exec_driver_sql
            details = count("SELECT count(*) FROM audit_detail").scalar_one()
            seen = count("SELECT count(*) FROM audit_view").scalar_one()
            counter = count("SELECT coalesce(max(k), 0) FROM audit_counter").scalar_one()
        self._say(len(acknowledged - rows), "acknowledged acts are not there")
        self._say(len(rows - self._told), "rows have no entry")
        self._say(len(self._told - rows), "entries have no row")
        for what, number, each in (
            ("details", details, 3),
            ("rows of the view", seen, 1),
            ("numbers of the counter", counter, 1),
        ):
            self._say(number - each * len(self._told), f"{what} too many or too few")
        self.acknowledged, self.rows = len(acknowledged), len(rows)

    def _follow(self, log: StoredLog) -> None:
        """The new entries, in order; the head; and every root that was ever found before."""
        head = log.head()
        frontier = self._frontier
        for row in log.leaves(frontier.size, head.n):
            entry = parse_leaf(row.entry)
            right = (
                row.n == entry.n == frontier.size == entry.ko - 1
                and leaf_hash(row.entry) == row.leaf_hash
            )
            self._say(not right, f"entry {row.n} is not the one that belongs there")
            self._told.add(row.id)
            frontier, _ = frontier.append(row.leaf_hash)
        self._say(frontier.size != head.n, "entries are missing at the end")
        self._say(frontier.root() != head.root(), "the head's root is not that of the entries")
        nodes = stored_nodes(log)
        for size, root in {**self._roots, head.n: head.root()}.items():
            self._say(not _still(size, root, nodes), f"the root at {size} changed")
        self._frontier, self.entries = frontier, head.n
        self._roots[head.n] = head.root()

    def _say(self, wrong: int | bool, what: str) -> None:
        if wrong:
            self.wrong.append(f"after crash {self.crashes}: {int(wrong)} {what}")


def _still(size: int, root: bytes, nodes: FetchNodes) -> bool:
    """Whether the stored nodes still lead to that root; where one is missing they do not."""
    try:
        return root_at(size, nodes) == root
    except AuditFault:
        return False
