"""`sluss rebuild-index`: it says first what differs, and changes nothing until it is told to."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from tests.faults.installed import folder, run

__all__ = ["folder"]


@pytest.fixture
def forged(folder: Path) -> Path:
    """Somebody has written in the index: one entry is another, one is gone, one is not there."""
    assert run(folder, "seal") == 0
    with sqlite3.connect(folder / "sluss.db") as connection:
        connection.execute("UPDATE audit_view SET op = 'case.viewed' WHERE n = 0")
        connection.execute("DELETE FROM audit_view WHERE n = 1")
        connection.execute(
            "INSERT INTO audit_view (n, id, organisation_id, op, res, at) VALUES "
            "(999, 'x', 'soc', 'note.read', 'allow', '2026-11-01 00:00:00.000000')"
        )
    return folder


def index(folder: Path) -> list[tuple[object, ...]]:
    with sqlite3.connect(folder / "sluss.db") as connection:
        return connection.execute("SELECT n, op FROM audit_view ORDER BY n").fetchall()


def test_it_says_what_differs_and_changes_nothing(
    forged: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    capsys.readouterr()
    assert run(forged, "rebuild-index") == 0
    told = capsys.readouterr().out
    assert "1 rows say something else than their entries:\n  entry 0: installation.opened: " in told
    assert "op is case.viewed and should be installation.opened" in told
    assert "1 entries have no row:\n  entry 1: " in told
    assert "1 rows have no entry:\n  entry 999: note.read in soc" in told
    assert "sluss rebuild-index --write" in told
    assert (0, "case.viewed") in index(forged)
    assert index(forged)[-1][1] == "note.read"


def test_it_puts_right_what_differs_and_then_nothing_does(
    forged: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(forged, "rebuild-index", "--write") == 0
    assert [row[0] for row in index(forged)] == list(range(len(index(forged))))
    assert [row[1] for row in index(forged)][-2:] == ["index.put_right", "index.rebuilt"]
    capsys.readouterr()
    assert run(forged, "rebuild-index") == 0
    assert "The index says what the log says." in capsys.readouterr().out


def test_it_refuses_where_the_log_does_not_verify(
    forged: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with sqlite3.connect(forged / "sluss.db") as connection:
        connection.execute("DROP TRIGGER audit_leaf_no_update")
        connection.execute("UPDATE audit_leaf SET entry = leaf_hash WHERE n = 2")
    before = index(forged)
    assert run(forged, "rebuild-index", "--write") == 1
    assert "entry 2 is not as it was written" in capsys.readouterr().out
    assert set(before) <= set(index(forged))
