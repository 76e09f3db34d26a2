"""A log in memory, behind the same protocols as the one over SQL, and the parts to drive it."""

from __future__ import annotations

import copy
import hashlib
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pytest

from audit.checkpoint import Checkpoint, SigningKey, sign_note
from audit.contents import make_contents
from audit.entry import Event, Field, OpenedDetail, read_sealed_form
from audit.export import Beside, write_export
from audit.log import (
    EMPTY_HEAD,
    Appended,
    CheckpointRow,
    DetailRow,
    Head,
    LeafRow,
    NodeRow,
    append,
)
from audit.manifest import Scope, parse_manifest
from audit.merkle import Coord, Frontier, leaf_hash
from audit.report import Order
from audit.shown import SHOWN_PATH, would_show

ORDER = Order(export="export-1", recipient="Revisorn", purpose="Granskning")
START = datetime(2026, 11, 23, 8, 0, 0, tzinfo=UTC)


class PlainSealer:
    """Seals by writing field and id in front: enough to see that both are bound."""

    def seal(self, field: Field, entry_id: str, plaintext: bytes) -> tuple[str, bytes]:
        return "key-1", f"{field}/{entry_id}/".encode() + plaintext


def open_plain(row: DetailRow) -> OpenedDetail:
    prefix = f"{row.field}/{row.id}/".encode()
    if not row.body.startswith(prefix):
        raise ValueError("the ciphertext belongs elsewhere")
    return read_sealed_form(row.body[len(prefix) :])


@dataclass
class MemoryLog:
    """Both sides of the log. `begin` is a transaction: rolled back when its block raises."""

    head_row: Head = EMPTY_HEAD
    leaf_rows: dict[int, LeafRow] = field(default_factory=dict)
    detail_rows: dict[tuple[int, str], DetailRow] = field(default_factory=dict)
    node_rows: dict[Coord, bytes] = field(default_factory=dict)
    counters: dict[str, int] = field(default_factory=dict)
    checkpoint_rows: dict[int, CheckpointRow] = field(default_factory=dict)
    pruned_below: int = 0
    lock: threading.RLock = field(default_factory=threading.RLock)
    mine: threading.local = field(default_factory=threading.local)

    @contextmanager
    def begin(self) -> Iterator[MemoryLog]:
        self.mine.before = None
        try:
            yield self
        except BaseException:
            if self.mine.before is not None:
                vars(self).update(self.mine.before)
            raise
        finally:
            if self.mine.before is not None:
                self.lock.release()

    def lock_head(self) -> Head:
        if self.mine.before is None:
            self.lock.acquire()
            names = ("head_row", "leaf_rows", "detail_rows", "node_rows", "counters")
            self.mine.before = {name: copy.copy(getattr(self, name)) for name in names}
        return self.head_row

    def next_counters(self, scopes: Sequence[str]) -> list[int]:
        numbers = []
        for scope in scopes:
            self.counters[scope] = self.counters.get(scope, 0) + 1
            numbers.append(self.counters[scope])
        return numbers

    def insert(
        self,
        leaves: Sequence[LeafRow],
        details: Sequence[DetailRow],
        nodes: Sequence[NodeRow],
        head: Head,
    ) -> None:
        assert not self.leaf_rows.keys() & {row.n for row in leaves}, "n is a primary key"
        self.leaf_rows |= {row.n: row for row in leaves}
        self.detail_rows |= {(row.n, row.field): row for row in details}
        self.node_rows |= {(row.level, row.idx): row.hash for row in nodes}
        self.head_row = head

    def head(self) -> Head:
        return self.head_row

    def leaves(self, start: int, stop: int) -> Iterator[LeafRow]:
        return (self.leaf_rows[n] for n in range(start, stop) if n in self.leaf_rows)

    def details(self, start: int, stop: int) -> Iterator[DetailRow]:
        chosen = sorted(key for key in self.detail_rows if start <= key[0] < stop)
        return (self.detail_rows[key] for key in chosen)

    def nodes(self, coords: Sequence[Coord]) -> list[bytes | None]:
        found: list[bytes | None] = []
        for level, idx in coords:
            row = self.leaf_rows.get(idx)
            if level:
                found.append(self.node_rows.get((level, idx)))
            else:
                found.append(row.leaf_hash if row else None)
        return found

    def checkpoints(self) -> Iterator[CheckpointRow]:
        return (self.checkpoint_rows[n] for n in sorted(self.checkpoint_rows))

    def minimum(self) -> int:
        return self.pruned_below

    def latest_checkpoint(self) -> CheckpointRow | None:
        return self.checkpoint_rows[max(self.checkpoint_rows)] if self.checkpoint_rows else None


def event_id(number: int) -> str:
    """A UUIDv7 text that differs for each number."""
    return f"0193{number >> 16 & 0xFFFF:04x}-{number & 0xFFFF:04x}-7000-8000-{number:012x}"


def an_event(number: int, **changes: Any) -> Event:
    given: dict[str, Any] = {
        "id": event_id(number),
        "op": "note.read",
        "res": "allow",
        "org": "org-sunne",
        "actor": {"staff": "karin", "role": "case_worker"},
        "object": {"note": f"note-{number}"},
        "detail": {"client": "192.0.2.7"},
        "case": "case-1",
        "rule": "P-18a",
        "pol": hashlib.sha256(b"pack").hexdigest(),
    }
    return Event(**(given | changes))


def write(log: MemoryLog, number: int, **changes: Any) -> Appended:
    at = changes.pop("at", START + timedelta(seconds=number))
    with log.begin() as tx:
        return append(tx, an_event(number, **changes), at=at, sealer=PlainSealer())


def seal_checkpoint(log: MemoryLog, key: SigningKey) -> bytes:
    """What the signer would publish, made straight from the head."""
    head = log.head()
    note = sign_note(Checkpoint(key.name, head.n, head.root()).text(), [key])
    log.checkpoint_rows[head.n] = CheckpointRow(head.n, head.root(), note, "2026-11-23")
    return note


def write_vouched(
    log: MemoryLog,
    key: SigningKey,
    folder: Path,
    *,
    scope: Scope,
    number: int,
    opener: Callable[[DetailRow], Any] = open_plain,
    files: Mapping[str, bytes] = MappingProxyType({}),
    told: str = "",
    **entry: Any,
) -> Path:
    """What the service does: what is to be exported is told in entry `number`, sealed, written."""
    folder.mkdir(parents=True)
    beside = {SHOWN_PATH: b"".join(would_show(log, opener, scope)), **files}
    paths = {}
    for place, (path, data) in enumerate(beside.items()):
        paths[path] = folder / f"beside-{place}"
        paths[path].write_bytes(data)
    hashes = {path: hashlib.sha256(data).hexdigest() for path, data in beside.items()}
    contents = make_contents(hashes, scope, ORDER)
    told = told or hashlib.sha256(contents).hexdigest()
    write(log, number, op="export.written", detail={"contents": told}, **entry)
    seal_checkpoint(log, key)
    write_export(
        log,
        folder / "export",
        opener=opener,
        keys=[key.verifier],
        kind=scope.kind,
        of=scope.of,
        start=scope.start,
        stop=scope.stop,
        beside=Beside(contents=contents, files=paths, entry=log.head().n - 1),
    )
    return folder / "export"


def forge(folder: Path, **changes: Any) -> None:
    """The manifest written anew over what now lies in the folder, by someone who knows how."""
    old = parse_manifest((folder / "manifest.json").read_bytes())
    files = {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in folder.rglob("*")
        if path.is_file() and path.name != "manifest.json"
    }
    (folder / "manifest.json").write_bytes(replace(old, **{"files": files, **changes}).to_bytes())


def rebuild(log: MemoryLog) -> None:
    """What an attacker does who can write every row: new hashes, nodes and head throughout."""
    frontier = Frontier()
    log.node_rows.clear()
    rows = [log.leaf_rows[n] for n in sorted(log.leaf_rows)]
    log.leaf_rows.clear()
    for place, row in enumerate(rows):
        digest = leaf_hash(row.entry)
        log.leaf_rows[place] = LeafRow(place, row.id, digest, row.entry)
        frontier, completed = frontier.append(digest)
        log.node_rows |= dict(completed)
    log.head_row = Head(frontier.size, log.head_row.t, frontier.to_bytes())


@pytest.fixture
def log() -> MemoryLog:
    return MemoryLog()


@pytest.fixture
def key() -> SigningKey:
    return SigningKey("sluss.example/log", bytes(range(32)))


@dataclass(frozen=True)
class Kit:
    """The functions above, handed to tests as a fixture because tests do not import each other."""

    log: Callable[[], MemoryLog] = MemoryLog
    event: Callable[..., Event] = an_event
    write: Callable[..., Appended] = write
    rebuild: Callable[[MemoryLog], None] = rebuild
    seal: Callable[[MemoryLog, SigningKey], bytes] = seal_checkpoint
    write_vouched: Callable[..., Path] = write_vouched
    forge: Callable[..., None] = forge
    open: Callable[[DetailRow], OpenedDetail] = open_plain
    sealer: type[PlainSealer] = PlainSealer
    start: datetime = START


@pytest.fixture
def kit() -> Kit:
    return Kit()
