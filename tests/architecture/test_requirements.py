"""A missing tool is told aloud on a newcomer's machine, and is a failure in CI."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

PLANTED = """\
import pytest

@pytest.mark.postgres
def test_with_a_database(): pass

@pytest.mark.browser
def test_with_a_browser(): pass

@pytest.mark.strace
def test_with_a_tracer(): pass

def test_skipped_in_its_own_words(): pytest.skip("no such thing here")

def test_that_always_runs(): pass
"""


def run(
    folder: Path, planted: str = PLANTED, *arguments: str, **environment: str
) -> subprocess.CompletedProcess[str]:
    """pytest over the planted tests, on a machine that has none of the tools."""
    shutil.copy(ROOT / "conftest.py", folder / "conftest.py")
    shutil.copy(ROOT / "pyproject.toml", folder / "pyproject.toml")
    (folder / "tests").mkdir()
    (folder / "tests" / "test_planted.py").write_text(planted, encoding="utf-8")
    (folder / "bin").mkdir()
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("SLUSS_", "PYTEST_"))}
    return subprocess.run(
        [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", *arguments],
        cwd=folder,
        env={**kept, "PATH": str(folder / "bin"), "COLUMNS": "200", **environment},
        capture_output=True,
        text=True,
        timeout=900,
        check=False,
    )


def test_what_was_not_run_is_told_aloud_with_how_to_get_it(tmp_path: Path) -> None:
    result = run(tmp_path)
    assert result.returncode == 0, result.stdout
    assert "1 passed, 4 skipped" in result.stdout
    assert "NOT RUN ON THIS MACHINE" in result.stdout
    for line in [
        "1 not run: needs PostgreSQL",
        "1 not run: needs Chromium",
        "1 not run: needs strace",
        "1 not run: no such thing here",
        "    Debian: apt-get install chromium-headless-shell",
    ]:
        assert line in result.stdout.splitlines()


@pytest.mark.parametrize("arguments", [(), ("-n", "2")], ids=["one process", "two processes"])
def test_every_skip_is_a_failure_where_everything_is_required(
    tmp_path: Path, arguments: tuple[str, ...]
) -> None:
    result = run(tmp_path, PLANTED, *arguments, SLUSS_REQUIRE="all")
    assert result.returncode == 1, result.stdout
    assert "1 passed" in result.stdout
    assert "skipped" not in result.stdout.splitlines()[-1]
    assert "this was: needs PostgreSQL" in result.stdout


def test_a_module_that_skips_itself_is_a_failure_where_everything_is_required(
    tmp_path: Path,
) -> None:
    whole = "import pytest\npytest.skip('all of it', allow_module_level=True)\n"
    result = run(tmp_path, whole, SLUSS_REQUIRE="all")
    assert result.returncode != 0
    assert "this was: all of it" in result.stdout


def test_a_tool_that_is_there_is_used(tmp_path: Path) -> None:
    result = run(tmp_path, PLANTED, SLUSS_TEST_POSTGRES="postgresql+psycopg:///anything")
    assert "2 passed, 3 skipped" in result.stdout


def test_a_misspelled_requirement_is_refused(tmp_path: Path) -> None:
    result = run(tmp_path, SLUSS_REQUIRE="al")
    assert result.returncode != 0
    assert "set it to all, or not at all" in result.stdout + result.stderr
