"""Appending to the log, in the caller's own transaction, and reading it back.

`append` is the last thing before COMMIT: it locks the head row, gives the entry its index, time and
counters, and hands the store the rows to insert. Nothing else is locked after the head, so there
is no cycle of locks; and order is the index, never the time.

For who implements `LogStore` over SQL, one table for each row type below:

    audit_leaf(n BIGINT PRIMARY KEY, id TEXT UNIQUE NOT NULL, leaf_hash BLOB(32), entry BLOB)
    audit_detail(n BIGINT, field TEXT, key_id TEXT, body BLOB, PRIMARY KEY (n, field))
    audit_node(level SMALLINT, idx BIGINT, hash BLOB(32), PRIMARY KEY (level, idx))
    audit_head(id SMALLINT PRIMARY KEY CHECK (id = 1), n BIGINT, t TEXT NULL, frontier BLOB,
               minimum BIGINT DEFAULT 0)
    audit_counter(scope TEXT PRIMARY KEY, k BIGINT)
    audit_checkpoint(n BIGINT PRIMARY KEY, root BLOB(32), note BLOB, at TEXT)

The head row (1, 0, NULL, empty) is written once by the migration that makes the table: a row that
does not exist cannot be locked. `audit_leaf.n` as primary key is the second lock against a fork.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from audit.entry import (
    SALT_BYTES,
    Entry,
    Event,
    Field,
    OpenedDetail,
    commitment,
    detail_bodies,
    time_text,
)
from audit.errors import EntryError
from audit.merkle import Coord, Frontier, leaf_hash


@dataclass(frozen=True)
class Head:
    """The one head row. `n` is the number of entries, `t` the time of the latest (None if none)."""

    n: int
    t: str | None
    frontier: bytes

    def __post_init__(self) -> None:
        Frontier.from_bytes(self.n, self.frontier)
        if (self.t is None) != (self.n == 0):
            raise EntryError("a head has a latest time if, and only if, the log has entries")

    def root(self) -> bytes:
        """The root of the log as it stands."""
        return Frontier.from_bytes(self.n, self.frontier).root()


EMPTY_HEAD = Head(0, None, b"")


@dataclass(frozen=True)
class LeafRow:
    """audit_leaf. `entry` is the leaf's bytes, stored verbatim and never rebuilt.

    Of a pruned entry `entry` is empty (`pruning.PRUNED`); its id and its hash stay.
    """

    n: int
    id: str
    leaf_hash: bytes
    entry: bytes


@dataclass(frozen=True)
class DetailRow:
    """audit_detail. `body` is the sealer's ciphertext over salt || canonical bytes.

    `id` is the entry's id: what the sealer bound the ciphertext to. SQL takes it from audit_leaf.
    Deleting a row is erasure, and needs an entry of its own (`entry.ERASURE_OP`).
    """

    n: int
    field: Field
    id: str
    key_id: str
    body: bytes


@dataclass(frozen=True)
class NodeRow:
    """audit_node: a completed interior node, level 1 or above, never changed after."""

    level: int
    idx: int
    hash: bytes


@dataclass(frozen=True)
class CheckpointRow:
    """audit_checkpoint. `n` is the size signed, `note` the signed note, `at` as `time_text`."""

    n: int
    root: bytes
    note: bytes
    at: str


class DetailSealer(Protocol):
    """Encrypts the three fields; implemented by whoever holds the keys."""

    def seal(self, field: Field, entry_id: str, plaintext: bytes) -> tuple[str, bytes]:
        """(key id, ciphertext), bound to field and entry id."""
        ...


class LogStore(Protocol):
    """The writing side, inside the caller's open transaction."""

    def lock_head(self) -> Head:
        """The head row, locked until the transaction ends (SQL: FOR NO KEY UPDATE)."""
        ...

    def next_counters(self, scopes: Sequence[str]) -> Sequence[int]:
        """The next number of each scope, from 1 without gaps; called only under the head lock.

        A scope given twice gets two numbers. SQL: INSERT (scope, 1) ON CONFLICT (scope) DO UPDATE
        SET k = audit_counter.k + 1 RETURNING k.
        """
        ...

    def insert(
        self,
        leaves: Sequence[LeafRow],
        details: Sequence[DetailRow],
        nodes: Sequence[NodeRow],
        head: Head,
    ) -> None:
        """Insert the rows and set the head row to `head`."""
        ...


class LogReader(Protocol):
    """The reading side, within one snapshot (one read transaction). Gaps are shown, not hidden."""

    def head(self) -> Head:
        """The head row, not locked."""
        ...

    def leaves(self, start: int, stop: int) -> Iterator[LeafRow]:
        """Rows with start <= n < stop, in order of n; a missing row is simply not there."""
        ...

    def details(self, start: int, stop: int) -> Iterator[DetailRow]:
        """Rows with start <= n < stop, in order of n and then field."""
        ...

    def minimum(self) -> int:
        """The minimum index: entries below it may have been pruned, and none from there on."""
        ...

    def nodes(self, coords: Sequence[Coord]) -> Sequence[bytes | None]:
        """One hash for each (level, index), None where there is none; level 0 is leaf_hash."""
        ...

    def checkpoints(self) -> Iterator[CheckpointRow]:
        """All checkpoint rows, in order of n."""
        ...

    def latest_checkpoint(self) -> CheckpointRow | None:
        """The row with the largest n."""
        ...


@dataclass(frozen=True)
class Appended:
    """Where the event stands in the log. `t` is the entry's time as text."""

    n: int
    id: str
    leaf_hash: bytes
    t: str


def append(
    store: LogStore,
    event: Event,
    *,
    at: datetime,
    sealer: DetailSealer,
    salts: Callable[[int], bytes] = secrets.token_bytes,
) -> Appended:
    """Add one event. Anything that raises here must roll the caller's transaction back."""
    return append_all(store, [(event, sealer)], at=at, salts=salts)[0]


def append_all(
    store: LogStore,
    events: Sequence[tuple[Event, DetailSealer]],
    *,
    at: datetime,
    salts: Callable[[int], bytes] = secrets.token_bytes,
) -> list[Appended]:
    """Add events in the order given, with one lock of the head and one insert."""
    if not events:
        return []
    clock = time_text(at)
    head = store.lock_head()
    counters = iter(store.next_counters([scope for event, _ in events for scope in scopes(event)]))
    # An entry is never earlier than the one before it; the raw clock is kept where it went back.
    t = clock if head.t is None else max(clock, head.t)
    raw = clock if t != clock else None
    frontier = Frontier.from_bytes(head.n, head.frontier)
    leaves: list[LeafRow] = []
    details: list[DetailRow] = []
    nodes: list[NodeRow] = []
    for event, sealer in events:
        organisation_counter = next(counters)
        case_counter = next(counters) if event.case is not None else None
        opened = {
            name: OpenedDetail(salts(SALT_BYTES), body)
            for name, body in detail_bodies(event, case_counter).items()
        }
        leaf = _entry(event, frontier.size, t, raw, organisation_counter, opened).leaf()
        digest = leaf_hash(leaf)
        leaves.append(LeafRow(frontier.size, event.id, digest, leaf))
        for name, detail in opened.items():
            key_id, body = sealer.seal(name, event.id, detail.sealed_form())
            details.append(DetailRow(frontier.size, name, event.id, key_id, body))
        frontier, completed = frontier.append(digest)
        nodes.extend(NodeRow(level, idx, node) for (level, idx), node in completed)
    store.insert(leaves, details, nodes, Head(frontier.size, t, frontier.to_bytes()))
    return [Appended(row.n, row.id, row.leaf_hash, t) for row in leaves]


def scopes(event: Event) -> list[str]:
    """The counters an event takes a number from: its organisation's, then its case's."""
    own = [f"org:{event.org}"]
    return own if event.case is None else [*own, f"case:{event.case}"]


def _entry(
    event: Event, n: int, t: str, tc: str | None, ko: int, opened: dict[Field, OpenedDetail]
) -> Entry:
    return Entry(
        n=n,
        id=event.id,
        t=t,
        tc=tc,
        op=event.op,
        res=event.res,
        org=event.org,
        ko=ko,
        ca=commitment("actor", opened["actor"]),
        co=commitment("object", opened["object"]),
        cd=commitment("detail", opened["detail"]),
        rule=event.rule,
        pol=event.pol,
        ct=event.ct,
        wr=event.wr,
    )


def stored_nodes(reader: LogReader) -> Callable[[Sequence[Coord]], list[bytes]]:
    """A `merkle.FetchNodes` over the reader's rows. Raises EntryError at a node that is missing."""

    def fetch(coords: Sequence[Coord]) -> list[bytes]:
        found = []
        for coord, node in zip(coords, reader.nodes(coords), strict=True):
            if node is None:
                raise EntryError(f"node {coord[1]} at level {coord[0]} is missing from the log")
            found.append(node)
        return found

    return fetch
