"""The log's first row, and the triggers that refuse to change or delete what is in it.

The triggers guard against accidents: whoever owns the database can drop them.
"""

from __future__ import annotations

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_GUARDED = ("audit_leaf", "audit_node")


def upgrade() -> None:
    """Made here and not by the first writer, because a row that does not exist cannot be locked."""
    op.execute("INSERT INTO audit_head (id, n, t, frontier) VALUES (1, 0, NULL, '')")
    if op.get_bind().dialect.name == "postgresql":
        _guard_postgres()
    else:
        op.execute("UPDATE audit_head SET frontier = x''")
        _guard_sqlite()


def _guard_sqlite() -> None:
    for table in _GUARDED:
        for act in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER {table}_no_{act.lower()} BEFORE {act} ON {table} "
                f"BEGIN SELECT RAISE(ABORT, '{table} is only added to'); END"
            )
    for act in ("DELETE", "INSERT"):
        op.execute(
            f"CREATE TRIGGER audit_head_no_{act.lower()} BEFORE {act} ON audit_head "
            "BEGIN SELECT RAISE(ABORT, 'audit_head has one row'); END"
        )


def _guard_postgres() -> None:
    op.execute(
        "CREATE FUNCTION audit_refuse() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE EXCEPTION '% is only added to', TG_TABLE_NAME; END $$"
    )
    for table in _GUARDED:
        op.execute(
            f"CREATE TRIGGER {table}_no_change BEFORE UPDATE OR DELETE ON {table} "
            "FOR EACH ROW EXECUTE FUNCTION audit_refuse()"
        )
        op.execute(
            f"CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION audit_refuse()"
        )
    op.execute(
        "CREATE TRIGGER audit_head_no_delete BEFORE DELETE OR INSERT ON audit_head "
        "FOR EACH ROW EXECUTE FUNCTION audit_refuse()"
    )
    op.execute(
        "CREATE TRIGGER audit_head_no_truncate BEFORE TRUNCATE ON audit_head "
        "FOR EACH STATEMENT EXECUTE FUNCTION audit_refuse()"
    )
