"""Every row says which entry it came from, and that can be looked up without reading the table."""

from __future__ import annotations

from app.records.schema import all_tables


def test_every_reference_to_an_entry_has_an_index() -> None:
    without = [
        f"{table.name}.{column.name}"
        for table in all_tables().tables.values()
        for column in table.columns
        for key in column.foreign_keys
        if key.target_fullname == "audit_leaf.id"
        and not any(next(iter(index.columns)) is column for index in table.indexes)
    ]
    assert without == []
