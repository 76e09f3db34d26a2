"""What tests of several areas share: an open database of either kind, with this version's tables,
and a browser.

Each test finds the database empty. PostgreSQL is used if `SLUSS_TEST_POSTGRES` names a server
whose user may create databases and is a superuser there.
"""

from __future__ import annotations

import os
import secrets
import shutil
from collections.abc import Callable, Iterable, Iterator
from datetime import date
from pathlib import Path
from types import CodeType
from typing import Any

import psycopg
import pytest
import sqlalchemy
from flask import Flask
from hypothesis import HealthCheck, settings
from jinja2.bccache import Bucket, BytecodeCache
from playwright.sync_api import Browser, sync_playwright

from app.flows import propose_pack
from app.records.migrations.upgrade import upgrade
from app.records.schema import all_tables
from app.records.store import Store
from policies import Law, Problem

# How long an example takes says more about the machine than about the code.
settings.register_profile(
    "sluss", deadline=None, max_examples=60, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("sluss")


class _CompiledTemplates(BytecodeCache):
    """Most tests have an application of their own, and the templates of all are the same."""

    def __init__(self) -> None:
        self._compiled: dict[tuple[str, str], CodeType] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        bucket.code = self._compiled.get((bucket.key, bucket.checksum))

    def dump_bytecode(self, bucket: Bucket) -> None:
        if bucket.code is not None:
            self._compiled[bucket.key, bucket.checksum] = bucket.code


Flask.jinja_options = {"bytecode_cache": _CompiledTemplates()}

PATIENCE_MS = 120_000
"""How long a page may take in a browser on a machine that does much else."""
# The shell first, because the whole browser draws its own windows too and takes twice the time.
CHROMIUM = (
    os.environ.get("SLUSS_CHROMIUM")
    or shutil.which("chromium-headless-shell")
    or shutil.which("chromium")
)
CHROMIUM_ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]

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


class _KeptDatabase:
    """One database a process, emptied after each test; made anew if a test changed its tables."""

    def __init__(self) -> None:
        self._server = sqlalchemy.make_url(_POSTGRES)
        self._name = f"sluss_test_{secrets.token_hex(6)}"
        database = self._server.set(database=self._name)
        self.url = database.render_as_string(hide_password=False)
        self._make()
        self._tables = self._look()

    def _make(self) -> None:
        self.drop()
        with _server(self._server) as connection:
            connection.execute(f"CREATE DATABASE {self._name}".encode())
        upgrade(self.url)

    def _look(self) -> list[tuple[object, ...]]:
        """Every column of every table, and the step it was migrated to."""
        with _server(sqlalchemy.make_url(self.url)) as connection:
            columns = connection.execute(
                "SELECT table_name, column_name FROM information_schema.columns "
                "WHERE table_schema = 'public' ORDER BY 1, 2"
            ).fetchall()
            return columns + connection.execute("SELECT * FROM alembic_version").fetchall()

    def empty(self) -> None:
        try:
            changed = self._look() != self._tables
        except psycopg.Error:
            changed = True
        if changed:
            self._make()
            return
        with _server(sqlalchemy.make_url(self.url)) as connection:
            # As a replica, because the log's own triggers rightly refuse to be emptied.
            said = ["SET session_replication_role = replica"]
            said += [f'DELETE FROM "{table}"' for table in all_tables().tables]  # noqa: S608
            said.append("INSERT INTO audit_head (id, n, t, frontier) VALUES (1, 0, NULL, '')")
            connection.execute(";".join(said).encode())

    def drop(self) -> None:
        with _server(self._server) as connection:
            connection.execute(f"DROP DATABASE IF EXISTS {self._name} WITH (FORCE)".encode())


@pytest.fixture(scope="session")
def _kept_database() -> Iterator[_KeptDatabase]:
    kept = _KeptDatabase()
    yield kept
    kept.drop()


@pytest.fixture(params=BOTH)
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The address of a migrated, empty database of each kind."""
    if request.param == "sqlite":
        file = tmp_path / "sluss.db"
        shutil.copyfile(request.getfixturevalue("_sqlite_template"), file)
        file.chmod(0o600)
        yield f"sqlite:///{file}"
        return
    kept: _KeptDatabase = request.getfixturevalue("_kept_database")
    yield kept.url
    kept.empty()


@pytest.fixture
def store(database_url: str) -> Iterator[Store]:
    """An open, migrated, empty database, once of each kind."""
    opened = Store.open(database_url)
    yield opened
    opened.close()


@pytest.fixture(scope="session", autouse=True)
def _a_sound_pack_is_examined_once() -> Iterator[None]:
    """Every case answered, and every day's rules read by both engines, takes seconds each time."""
    with pytest.MonkeyPatch.context() as patched:
        for name in ("_failing", "_unread_by_the_other"):
            patched.setattr(propose_pack, name, _once_when_sound(getattr(propose_pack, name)))
        yield


def _once_when_sound(examine: Callable[[Law, Any], Iterable[Problem]]) -> Callable[..., Any]:
    sound: set[tuple[str, date | None]] = set()

    def examined(law: Law, more: Any) -> tuple[Problem, ...]:
        # The hash is of every file, so what else is handed in is told by it; a day is not.
        key = law.sha256, more if isinstance(more, date) else None
        found = () if key in sound else tuple(examine(law, more))
        if not found:
            sound.add(key)
        return found

    return examined


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """One browser a process: Playwright cannot be started twice in one."""
    if CHROMIUM is None:
        pytest.skip("Chromium is not installed, so no page was opened in a browser")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=CHROMIUM, args=CHROMIUM_ARGUMENTS, timeout=PATIENCE_MS
        )
        yield browser
        browser.close()
