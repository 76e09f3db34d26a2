"""Every table of the first version, as the statements in the two files beside this one."""

from __future__ import annotations

from pathlib import Path

from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Plain SQL, so that a later change of the code cannot change what this step once made."""
    file = Path(__file__).with_name(f"0001_tables.{op.get_bind().dialect.name}.sql")
    for statement in file.read_text(encoding="utf-8").split(";\n"):
        if statement.strip():
            op.get_bind().exec_driver_sql(statement)
