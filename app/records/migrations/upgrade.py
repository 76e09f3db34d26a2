"""Bring a database to this version's tables, or say that it is not there."""

from __future__ import annotations

import sys
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine

from app.records.database_role import let_role_work
from app.records.errors import StoreNotReady, faults_told_plainly
from app.records.store import connect

_FOLDER = Path(__file__).parent
# Any number will do that is the same in every Sluss process and unlikely in another program.
_POSTGRES_LOCK = 7_305_820_011


def upgrade(url: str, *, role: str | None = None, signer: str | None = None) -> None:
    """Make or update the tables at `url`, in one transaction. Safe to run again, or twice at once.

    `role` is the PostgreSQL role that the service runs as, if it is another than the one of `url`,
    which owns the tables; `signer` the one that signs the log, if the service must not. Raises
    StoreFault, with nothing changed.
    """
    engine = connect(url)
    try:
        with faults_told_plainly(), engine.begin() as connection:
            if connection.dialect.name == "postgresql":
                # Waits for the other one, however long its migration takes.
                connection.exec_driver_sql("SET LOCAL lock_timeout = 0")
                connection.exec_driver_sql("SET LOCAL statement_timeout = 0")
                connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_POSTGRES_LOCK})")
            command.upgrade(configuration(connection), "head")
            if role is not None:
                let_role_work(connection, role, signer=signer)
    finally:
        engine.dispose()


def configuration(connection: Connection) -> Config:
    """Alembic's settings for these files over that connection."""
    settings = Config(stdout=sys.stderr)
    settings.set_main_option("script_location", str(_FOLDER).replace("%", "%%"))
    settings.attributes["connection"] = connection
    return settings


def newest() -> str:
    """The name of the last step."""
    head = ScriptDirectory(str(_FOLDER)).get_current_head()
    if head is None:
        raise StoreNotReady(f"the migrations are missing from {_FOLDER}; install Sluss again")
    return head


def require_current(engine: Engine) -> None:
    """Refuse a database whose tables are not those of this version."""
    with engine.connect() as connection:
        found = MigrationContext.configure(connection).get_current_revision()
    expected = newest()
    if found is None:
        raise StoreNotReady("the database is empty; run `sluss init` or `sluss migrate` first")
    if found != expected:
        raise StoreNotReady(
            f"the database has the tables of step {found}, this version needs {expected}; "
            "run `sluss migrate`, or start the version of Sluss that made it"
        )
