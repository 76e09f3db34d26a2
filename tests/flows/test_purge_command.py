"""`sluss purge`: what it prints is what goes, and only with the code that it printed."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import cast
from unittest.mock import patch

import pytest
import sqlalchemy

from app.cli import main
from app.config import load as load_config
from app.domain.ids import INSTALLATION
from app.main import CannotStart, open_house
from app.purge_command import retention_of
from app.records.account import find_account
from tests.attacks.house import PASSWORD, House, a_house
from tests.attacks.story import Story

RETENTION = """
[retention]
cases = [{ kind = "SOC", years = 5, basis = "gallringsbeslut SN 2026 § 14" }]
"""


@contextmanager
def by_the_clock_of(house: House) -> Iterator[None]:
    """The commands' clock is the house's, so that years can pass."""
    clock = {"clock": lambda: house.at}
    with patch.dict(cast("dict[str, object]", open_house.__kwdefaults__), clock):
        yield


@pytest.fixture
def house(database_url: str, tmp_path: Path) -> object:
    with a_house(tmp_path, database_url) as opened, by_the_clock_of(opened):
        yield opened


def _closed_long_ago(house: House) -> Story:
    story = Story(house, lambda name: f"Ord om {name}").tell()
    close_long_ago(house, story)
    return story


def close_long_ago(house: House, story: Story) -> None:
    """Karin closes the case, and six years pass."""
    path = f"{story.at('case')}/avsluta"
    assert house.as_("karin").post(path, {"state": "closed"}).status_code == 303
    house.later(days=6 * 365)


def purge_as(house: House, username: str | None, *more: str, password: str = PASSWORD) -> int:
    """Run the command, and type the password where somebody must say who they are."""
    who = ("--as", username) if username else ()
    with patch("sys.stdin", io.StringIO(f"{password}\n")):
        return main(["purge", "--config", str(house.folder / "config.toml"), *more, *who])


def may_erase(house: House, *usernames: str, where: str = "soc") -> None:
    """Make them records officers there."""
    for username in usernames:
        with house.opened.store.look(at=house.opened.clock()) as tx:
            account = find_account(tx, username)
        assert account is not None
        given = [
            "--organisation",
            house.organisations[where],
            "--role",
            "records_officer",
            "--staff",
            account.staff_id,
        ]
        path = str(house.folder / "config.toml")
        assert main(["grant-role", "--config", path, *given, "--from", "2019-01-01"]) == 0


def _purge(house: House, *more: str) -> int:
    return purge_as(house, None, *more)


def test_it_prints_first_and_erases_what_it_printed(
    house: House, capsys: pytest.CaptureFixture[str]
) -> None:
    story = _closed_long_ago(house)
    with (house.folder / "config.toml").open("a") as file:
        file.write(RETENTION)
    assert _purge(house) == 0
    printed = capsys.readouterr().out
    known = f"{story.reference} ({story.case})"
    assert f"Case {known} of Socialtjänsten, Sunne, closed 2026-11-23" in printed
    assert "by gallringsbeslut SN 2026 § 14" in printed
    assert "Ord om" not in printed
    found = re.search(r"--do (\w+)", printed)
    assert found is not None
    code = found[1]
    may_erase(house, "karin", "chef")
    assert purge_as(house, "karin", "--propose", code) == 0
    assert purge_as(house, "chef", "--do", code) == 0
    assert "Erased: 1 cases" in capsys.readouterr().out
    # Whoever signs in at the terminal does so today, when the sessions of the story are long over.
    for name in ("karin", "chef", "sara"):
        house.as_(name).sign_in(name)
    assert house.as_("karin").get(story.at("case")).status_code == 404
    # The supervisor still sees who did what, and the recipient still has what it got.
    page = house.as_("chef").see("/loggkontroll/logg")
    assert "gallrade ett ärende" in page
    assert "Vad det gällde är gallrat" in page
    assert "Någon som inte kan namnges" not in page
    assert house.as_("sara").get(f"/inkommet/{story.delivery}").status_code == 200
    assert _purge(house) == 0
    assert "Nothing would be erased" in capsys.readouterr().out


def test_it_takes_two_who_may_erase_and_the_plan_that_was_read(
    house: House, capsys: pytest.CaptureFixture[str]
) -> None:
    story = _closed_long_ago(house)
    with (house.folder / "config.toml").open("a") as file:
        file.write(RETENTION)

    def said(status: int, username: str | None, *more: str, password: str = PASSWORD) -> str:
        capsys.readouterr()
        assert purge_as(house, username, *more, password=password) == status
        return capsys.readouterr().out

    code = said(0, None).split("--do ")[1].split()[0]
    assert "--as USERNAME" in said(2, None, "--do", code)
    assert "may not erase" in said(1, "karin", "--propose", code)
    may_erase(house, "karin", "chef")
    may_erase(house, "sara", where="polis")
    assert "are not right" in said(1, "karin", "--propose", code, password="fel")
    assert "nobody has proposed" in said(1, "chef", "--do", code)
    assert "not what would go now" in said(1, "karin", "--propose", "000000000000")
    assert "Proposed." in said(0, "karin", "--propose", code)
    assert "cannot release it" in said(1, "karin", "--do", code)
    assert "may not erase" in said(1, "sara", "--do", code), "it is another authority's case"
    assert "not what would go now" in said(
        1, "chef", "--do", code, "--organisation", house.organisations["polis"]
    )
    with house.opened.store.engine.connect() as connection:
        kept = sqlalchemy.text("SELECT count(*) FROM case_file WHERE id = :id")
        assert connection.execute(kept, {"id": story.case}).scalar_one() == 1
    assert "Erased: 1 cases" in said(0, "chef", "--do", code)
    ops = [entry.op for entry in house.entries(INSTALLATION)]
    told = ("purge.refused", "purge.proposed", "purge.released")
    assert [ops.count(op) for op in told] == [6, 1, 1]


def test_a_role_that_no_rule_pack_knows_is_given_to_nobody(
    house: House, capsys: pytest.CaptureFixture[str]
) -> None:
    given = ["--organisation", house.organisations["soc"], "--role", "registrator", "--staff", "x"]
    config = str(house.folder / "config.toml")
    assert main(["grant-role", "--config", config, *given, "--from", "2019-01-01"]) == 1
    assert "registrator is not a role in the rule pack: administrator," in capsys.readouterr().err


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_kind_that_no_rule_knows_is_named(house: House) -> None:
    path = house.folder / "config.toml"
    with path.open("a") as file:
        file.write(RETENTION.replace('"SOC"', '"SOCIAL"'))
    config = load_config(path)
    opened = open_house(config, as_owner=True)
    with pytest.raises(CannotStart, match="names SOCIAL, which is not a kind"):
        retention_of(config, opened)
    opened.close()
