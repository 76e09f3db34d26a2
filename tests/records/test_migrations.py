"""An empty database becomes what the metadata says, on either kind of database."""

from __future__ import annotations

import threading
from typing import Any

import pytest
import sqlalchemy
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext

from app.records import errors
from app.records.migrations import regenerate, upgrade
from app.records.schema import UtcTime, all_tables
from app.records.store import Store, connect


def _shape(engine: sqlalchemy.Engine) -> dict[str, Any]:
    """Every table with what constrains it, as the database itself tells."""
    seen = sqlalchemy.inspect(engine)
    return {
        table: {
            "columns": [
                (c["name"], str(c["type"]), c["nullable"]) for c in seen.get_columns(table)
            ],
            "key": seen.get_pk_constraint(table),
            "foreign": sorted(seen.get_foreign_keys(table), key=str),
            "unique": sorted(seen.get_unique_constraints(table), key=str),
            "check": sorted(seen.get_check_constraints(table), key=str),
            "index": sorted(seen.get_indexes(table), key=str),
        }
        for table in seen.get_table_names()
        if table != "alembic_version"
    }


def _differs(
    _context: Any, _inspected: Any, _column: Any, inspected_type: Any, type_: Any
) -> bool | None:
    if isinstance(type_, UtcTime):
        return not isinstance(inspected_type, sqlalchemy.DateTime)
    return None


def test_the_migrated_tables_are_those_of_the_metadata(store: Store) -> None:
    with store.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": _differs})
        assert compare_metadata(context, all_tables()) == []


def test_the_migrated_constraints_are_those_of_the_metadata(store: Store) -> None:
    migrated = _shape(store.engine)
    tables = all_tables()
    with store.engine.begin() as connection:
        if connection.dialect.name == "postgresql":
            connection.exec_driver_sql("DROP SCHEMA public CASCADE; CREATE SCHEMA public")
        else:
            connection.exec_driver_sql("PRAGMA defer_foreign_keys=ON")
            tables.drop_all(connection)
        tables.create_all(connection)
    assert _shape(store.engine) == migrated


@pytest.mark.parametrize("dialect", ["sqlite", "postgresql"])
def test_the_generated_migration_is_up_to_date(dialect: str) -> None:
    assert regenerate.file_for(dialect).read_text() == regenerate.tables_as_sql(dialect)


def test_migrating_again_changes_nothing(database_url: str) -> None:
    before = Store.open(database_url)
    shape = _shape(before.engine)
    before.close()
    upgrade.upgrade(database_url)
    after = Store.open(database_url)
    assert _shape(after.engine) == shape
    after.close()


def test_two_who_migrate_an_empty_database_at_once_make_one(tmp_path: Any) -> None:
    url = f"sqlite:///{tmp_path}/new.db"
    failed: list[errors.StoreFault] = []

    def migrate() -> None:
        try:
            upgrade.upgrade(url)
        except errors.StoreFault as fault:
            failed.append(fault)

    both = [threading.Thread(target=migrate) for _ in range(2)]
    for one in both:
        one.start()
    for one in both:
        one.join()
    assert failed == []
    Store.open(url).close()


def test_an_empty_database_does_not_open(tmp_path: Any) -> None:
    with pytest.raises(errors.StoreNotReady, match="sluss init"):
        Store.open(f"sqlite:///{tmp_path}/empty.db")


def test_a_database_of_another_version_does_not_open(store: Store, database_url: str) -> None:
    with store.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(errors.StoreNotReady, match="step 9999, this version needs 0003"):
        Store.open(database_url)


def test_the_log_has_its_first_row_before_the_first_entry(store: Store) -> None:
    with store.engine.connect() as connection:
        row = connection.exec_driver_sql("SELECT id, n, t, frontier FROM audit_head").one()
    assert tuple(row) == (1, 0, None, b"")


def test_an_unknown_kind_of_database_is_refused_by_name() -> None:
    with pytest.raises(errors.StoreNotReady, match="not in mysql"):
        connect("mysql://host/sluss")
