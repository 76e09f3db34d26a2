"""What tests of several areas share: an open database of either kind, with this version's tables.

Each test gets an empty database of its own, copied from one that was migrated once for the run.
PostgreSQL is used if `SLUSS_TEST_POSTGRES` names a server whose user may create databases.
"""

from __future__ import annotations

import os
import secrets
import shutil
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
import sqlalchemy

from app.records.migrations.upgrade import upgrade
from app.records.store import Store

_POSTGRES = os.environ.get("SLUSS_TEST_POSTGRES", "")
BOTH = [
    pytest.param("sqlite", id="sqlite"),
    pytest.param("postgresql", id="postgresql", marks=pytest.mark.postgres),
]


def _server(url: sqlalchemy.URL) -> psycopg.Connection[tuple[object, ...]]:
    plain = url.set(drivername="postgresql").render_as_string(hide_password=False)
    return psycopg.connect(plain, autocommit=True)


@pytest.fixture(scope="session")
def _sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("template") / "sluss.db"
    upgrade(f"sqlite:///{file}")
    return file


@pytest.fixture(scope="session")
def _postgres_template() -> Iterator[str]:
    """The name of a migrated database nobody is connected to, which `CREATE DATABASE` copies."""
    server = sqlalchemy.make_url(_POSTGRES)
    name = f"sluss_test_{secrets.token_hex(6)}"
    with _server(server) as connection:
        connection.execute(f"CREATE DATABASE {name}".encode())
    upgrade(server.set(database=name).render_as_string(hide_password=False))
    yield name
    with _server(server) as connection:
        connection.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)".encode())


@pytest.fixture(params=BOTH)
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The address of a migrated, empty database of each kind."""
    if request.param == "sqlite":
        file = tmp_path / "sluss.db"
        shutil.copyfile(request.getfixturevalue("_sqlite_template"), file)
        file.chmod(0o600)
        yield f"sqlite:///{file}"
        return
    server = sqlalchemy.make_url(_POSTGRES)
    template = request.getfixturevalue("_postgres_template")
    name = f"sluss_test_{secrets.token_hex(6)}"
    with _server(server) as connection:
        connection.execute(f"CREATE DATABASE {name} TEMPLATE {template}".encode())
    yield server.set(database=name).render_as_string(hide_password=False)
    with _server(server) as connection:
        connection.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)".encode())


@pytest.fixture
def store(database_url: str) -> Iterator[Store]:
    """An open, migrated, empty database, once of each kind."""
    opened = Store.open(database_url)
    yield opened
    opened.close()
