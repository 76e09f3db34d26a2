"""What a statement writes, read from its text. In doubt, it writes."""

from __future__ import annotations

import pytest

from app.records.written_tables import UNREADABLE, controls_transaction, written_tables


@pytest.mark.parametrize(
    ("statement", "tables"),
    [
        ("SELECT a FROM note", set()),
        ("SELECT a FROM note FOR UPDATE", set()),
        ("SELECT a FROM note FOR NO KEY UPDATE OF note", set()),
        ("SELECT replace(a, 'x', 'y') FROM note", set()),
        ("SELECT created_at, updated_at, deleted FROM note", set()),
        ("SAVEPOINT sa_savepoint_1", set()),
        ("INSERT INTO note (a) VALUES (1)", {"note"}),
        ('insert into "Note" (a) values (1)', {"note"}),
        ("INSERT INTO public.note (a) VALUES (1)", {"note"}),
        ("INSERT OR REPLACE INTO note (a) VALUES (1)", {"note"}),
        ("REPLACE INTO note (a) VALUES (1)", {"note"}),
        ("INSERT INTO note (a) VALUES (1) ON CONFLICT (a) DO UPDATE SET a = 2", {"note"}),
        ("INSERT INTO note (a) VALUES (1) ON CONFLICT DO NOTHING", {"note"}),
        ("UPDATE ONLY note SET a = 1", {"note"}),
        ("UPDATE OR IGNORE note SET a = 1", {"note"}),
        ("DELETE FROM note", {"note"}),
        ("MERGE INTO note USING x ON true WHEN MATCHED THEN DELETE", {"note", UNREADABLE}),
        (
            "WITH a AS (DELETE FROM note RETURNING id) INSERT INTO case_file SELECT 1",
            {"note", "case_file"},
        ),
        ("SELECT 1; DELETE FROM note", {"note"}),
        ("SELECT 1; TRUNCATE note", {UNREADABLE}),
        ("TRUNCATE note", {UNREADABLE}),
        ("COPY note FROM stdin", {UNREADABLE}),
        ("DO $$ BEGIN PERFORM 1; END $$", {UNREADABLE}),
        ("CALL erase()", {UNREADABLE}),
        ("DROP TABLE note", {UNREADABLE}),
        ("UPDATE /* x */ note SET a = 1", {UNREADABLE}),
        ("SELECT 1 -- FOR\nUPDATE note SET a = 1", {"note"}),
    ],
)
def test_the_tables_a_statement_writes(statement: str, tables: set[str]) -> None:
    assert written_tables(statement) == tables


@pytest.mark.parametrize("statement", ["commit", "SELECT 1; ROLLBACK", "PRAGMA synchronous=OFF"])
def test_a_statement_that_steers_the_transaction_is_known(statement: str) -> None:
    assert controls_transaction(statement)


def test_an_ordinary_statement_does_not_steer_the_transaction() -> None:
    assert not controls_transaction("SELECT beginning, committed FROM note")
