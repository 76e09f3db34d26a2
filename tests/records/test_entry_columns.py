"""Every row says which entry it came from, and every change of a row which entry tells of it.

The entry is written last, so the references are deferred: the database itself refuses to commit a
row whose entry was never written.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Table

from app.records.database_role import DELETES_FROM, LOG_TABLES, WRITTEN_ONCE
from app.records.schema import UNLOGGED_TABLES, all_tables
from app.records.store import Store

RECORDS = Path(__file__).parents[2] / "app/records"
BUSINESS = sorted(all_tables().tables.keys() - set(LOG_TABLES) - UNLOGGED_TABLES.keys())


def _entries(table: Table) -> list[str]:
    return [
        column.name
        for column in table.columns
        for key in column.foreign_keys
        if key.target_fullname == "audit_leaf.id" and key.deferrable and key.initially == "DEFERRED"
    ]


@pytest.mark.parametrize("name", BUSINESS)
def test_no_row_is_without_the_entry_it_came_from(name: str) -> None:
    table = all_tables().tables[name]
    assert any(not table.columns[one].nullable for one in _entries(table))


def test_the_database_keeps_the_references_deferred(store: Store) -> None:
    wanted = {(t.name, one) for t in all_tables().tables.values() for one in _entries(t)}
    assert len(wanted) >= 40
    with store.engine.connect() as connection:
        if connection.dialect.name == "postgresql":
            rows = connection.exec_driver_sql(
                "SELECT conrelid::regclass::text, attname FROM pg_constraint JOIN pg_attribute "
                "ON attrelid = conrelid AND attnum = ANY(conkey) WHERE condeferred "
                "AND convalidated AND confrelid = 'audit_leaf'::regclass"
            )
            kept = {(row[0], row[1]) for row in rows}
        else:
            rows = connection.exec_driver_sql("SELECT name, sql FROM sqlite_master")
            kept = {
                (name, line.split("(")[1].split(")")[0])
                for name, sql in rows
                for line in (sql or "").splitlines()
                if "REFERENCES audit_leaf (id) DEFERRABLE INITIALLY DEFERRED" in line
            }
            assert connection.exec_driver_sql("PRAGMA foreign_keys").scalar_one() == 1
    assert kept == wanted


def _updates() -> Iterator[tuple[str, str, set[str]]]:
    """(place, table, columns set) of every `update(table)...values(...)` in the package."""
    for file in sorted(RECORDS.glob("*.py")):
        module = ast.parse(file.read_text(encoding="utf-8"))
        for function in ast.walk(module):
            if isinstance(function, ast.FunctionDef):
                for line, table, columns in _updates_in(module, function):
                    yield f"{file.name}:{line}", table, columns


def _callers_name(module: ast.Module, function: ast.FunctionDef) -> set[str]:
    """What callers in the file give to a function that passes its keywords on, if each of them
    names an entry."""
    given = [
        {str(key.arg) for key in node.keywords}
        for node in ast.walk(module)
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") == function.name
    ]
    told = [any(name.endswith("audit_id") for name in names) for names in given]
    return set.union(*given) if given and all(told) else set()


def _updates_in(
    module: ast.Module, function: ast.FunctionDef
) -> Iterator[tuple[int, str, set[str]]]:
    written = {
        str(key.value)
        for node in ast.walk(function)
        if isinstance(node, ast.Dict)
        for key in node.keys
        if isinstance(key, ast.Constant)
    }
    if function.args.kwarg is not None:
        written |= _callers_name(module, function)
    for node in ast.walk(function):
        if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
            continue
        inner = node.func.value
        while isinstance(inner, ast.Call) and isinstance(inner.func, ast.Attribute):
            inner = inner.func.value
        updates = isinstance(inner, ast.Call) and getattr(inner.func, "id", "") == "update"
        if node.func.attr == "values" and isinstance(inner, ast.Call) and updates:
            named = {key.arg for key in node.keywords if key.arg}
            # `**values` is a dictionary that the function writes out, or its own keywords.
            spread = written if any(key.arg is None for key in node.keywords) else set()
            yield node.lineno, str(getattr(inner.args[0], "id", "?")), named | spread


def test_every_change_of_a_row_names_the_entry_that_tells_of_it() -> None:
    # A text that is sealed anew says what it said, so its row stays what its own entry told of;
    # the entry of the renewal holds the hash of them all.
    found = [one for one in _updates() if not one[0].startswith("ring_rows.py:")]
    assert len(found) > 15
    # What is pruned is told in the log by name, as the log's own tables refer to none.
    exempt = UNLOGGED_TABLES.keys() | set(LOG_TABLES)
    assert {table for _, table, _ in found} <= set(BUSINESS) | exempt
    untold = [
        f"{place} changes {table} and no entry is named"
        for place, table, columns in found
        if table not in exempt and not columns & set(_entries(all_tables().tables[table]))
    ]
    assert untold == []


def test_no_update_is_written_in_a_way_that_this_file_does_not_see() -> None:
    texts = (file.read_text(encoding="utf-8") for file in RECORDS.glob("*.py"))
    written = sum(len(re.findall(r"(?<!with_for_)\bupdate\(", text)) for text in texts)
    assert written == len(list(_updates()))


def test_the_services_role_may_do_what_the_code_does_and_no_more() -> None:
    changed = {table for _, table, _ in _updates()}
    assert not changed & set(WRITTEN_ONCE), "the service may not change these"
    # By the owner alone: what goes by decision.
    owners = {"audit_detail", "audit_view", "organisation_key", "subject", "table"}
    texts = [file.read_text(encoding="utf-8") for file in RECORDS.glob("*.py")]
    deleted = {name for text in texts for name in re.findall(r"\bdelete\((\w+)\)", text)}
    assert deleted - owners == set(DELETES_FROM)
