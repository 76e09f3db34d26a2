"""A log in memory, written for a campaign: many copies of it are altered and exported."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

from audit.canonical import Json
from audit.checkpoint import Checkpoint, SigningKey, sign_note
from audit.entry import Event, Field, OpenedDetail, Result, read_sealed_form
from audit.log import (
    EMPTY_HEAD,
    CheckpointRow,
    DetailRow,
    Head,
    LeafRow,
    NodeRow,
    append,
)
from audit.manifest import Scope
from audit.merkle import Coord, Frontier, leaf_hash

ORIGIN = "sluss.example/log"
BEGUN = datetime(2026, 11, 2, 7, 0, tzinfo=UTC)
_OPS: tuple[tuple[str, Result], ...] = (
    ("note.read", "allow"),
    ("note.written", "allow"),
    ("note.disclosed", "allow"),
    ("note.disclosure_refused", "deny"),
    ("cases.listed", "allow"),
)


_KEY = "open"


class _OpenSealer:
    """Leaves details in clear, because the campaign is about the log and not about keys."""

    def seal(self, field: Field, entry_id: str, plaintext: bytes) -> tuple[str, bytes]:
        return _KEY, f"{field}/{entry_id}/".encode() + plaintext


def open_row(row: DetailRow) -> OpenedDetail | str:
    """The opener of an export: a ciphertext that was bound to another place does not open."""
    bound = f"{row.field}/{row.id}/".encode()
    if not row.body.startswith(bound) or row.key_id != _KEY:
        return "damaged"
    return read_sealed_form(row.body[len(bound) :])


def seal_row(row: DetailRow, opened: OpenedDetail) -> DetailRow:
    """The row with something else in it, sealed as it should be."""
    key_id, body = _OpenSealer().seal(row.field, row.id, opened.sealed_form())
    return replace(row, key_id=key_id, body=body)


@dataclass
class WrittenLog:
    """Both sides of a log, as dictionaries that an alteration can change at will."""

    head_row: Head = EMPTY_HEAD
    leaf_rows: dict[int, LeafRow] = field(default_factory=dict)
    detail_rows: dict[tuple[int, Field], DetailRow] = field(default_factory=dict)
    node_rows: dict[Coord, bytes] = field(default_factory=dict)
    counters: dict[str, int] = field(default_factory=dict)
    checkpoint_rows: dict[int, CheckpointRow] = field(default_factory=dict)
    pruned_below: int = 0

    def copy(self) -> WrittenLog:
        """A log of its own with the same rows."""
        return replace(
            self,
            leaf_rows=dict(self.leaf_rows),
            detail_rows=dict(self.detail_rows),
            node_rows=dict(self.node_rows),
            counters=dict(self.counters),
            checkpoint_rows=dict(self.checkpoint_rows),
        )

    def lock_head(self) -> Head:
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
        self.leaf_rows |= {row.n: row for row in leaves}
        self.detail_rows |= {(row.n, row.field): row for row in details}
        self.node_rows |= {(row.level, row.idx): row.hash for row in nodes}
        self.head_row = head

    def head(self) -> Head:
        return self.head_row

    def leaves(self, start: int, stop: int) -> Iterator[LeafRow]:
        return (self.leaf_rows[n] for n in range(start, stop) if n in self.leaf_rows)

    def details(self, start: int, stop: int) -> Iterator[DetailRow]:
        names: tuple[Field, ...] = ("actor", "detail", "object")
        places = ((n, name) for n in range(start, stop) for name in names)
        return (self.detail_rows[place] for place in places if place in self.detail_rows)

    def nodes(self, coords: Sequence[Coord]) -> list[bytes | None]:
        found: list[bytes | None] = []
        for level, idx in coords:
            row = self.leaf_rows.get(idx)
            leaf = row.leaf_hash if row else None
            found.append(leaf if level == 0 else self.node_rows.get((level, idx)))
        return found

    def checkpoints(self) -> Iterator[CheckpointRow]:
        return (self.checkpoint_rows[n] for n in sorted(self.checkpoint_rows))

    def minimum(self) -> int:
        return self.pruned_below

    def latest_checkpoint(self) -> CheckpointRow | None:
        return self.checkpoint_rows[max(self.checkpoint_rows)] if self.checkpoint_rows else None

    def seal(self, key: SigningKey) -> bytes:
        """Sign the head, as the signer would if nothing was remembered."""
        head = self.head_row
        note = sign_note(Checkpoint(key.name, head.n, head.root()).text(), [key])
        self.checkpoint_rows[head.n] = CheckpointRow(head.n, head.root(), note, head.t or "")
        return note

    def rebuild(self) -> None:
        """What someone does who can write every row: new numbers of rows, hashes, nodes, head."""
        frontier = Frontier()
        rows = [self.leaf_rows[n] for n in sorted(self.leaf_rows)]
        self.leaf_rows.clear()
        self.node_rows.clear()
        for place, row in enumerate(rows):
            digest = leaf_hash(row.entry)
            self.leaf_rows[place] = LeafRow(place, row.id, digest, row.entry)
            frontier, completed = frontier.append(digest)
            self.node_rows |= dict(completed)
        t = self.head_row.t if rows else None
        self.head_row = Head(frontier.size, t, frontier.to_bytes())


def write_log(chance: random.Random, key: SigningKey, entries: int) -> WrittenLog:
    """A sealed log of some organisations and cases, with checkpoints at places drawn by chance."""
    log = WrittenLog()
    at = BEGUN
    seals = {entries - 1, *(chance.randrange(entries) for _ in range(1 + entries // 40))}
    for number in range(entries):
        at += timedelta(seconds=chance.randrange(0, 40))
        append(log, _event(chance, number), at=at, sealer=_OpenSealer(), salts=chance.randbytes)
        if number in seals:
            log.seal(key)
    return log


def append_to(log: WrittenLog, chance: random.Random, scope: str | None) -> int:
    """One more entry, which takes a number from that counter. Returns its index."""
    number = log.head_row.n
    event = _event(chance, number)
    if scope is not None:
        kind, _, of = scope.partition(":")
        given = (
            {"org": of, "case": None}
            if kind == "org"
            else {"org": of.partition("/")[0], "case": of, "op": "note.read"}
        )
        event = replace(event, **given)
    at = datetime.fromisoformat(log.head_row.t or BEGUN.isoformat()) + timedelta(seconds=1)
    return append_event(log, event, at=at, chance=chance)


def tell_export(log: WrittenLog, scope: Scope, contents: str, chance: random.Random) -> int:
    """The entry that vouches for an export of the scope. Returns its index."""
    case = scope.of if scope.kind == "case" else None
    event = replace(
        _event(chance, log.head_row.n),
        op="export.written",
        res="allow",
        org=(scope.of or "").partition("/")[0],
        case=case,
        object={"export": "export-1"},
        detail={"contents": contents},
    )
    at = datetime.fromisoformat(log.head_row.t or BEGUN.isoformat()) + timedelta(seconds=1)
    return append_event(log, event, at=at, chance=chance)


def append_event(log: WrittenLog, event: Event, *, at: datetime, chance: random.Random) -> int:
    """Add it as the service would. Returns its index."""
    return append(log, event, at=at, sealer=_OpenSealer(), salts=chance.randbytes).n


def _event(chance: random.Random, number: int) -> Event:
    op, res = chance.choice(_OPS)
    org = chance.choice(("sunne-soc", "sunne-skola", "torsby-polis"))
    detail: dict[str, Json] = {"reason": "Förälder kontaktad", "client": "192.0.2.7"}
    return Event(
        id=f"0193{number >> 16 & 0xFFFF:04x}-{number & 0xFFFF:04x}-7000-8000-{number:012x}",
        op=op,
        res=res,
        org=org,
        actor={"staff": f"staff-{chance.randrange(9)}", "roles": "case_worker"},
        object={"note": f"note-{chance.randrange(40)}"},
        detail=detail,
        case=f"{org}/{chance.randrange(5)}" if op.startswith("note") else None,
        rule="P-18a",
    )
