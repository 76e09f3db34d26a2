"""Write `versions/0001_tables.*.sql` anew from the metadata. Only before the first release.

Run it as `python -m app.records.migrations.regenerate`.
"""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import Dialect
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.schema import CreateIndex, CreateTable

from app.records.schema import all_tables

DIALECTS: dict[str, Dialect] = {
    "sqlite": sqlite.dialect(),
    "postgresql": postgresql.psycopg.dialect(),  # type: ignore[no-untyped-call]
}
_HEAD = (
    "-- Generated from the metadata; see ../README.md. A statement ends with ; and an empty line.\n"
)


def file_for(dialect: str) -> Path:
    """Where the statements for that kind of database stand."""
    return Path(__file__).parent / "versions" / f"0001_tables.{dialect}.sql"


def tables_as_sql(dialect: str) -> str:
    """Every table and index, in an order in which each refers only to what is above it."""
    said = []
    for table in all_tables().sorted_tables:
        said.append(str(CreateTable(table).compile(dialect=DIALECTS[dialect])))
        indexes = sorted(table.indexes, key=lambda index: str(index.name))
        said += [str(CreateIndex(one).compile(dialect=DIALECTS[dialect])) for one in indexes]
    return _HEAD + "".join(f"\n{_trimmed(statement)};\n" for statement in said)


def _trimmed(statement: str) -> str:
    return "\n".join(line.rstrip() for line in statement.strip().splitlines() if line.strip())


def main() -> None:
    """Write both files."""
    for dialect in DIALECTS:
        file_for(dialect).write_text(tables_as_sql(dialect), encoding="utf-8")


if __name__ == "__main__":
    main()
