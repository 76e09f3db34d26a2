"""While the rules in use cannot be read nothing is disclosed, and notes are read and written."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest
import sqlalchemy

import policies
from app.domain.ids import new_id
from app.records.pack_activation import pack_in_use
from app.records.rule_pack import rule_pack
from policies import load
from tests.flows.town import put_in_use
from tests.web.town import Town

SHUT = "Reglerna kan inte användas"


@pytest.fixture
def other(town: Town, tmp_path: Path) -> str:
    """Another pack that is in use, and its hash."""
    folder = tmp_path / "other"
    shutil.copytree(Path(policies.__file__).parent, folder)
    manifest = folder / "pack.toml"
    manifest.write_text(re.sub(r'version = ".*"', 'version = "2027.1.1"', manifest.read_text()))
    law = put_in_use(town, folder, town.actors["chef"], town.actors["ombud"])
    return law.sha256


def damage(town: Town, sha256: str) -> None:
    with town.store.engine.begin() as connection:
        connection.execute(
            sqlalchemy.update(rule_pack)
            .where(rule_pack.c.sha256 == sha256)
            .values(content=b"not a pack")
        )


def test_the_rules_page_shows_the_pack_in_use_from_the_next_request_on(
    town: Town, sign_in, other: str
) -> None:
    assert "2027.1.1" in sign_in("karin").see("/regler")


@pytest.mark.parametrize("path", ["/fraga", "/regler", "/regler/matris", "/ova", "/godkannanden"])
def test_what_asks_the_law_is_shut(town: Town, sign_in, other: str, path: str) -> None:
    damage(town, other)
    answer = sign_in("chef").get(path)
    assert answer.status_code == 503
    assert SHUT in answer.get_data(as_text=True)


def test_it_is_told_in_english_too(town: Town, sign_in, other: str) -> None:
    damage(town, other)
    karin = sign_in("karin")
    answer = karin.client.get("/fraga", headers={"Accept-Language": "en"})
    assert "The rules cannot be used" in answer.get_data(as_text=True)


def test_a_note_is_written_and_read_and_cannot_be_disclosed(
    town: Town, sign_in, other: str
) -> None:
    case = town.case()
    damage(town, other)
    karin = sign_in("karin")
    seen = karin.see(f"/arenden/{case}")
    assert "så ingenting kan lämnas ut" in seen
    note = town.note(case, text="Ny text.")
    answer = karin.post(f"/arenden/{case}/las", note=[note])
    assert "Ny text." in answer.get_data(as_text=True)
    answer = karin.get(f"/anteckningar/{note}/lamna-ut")
    assert (answer.status_code, SHUT in answer.get_data(as_text=True)) == (503, True)
    police = town.organisations["polis"].id
    answer = karin.post(
        f"/anteckningar/{note}/lamna-ut/{police}", purpose="prevent_crime", once=new_id(town.at)
    )
    assert answer.status_code == 503
    assert "note.disclosed" not in town.ops()


def test_what_is_on_its_way_can_still_be_stopped(
    town: Town, sign_in, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    case = town.case()
    disclosure = town.disclose(town.order(case, town.note(case), "polis"))
    damage(town, request.getfixturevalue("other"))
    answer = sign_in("karin").post(f"/utlamnanden/{disclosure}/stoppa")
    assert answer.status_code == 303
    assert "delivery.stopped" in town.ops()


def test_a_pack_that_the_log_does_not_tell_of_shuts_what_asks_the_law(town: Town, sign_in) -> None:
    """Somebody has written in the database, and not by activating."""
    with town.store.engine.begin() as connection:
        other = connection.execute(
            sqlalchemy.select(rule_pack).where(rule_pack.c.sha256 == load().sha256)
        ).one()
        values = {**other._mapping, "sha256": "f" * 64}
        connection.execute(sqlalchemy.insert(rule_pack).values(**values))
        connection.execute(sqlalchemy.update(pack_in_use).values(sha256="f" * 64))
    assert sign_in("karin").get("/fraga").status_code == 503
