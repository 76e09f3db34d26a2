"""`sluss tour`, run as a newcomer runs it, and with a law that makes it come out wrong."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import policies
from app.tour import take_tour
from policies.words import WORDS

WITHIN_SECONDS = 600
"""Far more than it takes alone, because tests of others run beside this one."""

# One worker, because the tour that most of these look at is taken once in each.
pytestmark = pytest.mark.xdist_group("tour")


def tour(tmp_path: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    return subprocess.run(
        [sys.executable, "-m", "app.cli", "tour", *arguments],
        env={**os.environ, "TMPDIR": str(temporary)},
        capture_output=True,
        text=True,
        timeout=WITHIN_SECONDS,
        check=False,
    )


@pytest.fixture(scope="module")
def taken(tmp_path_factory: pytest.TempPathFactory):
    """The tour, taken once, and where it was taken."""
    place = tmp_path_factory.mktemp("tour")
    return tour(place, "--keep", str(place / "kept")), place


def test_every_step_does_what_it_should(taken) -> None:
    done, _ = taken
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.rstrip().endswith("Every step did what it should.")


@pytest.mark.parametrize(
    "sentence",
    [
        f"law: {WORDS['sv']['needs_assessment'].upper()}",
        "refused; missing for OSL 10 kap. 18 a §",
        f"law: {WORDS['sv']['needs_consent'].upper()}",
        f"law: {WORDS['sv']['may'].upper()}",
        "ok: ten minutes later the police have nothing",
        "ok: after it, one delivery stands under Inkommet",
        "ok: it is a note in her case, under the police's own key",
        "ok: all three are not found, and nothing tells one from another",
        "ok: the one that arrived is acknowledged",
        f"law: {WORDS['sv']['none'].upper()}",
        "rows are verified",
        "| VERIFIED",
        "ok: verified, exit code 0",
        "| NOT VERIFIED: the log or the export was changed",
        "- edited at entry",
        "ok: caught, exit code 1",
    ],
)
def test_it_says_what_was_done_and_what_the_law_said(taken, sentence) -> None:
    assert sentence in taken[0].stdout


def test_it_leaves_nothing_but_what_was_to_be_kept(taken) -> None:
    _, place = taken
    assert list((place / "temporary").iterdir()) == []
    assert {one.name for one in (place / "kept").iterdir()} == {"export", "log.pub"}


def test_what_was_kept_can_be_verified(taken) -> None:
    kept = taken[1] / "kept"
    said = subprocess.run(
        [sys.executable, "-m", "audit", "verify", kept / "export", "--key", kept / "log.pub"],
        capture_output=True,
        text=True,
        timeout=WITHIN_SECONDS,
        check=False,
    )
    assert (said.returncode, said.stdout.splitlines()[0]) == (0, "VERIFIED")


def test_a_kept_export_is_not_overwritten(tmp_path) -> None:
    (tmp_path / "export").mkdir()
    refused = tour(tmp_path, "--keep", str(tmp_path))
    assert refused.returncode == 1
    assert "name another folder with --keep" in refused.stderr


@pytest.mark.parametrize("under", ["/proc/nowhere", "a file"])
def test_a_folder_that_cannot_be_written_is_told_before_the_first_step(tmp_path, under) -> None:
    (tmp_path / "a file").write_text("")
    refused = tour(tmp_path, "--keep", str(tmp_path / under))
    assert refused.returncode == 1
    assert "cannot be written to" in refused.stderr
    assert "name another folder with --keep" in refused.stderr
    assert refused.stdout == ""


def test_a_law_that_refuses_ends_the_tour_at_that_step(tmp_path, capsys) -> None:
    pack = tmp_path / "pack"
    shutil.copytree(Path(policies.__file__).parent, pack)
    rules = pack / "rules" / "permissions.toml"
    text = rules.read_text(encoding="utf-8")
    before, rule = text.split('id = "P-18a"\n', 1)
    ended = rule.replace(
        "valid_from = 2025-04-01", "valid_from = 2025-04-01\nvalid_to = 2025-04-02", 1
    )
    rules.write_text(f'{before}id = "P-18a"\n{ended}', encoding="utf-8")
    assert take_tour(None, pack=pack) == 1
    said = capsys.readouterr().out
    assert "WRONG in step 3, Karin tries to disclose the note to the police" in said
    assert "Every step did what it should" not in said


def test_a_log_that_is_not_signed_ends_the_tour_at_the_review(monkeypatch, capsys) -> None:
    monkeypatch.setattr("app.tour.stage.Stage.sign_log", lambda _stage: None)
    assert take_tour(None) == 1
    assert "WRONG in step 14, The supervisor reviews the trail" in capsys.readouterr().out
