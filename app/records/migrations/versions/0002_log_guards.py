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
# The one change there is: an entry below the minimum index loses its bytes, and keeps its hash.
_PRUNES = (
    "length({new}.entry) = 0 AND {new}.n = {old}.n AND {new}.id = {old}.id "
    "AND {new}.leaf_hash = {old}.leaf_hash AND {old}.n < (SELECT minimum FROM {head})"
)
_IS_DESTROYED = "NEW.key_id IN (SELECT key_id FROM {table})"
_SAID = "the key ring that seals this was destroyed; restart the service"
_REFUSES = {"audit_leaf": "audit_refuse_all_but_pruning", "audit_node": "audit_refuse"}


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
                f"{_unless_pruned(table, act)}BEGIN "
                f"SELECT RAISE(ABORT, '{table} is only added to'); END"
            )
    op.execute(
        "CREATE TRIGGER audit_detail_no_destroyed_key BEFORE INSERT ON audit_detail "
        f"WHEN {_IS_DESTROYED.format(table='destroyed_ring')} "
        f"BEGIN SELECT RAISE(ABORT, '{_SAID}'); END"
    )
    for act in ("DELETE", "INSERT"):
        op.execute(
            f"CREATE TRIGGER audit_head_no_{act.lower()} BEFORE {act} ON audit_head "
            "BEGIN SELECT RAISE(ABORT, 'audit_head has one row'); END"
        )


def _unless_pruned(table: str, act: str) -> str:
    if (table, act) != ("audit_leaf", "UPDATE"):
        return ""
    return f"WHEN NOT ({_PRUNES.format(new='NEW', old='OLD', head='audit_head')}) "


def _guard_postgres() -> None:
    schema = op.get_bind().exec_driver_sql("SELECT quote_ident(current_schema())").scalar_one()
    prunes = _PRUNES.format(new="NEW", old="OLD", head=f"{schema}.audit_head")
    op.execute(
        "CREATE FUNCTION audit_refuse_all_but_pruning() RETURNS trigger LANGUAGE plpgsql AS "
        f"$$ BEGIN IF TG_OP = 'UPDATE' AND {prunes} THEN RETURN NEW; END IF; "
        "RAISE EXCEPTION '% is only added to', TG_TABLE_NAME; END $$"
    )
    op.execute(
        "CREATE FUNCTION audit_refuse() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE EXCEPTION '% is only added to', TG_TABLE_NAME; END $$"
    )
    op.execute(
        "CREATE FUNCTION audit_refuse_destroyed() RETURNS trigger LANGUAGE plpgsql AS "
        f"$$ BEGIN IF {_IS_DESTROYED.format(table=f'{schema}.destroyed_ring')} THEN "
        f"RAISE EXCEPTION '{_SAID}'; END IF; RETURN NEW; END $$"
    )
    op.execute(
        "CREATE TRIGGER audit_detail_no_destroyed_key BEFORE INSERT ON audit_detail "
        "FOR EACH ROW EXECUTE FUNCTION audit_refuse_destroyed()"
    )
    for table in _GUARDED:
        op.execute(
            f"CREATE TRIGGER {table}_no_change BEFORE UPDATE OR DELETE ON {table} "
            f"FOR EACH ROW EXECUTE FUNCTION {_REFUSES[table]}()"
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
