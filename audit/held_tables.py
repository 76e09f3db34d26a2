"""All tables beside a log, held against the entries that are followed."""

from __future__ import annotations

from dataclasses import dataclass, field

from audit.entry_rows import EntryRows
from audit.exported import ExportFolder
from audit.made_rows import AnswerRows, MadeRows
from audit.manifest import DETAILS
from audit.remarks import Remarks
from audit.report import Findings, TableHeld
from audit.table_columns import COLUMNS
from audit.tables import Holder, Table, Told


@dataclass
class HeldTables:
    """Takes each entry of the scope as it goes by; at the end, says what came of each table."""

    holders: list[Holder] = field(default_factory=list)
    remarks: Remarks = field(default_factory=Remarks)

    @classmethod
    def open(cls, export: ExportFolder, findings: Findings) -> HeldTables:
        """The tables that the export has. Without the file of details nothing can be said of them,
        and that it is gone is a finding of its own."""
        if not (export.folder / DETAILS).is_file():
            return cls()
        tables = [Table.open(name, export, findings) for name in COLUMNS]
        return cls([_holder(table) for table in tables if table is not None])

    def take(self, told: Told) -> None:
        """One entry."""
        self.remarks.take(told)
        for holder in self.holders:
            holder.take(told)

    def finish(self, *, pruned: int) -> tuple[TableHeld, ...]:
        """What was found is among the findings. `pruned` entries of the scope are gone, and rows
        that they made may still be there."""
        for holder in self.holders:
            holder.table.entries_gone = pruned > 0
            holder.finish()
        return tuple(holder.table.held() for holder in self.holders)


def _holder(table: Table) -> Holder:
    if table.name == "entries":
        return EntryRows(table)
    return AnswerRows(table) if table.name == "assessments" else MadeRows(table)
