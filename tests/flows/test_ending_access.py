"""Somebody leaves, changes work or loses a password: what the technician does about it."""

from __future__ import annotations

import io
import re
from datetime import UTC, datetime
from pathlib import Path
from unittest.mock import patch

import pytest

from app.cli import main
from app.domain.ids import INSTALLATION
from app.records.audit_view import entries_of_organisation
from app.web.trail_sentences import SENTENCES
from tests.attacks.house import House, a_house

NEW = "nio gula cyklar väntar"


@pytest.fixture
def house(database_url: str, tmp_path: Path) -> object:
    with a_house(tmp_path, database_url) as opened:
        yield opened


def _run(house: House, command: str, *more: str, typed: str = "") -> int:
    with patch("sys.stdin", io.StringIO(f"{typed}\n")):
        return main([command, "--config", str(house.folder / "config.toml"), *more])


def _id_of(house: House, username: str, capsys: pytest.CaptureFixture[str]) -> str:
    capsys.readouterr()
    assert _run(house, "list-staff") == 0
    found = re.search(rf"(?m)^(\S+)  {username}  ", capsys.readouterr().out)
    assert found is not None
    return found[1]


def _ops(house: House) -> list[str]:
    """What the installation's own part of the log tells, oldest first."""
    with house.opened.store.look(at=house.opened.clock()) as tx:
        seen = entries_of_organisation(tx, INSTALLATION, most=1000)
    return [one.op for one in seen][::-1]


def test_the_list_tells_id_user_name_and_roles(
    house: House, capsys: pytest.CaptureFixture[str]
) -> None:
    assert _run(house, "list-staff") == 0
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 7
    karin = next(line for line in lines if "  karin  Karin Holm, " in line)
    assert karin.endswith(f"case_worker in {house.organisations['soc']}")
    assert _ops(house)[-1] == "staff.listed"


def test_a_role_that_has_ended_opens_nothing_from_the_next_page_on(
    house: House, capsys: pytest.CaptureFixture[str]
) -> None:
    # The command goes by the machine's clock, and the pages by the house's own.
    house.later(days=(datetime.now(UTC) - house.at).days + 1)
    assert house.as_("karin").get("/arenden/nytt").status_code == 200
    soc, karin = house.organisations["soc"], _id_of(house, "karin", capsys)
    asked = ("--organisation", soc, "--staff", karin, "--role", "case_worker")
    assert _run(house, "end-role", *asked) == 0
    assert house.as_("karin").get("/arenden/nytt").status_code != 200
    assert "role.end_refused" not in _ops(house)
    assert "role.ended" in _ops(house)
    assert _run(house, "end-role", *asked) == 1
    assert "has no role case_worker" in capsys.readouterr().err
    assert "role.end_refused" in _ops(house)
    assert house.as_("jonas").get("/arenden/nytt").status_code == 200


def test_a_closed_account_ends_its_sessions_its_roles_and_its_password(
    house: House, capsys: pytest.CaptureFixture[str]
) -> None:
    assert house.as_("karin").get("/arenden/nytt").status_code == 200
    assert _run(house, "close-account", "--username", "Karin") == 0
    assert house.as_("karin").get("/arenden/nytt").status_code != 200
    assert house.as_("karin").sign_in("karin").status_code != 303
    assert _run(house, "list-staff") == 0
    assert "karin (closed)  Karin Holm" in (out := capsys.readouterr().out)
    assert next(x for x in out.splitlines() if "Karin" in x).endswith(": no role")
    assert _run(house, "close-account", "--username", "karin") == 1
    assert "that account is closed" in capsys.readouterr().err
    assert _run(house, "set-password", "--username", "karin", typed=NEW) == 1
    assert _run(house, "close-account", "--username", "ingen") == 1
    assert "there is no such user name" in capsys.readouterr().err


def test_a_lost_password_is_replaced_and_the_old_one_and_its_sessions_end(house: House) -> None:
    assert house.as_("karin").get("/arenden/nytt").status_code == 200
    assert _run(house, "set-password", "--username", "karin", typed="karin") == 1
    assert house.as_("karin").get("/arenden/nytt").status_code == 200
    assert _run(house, "set-password", "--username", "karin", typed=NEW) == 0
    assert house.as_("karin").get("/arenden/nytt").status_code != 200
    assert house.as_("karin").sign_in("karin").status_code != 303
    assert house.as_("karin").sign_in("karin", password=NEW).status_code == 303


def test_each_act_has_its_sentence() -> None:
    ops = {"staff.listed", "role.ended", "account.closed", "password.set"}
    refused = {"role.end_refused", "account.close_refused", "password.set_refused"}
    assert ops | refused <= set(SENTENCES)


@pytest.mark.parametrize("username", [" ", "k" * 81])
def test_nobody_is_added_under_a_user_name_that_nobody_can_have(
    house: House, capsys: pytest.CaptureFixture[str], username: str
) -> None:
    asked = ("--name", "Ny Person", "--title", "socialsekreterare", "--username", username)
    assert _run(house, "add-staff", *asked, typed=NEW) == 1
    assert "it has 1 to 80 signs" in capsys.readouterr().err
    assert "staff.added" not in _ops(house)[-1:]
