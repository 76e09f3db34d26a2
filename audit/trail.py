"""Following the entries of an export one by one: order, hashes, details, counters, erasures."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from audit.canonical import Json
from audit.counters import Counters
from audit.entry import (
    ERASURE_OP,
    FIELDS,
    VOUCHING_OPS,
    Entry,
    Field,
    OpenedDetail,
    commitment,
    parse_leaf,
    read_erasure,
)
from audit.errors import AuditFault
from audit.exported import DetailLine, DetailLines
from audit.held_tables import HeldTables
from audit.manifest import MANIFEST, Manifest, Scope
from audit.merkle import leaf_hash
from audit.pruning import CASE_GONE_OP, PRUNING_OP, Prunings, read_gone, read_pruning
from audit.report import Findings, Kind
from audit.shown import NOTHING, Shown
from audit.supporting import Supporting
from audit.tables import Told
from audit.tiles import TileTree


@dataclass
class Trail:
    """What has been seen so far. Memory grows by some hundred bytes an entry, for its id."""

    scope: Scope
    tree: TileTree
    findings: Findings
    supporting: frozenset[int] = frozenset()
    partial: bool = False
    in_parts: bool = False
    """An export of a part of the log."""
    without_details: bool = False
    """The whole file of details is missing, which says nothing about what was erased."""
    opened: int = 0
    withheld: int = 0
    not_needed: int = 0
    """Fields of supporting entries that are withheld because nothing has to be proved by them."""
    erased: int = 0
    pruned: int = 0
    taken: int = 0
    prunings: Prunings = field(default_factory=Prunings)
    first: str | None = None
    last: str | None = None
    told: dict[int, str] = field(default_factory=dict)
    """Entries that say what an export was made to hold: the hash of its list of contents."""
    shown: Shown = field(default_factory=Shown)
    """What is shown of each entry in the scope, where the scope is a part of the log."""
    tables: HeldTables = field(default_factory=HeldTables)
    """What stands beside the log and tells of the entries in the scope."""
    _highest: int = -1
    _seen: bytearray = field(default_factory=bytearray)
    _ids: set[int] = field(default_factory=set)
    _absent: dict[int, list[Field]] = field(default_factory=dict)
    _erasures: list[tuple[int, int, frozenset[Field]]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._counters = Counters(self.scope, self.findings, partial=self.partial)
        self.support = Supporting(self.scope, self.supporting)

    def take(self, data: bytes, where: str, position: int | None, details: DetailLines) -> None:
        """One entry. `position` is its place in a bundle, None where entries are lines."""
        self.taken += 1
        digest = leaf_hash(data)
        place = self._highest + 1 if position is None else position
        entry = None
        try:
            entry = parse_leaf(data)
            place = self._place(entry, digest, position)
        except AuditFault as fault:
            self.findings.add("edited", place, where, f"not an entry: {fault}")
        details.load(max(place, position or 0) + 1)
        lines = details.take(place)
        if entry is None or not self._hash_holds(entry, digest, where, place, position):
            self._mark(place)
            return
        self._check_order(entry, where)
        values = self._check_details(entry, lines)
        self._check_scope(entry, values.get("object"))
        self._counters.take(entry, values.get("object"))
        self.support.take(entry, values.get("object"))
        if self.tables.holders and entry.n not in self.supporting:
            self.tables.take(_told(entry, lines, values))
        if (
            entry.op == CASE_GONE_OP
            and entry.res == "allow"
            and {"object", "detail"} <= values.keys()
        ):
            self._note_gone(entry.n, values["object"], values["detail"])

    def begin_at(self, start: int) -> None:
        """Begin in the middle of the log, where another process has followed what is before."""
        self._highest = start - 1
        self._seen = bytearray(start)

    def absorb(self, part: Trail, start: int, stop: int) -> bool:
        """Take in the stretch of a whole log that another process followed and found sound.

        False where the two contradict each other; then nothing that was absorbed may be used.
        """
        if part.findings or (self.last is not None and part.first and part.first < self.last):
            return False
        ids = len(self._ids) + len(part._ids)
        self._ids |= part._ids
        if len(self._ids) != ids or self._highest != start - 1:
            return False
        self._seen += bytes(part._seen[start:stop]).ljust(stop - start, b"\0")
        self._highest = stop - 1
        self.taken += part.taken
        self.prunings.told += part.prunings.told
        self.first, self.last = self.first or part.first, part.last or self.last
        self.opened, self.withheld = self.opened + part.opened, self.withheld + part.withheld
        self._absent |= part._absent
        self._erasures += part._erasures
        self._counters.absorb(part._counters)
        return True

    def surplus(self, details: DetailLines, stop: int | None) -> None:
        """Details that belong to no entry that was read, up to an index."""
        details.load(stop)
        for n in details.left():
            if stop is not None and n > self._highest:
                continue
            if n < len(self._seen) and self._seen[n]:
                self.findings.add("double-written", n, "details.jsonl", "details given twice")
            elif not self.findings.within(n, n + 1):
                self.findings.add("missing", n, "details.jsonl", "details without their entry")

    def finish(self, manifest: Manifest, count: int) -> None:
        """What can be said only when every entry has been read."""
        if manifest.entries != count:
            message = f"{count} entries, but the manifest says {manifest.entries}"
            self.findings.add("edited", None, MANIFEST, message)
        if self.scope.stop > self.tree.size:
            message = "the scope goes beyond the end of the log"
            self.findings.add("truncated", self.tree.size, MANIFEST, message)
        self._check_minimum(manifest)
        if self.scope.kind == "whole":
            self._find_missing()
        self._counters.finish(self.prunings)
        self._check_erasures()

    def _place(self, entry: Entry, digest: bytes, position: int | None) -> int:
        """The index an entry is to be judged as: its own, if that is one of the log's."""
        if entry.n < self.tree.size or position is None or self.tree.leaf(position) == digest:
            return min(entry.n, 2 * self.tree.size)
        return position

    def _hash_holds(
        self, entry: Entry, digest: bytes, where: str, place: int, position: int | None
    ) -> bool:
        if self.tree.leaf(entry.n) == digest:
            return True
        if position is not None and self.tree.leaf(position) == digest:
            return True  # the tree holds it, at a place that contradicts its own index
        message = "the entry does not match its hash in the tree"
        self.findings.add("edited", place, where, message)
        return False

    def _check_order(self, entry: Entry, where: str) -> None:
        n = entry.n
        if n < len(self._seen) and self._seen[n]:
            self.findings.add("double-written", n, where, "two entries claim this index")
        elif n < self._highest:
            message = f"it stands after entry {self._highest}"
            self.findings.add("reordered", n, where, message)
        elif self.last is not None and entry.t < self.last:
            message = "its time is before that of the entry before it"
            self.findings.add("reordered", n, where, message)
        number = int(entry.id.replace("-", ""), 16)
        if number in self._ids:
            self.findings.add("double-written", n, where, "an earlier entry has the same id")
        self._ids.add(number)
        self._mark(n)
        if n > self._highest:
            self._highest, self.last = n, entry.t
        self.first = self.first or entry.t

    def _mark(self, n: int) -> None:
        if n >= 2 * self.tree.size + 1024:
            return  # an index far outside is itself reported; it must not cost memory
        if n >= len(self._seen):
            self._seen.extend(bytes(n + 1024 - len(self._seen)))
        self._seen[n] = 1

    def _check_details(
        self, entry: Entry, lines: Mapping[Field, DetailLine]
    ) -> dict[Field, Mapping[str, Json]]:
        """The values of the fields that were opened and are what the entry was committed to."""
        values: dict[Field, Mapping[str, Json]] = {}
        for name in FIELDS:
            line = lines.get(name)
            self._note_shown(entry.n, name, line)
            if line is None:
                self._absent.setdefault(entry.n, []).append(name)
            elif isinstance(line.opened, OpenedDetail):
                if commitment(name, line.opened) == entry.commitment(name):
                    values[name] = line.value
                    self.opened += 1
                else:
                    message = "it is not what the entry was committed to"
                    self.findings.add("edited", entry.n, name, message)
            elif line.opened == "withheld":
                self._note_withheld(entry.n)
            elif line.opened == "damaged":
                message = "its ciphertext was changed or moved; it does not open"
                self.findings.add("edited", entry.n, name, message)
        if "detail" in values:
            self._note_account(entry, values["detail"])
        return values

    def _note_withheld(self, n: int) -> None:
        if n in self.supporting:
            self.not_needed += 1
        else:
            self.withheld += 1

    def _note_shown(self, n: int, name: Field, line: DetailLine | None) -> None:
        """Of a part of the log, because there the export says what it was made to show."""
        if self.in_parts and n not in self.supporting:
            self.shown.letters.setdefault(n, NOTHING)
            if line is not None and line.opened != "unreadable":
                self.shown.note(n, name, line.opened)

    def _note_account(self, entry: Entry, detail: Mapping[str, Json]) -> None:
        """What an entry accounts for: what was erased, pruned, or made to be held by an export."""
        if entry.op == ERASURE_OP and entry.res in ("allow", "override"):
            self._note_erasure(entry.n, detail)
        if entry.op == PRUNING_OP and entry.res == "allow":
            self._note_pruning(entry, detail)
        digest = detail.get("contents")
        if entry.op in VOUCHING_OPS and entry.res == "allow" and isinstance(digest, str):
            self.told[entry.n] = digest

    def _note_gone(self, n: int, about: Mapping[str, Json], detail: Mapping[str, Json]) -> None:
        try:
            counter = read_gone(about.get("k"), detail)
        except AuditFault as fault:
            self.findings.add("edited", n, "detail", str(fault))
        else:
            self._counters.tell_gone(str(about.get("case")), counter, by=n)

    def _note_pruning(self, entry: Entry, detail: Mapping[str, Json]) -> None:
        try:
            self.prunings.add(read_pruning(entry.n, entry.org, detail))
        except AuditFault as fault:
            self.findings.add("edited", entry.n, "detail", str(fault))

    def _check_minimum(self, manifest: Manifest) -> None:
        """What an export says is gone, the log must say too. Less is no harm: it is still there."""
        said = self.prunings.below
        if self.scope.start < manifest.minimum and said < manifest.minimum:
            message = f"it says that entries below {manifest.minimum} were pruned, but "
            message += (
                f"the log says so below {said} only" if said else "no pruning entry in it says so"
            )
            self.findings.add("edited", said, MANIFEST, message)
        self.pruned = self.prunings.count(self.scope.start, self.scope.stop)

    def _note_erasure(self, at: int, detail: Mapping[str, Json]) -> None:
        try:
            ranges = read_erasure(detail)
        except AuditFault as fault:
            self.findings.add("edited", at, "detail", str(fault))
            return
        # Only what was there already can have been erased.
        self._erasures += [(first, min(last, at - 1), names) for first, last, names in ranges]

    def _check_scope(self, entry: Entry, value: Mapping[str, Json] | None) -> None:
        if self.scope.kind == "whole" or entry.n in self.supporting:
            return
        if not self.scope.start <= entry.n < self.scope.stop:
            self.findings.add("edited", entry.n, MANIFEST, "the entry is outside the scope")
        elif self.scope.kind == "organisation" and entry.org != self.scope.of:
            message = "the entry is another organisation's"
            self.findings.add("edited", entry.n, MANIFEST, message)
        elif self.scope.kind == "case" and (value is None or value.get("case") != self.scope.of):
            message = "the entry cannot be shown to belong to the case"
            self.findings.add("edited", entry.n, MANIFEST, message)

    def _find_missing(self) -> None:
        """Runs of indices that no entry has; a run at the very end is a truncation."""
        start, stop = self.scope.start, min(self.scope.stop, self.tree.size)
        # A claimed end far beyond what was seen must not cost memory; one more is enough to tell.
        padded = self._seen[start:stop].ljust(min(stop - start, len(self._seen) + 1), b"\0")
        at = padded.find(0)
        while at >= 0:
            end = padded.find(1, at)
            last = stop if end < 0 else start + end
            for low, high in self.prunings.untold(start + at, last):
                self._tell_missing(low, high)
            at = padded.find(0, end) if end >= 0 else -1

    def _tell_missing(self, first: int, stop: int) -> None:
        which = f"entry {first}" if stop == first + 1 else f"entries {first} to {stop - 1}"
        kind: Kind = "truncated" if stop == self.tree.size else "missing"
        why = ", and no pruning entry accounts for it" if self.prunings.below > first else ""
        self.findings.add(kind, first, "entries", f"{which} cannot be found{why}")

    def _check_erasures(self) -> None:
        if self.without_details:
            return
        decided = {name: _merge(self._erasures, name) for name in FIELDS}
        for n, names in sorted(self._absent.items()):
            for name in names:
                if _covers(decided[name], n):
                    self.erased += 1
                else:
                    message = f"the {name} is gone, and no erasure entry accounts for it"
                    self.findings.add("erased-without-entry", n, name, message)


def _told(
    entry: Entry,
    lines: Mapping[Field, DetailLine],
    values: Mapping[Field, Mapping[str, Json]],
) -> Told:
    """The entry with what is shown of it, in the order in which details stand."""
    withheld = tuple(name for name, line in sorted(lines.items()) if line.opened == "withheld")
    return Told(entry, values, withheld, tuple(sorted(set(FIELDS) - lines.keys())))


def _merge(
    ranges: Iterable[tuple[int, int, frozenset[Field]]], name: Field
) -> tuple[list[int], list[int]]:
    """Starts and inclusive ends of the merged ranges that name the field, in order."""
    starts: list[int] = []
    ends: list[int] = []
    for first, last, names in sorted(ranges, key=lambda item: item[:2]):
        if name not in names or last < first:
            continue
        if ends and first <= ends[-1] + 1:
            ends[-1] = max(ends[-1], last)
        else:
            starts.append(first)
            ends.append(last)
    return starts, ends


def _covers(merged: tuple[list[int], list[int]], n: int) -> bool:
    place = bisect_right(merged[0], n) - 1
    return place >= 0 and n <= merged[1][place]
