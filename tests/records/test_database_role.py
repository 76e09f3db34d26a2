"""PostgreSQL: the service's password adds to the log and does nothing else to it."""

from __future__ import annotations

import json
import os
import secrets
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import psycopg
import pytest
import sqlalchemy

from app.cli import main
from app.config import load as load_config
from app.main import open_house
from app.records.audit_log import StoredLog, erase_details, save_checkpoint
from app.records.database_role import DELETES_FROM, LOG_TABLES, WRITTEN_ONCE
from app.records.errors import StoreFault, StoreNotReady
from app.records.log_writer import _APPEND, _PostgresWriter
from app.records.migrations.upgrade import upgrade
from app.records.schema import all_tables
from app.records.store import Store, role_of
from audit.entry import Event
from audit.log import CheckpointRow, DetailSealer, append_all, stored_nodes
from audit.merkle import leaf_hash, root_at, tree_root
from tests.attacks.house import a_house
from tests.attacks.story import Story
from tests.flows.test_purge_command import (
    RETENTION,
    by_the_clock_of,
    close_long_ago,
    may_erase,
    purge_as,
)

MakeEvent = Callable[..., Event]
pytestmark = pytest.mark.postgres


@dataclass(frozen=True)
class Roles:
    """A database whose tables one role owns, and which another role serves."""

    server: sqlalchemy.URL
    name: str
    owner: str
    app: str

    def url(self, role: str | None = None) -> str:
        """The database's address, as that role."""
        return self.server.set(database=self.name, username=role or self.app).render_as_string(
            hide_password=False
        )

    def connect(self, role: str | None = None) -> psycopg.Connection[tuple[object, ...]]:
        plain = sqlalchemy.make_url(self.url(role)).set(drivername="postgresql")
        return psycopg.connect(plain.render_as_string(hide_password=False), autocommit=True)

    def administer(self, *statements: str) -> None:
        """As the administrator of the server, in this database."""
        with self.connect(self.server.username) as connection:
            for statement in statements:
                connection.execute(statement.encode())


@pytest.fixture(scope="module")
def made() -> Iterator[Roles]:
    server = sqlalchemy.make_url(os.environ["SLUSS_TEST_POSTGRES"])
    tail = secrets.token_hex(4)
    roles = Roles(server, f"sluss_roles_{tail}", f"sluss_owner_{tail}", f"sluss_app_{tail}")
    plain = server.set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(plain, autocommit=True) as connection:
        for role in (roles.owner, roles.app):
            connection.execute(f"CREATE ROLE {role} LOGIN PASSWORD 'known to the thief'".encode())
        connection.execute(f"CREATE DATABASE {roles.name} OWNER {roles.owner}".encode())
        try:
            upgrade(roles.url(roles.owner), role=roles.app)
            yield roles
        finally:
            connection.execute(f"DROP DATABASE {roles.name} WITH (FORCE)".encode())
            connection.execute(f"DROP ROLE {roles.owner}, {roles.app}".encode())


@pytest.fixture
def roles(made: Roles) -> Iterator[Roles]:
    """Emptied after, and with the rights that the migration gave."""
    yield made
    said = ["SET session_replication_role = replica"]
    said += [f'DELETE FROM "{table}"' for table in all_tables().tables]  # noqa: S608
    said.append("INSERT INTO audit_head (id, n, t, frontier) VALUES (1, 0, NULL, '')")
    made.administer(";".join(said))
    upgrade(made.url(made.owner), role=made.app)


@pytest.fixture
def served(roles: Roles) -> Iterator[Store]:
    """The store as the service opens it."""
    opened = Store.open(roles.url(), limited=True)
    yield opened
    opened.close()


def _fill(store: Store, at: datetime, make: MakeEvent, sealer: DetailSealer, count: int) -> None:
    for number in range(count):
        with store.begin(at=at) as tx:
            tx.record(make(case=f"case-{number % 2}"), sealer=sealer)
            tx.record(make(), sealer=sealer)


REWRITINGS = {
    "update": "UPDATE {table} SET {column} = {column}",
    "delete": "DELETE FROM {table}",
    "truncate": "TRUNCATE {table} CASCADE",
    "insert": "INSERT INTO {table} SELECT * FROM {table}",
    "merge": "MERGE INTO {table} AS t USING {table} AS s ON false WHEN NOT MATCHED THEN "
    "INSERT DEFAULT VALUES",
    "copy": "COPY {table} FROM STDIN",
    "lock": "SELECT * FROM {table} FOR UPDATE",
    "drop": "DROP TABLE {table} CASCADE",
    "disable triggers": "ALTER TABLE {table} DISABLE TRIGGER ALL",
    "new trigger": "CREATE TRIGGER mine BEFORE INSERT ON {table} "
    "EXECUTE FUNCTION suppress_redundant_updates_trigger()",
    "new rule": "CREATE RULE mine AS ON INSERT TO {table} DO INSTEAD NOTHING",
}


@pytest.mark.parametrize("table", LOG_TABLES)
@pytest.mark.parametrize("how", REWRITINGS)
def test_the_services_password_does_not_rewrite_the_log(made: Roles, table: str, how: str) -> None:
    column = next(iter(all_tables().tables[table].columns)).name
    statement = REWRITINGS[how].format(table=table, column=column)
    with made.connect() as connection, pytest.raises(psycopg.errors.InsufficientPrivilege):
        connection.execute(statement.encode())


@pytest.mark.parametrize(
    "statement",
    [
        "SET session_replication_role = replica",
        "ALTER FUNCTION audit_refuse() RENAME TO audit_accept",
        "SET ROLE {owner}",
        "SELECT audit_count('org:soc')",
        "CREATE FUNCTION audit_refuse() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN END'",
    ],
)
def test_the_services_password_does_not_take_the_guards_away(made: Roles, statement: str) -> None:
    asked = statement.format(owner=made.owner, app=made.app)
    with made.connect() as connection, pytest.raises(psycopg.errors.InsufficientPrivilege):
        connection.execute(asked.encode())


def test_what_the_service_adds_is_a_log_that_adds_up(
    served: Store, at: datetime, an_event: MakeEvent, sealer: DetailSealer
) -> None:
    _fill(served, at, an_event, sealer, 17)
    with served.look(at=at) as tx:
        log = StoredLog(tx)
        head = log.head()
        leaves = list(log.leaves(0, head.n))
        assert len(list(log.details(0, head.n))) == 3 * 34
        assert root_at(34, stored_nodes(log)) == head.root()
    assert head.n == 34
    assert [leaf_hash(row.entry) for row in leaves] == [row.leaf_hash for row in leaves]
    assert tree_root([row.leaf_hash for row in leaves]) == head.root()


def test_the_service_keeps_a_checkpoint_and_does_not_change_one(
    served: Store, roles: Roles, at: datetime
) -> None:
    first = CheckpointRow(1, b"r" * 32, b"note one", "2026-11-23T08:30:00.000000Z")
    for row in (first, CheckpointRow(1, b"s" * 32, b"another", "2026-11-23T08:31:00.000000Z")):
        with served.begin(at=at) as tx:
            save_checkpoint(tx, row)
    with served.look(at=at) as tx:
        assert list(StoredLog(tx).checkpoints()) == [first]


def test_everything_people_do_on_the_pages_is_done_with_the_services_role(
    roles: Roles, tmp_path: Path
) -> None:
    with a_house(tmp_path, roles.url()) as house:
        Story(house, lambda name: f"Ord om {name}").tell()
        assert len(house.entries()) > 20


class _Bent:
    """A writer that the service's password lets somebody make: the function, called wrongly."""

    def __init__(self, **bent: object) -> None:
        self.bent = bent

    def call(self, roles: Roles, event: Event, sealer: DetailSealer, at: datetime) -> None:
        engine = sqlalchemy.create_engine(roles.url())
        bent = self.bent

        class Writer(_PostgresWriter):
            def __init__(self, connection: sqlalchemy.Connection) -> None:
                super().__init__(connection, [event])
                whole = self._run

                def run(statement: str, given: tuple[object, ...]) -> object:
                    if statement == _APPEND:
                        names = ("ids", "entries", "cases", "staff", "n", "field", "key", "body")
                        told = dict(zip((*names, "edge"), given, strict=True)) | bent
                        given = tuple(told.values())
                    return whole(statement, given)

                self._run = run  # type: ignore[assignment,method-assign]

        try:
            with engine.begin() as connection:
                append_all(Writer(connection), [(event, sealer)], at=at)
        finally:
            engine.dispose()


BENT = {
    "another edge": ({"edge": b"x" * 64}, "grew otherwise"),
    "an entry for another place": (
        {"entries": [b'{"id":"i","ko":1,"n":0,"org":"o","t":"2026-11-23T09:00:00.000000Z"}']},
        "not for this place",
    ),
    "another id": ({"ids": ["another"]}, "not for this place"),
    "a detail of an older entry": ({"n": [0, 0, 0]}, "belongs to no entry"),
    "nothing that is an entry": ({"entries": [b"\xff"]}, "invalid byte sequence"),
}


@pytest.mark.parametrize("how", BENT)
def test_the_function_refuses_what_does_not_belong_at_the_end(
    roles: Roles,
    served: Store,
    at: datetime,
    an_event: MakeEvent,
    sealer: DetailSealer,
    how: str,
) -> None:
    _fill(served, at, an_event, sealer, 1)
    bent, said = BENT[how]
    with pytest.raises(sqlalchemy.exc.DBAPIError, match=said):
        _Bent(**bent).call(roles, an_event(), sealer, at)
    with served.look(at=at) as tx:
        assert StoredLog(tx).head().n == 2


@pytest.mark.parametrize(
    ("change", "said"), [({"ko": 7}, "another number"), ({"t": "2026-11-23T08:00"}, "earlier")]
)
def test_the_function_refuses_an_entry_with_a_time_or_number_out_of_order(
    roles: Roles,
    served: Store,
    at: datetime,
    an_event: MakeEvent,
    sealer: DetailSealer,
    change: dict[str, object],
    said: str,
) -> None:
    _fill(served, at, an_event, sealer, 1)
    entry = {"n": 2, "id": "i", "ko": 3, "org": "organisation-1", "t": "2027-01-01T00:00"} | change
    bent = _Bent(ids=["i"], entries=[json.dumps(entry).encode()])
    with pytest.raises(sqlalchemy.exc.DBAPIError, match=said):
        bent.call(roles, an_event(), sealer, at)


def test_a_table_of_the_thiefs_own_does_not_mislead_the_function(
    roles: Roles, served: Store, at: datetime, an_event: MakeEvent, sealer: DetailSealer
) -> None:
    _fill(served, at, an_event, sealer, 2)
    with roles.connect() as connection:
        connection.execute("CREATE TEMP TABLE audit_head (LIKE public.audit_head)")
        connection.execute("INSERT INTO pg_temp.audit_head VALUES (1, 0, NULL, '', 0)")
        row = connection.execute("SELECT n FROM public.audit_lock_head(ARRAY['a'])").fetchone()
    assert row == (4,)


def test_who_is_nobody_runs_none_of_the_functions(roles: Roles) -> None:
    nobody = f"sluss_nobody_{secrets.token_hex(4)}"
    roles.administer(f"CREATE ROLE {nobody} LOGIN")
    try:
        with roles.connect(nobody) as connection:
            for call in ("audit_lock_head('{}')", "audit_keep_checkpoint(1, '', '', '')"):
                with pytest.raises(psycopg.errors.InsufficientPrivilege):
                    connection.execute(f"SELECT {call}".encode())
    finally:
        roles.administer(f"DROP ROLE {nobody}")


def test_the_owner_meets_the_triggers(
    roles: Roles, served: Store, at: datetime, an_event: MakeEvent, sealer: DetailSealer
) -> None:
    _fill(served, at, an_event, sealer, 1)
    with roles.connect(roles.owner) as connection:
        for table in ("audit_leaf", "audit_node", "audit_head"):
            for act in ("DELETE FROM", "TRUNCATE"):
                cascade = " CASCADE" if act == "TRUNCATE" else ""
                with pytest.raises(psycopg.errors.RaiseException, match="only added to"):
                    connection.execute(f"{act} {table}{cascade}".encode())


POWERS = {
    "superuser": ("ALTER ROLE {app} SUPERUSER", "ALTER ROLE {app} NOSUPERUSER", "superuser"),
    "maker of roles": (
        "ALTER ROLE {app} CREATEROLE",
        "ALTER ROLE {app} NOCREATEROLE",
        "make or replicate",
    ),
    "member of the owner": ("GRANT {owner} TO {app}", "REVOKE {owner} FROM {app}", "member of"),
    "writer of all": (
        "GRANT pg_write_all_data TO {app}",
        "REVOKE pg_write_all_data FROM {app}",
        "pg_write_all_data",
    ),
    "one column": (
        "GRANT UPDATE (entry) ON audit_leaf TO {app}",
        "REVOKE UPDATE (entry) ON audit_leaf FROM {app}",
        "UPDATE audit_leaf",
    ),
    "everybody": (
        "GRANT DELETE ON audit_detail TO PUBLIC",
        "REVOKE DELETE ON audit_detail FROM PUBLIC",
        "DELETE audit_detail",
    ),
}


@pytest.mark.parametrize("power", POWERS)
def test_a_role_that_could_rewrite_the_log_does_not_serve(roles: Roles, power: str) -> None:
    give, take, said = (part.format(owner=roles.owner, app=roles.app) for part in POWERS[power])
    roles.administer(give)
    try:
        with pytest.raises(StoreNotReady, match=said):
            Store.open(roles.url(), limited=True)
    finally:
        roles.administer(take)
    Store.open(roles.url(), limited=True).close()


def test_the_owner_itself_does_not_serve(roles: Roles) -> None:
    with pytest.raises(StoreNotReady, match=f"member of {roles.owner}"):
        Store.open(roles.url(roles.owner), limited=True)


def test_migrating_again_takes_back_what_somebody_granted(roles: Roles) -> None:
    roles.administer(f"GRANT ALL ON audit_leaf TO {roles.app}")
    upgrade(roles.url(roles.owner), role=roles.app)
    with roles.connect() as connection, pytest.raises(psycopg.errors.InsufficientPrivilege):
        connection.execute("DELETE FROM audit_leaf")


def test_a_role_that_is_not_there_is_named_with_what_makes_it(roles: Roles) -> None:
    with pytest.raises(StoreNotReady, match="CREATE ROLE sluss_elsewhere LOGIN"):
        upgrade(roles.url(roles.owner), role="sluss_elsewhere")


def test_an_address_without_a_role_is_told() -> None:
    with pytest.raises(StoreNotReady, match="must name its role"):
        role_of("postgresql+psycopg:///sluss")


def test_a_clock_gone_back_is_as_it_was(
    served: Store, at: datetime, an_event: MakeEvent, sealer: DetailSealer
) -> None:
    _fill(served, at, an_event, sealer, 1)
    _fill(served, at - timedelta(hours=1), an_event, sealer, 1)
    with served.look(at=at) as tx:
        assert StoredLog(tx).head().n == 4


def test_an_erasure_by_the_service_is_refused(
    served: Store, at: datetime, an_event: MakeEvent, sealer: DetailSealer
) -> None:
    _fill(served, at, an_event, sealer, 1)
    with pytest.raises(StoreFault, match="may not do this"), served.begin(at=at) as tx:
        erase_details(tx, [0], ["object"])


def test_an_erasure_by_the_owner_is_told_and_done(
    roles: Roles,
    served: Store,
    at: datetime,
    an_event: MakeEvent,
    sealer: DetailSealer,
) -> None:
    _fill(served, at, an_event, sealer, 1)
    owner = Store.open(roles.url(roles.owner))
    with owner.begin(at=at) as tx:
        assert erase_details(tx, [0], ["object"]) == 1
        tx.record(an_event("details.erased"), sealer=sealer)
    owner.close()
    with served.look(at=at) as tx:
        assert StoredLog(tx).head().n == 3


def test_an_installation_with_two_roles_is_made_served_and_purged(
    roles: Roles, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with a_house(tmp_path, roles.url()) as house, by_the_clock_of(house):
        story = Story(house, lambda name: f"Ord om {name}").tell()
        path = tmp_path / "config.toml"
        text = path.read_text(encoding="utf-8")
        owner = f'state = "state"\nowner = "{roles.url(roles.owner)}"'
        path.write_text(text.replace('state = "state"', owner) + RETENTION, encoding="utf-8")
        assert main(["migrate", "--config", str(path)]) == 0
        open_house(load_config(path)).close()
        close_long_ago(house, story)
        assert main(["purge", "--config", str(path)]) == 0
        code = capsys.readouterr().out.split("--do ")[1].split()[0]
        may_erase(house, "karin", "chef")
        assert purge_as(house, "karin", "--propose", code) == 0
        assert purge_as(house, "chef", "--do", code) == 0
        assert "Erased: 1 cases" in capsys.readouterr().out
        house.as_("karin").sign_in("karin")
        assert house.as_("karin").get(story.at("case")).status_code == 404
        assert [e.op for e in house.entries()].count("case.erased") == 1


def test_a_house_whose_service_could_rewrite_the_log_does_not_open(
    roles: Roles, tmp_path: Path
) -> None:
    with a_house(tmp_path, roles.url()):
        path = tmp_path / "config.toml"
        text = path.read_text(encoding="utf-8").replace(roles.app, roles.owner)
        owner = f'state = "state"\nowner = "{roles.url(roles.app)}"'
        path.write_text(text.replace('state = "state"', owner), encoding="utf-8")
        with pytest.raises(StoreNotReady, match="could rewrite the log"):
            open_house(load_config(path))


BUSINESS = sorted(all_tables().tables.keys() - set(LOG_TABLES))


@pytest.mark.parametrize("table", sorted(set(BUSINESS) - set(DELETES_FROM)))
def test_the_services_password_does_not_make_what_was_written_vanish(
    made: Roles, table: str
) -> None:
    for statement in (f"DELETE FROM {table}", f"TRUNCATE {table} CASCADE"):  # noqa: S608
        with made.connect() as connection, pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute(statement.encode())


@pytest.mark.parametrize("table", WRITTEN_ONCE)
def test_the_services_password_does_not_change_what_is_written_once(
    made: Roles, table: str
) -> None:
    statement = f"UPDATE {table} SET audit_id = audit_id"  # noqa: S608
    with made.connect() as connection, pytest.raises(psycopg.errors.InsufficientPrivilege):
        connection.execute(statement.encode())
