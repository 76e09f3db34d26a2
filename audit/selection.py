"""Which entries an export of a given scope must hold, so that a gap in it would show.

An organisation's entries carry its counter in clear; a case's entries carry theirs in the object
commitment. Around the chosen entries, supporting ones are added: the neighbours just outside the
scope, what a case says of its own first entries, and the erasure and pruning entries.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace

from audit.canonical import Json
from audit.entry import (
    ERASURE_OP,
    FIELDS,
    Entry,
    Field,
    OpenedDetail,
    parse_leaf,
    read_erasure,
)
from audit.errors import AuditFault, ExportError
from audit.log import DetailRow, LogReader
from audit.manifest import Scope, ScopeKind
from audit.pruning import CASE_GONE_OP, PRUNED, PRUNING_OP

Opener = Callable[[DetailRow], OpenedDetail | str]

_BATCH = 1024  # entries read at a time


@dataclass(frozen=True)
class Selection:
    """The indices inside the scope, and the supporting ones with the fields they are there for."""

    scope: Scope
    chosen: frozenset[int]
    supporting: dict[int, frozenset[Field]]

    def indices(self) -> list[int]:
        """All entries to be written, in order."""
        return sorted(self.chosen | self.supporting.keys())

    def with_detail_of(self, entry: int, size: int) -> Selection:
        """Also the entry that vouches for what goes with the log. Raises ExportError."""
        if self.scope.kind == "whole" or not entry < size:
            raise ExportError("files go with a part of the log whose entry on them is sealed")
        detail: frozenset[Field] = frozenset({"detail"})
        shown = self.supporting.get(entry, frozenset()) | detail
        return replace(self, supporting={**self.supporting, entry: shown})

    def may_show(self, n: int, name: Field) -> bool:
        """A supporting entry shows the field it is there for, and no other."""
        return n in self.chosen or name in self.supporting.get(n, frozenset())


def select(
    reader: LogReader,
    opener: Opener,
    *,
    kind: ScopeKind,
    of: str | None,
    start: int,
    stop: int | None,
    size: int,
) -> Selection:
    """Read the log once and choose. `stop` None ends the scope with its own last entry."""
    end = size if stop is None else stop
    scope = Scope(kind=kind, of=of, start=start, stop=max(start, end))
    if kind == "whole" and (start, end) == (0, size):
        return Selection(scope, frozenset(range(size)), {})
    survey = _Survey(scope)
    for first in range(0, size, _BATCH):
        survey.read(reader, opener, first, min(first + _BATCH, size))
    members = survey.members
    inside = frozenset(n for n in members if start <= n < end)
    if kind != "whole" and stop is None and inside:
        scope = replace(scope, stop=max(inside) + 1)
    return Selection(scope, inside, _supporting(survey, scope, inside, reader.minimum()))


def _supporting(
    survey: _Survey, scope: Scope, inside: frozenset[int], minimum: int
) -> dict[int, frozenset[Field]]:
    """The entries outside the scope that prove something about it, and by which of their fields."""
    before = [n for n in survey.members if n < scope.start]
    found: dict[int, frozenset[Field]] = {}

    def add(indices: Iterable[int], *fields: Field) -> None:
        for n in indices:
            if n not in inside:
                found[n] = found.get(n, frozenset()) | set(fields)

    if scope.kind != "whole":
        after = [n for n in survey.members if n >= scope.stop]
        counted: tuple[Field, ...] = ("object",) if scope.kind == "case" else ()
        add([*before[-1:], *after[:1]], *counted)
    if not before:
        add(survey.gone[-1:], "object", "detail")
    add(survey.erasures_of(inside | found.keys()), "detail")
    # What precedes the scope in its own counter may be below the minimum index, and gone.
    reaches = min(scope.start, max(before, default=-1) + 1)
    if reaches < minimum:
        add(survey.prunings_of(), "detail")
    return found


@dataclass
class _Survey:
    scope: Scope
    members: list[int] = field(default_factory=list)
    gone: list[int] = field(default_factory=list)
    """Entries of the case that say up to which number its entries are gone."""
    organisations: set[str] = field(default_factory=set)
    absent: dict[int, frozenset[Field]] = field(default_factory=dict)
    erasures: list[tuple[int, int, int, frozenset[Field]]] = field(default_factory=list)
    prunings: list[tuple[int, str]] = field(default_factory=list)  # (index, organisation)

    def read(self, reader: LogReader, opener: Opener, start: int, stop: int) -> None:
        details: dict[int, dict[Field, DetailRow]] = {}
        for row in reader.details(start, stop):
            details.setdefault(row.n, {})[row.field] = row
        for leaf in reader.leaves(start, stop):
            if leaf.entry == PRUNED:
                continue
            try:
                entry = parse_leaf(leaf.entry)
            except AuditFault:
                # A damaged entry cannot say whose it is. It is left to a whole export to name it;
                # here the counters show that it is missing.
                if self.scope.kind == "whole":
                    self.members.append(leaf.n)
                continue
            self._take(leaf.n, entry, details.get(leaf.n, {}), opener)

    def _take(self, n: int, entry: Entry, rows: dict[Field, DetailRow], opener: Opener) -> None:
        missing = frozenset(name for name in FIELDS if name not in rows)
        if entry.op == ERASURE_OP:
            self._note_erasure(n, rows, opener)
        if entry.op == PRUNING_OP and "detail" in rows and _value(opener(rows["detail"])):
            self.prunings.append((n, entry.org))
        ours = self.scope.kind == "whole" or entry.org == self.scope.of
        if ours and self.scope.kind != "case":
            self.members.append(n)
        if "object" in rows and (ours or self.scope.kind == "case"):
            opened = opener(rows["object"])
            if opened == "erased":  # the row is there, but its key has been destroyed
                missing |= {"object"}
            elif self.scope.kind == "case":
                self._take_case(n, entry, _value(opened))
        if missing:
            self.absent[n] = missing

    def _take_case(self, n: int, entry: Entry, value: Mapping[str, Json]) -> None:
        if value.get("case") == self.scope.of and isinstance(value.get("k"), int):
            self.members.append(n)
            self.organisations.add(entry.org)
            if entry.op == CASE_GONE_OP:
                self.gone.append(n)

    def _note_erasure(self, n: int, rows: dict[Field, DetailRow], opener: Opener) -> None:
        if "detail" not in rows:
            return
        try:
            ranges = read_erasure(_value(opener(rows["detail"])))
        except AuditFault:
            return
        self.erasures.extend((n, first, last, names) for first, last, names in ranges)

    def prunings_of(self) -> list[int]:
        """The pruning entries that account for what the scope lacks, each organisation its own.

        All say the same of what is gone, so for a part of the whole log any organisation's will do.
        """
        ours = {self.scope.of} if self.scope.kind == "organisation" else self.organisations
        if self.scope.kind == "whole" or not ours:
            ours = {org for _, org in self.prunings[-1:]}
        return [n for n, org in self.prunings if org in ours]

    def erasures_of(self, held: frozenset[int]) -> set[int]:
        """The erasure entries that account for what the held entries lack."""
        lacking = [n for n in held if n in self.absent]
        return {
            at for at, first, last, _ in self.erasures if any(first <= n <= last for n in lacking)
        }


def _value(opened: OpenedDetail | str) -> Mapping[str, Json]:
    if isinstance(opened, str):
        return {}
    try:
        return opened.value()
    except AuditFault:
        return {}
