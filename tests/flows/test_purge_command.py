"""`sluss purge`: what it prints is what goes, and only with the code that it printed."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import sqlalchemy

from app.cli import main
from app.config import load as load_config
from app.main import CannotStart, open_house
from app.purge_command import retention_of
from tests.attacks.house import House, a_house
from tests.attacks.story import Story

RETENTION = """
[retention]
cases = [{ kind = "SOC", years = 5, basis = "gallringsbeslut SN 2026 § 14" }]
"""


@pytest.fixture
def house(database_url: str, tmp_path: Path) -> object:
    with a_house(tmp_path, database_url) as opened:
        yield opened


def _closed_long_ago(house: House) -> Story:
    story = Story(house, lambda name: f"Ord om {name}").tell()
    path = f"{story.at('case')}/avsluta"
    assert house.as_("karin").post(path).status_code in (200, 303)
    with house.opened.store.engine.begin() as connection:
        said = "UPDATE case_file SET state = 'closed', closed_at = :at WHERE id = :id"
        old = {"at": "2019-01-01 00:00:00+00:00", "id": story.case}
        if connection.dialect.name == "sqlite":
            old["at"] = "2019-01-01 00:00:00.000000"
        connection.execute(sqlalchemy.text(said), old)
    return story


def _purge(house: House, *more: str) -> int:
    return main(["purge", "--config", str(house.folder / "config.toml"), *more])


def test_it_prints_first_and_erases_what_it_printed(
    house: House, capsys: pytest.CaptureFixture[str]
) -> None:
    story = _closed_long_ago(house)
    with (house.folder / "config.toml").open("a") as file:
        file.write(RETENTION)
    assert _purge(house) == 0
    printed = capsys.readouterr().out
    assert f"Case {story.case} of Socialtjänsten, Sunne, closed 2019-01-01" in printed
    assert "by gallringsbeslut SN 2026 § 14" in printed
    assert "Ord om" not in printed
    assert _purge(house, "--do", "000000000000") == 1
    assert "Nothing was erased" in capsys.readouterr().out
    code = re.search(r"--do (\w+)", printed)
    assert code is not None
    assert _purge(house, "--do", code[1]) == 0
    assert "Erased: 1 cases" in capsys.readouterr().out
    assert house.as_("karin").get(story.at("case")).status_code == 404
    # The supervisor still sees who did what, and the recipient still has what it got.
    page = house.as_("chef").see("/loggkontroll/logg")
    assert "gallrade ett ärende" in page
    assert "Vad det gällde är gallrat" in page
    assert "Någon som inte kan namnges" not in page
    assert house.as_("sara").get(f"/inkommet/{story.delivery}").status_code == 200
    assert _purge(house) == 0
    assert "Nothing would be erased" in capsys.readouterr().out


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
