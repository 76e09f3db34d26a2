"""The table of entries, row by row beside the entries themselves.

A row more or less, out of its place, or with a cell that the entry contradicts, is named. Where a
part of an entry is withheld, the row says so, and cells that come from that part are counted as
not held; what of it the order let through stands there on the word of whoever made the export.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from audit.entry import Field
from audit.tables import Row, Table, TableRow, Told, json_path, same

_FROM: dict[Field, tuple[str, ...]] = {
    "actor": ("roles",),
    "object": ("about",),
    "detail": ("detail", "recipient", "purpose"),
}
"""The columns that come from each part."""


@dataclass
class EntryRows:
    """The rows from where the entries have come."""

    table: Table
    _ahead: list[TableRow] = field(default_factory=list)
    _last: int = -1
    _of_no_entry: list[tuple[int, str]] = field(default_factory=list)

    def take(self, told: Told) -> None:
        """The next entry of the scope."""
        n = told.entry.n
        row = self._row_of(n)
        self._last = n
        if row is None:
            if not self.table.findings.within(n, n + 1):  # else what is wrong has been said
                message = "the table has no row for this entry"
                self.table.findings.add("missing", n, json_path(self.table.name), message)
            return
        self.table.count += 1
        if row.cells is None:
            message = "the line is no row as an export writes it"
            self.table.findings.add("edited", n, self.table.place(row.line), message)
            return
        cells = row.cells
        wrong = [name for name, cell in _cells(told, cells).items() if not same(cells[name], cell)]
        if wrong and not self.table.findings.within(n, n + 1):
            self.table.differs(row.line, n, wrong)
        for part in told.withheld:
            self.table.not_held.update(_FROM[part])

    def finish(self) -> None:
        """No row must be left."""
        while row := self._peek(0):
            self._stray(row)
            self._ahead.pop(0)
        # Told last, because the counters may by now have said that the entry itself is missing.
        for at, where in self._of_no_entry:
            if not self.table.findings.within(at, at + 1):
                message = "the row tells of an entry that is not in the export"
                self.table.findings.add("edited", at, where, message)

    def _row_of(self, n: int) -> TableRow | None:
        """The row of entry `n`; those that belong to no entry are told on the way."""
        while row := self._peek(0):
            at = _index(row)
            if at is None or at == n:
                return self._ahead.pop(0)
            after = self._peek(1)
            following = None if after is None else _index(after)
            if at > n and (following is None or following > at):
                return None
            self._stray(row, too_early=at > n)
            self._ahead.pop(0)
        return None

    def _peek(self, place: int) -> TableRow | None:
        while len(self._ahead) <= place:
            row = next(self.table.rows, None)
            if row is None:
                return None
            self._ahead.append(row)
        return self._ahead[place]

    def _stray(self, row: TableRow, *, too_early: bool = False) -> None:
        """A row where none belongs: of an entry that is not there, or not there in the order."""
        at, findings, where = _index(row), self.table.findings, self.table.place(row.line)
        if at is None:
            findings.add("edited", None, where, "the line is no row as an export writes it")
        elif at == self._last:
            findings.add("double-written", at, where, "the entry has two rows")
        elif at < self._last:
            findings.add("reordered", at, where, "the row stands after one that follows it")
        elif too_early:
            findings.add("reordered", at, where, "the row stands before one that precedes it")
        else:
            self._of_no_entry.append((at, where))


def _index(row: TableRow) -> int | None:
    at = row.cells["n"] if row.cells else None
    return at if type(at) is int and at >= 0 else None


def _cells(told: Told, row: Row) -> dict[str, object]:
    """What the row must say, of all that the entry says."""
    entry = told.entry
    cells: dict[str, object] = {
        "n": entry.n,
        "time": datetime.fromisoformat(entry.t).isoformat(),
        "act": entry.op,
        "result": entry.res,
        "rules": entry.rule.split(",") if entry.rule else [],
        "pack": entry.pol or "",
        "withheld": list(told.withheld),
        "erased": list(told.erased),
    }
    return cells | _of_actor(told) | _of_object(told) | _of_detail(told, row)


def _of_actor(told: Told) -> dict[str, object]:
    actor = _value(told, "actor")
    cells: dict[str, object] = {}
    if actor is None or not actor.get("staff"):
        cells["staff"] = ""  # nobody is named in a table whom the order does not name
    return cells if actor is None else {**cells, "roles": str(actor.get("roles", "")).split()}


def _of_object(told: Told) -> dict[str, object]:
    about = _value(told, "object")
    if about is None:
        return {}
    return {"about": about} if about.get("case") else {"about": about, "case": ""}


def _of_detail(told: Told, row: Row) -> dict[str, object]:
    """Where the detail is withheld, the row must at least agree with itself."""
    detail = _value(told, "detail")
    cells: dict[str, object] = {} if detail is None else {"detail": detail}
    said = row["detail"] if detail is None else detail
    if not isinstance(said, Mapping):
        return {**cells, "detail": {}}
    cells |= {"recipient": said.get("recipient", ""), "purpose": said.get("purpose", "")}
    return cells if cells["recipient"] else {**cells, "recipient_name": ""}


def _value(told: Told, part: Field) -> Mapping[str, object] | None:
    """A part as the export shows it: nothing where it is erased, None where it is not shown."""
    return _NOTHING_AT_ALL if part in told.erased else told.values.get(part)


_NOTHING_AT_ALL: Mapping[str, object] = {}
