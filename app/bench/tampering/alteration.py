"""What one alteration is: a name, what it does, and how the verifier must name it."""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Collection
from dataclasses import dataclass, field, replace
from pathlib import Path

from app.bench.tampering.written_log import WrittenLog
from audit.canonical import Json, canonical
from audit.checkpoint import SigningKey, VerifierKey
from audit.entry import LEAF_CAP
from audit.report import Kind, Report


@dataclass(frozen=True)
class Expected:
    """At least one finding has one of `kinds` and, if `indices` are given, one of those."""

    kinds: frozenset[Kind]
    indices: Collection[int] | None = None

    def names(self, report: Report) -> bool:
        """Whether the report says what was done, and where."""
        return any(
            item.kind in self.kinds
            and (self.indices is None or (item.index is not None and item.index in self.indices))
            for item in report.findings
        )


@dataclass
class Scene:
    """One copy of a log, before it is exported; what is changed here ends up in the export."""

    log: WrittenLog
    key: SigningKey
    chance: random.Random
    held: list[bytes] = field(default_factory=list)
    """Checkpoints that someone outside has kept."""
    keys: list[VerifierKey] = field(default_factory=list)
    with_unsigned: bool = False

    @property
    def size(self) -> int:
        """How many entries there are."""
        return self.log.head_row.n

    def place(self, *, first: int = 0, last: int | None = None) -> int:
        """An entry: the first, the last, one at the edge of a checkpoint, or any."""
        stop = self.size if last is None else last + 1
        edges = [n for at in self.log.checkpoint_rows for n in (at - 1, at)]
        wanted = [first, stop - 1, (first + stop) // 2, *edges]
        wanted = [n for n in wanted if first <= n < stop]
        if self.chance.random() < 0.5:
            return self.chance.choice(wanted)
        return self.chance.randrange(first, stop)

    def rewrite(self, n: int, /, **fields: Json) -> None:
        """Change fields of a stored entry, keeping it canonical."""
        row = self.log.leaf_rows[n]
        entry = canonical(json.loads(row.entry) | fields, limit=LEAF_CAP)
        self.log.leaf_rows[n] = replace(row, entry=entry)

    def flipped(self, data: bytes) -> bytes:
        """With one bit changed."""
        bit = self.chance.randrange(len(data) * 8)
        changed = bytearray(data)
        changed[bit // 8] ^= 1 << bit % 8
        return bytes(changed)

    def sealed_before(self, n: int) -> range:
        """Where a rewritten entry is named: the stretch from one checkpoint to the next."""
        below = [at for at in self.log.checkpoint_rows if at <= n]
        return range(max(below, default=0), n + 1)


InLog = Callable[[Scene], Expected]
InExport = Callable[[Path, random.Random], Expected]
"""Changes a written export's files. Raises Unsuitable where this export cannot be so changed."""


class Unsuitable(Exception):
    """The log or export at hand has nothing that this alteration could change."""


def expect(*kinds: Kind, at: Collection[int] | int | None = None) -> Expected:
    """Shorthand for the lists of alterations."""
    return Expected(frozenset(kinds), (at,) if isinstance(at, int) else at)
