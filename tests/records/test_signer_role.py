"""PostgreSQL: the signer's own role reads the log and adds checkpoints, and the service cannot."""

from __future__ import annotations

import os
import secrets
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import psycopg
import pytest
import sqlalchemy

from app.flows.seal_log import needs_seal, seal_log
from app.records.audit_log import latest_checkpoint, save_checkpoint
from app.records.errors import StoreFault, StoreNotReady
from app.records.migrations.upgrade import upgrade
from app.records.store import Store
from app.records.timestamp import put_timestamp
from audit.entry import Event
from audit.log import CheckpointRow, DetailSealer
from audit.signer import Signed, SignerState
from audit.signer_keys import SignerFiles, create_signer_keys

pytestmark = pytest.mark.postgres


@dataclass(frozen=True)
class Roles:
    """A database that one role owns, one serves and one signs."""

    server: sqlalchemy.URL
    name: str
    owner: str
    app: str
    signer: str

    def url(self, role: str) -> str:
        """The database's address, as that role."""
        made = self.server.set(database=self.name, username=role)
        return made.render_as_string(hide_password=False)

    def connect(self, role: str) -> psycopg.Connection[tuple[object, ...]]:
        plain = sqlalchemy.make_url(self.url(role)).set(drivername="postgresql")
        return psycopg.connect(plain.render_as_string(hide_password=False), autocommit=True)


@pytest.fixture(scope="module")
def roles() -> Iterator[Roles]:
    server = sqlalchemy.make_url(os.environ["SLUSS_TEST_POSTGRES"])
    tail = secrets.token_hex(4)
    made = Roles(server, *(f"sluss_{what}_{tail}" for what in ("three", "owner", "app", "signer")))
    plain = server.set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(plain, autocommit=True) as connection:
        for role in (made.owner, made.app, made.signer):
            connection.execute(f"CREATE ROLE {role} LOGIN PASSWORD 'known to the thief'".encode())
        connection.execute(f"CREATE DATABASE {made.name} OWNER {made.owner}".encode())
        try:
            # First as an installation from before has it, where the service signs.
            upgrade(made.url(made.owner), role=made.app)
            upgrade(made.url(made.owner), role=made.app, signer=made.signer)
            yield made
        finally:
            connection.execute(f"DROP DATABASE {made.name} WITH (FORCE)".encode())
            connection.execute(f"DROP ROLE {made.owner}, {made.app}, {made.signer}".encode())


@pytest.fixture
def served(roles: Roles) -> Iterator[Store]:
    store = Store.open(roles.url(roles.app), limited=True)
    yield store
    store.close()


@pytest.fixture
def signing(roles: Roles) -> Iterator[Store]:
    store = Store.open(roles.url(roles.signer), limited=True)
    yield store
    store.close()


def test_the_signer_signs_what_the_service_wrote(
    served: Store,
    signing: Store,
    at: datetime,
    an_event: Callable[..., Event],
    sealer: DetailSealer,
    tmp_path: Path,
) -> None:
    with served.begin(at=at) as tx:
        tx.record(an_event("note.read"), sealer=sealer)
    create_signer_keys(tmp_path / "key", tmp_path / "state", name="test.example/log", at=at)
    files = SignerFiles(tmp_path / "key", SignerState(tmp_path / "state"))
    assert needs_seal(0, overdue=True, at=at, store=signing)
    done = seal_log(files, at=at, store=signing)
    assert isinstance(done, Signed)
    with signing.begin(at=at) as tx:
        put_timestamp(tx, done.checkpoint.size, b"token", stamped_at=at)
    with served.look(at=at) as tx:
        newest = latest_checkpoint(tx)
    assert newest is not None
    assert newest.note == done.note


def test_the_services_password_places_no_checkpoint_and_nothing_beside_one(
    served: Store, at: datetime
) -> None:
    false = CheckpointRow(10_000, bytes(32), b"nothing anybody signed", "2026-11-23")
    with pytest.raises(StoreFault), served.begin(at=at) as tx:
        save_checkpoint(tx, false)
    with pytest.raises(StoreFault), served.begin(at=at) as tx:
        put_timestamp(tx, 1, b"false", stamped_at=at)
    with served.look(at=at) as tx:
        newest = latest_checkpoint(tx)
    assert newest is None or newest.n < 10_000


@pytest.mark.parametrize(
    "statement",
    [
        *("SELECT * FROM audit_detail", "SELECT * FROM case_file", "SELECT * FROM note_version"),
        *("SELECT staff_id FROM audit_view", "SELECT * FROM organisation_key"),
        "SELECT * FROM public.audit_lock_head(ARRAY['org:a'])",
        "INSERT INTO audit_leaf (n, id, leaf_hash, entry) VALUES (99, 'x', '', '')",
        *("UPDATE audit_leaf SET entry = ''", "DELETE FROM audit_checkpoint"),
        *("UPDATE audit_checkpoint SET note = ''", "UPDATE audit_head SET minimum = 5"),
        *("DELETE FROM checkpoint_cosignature", "UPDATE checkpoint_timestamp SET token = ''"),
        "CREATE TABLE mine (n int)",
    ],
)
def test_the_signers_password_does_nothing_else(roles: Roles, statement: str) -> None:
    with (
        roles.connect(roles.signer) as connection,
        pytest.raises(psycopg.errors.InsufficientPrivilege),
    ):
        connection.execute(statement.encode())


def test_a_role_that_may_write_the_log_is_no_signer(roles: Roles) -> None:
    with pytest.raises(StoreNotReady, match="could rewrite the log"):
        Store.open(roles.url(roles.owner), limited=True)
