"""`sluss pack` as the technician meets it."""

from __future__ import annotations

import sqlite3
import zlib
from datetime import UTC, datetime
from pathlib import Path

import pytest

from app.config import load as load_config
from app.flows.install import add_organisation
from app.flows.propose_pack import Proposed, propose_pack
from app.main import install, open_house, open_rings
from app.pack_command import examine, restore, status
from tests.flows.packs import VERSION, reworded
from tests.flows.town import ORGANISATIONS, _employed

AT = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
CONFIG = """
[service]
second_opinion = false

[storage]
database = "sqlite:///sluss.db"
state = "state"

[keys]
root = "root.key"
forms = "forms.key"

[signer]
origin = "sluss.example.se/log"
key = "signer/signer.key"
state = "signer/signer.state"
"""


@pytest.fixture
def house(tmp_path: Path):  # type: ignore[no-untyped-def]
    (tmp_path / "config.toml").write_text(CONFIG)
    config = load_config(tmp_path / "config.toml")
    install(config, operator_name="tester", clock=lambda: AT)
    opened = open_house(config, clock=lambda: AT)
    yield opened
    opened.close()


def _damage(tmp_path: Path, sha256: str) -> None:
    with sqlite3.connect(tmp_path / "sluss.db") as database:
        database.execute(
            "UPDATE rule_pack SET content = ? WHERE sha256 = ?", (zlib.compress(b"{}"), sha256)
        )
    database.close()


def test_status_says_what_is_in_use_and_where_packs_are_put(house, capsys, tmp_path) -> None:
    assert status(house) == 0
    said = capsys.readouterr().out
    assert house.packaged.sha256 in said
    assert str(tmp_path / "state" / "packs") in said


def test_there_may_be_nothing_to_examine(house, capsys) -> None:
    assert examine(house, operator="tester") == 0
    assert "No proposed pack waits" in capsys.readouterr().out


def test_a_damaged_pack_is_put_back(house, capsys, tmp_path) -> None:
    _damage(tmp_path, house.packaged.sha256)
    assert restore(house, None, operator="tester") == 0
    with sqlite3.connect(tmp_path / "sluss.db") as database:
        (kept,) = database.execute("SELECT content FROM rule_pack").fetchone()
    database.close()
    assert b"pack.toml" in zlib.decompress(kept)


def test_files_that_were_never_kept_are_not_put_anywhere(house, capsys, tmp_path) -> None:
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "pack.toml").write_text('id = "annat"\n')
    assert restore(house, tmp_path / "other", operator="tester") == 1
    assert "Nothing was put back" in capsys.readouterr().out


def test_status_says_why_nothing_can_be_disclosed(house, capsys, tmp_path) -> None:
    with sqlite3.connect(tmp_path / "sluss.db") as database:
        database.execute("DELETE FROM pack_in_use")
    database.close()
    house.active.now(AT)
    assert status(house) == 1
    assert "no pack has been activated" in capsys.readouterr().out


def test_what_is_proposed_is_examined_to_the_end_and_once(house, capsys) -> None:
    organisation = ORGANISATIONS["soc"]
    operator = house.operator("tester")
    add_organisation(organisation, operator, at=AT, store=house.store, keyring=house.keyring)
    maja = _employed("Maja", organisation, frozenset({"lawyer"}), operator, house.store)
    rings = open_rings(house.store, house.keyring, clock=lambda: AT)
    hands = {"at": AT, "store": house.store, "rings": rings, "law": house.law}
    made = propose_pack(reworded(), maja, token="", packaged=house.packaged, **hands)
    assert isinstance(made, Proposed)
    assert examine(house, operator="tester") == 0
    said = capsys.readouterr().out
    assert "0 cells change" in said
    assert "examined; it can be activated" in said
    assert examine(house, operator="tester") == 0
    assert "No proposed pack waits" in capsys.readouterr().out
    assert status(house) == 0
    assert f"proposed: {VERSION}, examined" in capsys.readouterr().out
