"""PostgreSQL: what the application's role may do, given to it and looked at again.

Three roles. The owner makes the tables (`sluss init`, `migrate`), erases (`purge`) and renews keys.
The service runs as the application's role: it may change what the service changes, delete nearly
nothing, and read the log and add to it, by a function. So a stolen password of the service cannot
rewrite what happened, nor make what was written vanish. The signer's role reads the log's entries,
whose contents are commitments, and adds checkpoints, witnesses' lines and time stamps; where there
is one, the service can add none of these.
Whoever has the owner's can do all, and then the root that is kept outside shows it.
"""

from __future__ import annotations

from sqlalchemy import Connection

from app.records.errors import StoreNotReady
from app.records.schema import all_tables

LOG_TABLES = (
    "audit_leaf",
    "audit_detail",
    "audit_node",
    "audit_head",
    "audit_counter",
    "audit_view",
    "audit_checkpoint",
)
"""What the application's role reads and does not write."""

DELETES_FROM = (
    "delivery",
    "export_part",
    "known_device",
    "sent_form",
    "session",
    "sign_in_attempt",
)
"""Where the service itself removes rows: a delivery before it arrives, and what opens nothing more.
Everything else is erased by `sluss purge`, as the owner."""
WRITTEN_ONCE = ("answer", "note_version", "pack_activation")
"""Rows that nobody changes: another version is another row."""

SIGNED_TABLES = ("checkpoint_cosignature", "checkpoint_timestamp")
"""What the signer adds to beside checkpoints."""
SIGNER_READS = (
    *("alembic_version", "audit_leaf", "audit_node", "audit_head", "audit_checkpoint"),
    *SIGNED_TABLES,
)
_SIGNER_SEES = ("n", "op", "res")
"""Of the view, to know whether something is urgent: not who did it, and in which case."""

_FUNCTIONS = ("audit_lock_head", "audit_append")
_SIGN = "audit_keep_checkpoint"
_WRITES = ("INSERT", "UPDATE", "DELETE", "TRUNCATE", "TRIGGER", "REFERENCES")
_OF_COLUMNS = ("INSERT", "UPDATE", "REFERENCES")
_POWERFUL = ("pg_write_all_data", "pg_write_server_files", "pg_execute_server_program")


def let_role_work(connection: Connection, role: str, *, signer: str | None = None) -> None:
    """Give `role` what the service needs, and take from it what it must not have.

    `signer` is the role that signs the log, if it has one of its own: then `role` does not.
    Run as the owner, after the tables are made; again after each migration, for the new ones.
    Raises StoreNotReady, with the statement to run, if there is no such role or it is too powerful.
    """
    _refuse_unless_there(connection, role)
    name = connection.dialect.identifier_preparer.quote_identifier(role)
    run = connection.exec_driver_sql
    schema = run("SELECT quote_ident(current_schema())").scalar_one()
    _let_in(connection, name)
    run(f"GRANT SELECT ON ALL TABLES IN SCHEMA {schema} TO {name}")
    signed = set(SIGNED_TABLES) if signer else set()
    for table in sorted(all_tables().tables.keys() - set(LOG_TABLES) - signed):
        may = ["INSERT"]
        may += ["UPDATE"] if table not in WRITTEN_ONCE else []
        may += ["DELETE"] if table in DELETES_FROM else []
        run(f'GRANT {", ".join(may)} ON {schema}."{table}" TO {name}')
    for function in (*_FUNCTIONS, *(() if signer else (_SIGN,))):
        run(f"GRANT EXECUTE ON FUNCTION {schema}.{function} TO {name}")
    refuse_powerful(connection, role)
    if signer:
        _let_signer_work(connection, signer)


def _let_signer_work(connection: Connection, role: str) -> None:
    _refuse_unless_there(connection, role)
    name = connection.dialect.identifier_preparer.quote_identifier(role)
    run = connection.exec_driver_sql
    schema = run("SELECT quote_ident(current_schema())").scalar_one()
    _let_in(connection, name)
    for table in SIGNER_READS:
        run(f'GRANT SELECT ON {schema}."{table}" TO {name}')
    run(f"GRANT SELECT ({', '.join(_SIGNER_SEES)}) ON {schema}.audit_view TO {name}")
    for table in SIGNED_TABLES:
        run(f'GRANT INSERT ON {schema}."{table}" TO {name}')
    run(f"GRANT EXECUTE ON FUNCTION {schema}.{_SIGN} TO {name}")
    refuse_powerful(connection, role)


def _let_in(connection: Connection, name: str) -> None:
    """Into the database and its schema, with no right left from before."""
    run = connection.exec_driver_sql
    schema = run("SELECT quote_ident(current_schema())").scalar_one()
    database = run("SELECT quote_ident(current_database())").scalar_one()
    run(f"GRANT CONNECT ON DATABASE {database} TO {name}")
    run(f"GRANT USAGE ON SCHEMA {schema} TO {name}")
    run(f"REVOKE ALL ON ALL TABLES IN SCHEMA {schema} FROM {name}")
    run(f"REVOKE ALL ON ALL FUNCTIONS IN SCHEMA {schema} FROM {name}")


def refuse_powerful(connection: Connection, role: str | None = None) -> None:
    """Raise StoreNotReady if `role`, or who is connected, could write the log past its function."""
    run = connection.exec_driver_sql
    who = role or str(run("SELECT current_user").scalar_one())
    is_super, bypasses = run(
        "SELECT rolsuper, rolcreaterole OR rolreplication FROM pg_roles WHERE rolname = %s", (who,)
    ).one()
    too_much = ["is a superuser"] if is_super else []
    too_much += ["may make or replicate roles and data"] if bypasses else []
    too_much += [f"is a member of {one}" for one in _memberships(connection, who)]
    if not too_much:
        too_much = [f"may {what}" for what in _held(connection, who)]
    if too_much:
        raise StoreNotReady(
            f"the database role {who} {too_much[0]}, so it could rewrite the log; let the service "
            "use a role that owns nothing, and run `sluss migrate` with [storage] owner set"
        )


def _refuse_unless_there(connection: Connection, role: str) -> None:
    found = connection.exec_driver_sql("SELECT 1 FROM pg_roles WHERE rolname = %s", (role,)).first()
    if found is None:
        raise StoreNotReady(
            f"the database has no role {role}; make it as an administrator of the server with "
            f"CREATE ROLE {role} LOGIN PASSWORD '...', and run this again"
        )


def _memberships(connection: Connection, role: str) -> list[str]:
    """Roles that it is, or may become, which own a table of the log or may write anything."""
    asked = (
        "SELECT DISTINCT rolname FROM pg_roles WHERE pg_has_role(%s, oid, 'MEMBER') AND (rolname = "
        "ANY(%s) OR rolsuper OR oid IN (SELECT relowner FROM pg_class WHERE relname = ANY(%s) "
        "AND relnamespace = current_schema()::regnamespace)) ORDER BY 1"
    )
    rows = connection.exec_driver_sql(asked, (role, list(_POWERFUL), list(LOG_TABLES)))
    return [str(row[0]) for row in rows]


def _held(connection: Connection, role: str) -> list[str]:
    """Rights on the log's tables, or on a column of one, that it has from whomever."""
    # DELETE, TRUNCATE and TRIGGER are never rights on a column.
    asked = (
        "SELECT what || ' ' || relname FROM unnest(%s::text[]) AS what, pg_class "
        "WHERE relname = ANY(%s) AND relnamespace = current_schema()::regnamespace "
        "AND CASE WHEN what = ANY(%s) THEN has_any_column_privilege(%s, pg_class.oid, what) "
        "ELSE has_table_privilege(%s, pg_class.oid, what) END ORDER BY 1"
    )
    given = (list(_WRITES), list(LOG_TABLES), list(_OF_COLUMNS), role, role)
    return [str(row[0]) for row in connection.exec_driver_sql(asked, given)]
