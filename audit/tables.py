"""A table beside a log, read while its rows are held against the entries.

A table stands twice, as JSON Lines and as CSV, and both must say the same. What its rows must say
is in `entry_rows` and `made_rows`. Source: docs/formats/export.md.
"""

from __future__ import annotations

import io
import json
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, BinaryIO, Protocol

from audit.canonical import Json
from audit.entry import Entry, Field
from audit.exported import ExportFolder
from audit.manifest import CONTENTS_FOLDER
from audit.report import Findings, TableHeld
from audit.table_columns import COLUMNS, NOT_VOUCHED, ONLY_IN_JSON
from audit.table_text import CsvTable, json_line

Row = Mapping[str, Any]
_dumps = json.JSONEncoder(sort_keys=True).encode


@dataclass(frozen=True)
class Told:
    """One entry whose hash holds, with what the export shows of it: the parts that open as they
    were committed to, and those that are withheld and erased."""

    entry: Entry
    values: Mapping[Field, Mapping[str, Json]]
    withheld: tuple[Field, ...]
    erased: tuple[Field, ...]

    @property
    def made(self) -> int:
        """The clock by which whoever wrote the entry decided, in milliseconds: its id has it. The
        entry's own time is later where the log's clock was."""
        return int(self.entry.id[:13].replace("-", ""), 16)


@dataclass(frozen=True)
class TableRow:
    """A row and its place. `cells` is None where the line is no row as an export writes it."""

    line: int
    cells: Row | None


@dataclass
class Table:
    """One table while its rows are held against the log."""

    name: str
    findings: Findings
    rows: Iterator[TableRow]
    count: int = 0
    not_held: Counter[str] = field(default_factory=Counter)
    """Cells by column of which the export does not show what they must say."""
    unnamed: int = 0
    """Rows that no entry shown here names."""
    entries_gone: bool = False
    """Entries of the scope were pruned, and with them what they named."""

    @classmethod
    def open(cls, name: str, export: ExportFolder, findings: Findings) -> Table | None:
        """The table, None where the export has none of this name."""
        paths = [csv_path(name), json_path(name)]
        there = [path for path in paths if path in export.manifest.files]
        if len(there) == 1:
            [gone] = set(paths) - set(there)
            message = f"it is not there, and the same table is, as {there[0]}"
            findings.add("missing", None, gone, message)
        if json_path(name) not in there:
            return None
        return cls(name, findings, _read(name, export, findings))

    def differs(self, line: int, at: int | None, columns: list[str]) -> None:
        """Note that these columns of a row are not what the log says."""
        message = f"the row says something else than the log in {', '.join(columns)}"
        self.findings.add("edited", at, self.place(line), message)

    def place(self, line: int) -> str:
        """Where a row stands."""
        return f"{json_path(self.name)} line {line}"

    def held(self) -> TableHeld:
        """What came of it."""
        return TableHeld(
            table=self.name,
            rows=self.count,
            not_vouched=NOT_VOUCHED[self.name],
            not_shown=dict(sorted(self.not_held.items())),
            unnamed=self.unnamed,
        )


def csv_path(name: str) -> str:
    """Where the table lies as CSV."""
    return f"{CONTENTS_FOLDER}{name}.csv"


def json_path(name: str) -> str:
    """Where the table lies as JSON Lines."""
    return f"{CONTENTS_FOLDER}{name}.jsonl"


def same(cell: object, told: object) -> bool:
    """Whether a cell is what it must be: `true` is not 1, nor is 1.0."""
    if type(cell) is not type(told) or cell != told:
        return False
    if not isinstance(cell, dict | list) or not cell:
        return True
    # Mostly in the same order, and then the quicker of the two says all.
    return repr(cell) == repr(told) or _dumps(cell) == _dumps(told)


def _read(name: str, export: ExportFolder, findings: Findings) -> Iterator[TableRow]:
    """The rows of the JSON Lines, each of which the CSV must have too."""
    columns = {*COLUMNS[name], *ONLY_IN_JSON.get(name, ())}
    beside = _Beside.open(name, export, findings)
    for number, line in enumerate(export.lines(json_path(name)), 1):
        cells = _parse(line, columns)
        if beside is not None:
            beside.take(number, cells)
        yield TableRow(number, cells)
    if beside is not None:
        beside.finish()


def _parse(line: bytes, columns: set[str]) -> Row | None:
    """A row as `json_line` writes it, with just these columns."""
    try:
        text = line.decode()
        cells = json.loads(text)
        if not isinstance(cells, dict) or cells.keys() != columns:
            return None
        return cells if json_line(cells) == text + "\n" else None
    except (ValueError, RecursionError):
        return None


@dataclass
class _Beside:
    """The same table as CSV, told wrong at most once: after that the rows no longer match."""

    path: str
    file: BinaryIO
    table: CsvTable
    text: io.StringIO
    findings: Findings
    done: bool = False

    @classmethod
    def open(cls, name: str, export: ExportFolder, findings: Findings) -> _Beside | None:
        path = csv_path(name)
        target = export.folder / path
        if path not in export.manifest.files or not target.is_file():
            return None
        text = io.StringIO(newline="")
        table = CsvTable(text, COLUMNS[name])
        beside = cls(path, target.open("rb"), table, text, findings)
        beside._hold("its first line does not name the columns of the table")
        return beside

    def take(self, number: int, cells: Row | None) -> None:
        """The next row."""
        if cells is None:
            self.done = True  # the line itself is told
        else:
            self.table.add(cells)
            self._hold(f"it says something else than line {number} of the same table as jsonl")

    def finish(self) -> None:
        """No row must be left."""
        if not self.done and self.file.read(1):
            message = "it has more rows than the same table as jsonl"
            self.findings.add("edited", None, self.path, message)
        self.file.close()

    def _hold(self, message: str) -> None:
        written = self.text.getvalue().encode()
        self.text.seek(0)
        self.text.truncate()
        if not self.done and self.file.read(len(written)) != written:
            self.findings.add("edited", None, self.path, message)
            self.done = True


class Holder(Protocol):
    """What holds one table against the entries of the scope, which it takes in their order."""

    table: Table

    def take(self, told: Told) -> None:
        """One entry."""

    def finish(self) -> None:
        """What can be said when all entries are read."""
