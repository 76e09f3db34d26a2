"""`sluss rotate-root`: the rings under a new key, the file in its place, the old one kept."""

from __future__ import annotations

import shutil
from datetime import UTC, datetime
from pathlib import Path

import pytest

from app.config import load as load_config
from app.domain.ids import INSTALLATION
from app.keys import RootKey
from app.main import House, RootFiles, open_house, root_files
from app.records.audit_view import entries_of_organisation
from tests.faults.installed import folder as folder
from tests.faults.installed import run


def opened(folder: Path) -> House:
    return open_house(load_config(folder / "config.toml"))


def files_of(folder: Path) -> RootFiles:
    return root_files(load_config(folder / "config.toml"))


def key_id(path: Path) -> str:
    return RootKey.load(path, "production").key_id


def ops(folder: Path) -> list[str]:
    house = opened(folder)
    try:
        with house.store.look(at=datetime.now(UTC)) as tx:
            found = [one.op for one in entries_of_organisation(tx, INSTALLATION)]
            return [op for op in found if op.startswith("root.")]
    finally:
        house.close()


def test_the_key_is_replaced_and_the_old_one_kept_until_it_is_destroyed(folder: Path) -> None:
    files = files_of(folder)
    old = key_id(files.now)
    assert run(folder, "rotate-root") == 0
    assert ops(folder) == ["root.renewed"]
    assert key_id(files.now) != old
    assert key_id(files.before) == old
    assert files.now.stat().st_mode & 0o077 == 0
    assert run(folder, "rotate-root", "--destroy") == 0
    assert sorted(ops(folder)) == ["root.destroyed", "root.renewed"]
    assert not files.before.exists()


def test_no_organisation_is_added_while_the_key_is_replaced(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    files, new = (
        files_of(folder),
        ("add-organisation", "--id", "ny", "--name", "Ny", "--kind", "SOC"),
    )
    asked = (*new, "--authority", "Nämnden", "--controller", "Nämnden")
    RootKey.create(files.next, "production")
    assert run(folder, *asked) == 1
    assert "the root key is being replaced" in capsys.readouterr().err
    assert run(folder, "rotate-root") == 0
    assert run(folder, *asked) == 0


def test_a_second_renewal_waits_until_the_first_is_ended(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(folder, "rotate-root") == 0
    now = files_of(folder).now.read_bytes()
    capsys.readouterr()
    assert run(folder, "rotate-root") == 1
    assert "end the last renewal with `sluss rotate-root --destroy`" in capsys.readouterr().out
    assert files_of(folder).now.read_bytes() == now
    assert run(folder, "rotate-root", "--destroy") == 0
    assert run(folder, "rotate-root") == 0
    assert ops(folder).count("root.renewed") == 2


def test_a_database_from_before_is_opened_with_the_key_from_before(folder: Path) -> None:
    shutil.copy(folder / "sluss.db", folder / "backup.db")
    assert run(folder, "rotate-root") == 0
    shutil.copy(folder / "backup.db", folder / "sluss.db")
    files = files_of(folder)
    files.before.replace(files.now)
    assert ops(folder) == []


def test_nothing_is_destroyed_where_no_renewal_has_been(folder: Path) -> None:
    assert run(folder, "rotate-root", "--destroy") == 1
    assert ops(folder) == []


def test_nothing_is_destroyed_while_a_renewal_is_under_way(folder: Path) -> None:
    files = files_of(folder)
    RootKey.create(files.next, "production")
    assert run(folder, "rotate-root", "--destroy") == 1
    assert files.next.exists()


def test_a_next_key_that_nothing_is_sealed_under_can_be_taken_away(folder: Path) -> None:
    files = files_of(folder)
    RootKey.create(files.next, "production")
    files.next.unlink()
    assert ops(folder) == []


def test_a_key_of_another_installation_in_the_place_of_the_next_changes_nothing(
    folder: Path,
) -> None:
    files = files_of(folder)
    files.now.replace(folder / "elsewhere")
    RootKey.create(files.now, "production")
    RootKey.create(files.next, "production")
    assert run(folder, "rotate-root") == 1
    (folder / "elsewhere").replace(files.now)
    assert ops(folder) == []
