"""Entries that are gone by decision, below a minimum index: what the log itself says of them.

Of a pruned entry its hash stays, so every root and every other entry's proof is as it was. Which
entries went is told by pruning entries of the log, one for each organisation, which say the same
of all and count the organisation's own. Source: C2SP tlog-tiles, pruning; docs/formats/export.md.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final, cast

from audit.canonical import Json
from audit.errors import EntryError

PRUNING_OP: Final = "entries.pruned"
PRUNED: Final = b""
"""What stands for a pruned entry's bytes. No entry is empty, so nothing else looks like it."""
CASE_GONE_OP: Final = "case.entries_gone"
"""An entry on a case, which says up to which number of the case's counter what was told is gone."""


@dataclass(frozen=True, kw_only=True)
class Pruning:
    """What one pruning entry says: entries in `runs` (first, last included), all below `below`.

    `counter` is how many entries its organisation had below there, pruned and kept.
    """

    at: int
    org: str
    below: int
    counter: int
    runs: tuple[tuple[int, int], ...]


def pruning_detail(below: int, counter: int, pruned: Iterable[int]) -> dict[str, Json]:
    """The detail of a pruning entry. Runs of neighbouring indices become one, `to` included."""
    runs: list[Json] = []
    last: dict[str, Json] = {}
    for n in sorted(pruned):
        if last.get("to") == n - 1:
            last["to"] = n
        else:
            last = {"from": n, "to": n}
            runs.append(last)
    return {"below": below, "counter": counter, "pruned": runs}


def gone_detail(counter: int) -> dict[str, Json]:
    """The detail of an entry that says that a case's numbers up to `counter` are gone by age."""
    return {"counter": counter}


def read_gone(own: Json, detail: Mapping[str, Json]) -> int:
    """Up to which number it says so; it speaks of none from its `own` on. Raises EntryError."""
    counter = detail.get("counter")
    if not (_index(own) and _index(counter)):
        raise EntryError("an entry on what is gone of a case needs a counter")
    return min(cast("int", counter), cast("int", own) - 1)


def read_pruning(at: int, org: str, detail: Mapping[str, Json]) -> Pruning:
    """What a pruning entry's opened detail says. Raises EntryError."""
    below, counter, listed = detail.get("below"), detail.get("counter"), detail.get("pruned")
    if not (_index(below) and _index(counter) and isinstance(listed, list)):
        raise EntryError("a pruning entry's detail needs below, counter and pruned")
    runs = []
    for item in listed:
        if not (isinstance(item, dict) and _index(item.get("from")) and _index(item.get("to"))):
            raise EntryError("a run of a pruning entry needs from and to")
        runs.append((cast("int", item["from"]), cast("int", item["to"])))
    # Only what was there already, and below what it says, can have been pruned by it.
    below = min(cast("int", below), at)
    within = tuple((first, min(last, below - 1)) for first, last in runs)
    return Pruning(at=at, org=org, below=below, counter=cast("int", counter), runs=within)


@dataclass
class Prunings:
    """All pruning entries that were met and opened."""

    told: list[Pruning] = field(default_factory=list)
    _starts: list[int] = field(default_factory=list)
    _ends: list[int] = field(default_factory=list)
    _joined: int = 0

    def add(self, one: Pruning) -> None:
        """Take in what one more says."""
        self.told.append(one)

    @property
    def below(self) -> int:
        """The minimum index: no pruning entry speaks of an entry from there on."""
        return max((one.below for one in self.told), default=0)

    @property
    def by(self) -> int | None:
        """The first entry that says so, None if none does."""
        return min((one.at for one in self.told if one.below == self.below), default=None)

    def counter(self, org: str) -> int | None:
        """How many entries of the organisation were below the minimum index, if it is told."""
        return next(
            (one.counter for one in self.told if (one.org, one.below) == (org, self.below)), None
        )

    def count(self, start: int, stop: int) -> int:
        """How many indices from `start` up to `stop` are told to be pruned."""
        return sum(high - low for low, high in self._within(start, stop))

    def untold(self, start: int, stop: int) -> Iterator[tuple[int, int]]:
        """The stretches from `start` up to `stop` of which no pruning entry speaks."""
        at = start
        for low, high in self._within(start, stop):
            if at < low:
                yield at, low
            at = high
        if at < stop:
            yield at, stop

    def _within(self, start: int, stop: int) -> Iterator[tuple[int, int]]:
        self._join()
        for place in range(max(0, bisect_right(self._starts, start) - 1), len(self._starts)):
            low, high = max(start, self._starts[place]), min(stop, self._ends[place])
            if low >= stop:
                return
            if low < high:
                yield low, high

    def _join(self) -> None:
        """Join the runs of all, once for as many as have been told."""
        if self._joined == len(self.told):
            return
        self._joined, self._starts, self._ends = len(self.told), [], []
        for first, last in sorted({run for one in self.told for run in one.runs}):
            if last < first:
                continue
            if self._ends and first <= self._ends[-1]:
                self._ends[-1] = max(self._ends[-1], last + 1)
            else:
                self._starts.append(first)
                self._ends.append(last + 1)


def _index(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0
