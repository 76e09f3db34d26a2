"""Killed at any point, disclosing leaves all of it or nothing, and the log adds up."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

FULL = {"delivery": 1, "disclosure": 1, "answer": 2, "audit_leaf": 1, "audit_view": 1}
NOTHING = dict.fromkeys(FULL, 0)


def _points(folder: Path, url: str, mode: str) -> list[dict]:
    (folder / "database").write_text(url)
    ran = subprocess.run(
        [sys.executable, "-m", "tests.crashes.disclosing", str(folder), mode],
        capture_output=True,
        text=True,
        timeout=1800,
    )
    assert ran.returncode == 0, ran.stderr[-2000:]
    return [json.loads(line) for line in ran.stdout.splitlines()]


def _steps(points: list[dict], *, kept: bool) -> Iterator[tuple[dict, dict[str, int]]]:
    """Each point with what it added: to the database as kept, or to what the last one left."""
    last = NOTHING
    for point in points:
        now = {table: point["more"][table] for table in FULL}
        base = NOTHING if kept else last
        yield point, {table: now[table] - base[table] for table in FULL}
        last = now


def _all_or_nothing(points: list[dict], *, kept: bool) -> None:
    seen = []
    for point, added in _steps(points, kept=kept):
        assert point["log_adds_up"], point
        assert added in (NOTHING, FULL), point
        if point["acknowledged"]:
            assert added == FULL, point
        seen.append(added)
    assert seen[0] == NOTHING
    assert seen[-1] == FULL
    assert not points[-1]["killed"]
    # Once it is durable it stays so at every later point.
    assert seen == sorted(seen, key=lambda added: added["audit_leaf"])


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "crash"
    made.mkdir()
    return made


def test_killed_before_and_after_each_statement(database_url: str, folder: Path) -> None:
    points = _points(folder, database_url, "statements")
    assert len(points) > 30
    _all_or_nothing(points, kept=database_url.startswith("sqlite"))


@pytest.mark.strace
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_killed_at_each_write_and_flush_of_the_file(database_url: str, folder: Path) -> None:
    assert shutil.which("strace")
    points = _points(folder, database_url, "flushes")
    assert len(points) > 20
    _all_or_nothing(points, kept=True)
