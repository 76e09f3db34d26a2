"""What a technician types wrong at a command is told at once, in a sentence that helps."""

from __future__ import annotations

import getpass
import io
import sys
from pathlib import Path
from unittest.mock import patch

import pytest

import app.cli
from app.cli import main
from app.domain.ids import INSTALLATION
from tests.attacks.house import House, a_house
from tests.faults.installed import folder as folder
from tests.faults.installed import run

GOOD = "nio gula cyklar väntar"
SOC = ["--id", "soc", "--name", "Soc", "--kind", "SOC", "--authority", "Nämnden"]
SOC += ["--controller", "Kommunen"]
PERSON = ["add-staff", "--name", "Ny Person", "--title", "handläggare", "--username"]


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def typing(*answers: str):  # type: ignore[no-untyped-def]
    """A person at a terminal; `asked` are the questions."""
    left, asked = list(answers), []

    def ask(prompt: str) -> str:
        asked.append(prompt)
        return left.pop(0)

    return asked, patch.multiple(getpass, getpass=ask), patch.object(sys, "stdin", Terminal())


@pytest.fixture
def house(tmp_path: Path) -> object:
    with a_house(tmp_path, f"sqlite:///{tmp_path / 'house.db'}") as opened:
        yield opened


def _config(house: House) -> list[str]:
    return ["--config", str(house.folder / "config.toml")]


def test_a_new_password_is_typed_twice_and_alike(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    asked, typed, terminal = typing(GOOD, GOOD + "!", GOOD, GOOD)
    with typed, terminal:
        assert run(folder, *PERSON, "ny") == 1
        assert "were not the same" in capsys.readouterr().err
        assert run(folder, *PERSON, "ny") == 0
    assert asked[0] == "First password (at least 15 characters): "
    assert len(asked) == 4


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ("kort", "shorter than 15 characters"),
        ("abcdefghijklmnop", "too simple: it"),
        ("vinter hos fredrik", "holds the user name"),
    ],
)
def test_what_is_wrong_with_a_password_is_said(
    folder: Path, capsys: pytest.CaptureFixture[str], typed: str, told: str
) -> None:
    with patch("sys.stdin", io.StringIO(f"{typed}\n")):
        assert run(folder, *PERSON, "fredrik") == 1
    assert told in capsys.readouterr().err


def test_no_password_is_asked_for_where_the_user_name_cannot_be_the_one(
    house: House, capsys: pytest.CaptureFixture[str]
) -> None:
    asked, typed, terminal = typing()
    with typed, terminal:
        assert main([*PERSON, "Karin", *_config(house)]) == 1
        assert "that user name is taken" in capsys.readouterr().err
        assert main(["set-password", "--username", "ingen", *_config(house)]) == 1
        assert "there is no such user name" in capsys.readouterr().err
    assert asked == []
    ops = [entry.op for entry in house.entries(INSTALLATION)]
    assert "staff.add_refused" in ops
    assert "password.set_refused" in ops


def test_no_password_is_asked_for_where_a_purge_has_no_such_plan(
    house: House, capsys: pytest.CaptureFixture[str]
) -> None:
    asked, typed, terminal = typing()
    with typed, terminal:
        for act in ("--propose", "--do"):
            given = ["purge", act, "000000000000", "--as", "karin", *_config(house)]
            assert main(given) == 1
            assert "not what would go now" in capsys.readouterr().out
    assert asked == []
    assert [one.op for one in house.entries(INSTALLATION)].count("purge.refused") == 2


def test_where_nobody_types_and_nothing_is_given_it_says_so(
    house: House, capsys: pytest.CaptureFixture[str]
) -> None:
    for given in ([*PERSON, "ny"], ["set-password", "--username", "karin"]):
        with patch("sys.stdin", io.StringIO("")):
            assert main([*given, *_config(house)]) == 1
        assert "no password was given" in capsys.readouterr().err


@pytest.mark.parametrize("flag", ["--id", "--name", "--authority", "--controller"])
@pytest.mark.parametrize("text", ["", "  ", "x" * 201])
def test_an_organisation_has_a_name_that_fits(
    flag: str, text: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        app.cli._parser().parse_args(["add-organisation", *SOC, flag, text])
    assert ended.value.code == 2
    assert f"it has {len(text.strip())} characters" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("given", "told"),
    [
        (["add-organisation", *SOC, "--id", "sunne soc"], "has a space in it"),
        (["add-organisation", *SOC, "--undo-seconds", "4000"], "between 0 and 3600 seconds"),
        (["add-organisation", *SOC, "--authority-from", "i går"], "write it as 2026-11-23"),
        (["incident-pack", "--from", "x", "--to", "y", "--into", "z"], "or 2026-11-23T13:40"),
    ],
)
def test_an_argument_that_cannot_be_read_says_how_it_is_written(
    given: list[str], told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        app.cli._parser().parse_args(given)
    assert ended.value.code == 2
    assert told in capsys.readouterr().err


def test_two_organisations_have_two_names(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(folder, "add-organisation", *SOC) == 0
    assert run(folder, "add-organisation", *SOC, "--id", "soc2") == 1
    assert "soc is named Soc too" in capsys.readouterr().err


def test_a_user_name_has_no_space_in_it(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(folder, *PERSON, "Kar in") == 1
    assert "none of them a space" in capsys.readouterr().err


def test_a_role_is_held_once_at_a_time_and_can_be_given_again_when_it_has_ended(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(folder, "add-organisation", *SOC) == 0
    with patch("sys.stdin", io.StringIO(f"{GOOD}\n")):
        assert run(folder, *PERSON, "ny") == 0
    staff = capsys.readouterr().out.split()[-1]
    role = ["--organisation", "soc", "--role", "case_worker", "--staff", staff]
    assert run(folder, "grant-role", *role, "--from", "2026-01-01", "--until", "2026-06-30") == 0
    assert run(folder, "grant-role", *role, "--from", "2026-06-30") == 1
    assert "they have that role there already, from 2026-01-01" in capsys.readouterr().err
    assert run(folder, "grant-role", *role, "--from", "2025-01-01", "--until", "2026-01-01") == 1
    assert run(folder, "grant-role", *role, "--from", "2026-07-01") == 0
    assert run(folder, "end-role", *role) == 0
    assert run(folder, "grant-role", *role, "--from", "2026-06-30") == 0
    assert run(folder, "grant-role", *role, "--from", "2026-06-30", "--until", "2026-06-29") == 2
    assert "--until is an earlier day than --from" in capsys.readouterr().err


def test_an_organisation_that_there_is_not_loses_nothing_and_is_told(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(folder, "purge", "--organisation", "nope") == 1
    assert "no organisation with the id nope" in capsys.readouterr().out


def test_a_folder_that_would_be_passed_over_is_refused(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for act in ("examine", "status"):
        assert run(folder, "pack", act, "/nonexistent") == 2
        assert "takes no folder" in capsys.readouterr().out
